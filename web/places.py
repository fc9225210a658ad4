"""Places for requests that wait for a provider: each holds a thread, so only so many may, and nobody may have all of them.

So many in one process; so many of them for one partner, and for one provider; and two for one gift, on the whole machine: one
asks the provider and one waits for what it hears. Whoever finds no place waits a little for one without a thread, where the
front door can have that (web/front_door.py), and is then told to come again, and when. At a provider that hangs nobody waits
for a place: who finds none is told at once.
"""

import asyncio
import hashlib
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.http import HttpRequest

from providers.kit.deadline import seconds_left_here
from web.made_anew import HOLD, Hold
from web.problems import RETRY_AFTER_SECONDS
from web.slot_file import SlotFile

MOST_FOR_ONE_GIFT = 2
SECONDS_AT_A_FULL_GIFT = 0.5
"""A provider that answers as it should is done by then; else the giver sees at once the page that looks again."""

SECONDS_FOR_A_PLACE = 20
"""How long a request waits, without a thread, for a place of its process, its partner or its provider."""

SECONDS_TO_MOVE = 5
"""Where none of those who have all the places has come or gone for so long, their provider hangs."""

LOOKS_EVERY_SECONDS = 0.25
"""A place that another process gives back tells nobody."""

MOST_QUEUED = 200
"""How many wait for places in one process; the next ones are told at once to come again."""

PLACE = "whipround.place"
"""Where the request keeps its place."""

log = logging.getLogger(__name__)


class NoPlace(Exception):
    """Too many wait for providers already: come again after `seconds`."""

    why = "Too many requests wait for payment providers at this moment"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"{self.why}: try again in {seconds} s.")
        self.seconds = seconds
        self.headers = {"Retry-After": str(seconds)}


class ProviderBusy(NoPlace):
    """As many ask this very provider as may: the others' gifts are none of its trouble."""

    why = "As many requests wait for this payment provider as may at once"


class PlaceWanted(BaseException):
    """For the front door: make the request anew when a place is free. No handler of errors may take it."""

    def __init__(self, seconds: float, *, is_free: Callable[[], bool], hangs: Callable[[], bool]) -> None:
        super().__init__(seconds)
        self.seconds, self.is_free, self.hangs = seconds, is_free, hangs


@dataclass(eq=False)
class _Place:
    """Taken, and not given back yet."""

    partner: str
    host: str = ""
    """Whose servers it waits for (providers.registry.host_of); empty: nobody knows yet, or it is no one provider."""
    slot: int | None = None
    since: float = field(default_factory=time.monotonic)
    seconds_left: Callable[[], float] = field(default_factory=seconds_left_here)
    """Until the call that its thread makes at this moment is over at the latest; infinite where it makes none."""


class _Full(Exception):
    """No place: `those` have all that there are."""

    def __init__(self, those: Sequence[_Place], *, is_host: bool = False) -> None:
        super().__init__()
        self.is_host = is_host
        self.newest = max(one.since for one in those)
        calls = [left for one in those if not math.isinf(left := one.seconds_left())]
        self.seconds = max(1, math.ceil(min(calls, default=0)))
        """After so many the first of their calls is over, one way or the other. Who makes none waits for one of these."""

    @property
    def hangs(self) -> bool:
        return time.monotonic() - self.newest > SECONDS_TO_MOVE


class _FullGift(Exception):
    """Both places of the gift are taken, perhaps by other processes."""


