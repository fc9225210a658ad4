"""Books that cannot be rewritten: the database itself refuses to change, replace or delete what was once entered.

Of the books nothing changes at all. Of everything else that the books rest on no row goes, and what it is about stays;
how far it has come is written as it always was. Each migration that makes such a table anew ends with `install`: SQLite
drops a table's triggers with the table.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from django.db.backends.base.base import BaseDatabaseWrapper

from contributions import redaction

TABLES = (
    "contributions_ledgerentry", "contributions_statuschange", "partners_auditentry", "certificates_certificateentry",
)  # fmt: skip
"""Nothing of a row ever changes."""

KEPT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "contributions_contribution": ("id", "partner_id", "public_id", "goal_id", "amount_minor", "currency"),
        "contributions_checkout": ("id", "partner_id", "contribution_id", "number"),
        "contributions_refund": ("id", "partner_id", "public_id", "contribution_id", "checkout_number", "cause", "created_at"),
        "contributions_providerrequest": ("id", "partner_id", "contribution_id", "checkout_number", "request_id", "created_at"),
        "contributions_dispute": ("id", "partner_id", "contribution_id", "provider_reference", "heard_at"),
        "certificates_giftcertificate": (
            "id",
            "partner_id",
            "public_id",
            "purchase_id",
            "currency",
            "code_lookup",
            "created_at",
        ),
        "notifications_event": ("id", "public_id", "partner_id", "position", "type", "about", "version", "content", "at"),
    }
)
"""No row ever goes, and these columns of it never change; an event's content changes to its redaction alone."""

_NOT_YET = {"partner_id": "OLD.partner_id IS NOT NULL AND "}
"""What a migration or a trigger fills in once (partners/filling.py)."""

