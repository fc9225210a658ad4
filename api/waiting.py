"""`wait`: a GET that has nothing new to tell may be held until it has, for up to 30 seconds.

Whoever waits here holds a thread of the server. So only so many may (WAITING_REQUESTS in each process); the others are
answered at once, as if they had not asked to wait, with a Retry-After that says when to ask again.
"""

import re
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.http import HttpResponse

from api.errors import BadArgument

LONGEST_SECONDS = 30
LOOKS_EVERY_SECONDS = 0.25
RETRY_AFTER_SECONDS = 2
_SECONDS = re.compile(r"[0-9]{1,2}")

Found = TypeVar("Found")


class _Room:
    """Counts who is waiting in this process."""

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0

    def enter(self) -> bool:
        with self._lock:
            if self._inside >= settings.WAITING_REQUESTS:
                return False
            self._inside += 1
            return True

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1


_room = _Room()


def seconds_in(given: dict[str, str]) -> int:
    """How long the client would wait; 0 where it does not say. Raises BadArgument."""
    text = given.get("wait", "0")
    if not _SECONDS.fullmatch(text) or int(text) > LONGEST_SECONDS:
        raise BadArgument(f"wait must be a whole number of seconds from 0 to {LONGEST_SECONDS}.")
    return int(text)


def until(look: Callable[[], Found], news: Callable[[Found], bool], seconds: int) -> tuple[Found, bool]:
    """What `look()` finds, as soon as it is `news` or the time is over; and whether there was room to wait."""
    found = look()
    if not seconds or news(found):
        return found, True
    if not _room.enter():
        return found, False
    try:
        over = time.monotonic() + seconds
        while not news(found) and time.monotonic() < over:
            time.sleep(min(LOOKS_EVERY_SECONDS, max(0.0, over - time.monotonic())))
            found = look()
        return found, True
    finally:
        _room.leave()


def come_back_later(response: HttpResponse, *, waited: bool) -> HttpResponse:
    """The answer, with the time to ask again where there was no room to wait for news."""
    if not waited:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