class _Places:
    """Who has a place in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: list[_Place] = []
        self._slots: set[int] = set()
        self._file = SlotFile()
        self.freed: list[Callable[[], None]] = []
        """Called, in any thread, when a place is free again."""

    def take(self, partner: str, gift: str, host: str) -> _Place:
        """A place, to be given back with leave(). Raises _Full, _FullGift."""
        with self._lock:
            self._check(partner, host)
            place = _Place(partner, host, self._free_slot(partner, gift) if gift else None)
            self._taken.append(place)
            return place

    def move(self, place: _Place, host: str) -> None:
        """It is this host that its request asks. Raises _Full, and then it is as before."""
        with self._lock:
            if place.host != host:
                self._check_host(host)
                place.host = host

    def leave(self, place: _Place) -> None:
        with self._lock:
            self._taken.remove(place)
            if place.slot is not None:
                self._slots.remove(place.slot)
                self._file.unlock(place.slot)
        for tell in self.freed:
            tell()

    def full(self, partner: str, host: str) -> _Full | None:
        """Why there is no place, of this process, for such a request; None where there is one."""
        try:
            with self._lock:
                self._check(partner, host)
        except _Full as full:
            return full
        return None

    def _check(self, partner: str, host: str) -> None:
        if len(self._taken) >= settings.PROVIDER_PLACES:
            raise _Full(self._taken)
        of_partner = [place for place in self._taken if place.partner == partner]
        if len(of_partner) >= settings.PROVIDER_PLACES_FOR_A_PARTNER:
            raise _Full(of_partner)
        self._check_host(host)

    def _check_host(self, host: str) -> None:
        of_host = [place for place in self._taken if host and place.host == host]
        if len(of_host) >= settings.PROVIDER_PLACES_FOR_A_PROVIDER:
            raise _Full(of_host, is_host=True)

    def _free_slot(self, partner: str, gift: str) -> int:
        digest = hashlib.blake2b(f"{partner} {gift}".encode(), digest_size=5).digest()
        first = int.from_bytes(digest, "big") * MOST_FOR_ONE_GIFT
        for slot in range(first, first + MOST_FOR_ONE_GIFT):
            if slot not in self._slots and self._file.lock(slot):
                self._slots.add(slot)
                return slot
        raise _FullGift


_places = _Places()


@contextmanager
def place(request: HttpRequest, partner: object, gift: str = "", host: str = "") -> Iterator[None]:
    """While a provider is asked for this partner, perhaps about one gift. Before anything is done. Raises NoPlace.

    `host`: whose servers are asked, as providers.registry.host_of names them, where that is known already; see ask().
    """
    with _or_wanted(request, str(partner), host):
        taken = _places.take(str(partner), gift, host)
    request.META[PLACE] = taken
    try:
        yield
    finally:
        request.META.pop(PLACE, None)
        _places.leave(taken)


def ask(request: HttpRequest, host: str) -> None:
    """From now on the request, which has a place, asks this host. Before anything is done. Raises ProviderBusy."""
    mine: _Place = request.META[PLACE]
    with _or_wanted(request, mine.partner, host):
        _places.move(mine, host)


@contextmanager
def _or_wanted(request: HttpRequest, partner: str, host: str) -> Iterator[None]:
    """Where there is no place: PlaceWanted for who may wait for one, else NoPlace."""
    hold: Hold | None = request.META.get(HOLD)
    may_queue = hold is not None and hold.may_queue
    try:
        yield
    except _FullGift:
        if may_queue:
            raise PlaceWanted(SECONDS_AT_A_FULL_GIFT, is_free=lambda: True, hangs=lambda: False) from None
        raise NoPlace(RETRY_AFTER_SECONDS) from None
    except _Full as full:
        if may_queue and not full.hangs:
            is_free, hangs = partial(_is_free, partner, host), partial(_hangs, partner, host)
            raise PlaceWanted(SECONDS_FOR_A_PLACE, is_free=is_free, hangs=hangs) from None
        log.warning("no place at provider", extra={"host": host, "hangs": full.hangs, "seconds": full.seconds})
        raise (ProviderBusy if full.is_host else NoPlace)(full.seconds) from None


def _is_free(partner: str, host: str) -> bool:
    return _places.full(partner, host) is None


def _hangs(partner: str, host: str) -> bool:
    full = _places.full(partner, host)
    return full is not None and full.hangs


@dataclass(eq=False)
class _Waiting:
    wanted: PlaceWanted
    free: "asyncio.Future[None]"


class Queue:
    """Requests that wait for a place on asyncio; of one process."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    async def until_one_is_free(self, wanted: PlaceWanted, seconds: float) -> bool:
        """Whether it is worth another try; False where too many wait already, and where waiting has come to nothing."""
        if len(self._waiting) >= MOST_QUEUED:
            return False
        self._listen()
        loop = asyncio.get_running_loop()
        until, waiting = loop.time() + seconds, _Waiting(wanted, loop.create_future())
        self._waiting.append(waiting)
        try:
            while (left := until - loop.time()) > 0 and not wanted.hangs():
                # A place of another process tells nobody: so look again now and then.
                await asyncio.wait([waiting.free], timeout=min(left, LOOKS_EVERY_SECONDS))
                if wanted.is_free():
                    return True
                waiting.free = loop.create_future()
        finally:
            self._waiting.remove(waiting)
        return False

    def close(self) -> None:
        """Nobody waits any more."""
        if self._told in _places.freed:
            _places.freed.remove(self._told)

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self.close()
            self._loop = loop
            _places.freed.append(self._told)

    def _told(self) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake_one)

    def _wake_one(self) -> None:
        """Of those for whom there is a place now, the one who has waited longest."""
        for waiting in self._waiting:
            if not waiting.free.done() and waiting.wanted.is_free():
                waiting.free.set_result(None)
                return
