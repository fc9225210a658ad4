"""A statement as Django has compiled it, with the places that values are put in: see prepared.py."""

from collections.abc import Sequence
from typing import Any

from django.db import connections
from django.db.models import BooleanField, CharField, DecimalField, Expression, JSONField, Model, TextField, Value, sql
from django.db.models.base import ModelState

_TEXT: Any = CharField()


class Slot(Value):
    """Stands in a query for a value that is given when the statement is sent."""

    def __init__(self, number: int, field: Any) -> None:
        # A JSONField takes a Value of its own kind apart, and SQLite's text has a CAST round a number with decimals.
        super().__init__(None, output_field=_TEXT if isinstance(field, JSONField | DecimalField) else field)
        self.number, self.of = number, field

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A mark, and itself among the parameters."""
        return "%s", [self]


class Statement:
    """The text of a statement for one database, and how it is sent. `returned`: the columns that come back, if any do."""

    def __init__(self, database: str, text: str, parameters: Sequence[Any], returned: Sequence[Expression]) -> None:
        self.database, self.text = database, text
        self._places = [_place(one) for one in parameters]
        compiler = sql.Query(Model).get_compiler(database)
        converters = compiler.get_converters(returned)
        self._converters = [(at, convert, one) for at, (every, one) in converters.items() for convert in every]

    def values(self, given: Sequence[Any]) -> list[Any]:
        """As the driver takes them."""
        connection, values = connections[self.database], []
        for number, prepare, as_it_is, constant in self._places:
            value = constant if prepare is None else given[number]
            if prepare is not None and value is not None and type(value) is not as_it_is:
                value = prepare(value, connection)
            values.append(value)
        return values

    def row(self, given: Sequence[Any]) -> list[Any] | None:
        """The first row that comes back, if one does."""
        rows = self.rows(given)
        return rows[0] if rows else None

    def rows(self, given: Sequence[Any]) -> list[list[Any]]:
        """Those that come back, as a queryset reads them."""
        connection = connections[self.database]
        with connection.cursor() as cursor:
            cursor.execute(self.text, self.values(given))
            rows = [list(row) for row in cursor.fetchall()]
        for at, convert, expression in self._converters:
            for row in rows:
                row[at] = convert(row[at], expression, connection)
        return rows

    def number(self, given: Sequence[Any]) -> int:
        """Of rows that were changed."""
        with connections[self.database].cursor() as cursor:
            cursor.execute(self.text, self.values(given))
            return int(cursor.rowcount)


_AS_THEY_ARE = {CharField: str, TextField: str, BooleanField: bool}
"""What Django sends of a field as it is, however long it looks at it before."""


def _place(parameter: Any) -> tuple[int, Any, Any, Any]:
    """Where a value comes from, how it is converted, of which type it need not be; else the one that it always is."""
    if not isinstance(parameter, Slot):
        return -1, None, None, parameter
    return parameter.number, parameter.of.get_db_prep_save, _AS_THEY_ARE.get(type(parameter.of)), None


def field_of(model: type[Model], name: str) -> Any:
    """Of a name as filter() takes it."""
    name = name.partition("__")[0]
    return model._meta.pk if name == "pk" else model._meta.get_field(name)


def made(model: type[Model], names: Sequence[str], values: Sequence[Any], database: str) -> Any:
    """It comes into being as Django's unpickling makes one: __init__, which can do more than is wanted here, takes longer than
    the database."""
    made = model.__new__(model)
    made._state = state = ModelState()
    state.adding, state.db = False, database
    made.__dict__.update(zip(names, values, strict=True))
    return made
