"""Django's PostgreSQL backend, with a cheaper look at whether a kept connection is still there.

With CONN_HEALTH_CHECKS Django sends SELECT 1 before the first statement of a request, which costs as much as the statement. A
server that has ended a connection (it was restarted, or an operator ended it) has said so by then, and the socket can be read;
nothing else comes unasked. So that is asked of the kernel, and the server only where there is something to be read, or the
connection was idle for so long that a router between may have forgotten it.
"""

import select
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base

IDLE_SECONDS = 30
"""After so long the server is asked all the same."""


class DatabaseWrapper(base.DatabaseWrapper):
    """What ENGINE = "config.quick_postgresql" names."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._used_at = 0.0

    def close_if_health_check_failed(self) -> None:
        """Close the connection where it is no longer there; once for each request, before its first statement."""
        now = time.monotonic()
        if self.connection is not None and now - self._used_at < IDLE_SECONDS and not self._has_been_told():
            self.health_check_done = True
        self._used_at = now
        super().close_if_health_check_failed()

    def _has_been_told(self) -> bool:
        """Whether there is anything to be read, or the connection has ended."""
        try:
            poll = select.poll()
            poll.register(self.connection.fileno(), select.POLLIN)
            return bool(poll.poll(0))
        except (OSError, psycopg.Error):
            return True
