"""A thread of the worker that does the same again and again."""

import logging
import threading
from collections.abc import Callable

from django.db import OperationalError, close_old_connections, connection

log = logging.getLogger(__name__)

ROUND_SECONDS = 3.0


def run(stop: threading.Event, work: Callable[[Callable[[], bool]], object]) -> None:
    """Until `stop`; whatever ends it before sets `stop`, so that the worker is whole, or is started again."""
    try:
        while not stop.is_set():
            close_old_connections()
            try:
                work(stop.is_set)
            except OperationalError:
                log.exception("the database did not answer; trying again")
            stop.wait(ROUND_SECONDS)
    finally:
        stop.set()
        connection.close()
