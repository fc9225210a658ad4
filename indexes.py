"""Indexes that a migration adds and removes while the service runs: on PostgreSQL nobody waits for the whole table.

A migration with these is `atomic = False`. Where it is broken off it can simply be run again.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper


class AddIndex(migrations.AddIndex):
    """As Django's. On PostgreSQL rows can be written meanwhile, but for a table in partitions, which does not know how."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            _drop(schema_editor, model._meta.db_table, self.index.name)  # a broken-off try leaves one that nobody uses
            how = {"concurrently": True} if _can_go_on(schema_editor.connection, model._meta.db_table) else {}
            schema_editor.add_index(model, self.index, **how)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            _drop(schema_editor, model._meta.db_table, self.index.name)


class RemoveIndex(migrations.RemoveIndex):
    """As Django's, while rows are written."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            _drop(schema_editor, model._meta.db_table, str(self.name))


class DropIndexOf(migrations.AlterField):
    """The field has no index of its own any more (`db_index=False`). Unlike Django's SQLite does not make the table anew."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            for name in _own_indexes(schema_editor.connection, model, self.name):
                _drop(schema_editor, model._meta.db_table, name)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            for statement in schema_editor._field_indexes_sql(model, model._meta.get_field(self.name)):
                schema_editor.execute(statement)


class DropTwin(migrations.operations.base.Operation):
    """PostgreSQL has a second index of a text with an index, for `LIKE 'abc%'`, since Django makes one: nobody asks so here."""

    reversible = True
    reduces_to_sql = False

    def __init__(self, model_name: str, name: str) -> None:
        self.model_name, self.name = model_name, name

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if schema_editor.connection.vendor == "postgresql" and self.allow_migrate_model(schema_editor.connection.alias, model):
            for name in _own_indexes(schema_editor.connection, model, self.name):
                if name.endswith("_like"):
                    _drop(schema_editor, model._meta.db_table, name)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if schema_editor.connection.vendor == "postgresql" and self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.execute(schema_editor._create_like_index_sql(model, model._meta.get_field(self.name)))

    def describe(self) -> str:
        return f"Drop the index for LIKE of {self.model_name}.{self.name}"


def _own_indexes(connection: BaseDatabaseWrapper, model: Any, name: str) -> list[str]:
    """The names of those that Django has made for the field alone, and nobody has named."""
    column, named = model._meta.get_field(name).column, {one.name for one in model._meta.indexes}
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    return [
        index
        for index, about in found.items()
        if about["index"] and not about["unique"] and about["columns"] == [column] and index not in named
    ]


def _drop(schema_editor: Any, table: str, name: str) -> None:
    how = "CONCURRENTLY " if _can_go_on(schema_editor.connection, table) else ""
    schema_editor.execute(f"DROP INDEX {how}IF EXISTS {schema_editor.quote_name(name)}")


def _can_go_on(connection: BaseDatabaseWrapper, table: str) -> bool:
    """Whether an index can be made and dropped while rows are written: on PostgreSQL, outside a transaction."""
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT relkind FROM pg_class WHERE oid = to_regclass(%s)", [table])
        return bool(cursor.fetchone() == ("r",))
