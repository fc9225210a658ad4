"""Columns that a migration adds with a default in the database: processes of the release before leave them out of what they
insert, and go on."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class AddColumn(migrations.AddField):
    """As Django's AddField, of a column with `db_default`. Unlike Django's SQLite does not make the table anew: triggers of
    other tables read it (partners/filling.py), and its own would be lost with it."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            field = to_state.apps.get_model(app_label, self.model_name)._meta.get_field(self.name)
            BaseDatabaseSchemaEditor.add_field(schema_editor, model, field)
