"""`wait`: a GET that has nothing new to tell may be held until it has, for up to 30 seconds.

Behind the front door (web/front_door.py) nobody holds a thread: a request says what it is waiting for and is made anew when
that changes. Under a WSGI server whoever waits here holds one. So only so many may (WAITING_REQUESTS in each process); the
others are answered at once, as if they had not asked to wait, with a Retry-After that says when to ask again.
"""

import re
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from contributions.models import Contribution
from notifications.models import EventSequence
from web.made_anew import HOLD, Hold, Watched
from web.problems import BadArgument

LONGEST_SECONDS = 30
LOOKS_EVERY_SECONDS = 0.25
RETRY_AFTER_SECONDS = 2
Found = TypeVar("Found")

_SECONDS = re.compile(r"[0-9]{1,2}")


def see_events(partner_id: int) -> Watched:
    """How far a partner's feed has come. To be read before the feed is."""
    row = (partner_id, partner_id)
    return Watched("events", row, as_they_are("events", [row]).get(row))


def see_contribution(contribution: Contribution) -> Watched:
    """The contribution as it was read."""
    row = (contribution.partner_id, contribution.pk)
    return Watched("contribution", row, (contribution.version, contribution.deleted_at))


def begun_at(request: HttpRequest, position: Callable[[], int]) -> int:
    """The position in the feed that there was when the client asked, also where a held request is made anew."""
    hold: Hold | None = request.META.get(HOLD)
    if hold is None:
        return position()
    if hold.begun_at is None:
        hold.begun_at = position()
    return hold.begun_at


def as_they_are(kind: str, rows: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Any]:
    """What there is to see of these rows now, by partner and key: one statement for all of them."""
    partners = {partner_id for partner_id, _ in rows}
    if kind == "events":
        positions = EventSequence.objects.filter(partner_id__in=partners).values_list("partner_id", "last_position")
        return {(partner_id, partner_id): position for partner_id, position in positions}
    gifts = Contribution.objects.filter(partner_id__in=partners, pk__in={pk for _, pk in rows})
    told = gifts.values_list("partner_id", "pk", "version", "deleted_at")
    return {(partner_id, pk): (version, deleted_at) for partner_id, pk, version, deleted_at in told}


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


def until_news(
    request: HttpRequest,
    seconds: int,
    first: tuple[Watched, Found],
    *,
    look: Callable[[], tuple[Watched, Found]],
    news: Callable[[Found], bool],
) -> tuple[Found, bool]:
    """What was found at first, or what `look()` finds, as soon as it is `news` or the time is over; and False where there was
    no room to wait. With it comes what to watch, as it was before that was read."""
    watched, found = first
    if not seconds or news(found):
        return found, True
    hold: Hold | None = request.META.get(HOLD)
    if hold is not None and hold.has_room:
        hold.watched, hold.seconds = watched, seconds
        return found, True
    if not _room.enter():
        return found, False
    try:
        over = time.monotonic() + seconds
        while not news(found) and time.monotonic() < over:
            time.sleep(min(LOOKS_EVERY_SECONDS, max(0.0, over - time.monotonic())))
            if as_they_are(watched.kind, [watched.row]).get(watched.row) != watched.seen:
                watched, found = look()
        return found, True
    finally:
        _room.leave()


def come_back_later(response: HttpResponse, *, waited: bool) -> HttpResponse:
    """The answer, with the time to ask again where there was no room to wait for news."""
    if not waited:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
