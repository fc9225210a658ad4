"""Whether this process can serve: the database can be read and written, nothing is missing in it, and the secrets fit it."""

import logging
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import DatabaseError, InterfaceError, connection, transaction

import clock
import encryption
from console import database, reencryption
from console.models import Readiness

log = logging.getLogger(__name__)

LEAST_FREE_BYTES = 1024 * 1024
"""Of the disk with SQLite's file: less is no room for the next gifts."""

WRITE_AGAIN_SECONDS = 0.25
"""Nobody needs a key to ask: strangers may make a process write four times a second, and no more."""

WAIT_SECONDS = 2.0
"""How long a question waits for the one before it."""

_ROW, _CANARY = 1, "readable"
_one_at_a_time = threading.Lock()
_written_at: dict[str, float] = {}
"""By database: when this process has written last, on the monotonic clock."""


def trouble() -> str:
    """Why this process cannot serve, in words that tell nothing of what is inside; "" where it can."""
    if not _one_at_a_time.acquire(timeout=WAIT_SECONDS):
        return "the database is slow to answer"
    try:
        reason, detail = _look()
    finally:
        _one_at_a_time.release()
    if reason:
        log.warning("not ready", extra={"reason": reason, "error": detail[:300]})
    return reason


def begin_anew() -> None:
    """From now on the keys that are set count, though they cannot read what is in the database."""
    anew = encryption.encrypt(_CANARY)
    Readiness.objects.update_or_create(pk=_ROW, defaults={"written_at": clock.now(), "canary_encrypted": anew})


def _look() -> tuple[str, str]:
    """The reason, and what only the log is told of it."""
    try:
        if database.waiting_migrations():
            return "migrations are waiting: run manage.py migrate", ""
        row = Readiness.objects.filter(pk=_ROW).first()
        stored = [row.canary_encrypted] if row else list(_newest_secrets())
    except (DatabaseError, InterfaceError) as error:
        return "the database does not answer", str(error)
    if not all(_is_readable(secret) for secret in stored):
        return "CREDENTIALS_KEYS cannot read what is in the database", ""
    if _disk_is_full():
        return "the disk is full", ""
    try:
        _write(row)
    except (DatabaseError, InterfaceError) as error:
        return ("the disk is full" if _says_full(error) else "the database cannot be written"), str(error)
    return "", ""


def _write(row: Readiness | None) -> None:
    """Commits a row: nothing less proves that a gift could be stored."""
    name = str(connection.settings_dict["NAME"])
    if row and time.monotonic() - _written_at.get(name, float("-inf")) < WRITE_AGAIN_SECONDS:
        return
    with transaction.atomic():
        if row:
            Readiness.objects.filter(pk=_ROW).update(written_at=clock.now())
        else:
            new = Readiness(pk=_ROW, written_at=clock.now(), canary_encrypted=encryption.encrypt(_CANARY))
            Readiness.objects.bulk_create([new], ignore_conflicts=True)  # another process may be the first as well
    _written_at[name] = time.monotonic()


def _newest_secrets() -> Iterator[str]:
    """Of each column that holds encrypted text, the newest, in a database that was never ready under these eyes."""
    for model, name in reencryption.columns():
        if model is not Readiness:
            newest = model._default_manager.exclude(**{name: ""}).order_by("-pk")
            yield from newest.values_list(name, flat=True)[:1]


def _is_readable(secret: str) -> bool:
    try:
        encryption.decrypt(secret)
    except encryption.UnreadableSecret:
        return False
    return True


def _disk_is_full() -> bool:
    """SQLite's disk is this machine's; what PostgreSQL's has left only a write tells."""
    name = str(connection.settings_dict["NAME"])
    folder = Path(name).parent
    if connection.vendor != "sqlite" or not Path(name).exists():
        return False
    return shutil.disk_usage(folder).free < LEAST_FREE_BYTES


def _says_full(error: Exception) -> bool:
    """By the driver's own code, not by its words."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return cause.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
    return getattr(cause, "sqlstate", None) == "53100"
