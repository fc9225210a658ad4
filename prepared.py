"""Statements that Django compiles once in a process, and that are sent again and again with other values.

To build a query, compile it and make models of its rows takes Django several times as long as the database needs to answer it.
For what is sent with every gift that is done once: a query is built with a `Slot` in the place of each value, Django's own
compiler makes its text, and kept are the text, which value goes where, and how Django converts it. So these are the statements
that Django sends, letter for letter (tests/test_prepared.py), and a new column is in them by itself.

    update, update_one, lock   of one row, found by the names of its columns
    insert, insert_if_absent   of a model that is not stored yet
    update_of                  of a query that is more than that; prepared_models.py reads models with their relations

What is sent seldom, or is put together anew each time, is a queryset of Django's.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BigIntegerField, CharField, F, Model, Q, QuerySet, sql
from django.db.models.constants import OnConflict

from bigint import checked
from compiled import Slot, Statement, field_of, made

_BIGINT: Any = BigIntegerField()
_TEXT: Any = CharField()


class Computed:
    """For `update`: a value that the database computes from the row as it is there, or a condition that is more than "equals".

    `given`: the values that go into it, each with a field that says how it is converted.
    """

    given: Sequence[tuple[Any, Any]]

    @staticmethod
    def expression(column: str, *given: Slot | None) -> Any:
        """Of this column, with a slot for each value, and None for each that is None. A Q, where it is a condition."""
        raise NotImplementedError


class Not(Computed):
    """For a condition: the column, which is never NULL, holds another text than this."""

    def __init__(self, text: str) -> None:
        self.given = [(text, _TEXT)]

    @staticmethod
    def expression(column: str, *given: Slot | None) -> Any:
        return ~Q(**{column: given[0]})


class Plus(Computed):
    """The column's own number and this one, in 64 bits (bigint.py). Raises OverflowError beyond these."""

    def __init__(self, number: int) -> None:
        self.given = [(checked(number), _BIGINT)]

    @staticmethod
    def expression(column: str, *given: Slot | None) -> Any:
        return F(column) + given[0]


# --- Of one row, by the names of its columns --------------------------------------------------------------------------


def update(model: type[Model], where: Mapping[str, Any], columns: Mapping[str, Any], *, reads: Sequence[str] = ()) -> Any:
    """UPDATE of the one row that `where` finds; the values of the fields `reads` as they are then. None: there is no such row.

    `where` is as filter() takes it; the columns' values may be Computed, and a row stands for its key.
    """
    statement = _update(model, _shape_of(where), _shape_of(columns), tuple(reads))
    given = [*_given(where), *_given(columns)]
    return statement.row(given) if reads else statement.number(given) or None


def update_one(model: type[Model], where: Mapping[str, Any], columns: Mapping[str, Any]) -> Any:
    """The same; returns the row as it is then, or None."""
    names = names_of(model)
    found = update(model, where, columns, reads=names)
    return None if found is None else made(model, names, found, DEFAULT_DB_ALIAS)


def lock(model: type[Model], where: Mapping[str, Any], *, reads: Sequence[str] = ("pk",)) -> list[Any] | None:
    """The values of the fields `reads` of such a row, which nobody else can change until the transaction ends; None: no row."""
    if not connections[DEFAULT_DB_ALIAS].in_atomic_block:
        raise RuntimeError("a row is locked inside a transaction")
    return _lock(model, _shape_of(where), tuple(reads)).row(_given(where))


def insert(row: Model) -> None:
    """As row.save(force_insert=True), of a model whose signals nobody listens to."""
    _insert(row, ignore_conflicts=False)


def insert_if_absent(row: Model) -> bool:
    """Insert the row, unless that would break a unique constraint: False then, and nothing is written.

    Without a savepoint: a transaction goes on after it. On SQLite an append-only table refuses such a row with an error.
    """
    return _insert(row, ignore_conflicts=True)


def _insert(row: Any, *, ignore_conflicts: bool) -> bool:
    row._prepare_related_fields_for_save(operation_name="save")
    model: type[Model] = type(row)
    fields, returned, statement = _insertion(model, ignore_conflicts)
    found = statement.row([field.pre_save(row, True) for field in fields])
    if found is None:
        return False
    for field, value in zip(returned, found, strict=True):
        setattr(row, field.attname, value)
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return True


Shape = tuple[tuple[str, Any], ...]
"""What of names and values makes the text: each name with whether its value is None, or what is Computed of which values."""


