"""Django's SQLite backend with a fairer queue in front of the one writer that SQLite has.

SQLite's own way to wait for the writer sleeps longer the longer it has waited, up to 100 ms, and in a crowd whoever has
come last is served first. Here everybody who waits looks again every few milliseconds, however long it has been.
"""

import random
import sqlite3
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from django.db.backends.sqlite3 import base

PATIENCE_SECONDS = 20
"""How long a statement waits for the writer before it fails with "database is locked"."""

LOOK_AGAIN_SECONDS = 0.003
"""About as long as one commit takes."""

Result = TypeVar("Result")


@lru_cache(maxsize=2000)
def _with_question_marks(query: str) -> str:
    return str(base.FORMAT_QMARK_REGEX.sub("?", query)).replace("%%", "%")


class Cursor(base.SQLiteCursorWrapper):
    """Waits for its turn wherever nothing has been done yet: at BEGIN, and at a statement that is its own transaction."""

    def execute(self, query: str, params: Any = None) -> Any:
        return self._in_turn(lambda: super(Cursor, self).execute(query, params))

    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        """As Django's, which looks through the text of a statement each time."""
        if param_names is None:
            return _with_question_marks(query)
        converted: str = super().convert_query(query, param_names=param_names)  # type: ignore[misc] # the stubs leave it out
        return converted

    def executemany(self, query: str, param_list: Any) -> Any:
        return self._in_turn(lambda: super(Cursor, self).executemany(query, param_list))

    def _in_turn(self, statement: Callable[[], Result]) -> Result:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return statement()
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or self.connection.in_transaction or time.monotonic() > give_up:
                    raise
            time.sleep(LOOK_AGAIN_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - jitter


class DatabaseWrapper(base.DatabaseWrapper):
    """What ENGINE = "config.fair_sqlite3" names."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        connection.execute("PRAGMA busy_timeout = 0")  # SQLite itself does not wait: Cursor does
        return connection

    def create_cursor(self, name: str | None = None) -> Cursor:
        cursor: Cursor = self.connection.cursor(factory=Cursor)
        return cursor
