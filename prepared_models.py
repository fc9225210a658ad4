"""Models with their relations by a statement that Django compiles once: see prepared.py."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from django.db.models import Model, QuerySet

import replica
from compiled import Slot, Statement, field_of, made


def one_where(rows: Callable[[], QuerySet[Any]], where: Mapping[str, Any]) -> Any:
    """The only one of `rows()` that filter(**where) finds; None where there is none. No value may be None."""
    return _select(rows, tuple(where)).one(*where.values())


def every_where(rows: Callable[[], QuerySet[Any]], where: Mapping[str, Any]) -> list[Any]:
    """All of them."""
    return _select(rows, tuple(where)).every(*where.values())


@cache
def _select(rows: Callable[[], QuerySet[Any]], names: tuple[str, ...]) -> "Select":
    return Select(rows().model, names, lambda *slots: rows().filter(**dict(zip(names, slots, strict=True))))


class Select:
    """A queryset that `build` makes with a slot for the value of each field named, as filter() takes those.

    It is read where replica.alias() says, as a queryset is.
    """

    def __init__(self, model: type[Model], names: Sequence[str], build: Callable[..., QuerySet[Any]]) -> None:
        self._slots = [Slot(number, field_of(model, name)) for number, name in enumerate(names)]
        self._build = build
        self._compiled: dict[str, tuple[Statement, _Maker]] = {}

    def every(self, *given: Any) -> list[Any]:
        """The models, with what the queryset has in select_related."""
        database = replica.alias()
        if database not in self._compiled:
            self._compiled[database] = self._compile(database)
        statement, maker = self._compiled[database]
        return [maker.make(row) for row in statement.rows(given)]

    def one(self, *given: Any) -> Any:
        """The first of them; None where there is none."""
        found = self.every(*given)
        return found[0] if found else None

    def _compile(self, database: str) -> "tuple[Statement, _Maker]":
        compiler: Any = self._build(*self._slots).using(database).query.get_compiler(database)
        text, parameters = compiler.as_sql()
        columns = [one[0] for one in compiler.select]
        return Statement(database, text, parameters, columns), _Maker(compiler.klass_info, columns, database)


class _Maker:
    """Makes a model of its part of a row, and those that it is related to of theirs."""

    def __init__(self, found: Mapping[str, Any], columns: Sequence[Any], database: str) -> None:
        places = found["select_fields"]
        self.model, self.database = found["model"], database
        self.first, self.end = places[0], places[-1] + 1
        self.names = [column.target.attname for column in columns[self.first : self.end]]
        self.key_at = self.first + self.names.index(self.model._meta.pk.attname)
        self.related = [
            (_Maker(one, columns, database), one["local_setter"], one["remote_setter"])
            for one in found.get("related_klass_infos", [])
        ]

    def make(self, row: Sequence[Any]) -> Any:
        """None where an outer join has found none."""
        if row[self.key_at] is None:
            return None
        mine = made(self.model, self.names, row[self.first : self.end], self.database)
        for maker, theirs, ours in self.related:
            other = maker.make(row)
            theirs(mine, other)
            if other is not None:
                ours(other, mine)
        return mine
