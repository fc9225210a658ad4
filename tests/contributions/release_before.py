"""A database of release 0.1.0 is made, filled with the rows in release_0_1.sql, and brought to this release."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

ROWS = Path(__file__).with_name("release_0_1.sql")

RELEASE_BEFORE = {
    "api": "0001_initial",
    "contributions": "0006_the_giver_picks",
    "goals": "0001_initial",
    "notifications": "0002_endpoints_of_partners",
    "partners": "0002_webhook_endpoints_elsewhere",
    "sandbox": "0003_reports_that_always_arrive",
}


class Before:
    """What stood in the database of the release before, and that release's models."""

    def __init__(self, apps: Any) -> None:
        self.apps = apps
        self.contributions = self.rows("contributions", "Contribution", "contributor")
        self.entries = self.rows("contributions", "LedgerEntry", "id")
        self.changes = self.rows("contributions", "StatusChange", "id")
        self.refunds = self.rows("contributions", "Refund", "public_id")
        self.requests = self.rows("contributions", "ProviderRequest", "request_id")
        self.goals = self.rows("goals", "SavingGoal", "public_id")
        self.webhooks = self.rows("sandbox", "SandboxReport", "id")
        self.events = self.rows("notifications", "Event", "public_id")
        self.writable_after: dict[str, list[str]] = {}
        """By step of the upgrade: the books that could be rewritten, had it stopped there."""

    def rows(self, app: str, model: str, key: str) -> dict[Any, dict[str, Any]]:
        return {row[key]: row for row in self.apps.get_model(app, model).objects.order_by("pk").values()}


@contextmanager
def a_database_of_its_own(folder: Path) -> Iterator[None]:
    """Empty, under the connection that everything uses."""
    name, on_postgresql = connection.settings_dict["NAME"], connection.vendor == "postgresql"
    other = f"whipround_upgrade_{os.getpid()}" if on_postgresql else str(folder / "upgrade.sqlite3")
    drop = f'DROP DATABASE IF EXISTS "{other}" WITH (FORCE)'
    connection.close()
    if on_postgresql:
        with connection._nodb_cursor() as cursor:
            cursor.execute(drop)
            cursor.execute(f'CREATE DATABASE "{other}"')
    connection.settings_dict["NAME"] = other
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
        if on_postgresql:
            with connection._nodb_cursor() as cursor:
                cursor.execute(drop)


def _load_the_rows(apps: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in connection.ops.prepare_sql_script(ROWS.read_text(encoding="utf-8")):
            cursor.execute(statement)
        models = [model for model in apps.get_models() if model._meta.app_label in RELEASE_BEFORE]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


@contextmanager
def upgraded_database(folder: Path) -> Iterator[Before]:
    """The connection leads to it for as long as this lasts; `folder` is for SQLite's file."""
    with a_database_of_its_own(folder):
        old = MigrationExecutor(connection).migrate(list(RELEASE_BEFORE.items())).apps
        _load_the_rows(old)
        before = Before(old)
        for step in ("0007_leases", "0008_checkouts", "0009_attempts_move_to_checkouts"):
            MigrationExecutor(connection).migrate([("contributions", step)])
            before.writable_after[step] = books_that_can_be_rewritten()
        call_command("migrate", verbosity=0)
        yield before


BOOKS = ("contributions_ledgerentry", "contributions_statuschange")
"""Those of append_only.TABLES that were there all the way."""


def books_that_can_be_rewritten() -> list[str]:
    """The append-only tables that are not."""
    return [table for table in BOOKS if _can_be_rewritten(table)]


def _can_be_rewritten(table: str) -> bool:
    update = f"UPDATE {table} SET contribution_id = contribution_id"  # noqa: S608 - a table of our own
    return not (_is_refused(update) and _is_refused(f"DELETE FROM {table}"))  # noqa: S608


def _is_refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError as error:
        return "append-only" in str(error)
    return False
