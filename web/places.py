"""Places for requests that wait for a provider: each holds a thread, so only so many may, and nobody may have all of them.

So many in one process; so many of them for one partner; and two for one gift, on the whole machine: one asks the provider
and one waits for what it hears. Whoever finds no place waits a little for one without a thread, where the front door can
have that (web/front_door.py), and is then told to come again.
"""

import asyncio
import fcntl
import hashlib
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

from web.made_anew import HOLD, Hold

MOST_FOR_ONE_GIFT = 2
SECONDS_AT_A_FULL_GIFT = 0.5
"""A provider that answers as it should is done by then; else the giver sees at once the page that looks again."""

SECONDS_FOR_A_PLACE = 20
"""How long a request waits, without a thread, for a place of its process or partner."""

LOOKS_EVERY_SECONDS = 0.25
"""A place that another process gives back tells nobody."""

MOST_QUEUED = 200
"""How many wait for places in one process; the next ones are told at once to come again."""

log = logging.getLogger(__name__)


class NoPlace(Exception):
    """Too many wait for a provider already: come again."""


class PlaceWanted(BaseException):
    """For the front door: make the request anew when a place is free. No handler of errors may take it."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class _Places:
    """Who has a place in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._partners: list[str] = []
        self._slots: set[int] = set()
        self._file = _SlotFile()
        self.freed: list[Callable[[], None]] = []
        """Called, in any thread, when a place is free again."""

    def take(self, partner: str, gift: str) -> int | None:
        """A place, to be given back with leave(). Raises PlaceWanted: it says for how long one may hope."""
        with self._lock:
            mine = self._partners.count(partner)
            if len(self._partners) >= settings.PROVIDER_PLACES or mine >= settings.PROVIDER_PLACES_FOR_A_PARTNER:
                raise PlaceWanted(SECONDS_FOR_A_PLACE)
            slot = self._free_slot(partner, gift) if gift else None
            self._partners.append(partner)
            return slot

    def leave(self, partner: str, slot: int | None) -> None:
        with self._lock:
            self._partners.remove(partner)
            if slot is not None:
                self._slots.remove(slot)
                self._file.unlock(slot)
        for tell in self.freed:
            tell()

    def _free_slot(self, partner: str, gift: str) -> int:
        digest = hashlib.blake2b(f"{partner} {gift}".encode(), digest_size=5).digest()
        first = int.from_bytes(digest, "big") * MOST_FOR_ONE_GIFT
        for slot in range(first, first + MOST_FOR_ONE_GIFT):
            if slot not in self._slots and self._file.lock(slot):
                self._slots.add(slot)
                return slot
        raise PlaceWanted(SECONDS_AT_A_FULL_GIFT)


class _SlotFile:
    """Bytes of one file, each locked by one process at a time. The kernel unlocks what a process leaves when it ends.

    Where no such file can be had, each process counts for itself.
    """

    def __init__(self) -> None:
        self._file: int | None = None
        self._owner = 0

    def lock(self, slot: int) -> bool:
        file = self._opened()
        if file is None:
            return True
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, slot)
        except (BlockingIOError, PermissionError):  # it depends on the system which of them says that another has it
            return False
        return True

    def unlock(self, slot: int) -> None:
        file = self._opened()
        if file is not None:
            fcntl.lockf(file, fcntl.LOCK_UN, 1, slot)

    def _opened(self) -> int | None:
        if self._owner != os.getpid():
            self._owner = os.getpid()
            try:
                self._file = os.open(_path(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            except OSError as error:
                self._file = None
                log.warning("places not shared", extra={"error": str(error)})
        return self._file


def _path() -> Path:
    """One for each database, beside it where it is a file; else for each user of the machine."""
    if settings.DATABASE_URL.startswith("sqlite:////"):
        return Path(f"{settings.DATABASE_URL.removeprefix('sqlite:///')}-places")
    name = hashlib.blake2b(settings.DATABASE_URL.encode(), digest_size=8).hexdigest()
    return Path(tempfile.gettempdir()) / f"whipround-places-{os.getuid()}-{name}"


_places = _Places()


@contextmanager
def place(request: HttpRequest, partner: object, gift: str = "") -> Iterator[None]:
    """While a provider is asked for this partner, perhaps about one gift. Before anything is done. Raises NoPlace."""
    hold: Hold | None = request.META.get(HOLD)
    try:
        slot = _places.take(str(partner), gift)
    except PlaceWanted as wanted:
        if hold is not None and hold.may_queue:
            raise
        raise NoPlace("Too many requests wait for this provider at this moment: try again.") from wanted
    try:
        yield
    finally:
        _places.leave(str(partner), slot)


class Queue:
    """Requests that wait for a place on asyncio; of one process."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    async def until_one_is_free(self, seconds: float) -> bool:
        """Whether it is worth another try; False where too many wait already."""
        if len(self._waiting) >= MOST_QUEUED:
            return False
        self._listen()
        free: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(free)
        # A place of another process tells nobody: so look again now and then.
        await asyncio.wait([free], timeout=min(seconds, LOOKS_EVERY_SECONDS))
        if free in self._waiting:
            self._waiting.remove(free)
        return True

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
        if self._waiting:
            self._waiting.pop(0).set_result(None)
