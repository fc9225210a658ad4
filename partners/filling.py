"""The partner of rows that do not say it: those of before there was the column, and those that old processes go on inserting.

While a release is rolled out, processes of the release before insert rows without `partner_id`. A trigger gives each the
partner of the row that it hangs on. In the release after, when nobody leaves it out any more, the triggers can go.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper

_PARENTS = {
    "goals_paymentaccount": ("goal_id", "goals_savinggoal"),
    "contributions_checkout": ("contribution_id", "contributions_contribution"),
    "contributions_statuschange": ("contribution_id", "contributions_contribution"),
    "contributions_ledgerentry": ("contribution_id", "contributions_contribution"),
    "contributions_dispute": ("contribution_id", "contributions_contribution"),
    "contributions_providerrequest": ("contribution_id", "contributions_contribution"),
    "notifications_delivery": ("event_id", "notifications_event"),
    "notifications_deliveryattempt": ("event_id", "notifications_event"),
    "notifications_webhooksecret": ("endpoint_id", "notifications_webhookendpoint"),
}

PARTNER_OF: Mapping[str, str] = MappingProxyType(
    {
        **{
            table: f"(SELECT parent.partner_id FROM {parent} AS parent WHERE parent.id = {{row}}.{column})"  # noqa: S608 - our own names
            for table, (column, parent) in _PARENTS.items()
        },
        "contributions_attention": "COALESCE("
        "(SELECT gift.partner_id FROM contributions_contribution AS gift WHERE gift.public_id = {row}.about), "
        "(SELECT payee.partner_id FROM goals_payee AS payee WHERE payee.public_id = {row}.about))",
        "partners_auditentry": "0",
    }
)
"""Where the partner of a table's row stands. Tokens that were used (api_usedtoken) are gone after minutes, and stay without."""


def fill_in(*tables: str) -> migrations.RunPython:
    """For a migration: the rows that there are. PostgreSQL has them locked since the column was added."""

    def forwards(apps: Any, schema_editor: Any) -> None:
        for table in tables:
            schema_editor.execute(
                f"UPDATE {table} SET partner_id = {PARTNER_OF[table].format(row=table)} WHERE partner_id IS NULL"  # noqa: S608 - our own names
            )

    return migrations.RunPython(forwards, migrations.RunPython.noop)


def fill_in_from_now_on(*tables: str) -> migrations.RunPython:
    """For a migration, as its last operation: SQLite makes a changed table anew, without its triggers."""

    def forwards(apps: Any, schema_editor: Any) -> None:
        install(schema_editor.connection, *tables)

    def backwards(apps: Any, schema_editor: Any) -> None:
        uninstall(schema_editor.connection, *tables)

    return migrations.RunPython(forwards, backwards)


def put_aside_to_undo(*tables: str) -> tuple[migrations.RunPython, migrations.RunPython]:
    """First and last operation of a migration: undone, it has SQLite make a table anew, which no trigger may name then."""

    def put_back(apps: Any, schema_editor: Any) -> None:
        install(schema_editor.connection, *tables)

    def put_aside(apps: Any, schema_editor: Any) -> None:
        uninstall(schema_editor.connection, *tables)

    noop = migrations.RunPython.noop
    return migrations.RunPython(noop, put_back), migrations.RunPython(noop, put_aside)


def install(connection: BaseDatabaseWrapper, *tables: str) -> None:
    """Put the triggers on."""
    uninstall(connection, *tables)
    make = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    with connection.cursor() as cursor:
        for table in tables:
            for statement in make(table):
                cursor.execute(statement)


def uninstall(connection: BaseDatabaseWrapper, *tables: str) -> None:
    """Take them off."""
    with connection.cursor() as cursor:
        for table in tables:
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_partner{on_table}")
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP FUNCTION IF EXISTS whipround_partner_of_{table}()")


def _on_postgresql(table: str) -> list[str]:
    found = PARTNER_OF[table].format(row="NEW")
    function = f"whipround_partner_of_{table}()"
    return [
        f"CREATE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN NEW.partner_id := {found}; RETURN NEW; END $$",
        f"CREATE TRIGGER {table}_partner BEFORE INSERT ON {table} FOR EACH ROW WHEN (NEW.partner_id IS NULL) "
        f"EXECUTE FUNCTION {function}",
    ]


def _on_sqlite(table: str) -> list[str]:
    found = PARTNER_OF[table].format(row="NEW")
    fill = f"UPDATE {table} SET partner_id = {found} WHERE id = NEW.id"  # noqa: S608 - our own names
    return [f"CREATE TRIGGER {table}_partner AFTER INSERT ON {table} WHEN NEW.partner_id IS NULL BEGIN {fill}; END"]
