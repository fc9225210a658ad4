"""One deadline for everything that an operation does, however many calls it makes. Each thread has its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class _Deadline(threading.local):
    ends_at = float("inf")


_deadline = _Deadline()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """All calls inside have to be over within so many seconds together. A deadline inside another never adds time."""
    before = _deadline.ends_at
    _deadline.ends_at = min(before, time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.ends_at = before


def seconds_left() -> float:
    """Seconds until the deadline, negative after it; infinite where there is none."""
    return _deadline.ends_at - time.monotonic()