_REDACTED = ("notifications_event", "content")

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION whipround_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""
_DEEDS = ("update", "delete", "truncate", "replace", "update_or_replace")


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers on, in place of those that were there. Done by migrations, on the tables that there are by then."""
    uninstall(connection)
    postgresql = connection.vendor == "postgresql"
    _execute(connection, [_POSTGRESQL_FUNCTION, redaction.POSTGRESQL_FUNCTION] if postgresql else [])
    for table in _tables(connection):
        triggers = _on_postgresql(connection, table) if postgresql else _on_sqlite(connection, table)
        _execute(connection, [f"CREATE TRIGGER {table}_no_{deed} {what}" for deed, what in triggers])
    parts = _partitions(connection)
    of_parts = [f"CREATE TRIGGER {table}_no_truncate {_no_truncate(part)}" for table in parts for part in parts[table]]
    _execute(connection, of_parts)


def uninstall(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers off: for undoing the migration, and for tests that empty their database."""
    on_table = " ON {}" if connection.vendor == "postgresql" else ""
    drop = [
        f"DROP TRIGGER IF EXISTS {table}_no_{deed}" + on_table.format(table) for table in _tables(connection) for deed in _DEEDS
    ]
    parts = _partitions(connection)
    drop += [f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {part}" for table in parts for part in parts[table]]
    _execute(connection, drop)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of triggers that ought to be there and are not, and whose deeds nothing else forbids."""
    deeds = _DEEDS[:3] if connection.vendor == "postgresql" else (*_DEEDS[:2], *_DEEDS[3:])
    ask = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgenabled <> 'D'"
    if connection.vendor != "postgresql":
        ask = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(ask)
        there = {*cursor.fetchall()}
    parts, missing = _partitions(connection), set()
    for table in (*TABLES, *KEPT):
        wanted = {(one, f"{table}_no_{deed}") for one in (table, *parts.get(table, [])) for deed in deeds}
        missing |= {name for _, name in wanted - there}
    return sorted(missing - _forbidden(connection) if missing and connection.vendor == "postgresql" else missing)


# --- The other way, for engines without triggers: a role that may not ---------------------------------------------------


def privileges(connection: BaseDatabaseWrapper, role: str, *, by_column: bool = True) -> list[str]:
    """PostgreSQL's statements that let the role do what the service does, and nothing to what was once entered.

    `by_column`: what a row is about cannot be changed either; an engine that knows no privileges for columns leaves that to
    `audit`. The content of an event can be changed, since erasure does, whatever to.
    """
    name = connection.ops.quote_name(role)
    every = "ALL TABLES IN SCHEMA public", "ALL SEQUENCES IN SCHEMA public"
    told = [f"GRANT SELECT, INSERT, UPDATE, DELETE ON {every[0]} TO {name}", f"GRANT USAGE, SELECT ON {every[1]} TO {name}"]
    told += [f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}" for table in TABLES]
    for table, kept in KEPT.items():
        told.append(f"REVOKE DELETE, TRUNCATE ON {table} FROM {name}")
        if by_column:
            free = [f'"{one}"' for one in _columns(connection, table) if one not in kept or (table, one) == _REDACTED]
            told.append(f"REVOKE UPDATE ON {table} FROM {name}")
            told += [f"GRANT UPDATE ({', '.join(free)}) ON {table} TO {name}"] if free else []
    return told


def _forbidden(connection: BaseDatabaseWrapper) -> set[str]:
    """What whoever is connected may not do anyway, named as the triggers are."""
    found = set()
    with connection.cursor() as cursor:
        for table in _tables(connection):
            for deed in _DEEDS[:3]:
                cursor.execute(*_may(table, deed))
                if cursor.fetchone() == (False,):
                    found.add(f"{table}_no_{deed}")
    return found


def _may(table: str, deed: str) -> tuple[str, list[str]]:
    if deed != "update":
        return "SELECT has_table_privilege(%s, %s)", [table, deed]
    if table in TABLES:
        return "SELECT has_any_column_privilege(%s, 'update')", [table]
    kept = [column for column in KEPT[table] if (table, column) != _REDACTED]
    return "SELECT " + " OR ".join(["has_column_privilege(%s, %s, 'update')"] * len(kept)), [
        one for column in kept for one in (table, column)
    ]


# --- The triggers: what was done, and the rest of the statement -------------------------------------------------------


def _on_postgresql(connection: BaseDatabaseWrapper, table: str) -> Iterator[tuple[str, str]]:
    refuse = "EXECUTE FUNCTION whipround_append_only()"
    changed = _changed(connection, table, "IS DISTINCT FROM")
    yield "update", f"BEFORE UPDATE ON {table} FOR EACH ROW {changed} {refuse}"
    yield "delete", f"BEFORE DELETE ON {table} FOR EACH ROW {refuse}"
    yield "truncate", _no_truncate(table)


def _no_truncate(table: str) -> str:
    return f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION whipround_append_only()"


def _on_sqlite(connection: BaseDatabaseWrapper, table: str) -> Iterator[tuple[str, str]]:
    """REPLACE deletes rows without a word to any DELETE trigger: what it would delete is looked for before."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    yield "update", f"BEFORE UPDATE ON {table} {_changed(connection, table, 'IS NOT')} {refuse}"
    yield "delete", f"BEFORE DELETE ON {table} {refuse}"
    uniques = list(_uniques(connection, table))
    others = [f"EXISTS (SELECT 1 FROM {table} WHERE {same})" for same in ("id = NEW.id", *uniques)]  # noqa: S608 - our own names
    yield "replace", f"BEFORE INSERT ON {table} WHEN {' OR '.join(others)} {refuse}"
    others = [f"EXISTS (SELECT 1 FROM {table} WHERE id <> OLD.id AND {same})" for same in ("id = NEW.id", *uniques)]  # noqa: S608 - our own names
    yield "update_or_replace", f"BEFORE UPDATE ON {table} WHEN {' OR '.join(others)} {refuse}"


def _changed(connection: BaseDatabaseWrapper, table: str, differs_from: str) -> str:
    """Empty where no change at all is allowed."""
    there = _columns(connection, table)
    if table in TABLES:
        return "" if connection.vendor == "postgresql" else _filled_in(there)
    whole = [column for column in KEPT[table] if column in there and (table, column) != _REDACTED]
    kept = [f'{_NOT_YET.get(column, "")}OLD."{column}" {differs_from} NEW."{column}"' for column in whole]
    if table == _REDACTED[0] and {"type", "content"} <= {*there}:
        on_postgresql = connection.vendor == "postgresql"
        condition = redaction.is_no_redaction_on_postgresql if on_postgresql else redaction.is_no_redaction_on_sqlite
        kept.append(f"({condition()})")
    return f"WHEN ({' OR '.join(kept)})"


def _filled_in(columns: list[str]) -> str:
    """On SQLite a trigger gives a row its partner after it is there (partners/filling.py): that alone may change, once."""
    if "partner_id" not in columns:
        return ""
    same = " AND ".join(f'OLD."{column}" IS NEW."{column}"' for column in columns if column != "partner_id")
    return f"WHEN NOT (OLD.partner_id IS NULL AND NEW.partner_id IS NOT NULL AND {same})"


def _uniques(connection: BaseDatabaseWrapper, table: str) -> Iterator[str]:
    """For each unique index the rows that NEW cannot stand beside."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, partial FROM pragma_index_list('{table}') WHERE \"unique\" AND origin <> 'pk'")  # noqa: S608 - our own names
        for name, partial in cursor.fetchall():
            cursor.execute(f"SELECT name FROM pragma_index_info('{name}') ORDER BY seqno")  # noqa: S608 - our own names
            same = [f'"{column}" = NEW."{column}"' for (column,) in cursor.fetchall()]
            if partial:
                cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = %s", [name])
                condition = cursor.fetchone()[0].partition(" WHERE ")[2]
                named = [column for column in _columns(connection, table) if column in condition]
                new = ", ".join(f'NEW."{column}" AS "{column}"' for column in named)
                same += [f"({condition})", f"EXISTS (SELECT 1 FROM (SELECT {new}) WHERE {condition})"]  # noqa: S608 - our own names
            yield " AND ".join(same)


def _columns(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608 - our own names
        return [column[0] for column in cursor.description]


def _partitions(connection: BaseDatabaseWrapper) -> dict[str, list[str]]:
    """By table: a trigger for each row is in these as soon as it is on the table, one for a whole statement is not."""
    if connection.vendor != "postgresql":
        return {}
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.relname, c.relname FROM pg_inherits JOIN pg_class p ON p.oid = inhparent "
            "JOIN pg_class c ON c.oid = inhrelid WHERE p.relkind = 'p' AND p.relname = ANY (%s) ORDER BY 1, 2",
            [[*TABLES, *KEPT]],
        )
        for table, partition in cursor.fetchall():
            found.setdefault(table, []).append(partition)
    return found


def _tables(connection: BaseDatabaseWrapper) -> list[str]:
    there = set(connection.introspection.table_names())
    return [table for table in (*TABLES, *KEPT) if table in there]


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
