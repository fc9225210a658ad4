"""Writing and reading in one statement, where Django takes two, of what a queryset finds: compiled for this once.

What is sent with every gift is compiled once in a process, by prepared.py.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, QuerySet

from compiled import made
from prepared import insert_if_absent as insert_if_absent
from prepared import names_of, own_columns, put_in, update_of

Row = TypeVar("Row", bound=Model)


def update_one(rows: QuerySet[Row], **columns: Any) -> Row | None:
    """As `rows.update(**columns)`, of rows of which there is one at most: that one as it is now, or None."""
    model: type[Row] = rows.model
    names = names_of(model)
    found = update_values(rows, columns, reads=names)
    row: Row | None = None if found is None else made(model, names, found, DEFAULT_DB_ALIAS)
    return row


def update_values(rows: QuerySet[Any], columns: Mapping[str, Any], *, reads: Sequence[str]) -> list[Any] | None:
    """The same, but that only the values of these fields are read, in their order."""
    return update_of(rows, columns, reads).row(())


def update_in_place(row: Model, rows: QuerySet[Any], columns: Mapping[str, Any]) -> bool:
    """The same; the copy `row` is then as its row is, but for the rows that it hangs on. False: there is no such row."""
    names = own_columns(type(row))
    values = update_values(rows, columns, reads=names)
    if values is not None:
        put_in(row, names, values)
    return values is not None
