"""Writing and reading in one statement, where Django takes two, or a savepoint round what may fail.

`RETURNING` and `ON CONFLICT` are SQL that both databases have; values are converted as Django converts them for the database
in use. What Django says in one statement by itself is not here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet, sql

Row = TypeVar("Row", bound=Model)


def update_one(rows: QuerySet[Row], **columns: Any) -> Row | None:
    """As `rows.update(**columns)`, of rows of which there is one at most: that one as it is now, or None."""
    names = [field.name for field in rows.model._meta.concrete_fields]
    found = update_values(rows, columns, reads=names)
    return None if found is None else rows.model.from_db(rows.db, names, found)


def update_values(rows: QuerySet[Any], columns: Mapping[str, Any], *, reads: Sequence[str]) -> list[Any] | None:
    """The same, but that only the values of these fields are read, in their order."""
    query: Any = rows.query.chain(sql.UpdateQuery)
    query.add_update_values({**columns})
    statement, values = query.get_compiler(rows.db).as_sql()
    return _written(rows.model, rows.db, statement, values, reads)


def insert_if_absent(row: Model) -> bool:
    """Insert the row, unless that would break a unique constraint: False then, and nothing is written.

    Without a savepoint: a transaction goes on after it. The database counts the key. On SQLite an append-only table refuses
    such a row with an error.
    """
    model = type(row)
    query = sql.InsertQuery(model)
    query.insert_values([field for field in model._meta.concrete_fields if not field.primary_key], [row])
    ((statement, values),) = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    key = model._meta.pk
    found = _written(model, DEFAULT_DB_ALIAS, f"{statement} ON CONFLICT DO NOTHING", values, [key.name])
    if found is None:
        return False
    row.pk, row._state.adding, row._state.db = found[0], False, DEFAULT_DB_ALIAS
    return True


def _written(
    model: type[Model], database: str, statement: str, values: Iterable[Any], reads: Sequence[str]
) -> list[Any] | None:
    """What the statement returns of its row, where there is one."""
    table, connection = model._meta.db_table, connections[database]
    columns: list[Any] = [model._meta.get_field(name).get_col(table) for name in reads]  # type: ignore[union-attr]
    quoted = connection.ops.quote_name
    returned = ", ".join(f"{quoted(table)}.{quoted(column.target.column)}" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} RETURNING {returned}", tuple(values))
        found = cursor.fetchone()
    if found is None:
        return None
    compiler = sql.Query(model).get_compiler(database)
    (converted,) = compiler.apply_converters([found], compiler.get_converters(columns))
    return list(converted)
