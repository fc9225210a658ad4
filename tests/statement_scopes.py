"""Which tables a statement reads, at every depth, and which of their columns it says are equal to what.

As sqlglot parses it. Said is what every row has to meet: a condition of WHERE, or of a join's ON, and each
of several with AND between them. What stands under OR or NOT says nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp


@dataclass(eq=False)
class Place:
    """A table in one place of a statement; without a name for what a subquery or a function gives."""

    table: str
    alias: str
    projections: Mapping[str, exp.Expression] = field(default_factory=dict)
    within: "Scope | None" = None
    """Of a subquery: its columns, and the scope that they are of."""

    def __str__(self) -> str:
        return self.table if self.alias == self.table else f"{self.table} {self.alias}"


Column = tuple[Place | None, str]
"""None: of nothing that is known."""

_KNOWN: Column = (None, "what is known as the statement is sent")


@dataclass
class Scope:
    """The places of one SELECT, UPDATE or DELETE; what it does not know the one around it may."""

    around: "Scope | None"
    places: list[Place] = field(default_factory=list)

    def column(self, column: exp.Column) -> Column:
        """Whose it is: the innermost table of that name; without one, of the only table there is."""
        scope: Scope | None = self
        while scope is not None:
            for place in scope.places:
                if place.alias == column.table or (not column.table and len(scope.places) == 1):
                    return _of_subquery(place, column.name)
            scope = scope.around
        return (None, column.sql())


def _of_subquery(place: Place, name: str) -> Column:
    inner = place.projections.get(name)
    if inner is not None and place.within is not None and isinstance(inner.unalias(), exp.Column):
        return place.within.column(inner.unalias())  # type: ignore[arg-type]
    return (place, name)


class Statement:
    """What is said in one."""

    def __init__(self, tree: exp.Expression) -> None:
        self.places: list[Place] = []
        self.locks = any(True for _ in tree.find_all(exp.Lock))
        self._equal: dict[Column, Column] = {}
        self._named: dict[Place, set[str]] = defaultdict(set)
        self._by_subquery: dict[Place, set[str]] = defaultdict(set)
        self.written: Place | None = None
        self._read(tree, None)

    # --- What can be asked ------------------------------------------------------------------------------------------

    def are_equal(self, one: Column, other: Column) -> bool:
        """Whether both are the same in every row."""
        return self._root(one) == self._root(other)

    def is_known(self, place: Place, name: str) -> bool:
        """Whether the column is equal to a value that is sent with the statement."""
        return self.are_equal((place, name), _KNOWN)

    def is_named(self, place: Place, name: str) -> bool:
        """Whether the column itself is compared to such a value, to some of them, or to what a subquery finds."""
        return name in self._named[place] | self._by_subquery[place]

    def names_of(self, place: Place) -> set[str]:
        """The columns that are compared to such values themselves."""
        return self._named[place]

    def is_found_by_subquery(self, place: Place, name: str) -> bool:
        """Whether the column is equal to what a subquery finds."""
        return name in self._by_subquery[place]

    # --- How it is read ---------------------------------------------------------------------------------------------

    def _read(self, tree: exp.Expression, around: Scope | None) -> Scope:
        scope = Scope(around)
        if isinstance(tree, exp.SetOperation):
            for side in (tree.left, tree.right):
                self._read(side.unnest(), around)
            return scope
        conditions = []
        if isinstance(tree, exp.Update | exp.Delete | exp.Insert):
            self.written = self._source(tree.this.this if isinstance(tree.this, exp.Schema) else tree.this, scope)
        if (source := tree.args.get("from_") or tree.args.get("from")) is not None:
            self._source(source.this, scope)
        for join in tree.args.get("joins") or []:
            self._source(join.this, scope)
            conditions.append(join.args.get("on"))
        where = tree.args.get("where")
        for condition in [where.this if where else None, *conditions]:
            for said in _together(condition):
                self._said(said, scope)
        for subquery in _subqueries(tree):
            self._read(subquery, scope)
        return scope

    def _source(self, source: exp.Expression, scope: Scope) -> Place:
        if isinstance(source, exp.Subquery):
            inner = source.unnest()
            within = self._read(inner, scope.around)
            columns = {one.alias_or_name: one for one in inner.selects} if isinstance(inner, exp.Select) else {}
            place = Place("", source.alias, columns, within)
        else:
            place = Place(source.name, source.alias_or_name)
            self.places.append(place)
        scope.places.append(place)
        return place

    def _said(self, said: exp.Expression, scope: Scope) -> None:
        if isinstance(said, exp.In) and isinstance(said.this, exp.Column):
            column = scope.column(said.this)
            if said.args.get("query") is not None:
                self._found(column)
            elif all(_is_value(one) for one in said.expressions):
                self._sent(column)
        if not isinstance(said, exp.EQ):
            return
        left, right = said.this.unnest(), said.expression.unnest()
        if not isinstance(left, exp.Column):
            left, right = right, left
        if not isinstance(left, exp.Column):
            return
        if isinstance(right, exp.Column):
            self._join(scope.column(left), scope.column(right))
        elif isinstance(right, exp.Query):
            self._found(scope.column(left))
        elif _is_value(right):
            self._sent(scope.column(left))

    def _found(self, column: Column) -> None:
        if column[0] is not None:
            self._by_subquery[column[0]].add(column[1])

    def _sent(self, column: Column) -> None:
        if column[0] is not None:
            self._named[column[0]].add(column[1])
        self._join(column, _KNOWN)

    def _root(self, column: Column) -> Column:
        while column in self._equal:
            column = self._equal[column]
        return column

    def _join(self, one: Column, other: Column) -> None:
        if self._root(one) != self._root(other):
            self._equal[self._root(one)] = self._root(other)


def _together(condition: exp.Expression | None) -> Iterator[exp.Expression]:
    if isinstance(condition, exp.Paren):
        yield from _together(condition.this)
    elif isinstance(condition, exp.And):
        yield from _together(condition.left)
        yield from _together(condition.right)
    elif condition is not None:
        yield condition


def _is_value(expression: exp.Expression) -> bool:
    """A value, or a parameter: nothing of a table is in it."""
    return expression.find(exp.Column, exp.Query) is None


def _subqueries(tree: exp.Expression) -> Iterator[exp.Expression]:
    """Those of its conditions, columns and values; not those in FROM, and none within another."""
    sources = {id(tree.args.get("from_") or tree.args.get("from")), *(id(join.this) for join in tree.args.get("joins") or [])}
    waiting = [one for one in tree.iter_expressions() if id(one) not in sources]
    while waiting:
        one = waiting.pop()
        if id(one) in sources:
            continue
        if isinstance(one, exp.Query) and not isinstance(one, exp.Subquery):
            yield one
        else:
            waiting.extend(one.iter_expressions())
