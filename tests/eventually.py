"""Waiting with a deadline: no test may hang. test_eventually.py refuses any other way to poll or to wait for ever."""

import asyncio
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

SECONDS = 60
"""Long enough for a busy machine, and shorter than the 120 seconds that a test may take (pyproject.toml)."""

T = TypeVar("T")


def eventually(ask: Callable[[], T], what: str | Callable[[], str] = "", *, seconds: float = SECONDS, every: float = 0.01) -> T:
    """The first true answer of `ask`; raises AssertionError, naming `what` was waited for, where there is none in time."""
    give_up = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < give_up, _sentence(what, seconds)
        time.sleep(every)
    return answer


async def eventually_in_loop(ask: Callable[[], T], what: str = "", *, seconds: float = SECONDS) -> T:
    """The same in a coroutine, while the loop's other tasks go on."""
    give_up = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < give_up, _sentence(what, seconds)
        await asyncio.sleep(0.01)
    return answer


def join(*threads: threading.Thread, seconds: float = SECONDS) -> None:
    """Wait for the end of all of them; raises AssertionError where one is still at it after so many seconds together."""
    give_up = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0, give_up - time.monotonic()))
    late = [thread.name for thread in threads if thread.is_alive()]
    assert not late, _sentence(f"the end of {', '.join(late)}", seconds)


@contextmanager
def killed_if_late(process: "subprocess.Popen[str]", seconds: float = SECONDS) -> Iterator[None]:
    """A block that reads from a process: the process is killed where that takes longer, which ends whatever is read."""
    watch = threading.Timer(seconds, process.kill)
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _sentence(what: str | Callable[[], str], seconds: float) -> str:
    return f"waited {seconds:g} seconds in vain: {what() if callable(what) else what}"
