"""What processes of the release before cannot do any more once the tables are those of this release.

They name the columns that they know, in every INSERT, SELECT and UPDATE. So tables and columns must stay as they are, and what
is new must be able to be left out: it may be empty, or the database itself has a default for it (`db_default`; Django's own
`default` is filled in by the new code alone).
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

RELEASE_0_2 = {
    "api": "0001_initial",
    "contributions": "0010_one_attempt_one_row",
    "goals": "0001_initial",
    "notifications": "0003_leases",
    "partners": "0002_webhook_endpoints_elsewhere",
    "sandbox": "0004_webhooks",
}
"""From there a pause is needed: docs/operators.md, "Upgrading"."""

LAST_RELEASE = {
    "api": "0002_limits",
    "console": "0001_settings",
    "contributions": "0021_privacy",
    "goals": "0004_goalstate",
    "notifications": "0007_events_only_tell",
    "partners": "0007_limits",
    "rehearsals": "0001_bounce",
    "sandbox": "0007_payees",
}
"""Whose processes go on working while the tables of this release are there already. Set anew at each release."""


@dataclass(frozen=True)
class Column:
    kind: str
    longest: int
    may_be_empty: bool
    may_be_left_out: bool


@dataclass(frozen=True)
class Table:
    columns: dict[str, Column]
    unique: frozenset[tuple[str, ...]]
    checked: int
    """How many CHECK constraints there are."""


Schema = dict[str, Table]


def migrate_to(targets: dict[str, str]) -> Any:
    """Bring the database there; returns the models of then."""
    return MigrationExecutor(connection).migrate(list(targets.items())).apps


def schema() -> Schema:
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if not name.startswith("django_")]
        return {name: _table(cursor, name) for name in names}


def _table(cursor: Any, name: str) -> Table:
    constraints = connection.introspection.get_constraints(cursor, name).values()
    unique = frozenset(tuple(one["columns"]) for one in constraints if one["unique"])
    return Table(dict(_columns(cursor, name)), unique, sum(bool(one["check"]) for one in constraints))


def _columns(cursor: Any, table: str) -> Any:
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT column_name, data_type, character_maximum_length, is_nullable, column_default, is_identity "
            "FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s",
            [table],
        )
        for name, kind, longest, nullable, default, identity in cursor.fetchall():
            empty = nullable == "YES"
            yield name, Column(kind, longest or 0, empty, empty or default is not None or identity == "YES")
        return
    cursor.execute(f'PRAGMA table_info("{table}")')
    for _, name, kind, not_null, default, is_key in cursor.fetchall():
        word, _, length = kind.partition("(")
        empty = not not_null
        longest = int(length.rstrip(")")) if length.rstrip(")").isdigit() else 0
        yield name, Column(word, longest, empty, empty or default is not None or bool(is_key))


def cannot(before: Schema, after: Schema) -> list[str]:
    """What processes that know `before` cannot do in `after`, one line each."""
    return [line for name, old in sorted(before.items()) for line in _cannot(name, old, after.get(name))]


def _cannot(name: str, old: Table, new: Table | None) -> list[str]:
    if new is None:
        return [f"{name} is gone"]
    told = []
    for column, was in old.columns.items():
        now = new.columns.get(column)
        if now is None:
            told.append(f"{name}.{column} is gone")
        elif now.kind != was.kind or (now.longest and now.longest < was.longest):
            told.append(f"{name}.{column} was {was.kind} and is {now.kind}")
        elif now.longest and not was.longest:
            told.append(f"{name}.{column} had no greatest length")
        elif (was.may_be_left_out and not now.may_be_left_out) or (was.may_be_empty and not now.may_be_empty):
            told.append(f"{name}.{column} must not be empty any more")
    added = new.columns.keys() - old.columns.keys()
    told += [f"{name}.{one} is new and must be given" for one in sorted(added) if not new.columns[one].may_be_left_out]
    told += [
        f"{name}: {', '.join(one)} must be unique"
        for one in sorted(new.unique - old.unique)
        if set(one) <= set(old.columns) and not any(set(was) <= set(one) for was in old.unique)
    ]
    if new.checked > old.checked and not added:
        told.append(f"{name} is checked for something new")
    return told
