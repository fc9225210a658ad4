"""Books that cannot be rewritten: the database itself refuses to change or delete what was once entered."""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("contributions_ledgerentry", "contributions_statuschange")

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION whipround_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers on. Done by a migration."""
    statements = [_POSTGRESQL_FUNCTION] if connection.vendor == "postgresql" else []
    for table in TABLES:
        for deed in ("UPDATE", "DELETE"):
            name = f"{table}_no_{deed.lower()}"
            if connection.vendor == "postgresql":
                what = f"BEFORE {deed} ON {table} FOR EACH ROW EXECUTE FUNCTION whipround_append_only()"
            else:
                what = f"BEFORE {deed} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            statements.append(f"CREATE TRIGGER {name} {what}")
    _execute(connection, statements)


def uninstall(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers off: for undoing the migration, and for tests that empty their database."""
    on_table = connection.vendor == "postgresql"
    _execute(
        connection,
        [
            f"DROP TRIGGER IF EXISTS {table}_no_{deed}" + (f" ON {table}" if on_table else "")
            for table in TABLES
            for deed in ("update", "delete")
        ],
    )


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
