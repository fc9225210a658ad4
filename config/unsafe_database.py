"""Databases that everybody can open, or that forget."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

KNOWN_TO_ALL = frozenset(
    {
        "postgres",
        "password",
        "passw0rd",
        "secret",
        "changeme",
        "change-me",
        "admin",
        "root",
        "test",
        "example",
        "whipround",
        "give",
    }
    | {"default", "user", "pass", "pgpass", "database", "letmein", "qwerty", "12345", "123456", "12345678", "postgresql"}
)


def told(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(number, sentence) for each fault of DATABASE_URL and DATABASE_REPLICA_URL; the rules of config/unsafe.py."""
    database, replica = (settings["DATABASES"].get(alias) for alias in ("default", "replica"))
    name = str(database["NAME"])
    if "sqlite" in database["ENGINE"] or database["ENGINE"] == "config.fair_sqlite3":
        if not name or ":memory:" in name or "mode=memory" in name:
            yield "E013", "DATABASE_URL is a database in memory, which forgets everything: name a file, or a PostgreSQL server."
        return
    yield from _told_of_the_password("DATABASE_URL", database)
    if replica:
        yield from _told_of_the_password("DATABASE_REPLICA_URL", replica)


def _told_of_the_password(setting: str, database: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    password = database.get("PASSWORD") or os.environ.get("PGPASSWORD", "")
    known = {*KNOWN_TO_ALL, str(database.get("USER", "")).lower(), str(database["NAME"]).lower()} - {""}
    if password.lower() in known:
        yield "E012", f"{setting} has a password that everybody would try first: give the database's user a random one."
    elif not password and not _needs_none(database):
        yield "E011", f"{setting} has no password: set postgres://user:password@host:5432/name, with a random one."


def _needs_none(database: Mapping[str, Any]) -> bool:
    """A socket of this machine, whose owner the kernel tells; a file with the password; a certificate of the client's."""
    options = database.get("OPTIONS", {})
    host = str(database.get("HOST") or options.get("host") or os.environ.get("PGHOST", ""))
    if not host or host.startswith("/") or {"passfile", "sslkey", "service"} & set(options):
        return True
    return bool(os.environ.get("PGPASSFILE") or os.environ.get("PGSERVICE")) or (Path.home() / ".pgpass").exists()
