"""A request that the front door makes anew, since it wanted its body, a place or news: what goes with it from time to time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.http import HttpRequest

HOLD = "whipround.hold"
"""Where a server that holds requests itself puts a Hold into the WSGI environment."""

Found = TypeVar("Found")


@dataclass(frozen=True)
class Watched:
    """What a request is waiting for: that the row is no longer as it was seen."""

    kind: str
    row: tuple[int, int]
    """The partner's number, and the row's key."""
    seen: Any


@dataclass
class Hold:
    """Passed in by a server that holds requests itself; `watched` is set where there was nothing new to tell.

    `begun_at` goes with the request when it is made anew: where it was in the feed when it came. `may_queue`: it may wait for a
    place as well (web/places.py).
    """

    watched: Watched | None = None
    seconds: int = 0
    begun_at: int | None = None
    has_room: bool = True
    may_queue: bool = True
    once: dict[str, Any] = field(default_factory=dict)
    """What is done once for a request, however often it is made anew: see once()."""


def once(request: HttpRequest, name: str, do: Callable[[], Found]) -> Found:
    """What `do()` returns; where the request is made anew, what it returned the first time."""
    hold: Hold | None = request.META.get(HOLD)
    if hold is None:
        return do()
    if name not in hold.once:
        hold.once[name] = do()
    done: Found = hold.once[name]
    return done
