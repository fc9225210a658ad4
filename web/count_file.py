"""Counts of requests in a file of SQLite's, shared by all processes of one machine: a storage of the library `limits`.

It is no database of the service's: nothing in it is worth keeping, so nothing is written through to the disk
(synchronous=OFF), and a count costs some 15 µs. docs/decisions/0062-limits.md has the numbers.
"""

import os
import sqlite3
import threading
import time
from typing import Any

from limits.storage import Storage
from limits.storage.base import SlidingWindowCounterSupport

SWEPT_EVERY_SECONDS = 60
MOST_ROWS = 100_000
"""What strangers can make the file hold at most, after a sweep: the rows that have been idle longest go first."""

SECONDS_TO_WAIT_FOR_A_TURN = 1

_COUNT = """
INSERT INTO counts (key, slot, now, before, idle_at) VALUES (:key, :slot, :number, 0, :idle_at)
ON CONFLICT (key) DO UPDATE SET
    before = CASE WHEN slot IN (:slot, :slot + 1) THEN before WHEN slot = :slot - 1 THEN now ELSE 0 END,
    now = CASE WHEN slot IN (:slot, :slot + 1) THEN now ELSE 0 END + :number,
    slot = CASE WHEN slot = :slot + 1 THEN slot ELSE :slot END,
    idle_at = :idle_at
WHERE :number + CAST(CASE WHEN slot IN (:slot, :slot + 1) THEN before * :share + now
                          WHEN slot = :slot - 1 THEN now * :share ELSE 0 END AS INTEGER) <= :limit
RETURNING slot, now, before
"""
"""One statement, so that no two processes count the same request. `slot` is the number of the window; who counted in the
next one already was a moment ahead of us. `share`: how much of the window before still counts."""


Window = tuple[int, float, int, float]
"""(count of the window before, seconds until it counts no more, count of this window, seconds until that one's end)."""


class CountFile(Storage, SlidingWindowCounterSupport):
    """`path` is made where there is none. Opened by each process for itself, at its first count."""

    STORAGE_SCHEME = ["countfile"]

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path, self._lock = path, threading.Lock()
        self._file: sqlite3.Connection | None = None
        self._opened_by, self._swept_at = 0, 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    # --- Counting -----------------------------------------------------------------------------------------------------

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, number: int = 1) -> bool:
        """Count, unless the limit would be passed: then nothing is written."""
        return self.count(key, limit, expiry, number)[0]

    def count(self, key: str, limit: int, expiry: int, number: int = 1) -> tuple[bool, Window]:
        """As acquire_sliding_window_entry, and what get_sliding_window says after it; one statement where it was counted."""
        now = time.time()
        slot, share = _slot(now, expiry)
        values = {"key": key, "slot": slot, "share": share, "number": number, "limit": limit, "idle_at": now + 2 * expiry}
        rows = self._ask(_COUNT, values) if number <= limit else []
        return (True, _window(rows, slot, share, expiry)) if rows else (False, self.get_sliding_window(key, expiry))

    def get_sliding_window(self, key: str, expiry: int) -> Window:
        slot, share = _slot(time.time(), expiry)
        rows = self._ask("SELECT slot, now, before FROM counts WHERE key = :key", {"key": key})
        return _window(rows, slot, share, expiry)

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget the count of this key."""
        self.clear(key)

    def incr(self, key: str, expiry: int, number: int = 1) -> int:
        """Count in a fixed window, without a limit."""
        now = time.time()
        slot, _ = _slot(now, expiry)
        values = {"key": key, "slot": slot, "share": 0, "number": number, "limit": 2**62, "idle_at": now + 2 * expiry}
        return int(self._ask(_COUNT, values)[0][1])

    def get(self, key: str) -> int:
        """The count of the window that was counted in last."""
        rows = self._ask("SELECT now FROM counts WHERE key = :key", {"key": key})
        return int(rows[0][0]) if rows else 0

    def get_expiry(self, key: str) -> float:
        """When the key is forgotten, in seconds since 1970."""
        rows = self._ask("SELECT idle_at FROM counts WHERE key = :key", {"key": key})
        return float(rows[0][0]) if rows else time.time()

    # --- The file -----------------------------------------------------------------------------------------------------

    def check(self) -> bool:
        """Whether it can be read and written."""
        self._ask("DELETE FROM counts WHERE key = ''", {})
        return True

    def reset(self) -> int:
        """Forget all; returns how many there were."""
        return len(self._ask("DELETE FROM counts RETURNING 1", {}))

    def clear(self, key: str) -> None:
        """Forget the count of this key."""
        self._ask("DELETE FROM counts WHERE key = :key", {"key": key})

    def sweep(self) -> None:
        """Forget what is idle, and of the rest all but MOST_ROWS."""
        self._swept_at = time.monotonic()
        self._ask("DELETE FROM counts WHERE idle_at < :now", {"now": time.time()})
        surplus = "SELECT key FROM counts ORDER BY idle_at DESC LIMIT -1 OFFSET :most"
        self._ask(f"DELETE FROM counts WHERE key IN ({surplus})", {"most": MOST_ROWS})  # noqa: S608 - our own text

    def _ask(self, statement: str, values: dict[str, Any]) -> list[Any]:
        with self._lock:
            if self._file is None or self._opened_by != os.getpid():  # a connection must not be taken through a fork
                self._file, self._opened_by = self._open(), os.getpid()
                self._swept_at = time.monotonic()
            rows = self._file.execute(statement, values).fetchall()
        if time.monotonic() - self._swept_at > SWEPT_EVERY_SECONDS:
            self.sweep()
        return rows

    def _open(self) -> sqlite3.Connection:
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        file = sqlite3.connect(self._path, timeout=SECONDS_TO_WAIT_FOR_A_TURN, isolation_level=None, check_same_thread=False)
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("PRAGMA synchronous=OFF")
        file.execute(
            "CREATE TABLE IF NOT EXISTS counts"
            " (key TEXT PRIMARY KEY, slot INTEGER, now INTEGER, before INTEGER, idle_at REAL) WITHOUT ROWID"
        )
        return file


def _window(rows: list[Any], slot: int, share: float, expiry: int) -> Window:
    """Of what is stored, as things are in window `slot`."""
    stored, current, before = rows[0] if rows else (slot, 0, 0)
    if stored == slot - 1:
        current, before = 0, current
    elif stored not in {slot, slot + 1}:
        current, before = 0, 0
    left = share * expiry
    return before, left if before else 0.0, current, left + expiry


def _slot(now: float, expiry: int) -> tuple[int, float]:
    """The window's number, and how much of it is still to come: so much of the one before counts."""
    return int(now // expiry), 1 - (now / expiry) % 1
