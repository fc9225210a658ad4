"""One deadline for everything that an operation does, however many calls it makes. Each thread has its own."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class _Moment:
    """When something has to be over, by time.monotonic()."""

    ends_at = float("inf")


class _Deadline(threading.local):
    def __init__(self) -> None:
        self.moment = _Moment()


_deadline = _Deadline()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """All calls inside have to be over within so many seconds together. A deadline inside another never adds time."""
    moment = _deadline.moment
    before = moment.ends_at
    moment.ends_at = min(before, time.monotonic() + seconds)
    try:
        yield
    finally:
        moment.ends_at = before


def seconds_left() -> float:
    """Seconds until the deadline, negative after it; infinite where there is none."""
    return seconds_left_here()()


def seconds_left_here() -> Callable[[], float]:
    """What seconds_left() says in this thread, for another thread to ask, at any time."""
    moment = _deadline.moment
    return lambda: moment.ends_at - time.monotonic()
