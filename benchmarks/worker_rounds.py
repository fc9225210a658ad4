"""Rounds of the worker in this process: `python -m benchmarks.worker_rounds`, with how many as JSON on stdin.

Tells how long the fastest round took and the longest time that it could have kept another writer waiting: from the beginning
of a transaction to its end, or one statement outside of any that writes.
"""

import json
import os
import sys
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Holds:
    """How long transactions were open on Django's connection, and statements that wrote outside of one."""

    def __init__(self, connection: Any) -> None:
        self.connection, self.began, self.longest = connection, 0.0, 0.0
        self._set_autocommit = connection.set_autocommit
        connection.set_autocommit = self.set_autocommit

    def set_autocommit(self, autocommit: bool, *arguments: Any, **named: Any) -> None:
        """Django turns it off to begin a transaction, and on when that is over."""
        self._set_autocommit(autocommit, *arguments, **named)
        if not autocommit:
            self.began = time.perf_counter()
        elif self.began:
            self.longest, self.began = max(self.longest, time.perf_counter() - self.began), 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            if not self.connection.in_atomic_block and not sql.lstrip().upper().startswith("SELECT"):
                self.longest = max(self.longest, time.perf_counter() - began)


def main() -> None:
    import django

    django.setup()
    from django.db import connection

    from contributions.worker import sync_all_due
    from providers.sandbox.webhooks import deliver_webhooks

    order = json.load(sys.stdin)
    deliver_webhooks()
    sync_all_due()
    holds, took = Holds(connection), []
    with connection.execute_wrapper(holds):
        for _ in range(order["rounds"]):
            began = time.perf_counter()
            deliver_webhooks()
            sync_all_due()
            took.append(time.perf_counter() - began)
    json.dump({"ms": min(took) * 1000, "held": holds.longest * 1000}, sys.stdout)


if __name__ == "__main__":
    main()
