"""Which database is read: the primary, or a streaming replica of it that is up to date for whoever asks.

A client that was told something must find it in every later answer, whichever process told it: the API, a giver's return, a
webhook, another worker. So a read goes to the replica only once that has replayed everything the primary had committed when
the request came:

    1  the primary is asked how far its log is (one tiny statement, and one for all requests that wait for it)
    2  the replica is asked whether it has replayed so far; a few milliseconds are waited for it
    3  the read is made there; the primary makes it where the replica is behind, paused or gone

What is asked in 1 is asked after the request came, and all that anybody may have been told by then was committed before: so
the rule needs no mark on clients, in tables or between processes. docs/decisions/0077-a-replica-that-is-up-to-date.md.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.models import Model

import metrics

log = logging.getLogger(__name__)

ALIAS = "replica"
"""Its name in settings.DATABASES, where there is one."""

SECONDS_TO_CATCH_UP = 0.02
"""So long a request waits for the replica: it is some milliseconds behind wherever anything is written."""

SECONDS_LEFT_ALONE = {"behind": 0.5, "gone": 5.0}
"""So long this process reads the primary after that: nobody waits in vain with each request."""

_PRIMARY_POSITION = """
SELECT CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_flush_lsn()
END::text
"""
"""A commit is answered when it is on the disk; with synchronous_commit=off before."""

_HAS_REPLAYED = "SELECT COALESCE(pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= %s::pg_lsn, false)"
"""A replica that was promoted, or an old primary that was started again, follows nobody and has replayed nothing."""

Answer = TypeVar("Answer")
_alias: ContextVar[str] = ContextVar("alias", default=DEFAULT_DB_ALIAS)


def alias() -> str:
    """Which of settings.DATABASES is to be read in what is being done: for statements that no model sends."""
    return _alias.get()


class Router:
    """Reads of models go where `alias` says; everything else goes to the primary."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return alias()

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return True  # both are rows of the one database

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


def read(answer: Callable[[], Answer]) -> Answer:
    """What `answer` returns with its reads at the replica where that is up to date, else with all at the primary.

    It must not change anything that may not be done twice: where the replica fails in the middle it is called again.
    """
    if ALIAS not in settings.DATABASES:
        return answer()
    outcome = _outcome()
    if outcome == "replica":
        token = _alias.set(ALIAS)
        try:
            found = answer()
        except (OperationalError, InterfaceError) as error:
            outcome = _lost(error)
        else:
            metrics.REPLICA_READS.labels(outcome).inc()
            return found
        finally:
            _alias.reset(token)
    metrics.REPLICA_READS.labels(outcome).inc()
    return answer()


class OneForAll(Generic[Answer]):
    """A question that many threads have: each gets an answer to one that was asked after its call, and it is asked seldom."""

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self._ask, self._changed = ask, threading.Condition()
        self._begun = self._ended = 0
        self._found: Answer | None = None

    def __call__(self) -> Answer | None:
        """The answer; None where the thread that asked got none, because of an error that was raised there."""
        with self._changed:
            wanted = self._begun + 1  # the one under way was begun before this call
            while self._ended < wanted and self._begun > self._ended:
                self._changed.wait()
            if self._ended >= wanted:
                return self._found
            self._begun += 1
        found = None
        try:
            found = self._ask()
        finally:
            with self._changed:
                self._ended, self._found = self._begun, found
                self._changed.notify_all()
        return found


def _position_of_the_primary() -> str | None:
    """Of its log, as PostgreSQL writes it; None where it does not answer: the read itself will tell why."""
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(_PRIMARY_POSITION)
            (position,) = cursor.fetchone()
    except (OperationalError, InterfaceError):
        return None
    return str(position)


_position = OneForAll(_position_of_the_primary)
_left_alone_until = 0.0


def _outcome() -> str:
    """Where to read, as the metric calls it: "replica", or why it is not."""
    if time.monotonic() < _left_alone_until:
        return "left_alone"
    position = _position()
    if position is None:
        return "primary_silent"
    try:
        has_replayed = _replays(position)
    except (OperationalError, InterfaceError) as error:
        return _lost(error)
    if not has_replayed:
        _leave_alone("behind")
    return "replica" if has_replayed else "behind"


def _replays(position: str) -> bool:
    """Whether the replica has replayed so far, or does in a moment. Raises OperationalError, InterfaceError."""
    over, pause = time.monotonic() + SECONDS_TO_CATCH_UP, 0.001
    with connections[ALIAS].cursor() as cursor:
        while True:
            cursor.execute(_HAS_REPLAYED, [position])
            (has_replayed,) = cursor.fetchone()
            if has_replayed or time.monotonic() + pause > over:
                return bool(has_replayed)
            time.sleep(pause)
            pause *= 2


def _lost(error: Exception) -> str:
    connections[ALIAS].close()
    log.warning("the replica did not answer", extra={"error": str(error)[:200]})
    _leave_alone("gone")
    return "gone"


def _leave_alone(why: str) -> None:
    global _left_alone_until
    _left_alone_until = time.monotonic() + SECONDS_LEFT_ALONE[why]
