"""What is wrong with the database, in one sentence."""

from django.db import DatabaseError, Error, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor

DOES_NOT_ANSWER = "The database does not answer"
NOT_MIGRATED = "The database is not migrated: run `manage.py migrate`"


def trouble() -> str:
    """Asks it; empty where it answers and is migrated."""
    try:
        waiting = waiting_migrations()
    except (DatabaseError, InterfaceError) as error:
        return f"{DOES_NOT_ANSWER}: {first_line(error)}"
    return f"{NOT_MIGRATED} (first {waiting[0]})." if waiting else ""


def trouble_after(error: Error | InterfaceError) -> str:
    """Why a statement failed: the database is away, or not migrated, or else in its own words."""
    connection.close()  # a new one tells whether the database is there; this one may be in the middle of a transaction
    return trouble() or f"The database refused: {first_line(error)}"


def waiting_migrations() -> list[str]:
    """Migrations that are still to be done. Raises DatabaseError, InterfaceError."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def first_line(error: BaseException) -> str:
    """The error's own words, without the hints that follow on further lines."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
