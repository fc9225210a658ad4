"""What the database file still holds of what was erased, and how it goes from there."""

import time

from django.db import OperationalError, connection

from contributions import kept_answers
from contributions.models import Attention, Contribution, Refund
from notifications.models import Event
from providers.sandbox.models import SandboxCheckout

MODELS = (Contribution, Refund, Attention, Event, SandboxCheckout)
PATIENCE_SECONDS = 20.0


class StillThere(Exception):
    """What was erased may still be in the file; the message says why, and what to do."""


def overwrite() -> str:
    """Rewrite what was freed; returns a sentence of what was done, and of what is left to the operator. Raises StillThere."""
    if connection.vendor == "sqlite":
        return _on_sqlite()
    tables = [model._meta.db_table for model in (*MODELS, kept_answers.rows().model)]
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM {', '.join(tables)}")
    return (
        "PostgreSQL has let go of the rows as they were (VACUUM). Its write-ahead log, replicas and backups "
        "hold them until they are recycled: see docs/operators.md, Privacy."
    )


def _on_sqlite() -> str:
    """The whole file anew without what is free in it, and the write-ahead log cut to nothing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
    except OperationalError as error:
        raise StillThere(
            f"everything is erased, but the database file could not be written anew ({error}), and may hold rows as they "
            "were in free places: see to the disk, or wait for a quieter moment, and run the command again"
        ) from error
    if not _cut_the_log():
        raise StillThere(
            "everything is erased and the file was written anew, but somebody reads the database all the time, so its -wal "
            "file still holds rows as they were: run the command again at a quieter moment"
        )
    return (
        "The database file was written anew (VACUUM) and its -wal file is empty. Backups hold the rows until they are deleted."
    )


def _cut_the_log() -> bool:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, _, _ = cursor.fetchone()
        if not busy or time.monotonic() > give_up:
            return not busy
        time.sleep(0.05)