def _shape_of(values: Mapping[str, Any]) -> Shape:
    return tuple([(name, _kind_of(value)) for name, value in values.items()])


def _kind_of(value: Any) -> Any:
    if isinstance(value, Computed):
        return type(value), tuple([(field, one is None) for one, field in value.given])
    if hasattr(value, "resolve_expression"):
        raise TypeError(f"{value!r} is part of a query, and no value: what the database computes is Computed")
    return value is None


def _given(values: Mapping[str, Any]) -> list[Any]:
    given: list[Any] = []
    for value in values.values():
        if isinstance(value, Computed):
            given += [one for one, _ in value.given]
        else:
            given.append(value.pk if isinstance(value, Model) else value)
    return given


@cache
def own_columns(model: type[Model]) -> list[str]:
    """Of its columns those that lead to no other row."""
    return [column.name for column in model._meta.concrete_fields if not column.is_relation]


def put_in(row: Model, names: Sequence[str], values: Sequence[Any]) -> None:
    """What the database has just said of the row."""
    for name, value in zip(names, values, strict=True):
        setattr(row, name, value)


@cache
def names_of(model: type[Model]) -> list[str]:
    """Of its columns, in their order, as a model's attributes are called."""
    return [field.attname for field in model._meta.concrete_fields]


class _Slots:
    """The values of a shape as slots, numbered on from the last one."""

    def __init__(self, model: type[Model]) -> None:
        self.model, self.number = model, 0

    def of(self, shape: Shape) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, kind in shape:
            if isinstance(kind, tuple):
                computed, given = kind
                made[name] = computed.expression(name, *[self._next(field, is_none) for field, is_none in given])
            else:
                made[name] = self._next(field_of(self.model, name), kind)
        return made

    def rows(self, where: Shape) -> QuerySet[Any]:
        """Those that it finds."""
        values = self.of(where)
        conditions = [value for value in values.values() if isinstance(value, Q)]
        return self.model._base_manager.filter(*conditions, **{k: v for k, v in values.items() if not isinstance(v, Q)})

    def _next(self, field: Any, is_none: bool) -> Slot | None:
        self.number += 1
        return None if is_none else Slot(self.number - 1, field)


@cache
def _update(model: type[Model], where: Shape, columns: Shape, reads: tuple[str, ...]) -> Statement:
    slots = _Slots(model)
    return update_of(slots.rows(where), slots.of(columns), reads)


def update_of(rows: QuerySet[Any], columns: Mapping[str, Any], reads: Sequence[str]) -> Statement:
    """rows.update(**columns), with slots for its values; what comes back are the fields `reads`."""
    query: Any = rows.query.chain(sql.UpdateQuery)
    query.add_update_values(columns)
    text, parameters = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    table, quoted = rows.model._meta.db_table, connections[DEFAULT_DB_ALIAS].ops.quote_name
    returned: list[Any] = [field_of(rows.model, name).get_col(table) for name in reads]
    if returned:
        text += f" RETURNING {', '.join(f'{quoted(table)}.{quoted(one.target.column)}' for one in returned)}"
    return Statement(DEFAULT_DB_ALIAS, text, parameters, returned)


@cache
def _lock(model: type[Model], where: Shape, reads: tuple[str, ...]) -> Statement:
    rows = _Slots(model).rows(where).select_for_update(no_key=True).values_list(*reads)
    compiler: Any = rows.query.get_compiler(DEFAULT_DB_ALIAS)
    text, parameters = compiler.as_sql()
    return Statement(DEFAULT_DB_ALIAS, text, parameters, [one[0] for one in compiler.select])


@cache
def _insertion(model: type[Model], ignore_conflicts: bool) -> tuple[list[Any], list[Any], Statement]:
    every: list[Any] = list(model._meta.concrete_fields)
    fields = [field for field in every if field is not model._meta.auto_field and not field.generated]
    query = sql.InsertQuery(model, on_conflict=OnConflict.IGNORE if ignore_conflicts else None)
    slots = model()
    vars(slots).update({field.attname: Slot(number, field) for number, field in enumerate(fields)})
    query.insert_values(fields, [slots])
    compiler: Any = query.get_compiler(DEFAULT_DB_ALIAS)
    compiler.returning_fields = returned = list(model._meta.db_returning_fields)
    ((text, parameters),) = compiler.as_sql()
    columns = [field.get_col(model._meta.db_table) for field in returned]
    return fields, returned, Statement(DEFAULT_DB_ALIAS, text, parameters, columns)
