"""Rows of several models by one statement of our own: for what is read so often that building the query, which takes
Django longer than the database needs to answer it, is worth leaving out.

What comes out are the models that a QuerySet gives, each value converted as Django converts it for the database in use.
They are read where replica.alias() says, as a QuerySet's are.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Expression, Model, Value
from django.db.models.base import ModelState

import replica

Convert = Callable[[Any, Any, BaseDatabaseWrapper], Any]


class Part:
    """The columns of one model in a statement, where its table is called `alias`; `only`: of these fields, the key among them.

    The others are read when somebody asks for them, as QuerySet.only() does it. `of`: what other parts call it, such as
    "gift.goal", which find it there as select_related() would have put it.
    """

    def __init__(self, model: type[Model], alias: str, *only: str, of: Sequence[str] = ()) -> None:
        fields = [field for field in model._meta.concrete_fields if not only or field.attname in only]
        self.alias, self.of, self.model = alias, of, model
        self._names = [field.attname for field in fields]
        self._key_at = next(at for at, field in enumerate(fields) if field.primary_key)
        self.expressions: Sequence[Expression] = [field.get_col(model._meta.db_table) for field in fields]
        self.columns = ", ".join(f'"{alias}"."{field.column}"' for field in fields)

    def read(self, values: list[Any]) -> Any:
        """The model; None where an outer join has found none. It comes into being as Django's unpickling makes one: __init__,
        which can do more than is wanted here, takes longer than the database."""
        if values[self._key_at] is None:
            return None
        made = self.model.__new__(self.model)
        made._state = state = ModelState()
        state.adding, state.db = False, replica.alias()
        made.__dict__.update(zip(self._names, values, strict=True))
        return made


class Number:
    """A column that is computed, or of a table that is not read otherwise, by its name in the statement: a whole number."""

    def __init__(self, name: str) -> None:
        self.alias, self.of = name, ()
        self.expressions: Sequence[Expression] = [Value(0, output_field=BigIntegerField())]
        self.columns = name

    def read(self, values: list[Any]) -> Any:
        """The number, or None."""
        return values[0]


class Statement:
    """A SELECT whose text has `{0}`, `{1}`, ... for the columns of its parts, one after the other.

    `alike`: so many of the first parts are the same in every row.
    """

    def __init__(self, text: str, *parts: Part | Number, alike: int = 0) -> None:
        self.text = text.format(*(part.columns for part in parts))
        self._parts, self._alike = parts, alike
        ends = list(accumulate(len(part.expressions) for part in parts))
        self._slices = list(zip(parts, [0, *ends], ends, strict=False))
        self._relations = list(self._find_relations())
        self._converters: dict[str, list[tuple[int, Convert, Any]]] = {}

    def rows(self, values: Mapping[str, Any]) -> list[list[Any]]:
        """For each row what each part reads of it. The values stand in the text by name: `%(partner)s`."""
        database = connections[replica.alias()]
        with database.cursor() as cursor:
            cursor.execute(self.text, values)
            found = cursor.fetchall()
        converters = self._converters.get(database.vendor)
        if converters is None:
            converters = self._converters[database.vendor] = self._find_converters(database)
        alike: list[Any] = []
        read = []
        for row in found:
            slices = self._slices[len(alike) :]
            first, values_of_row = slices[0][1], list(row)
            for at, convert, expression in converters:
                if at >= first:
                    values_of_row[at] = convert(values_of_row[at], expression, database)
            models = alike + [part.read(values_of_row[start:end]) for part, start, end in slices]
            for whose, relation, at in self._relations:
                if models[whose] is not None:
                    relation.set_cached_value(models[whose], models[at])
            read.append(models)
            alike = read[0][: self._alike]
        return read

    def _find_relations(self) -> Iterator[tuple[int, Any, int]]:
        """Which part has which of its relations to which other part."""
        numbers = {part.alias: at for at, part in enumerate(self._parts)}
        for at, part in enumerate(self._parts):
            for alias, _, name in (one.partition(".") for one in part.of):
                whose = self._parts[numbers[alias]]
                if isinstance(whose, Part):
                    yield numbers[alias], whose.model._meta.get_field(name), at

    def _find_converters(self, database: BaseDatabaseWrapper) -> list[tuple[int, Convert, Any]]:
        """By the place of the column, as SQLCompiler.get_converters finds them."""
        expressions = [expression for part in self._parts for expression in part.expressions]
        return [
            (at, convert, expression)
            for at, expression in enumerate(expressions)
            for convert in [*database.ops.get_db_converters(expression), *expression.get_db_converters(database)]
        ]
