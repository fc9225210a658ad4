"""PINs of givers: kept hashed and encrypted, looked at a few times, and then locked.

A try is counted before it is looked at, by one UPDATE that the database makes for one after the other: of 32 tries at once no
more are looked at than are left. The try that uses up the last one locks the PIN at the same time, so that a process that dies
over it leaves no way round the lock; a right PIN takes both back.

A hash is meant to cost a good part of a second of a processor: so many are computed at once in one process, and no more.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When

import clock
import encryption
import returning
from bigint import bigint
from givers.models import Giver
from ownership import row_key
from partners import audit_log

log = logging.getLogger(__name__)

TRIES = 5
"""How many wrong ones lock it."""

LOCK_MINUTES = (15, 30, 60, 120, 240, 480)
"""How long the first lock holds, the second, and so on. After these each wrong one is a day's.

A right one begins anew."""

LONGEST_LOCK = timedelta(days=1)

_MOMENT: Any = models.DateTimeField()

HASHES_AT_ONCE = 1
MOST_WAITING = 4
"""How many requests of a process wait for their turn; the next ones are told at once to come again."""

_turns = threading.BoundedSemaphore(HASHES_AT_ONCE)
_places = threading.BoundedSemaphore(HASHES_AT_ONCE + MOST_WAITING)


class PinNeeded(Exception):
    """The giver has a PIN, and none was sent."""


class PinWrong(Exception):
    """It is another one."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(f"This is not the giver's PIN. Tries before it is locked: {tries_left}.")
        self.extra = {"TriesLeft": tries_left}


class PinLocked(Exception):
    """There were too many wrong ones: nobody is told whether this one is right."""

    def __init__(self, until: datetime) -> None:
        seconds = max(1, int((until - clock.now()).total_seconds()) + 1)
        super().__init__(f"The giver's PIN is locked after too many wrong ones: try again in {seconds} s.")
        self.headers = {"Retry-After": str(seconds)}


class PinNotSet(Exception):
    """The giver has no PIN."""


class PinChanged(Exception):
    """The giver's PIN was changed at this moment."""


class TooManyHashes(Exception):
    """So many PINs are being looked at already: come again."""


def verify(giver: Giver, pin: str | None) -> None:
    """Whether this is the giver's PIN; a giver without one passes. What is wrong counts as a try.

    Raises PinNeeded, PinWrong, PinLocked, TooManyHashes. No transaction may be open.
    """
    if not giver.has_pin:
        return
    if pin is None:
        raise PinNeeded("The giver has a PIN: ask the giver for it, and send it.")
    with _turn():
        counted = _count_a_try(giver)  # committed before the hash is computed
        if not check_password(pin, encryption.decrypt(counted.pin_encrypted), preferred=settings.PIN_HASHER):
            _refuse(counted)
        mine = Giver.objects.filter(**row_key(giver), pin_encrypted=counted.pin_encrypted)
        mine.update(pin_tries=0, pin_locked_until=None)


def check(giver: Giver, pin: str | None) -> None:
    """As `verify`, of a giver who has to have one. Raises PinNotSet besides."""
    if not giver.has_pin:
        raise PinNotSet("The giver has no PIN.")
    verify(giver, pin)


def replace(giver: Giver, pin: str, *, old: str | None) -> Giver:
    """Give the giver this PIN, the first one or another. A giver who has one has to know it: `old`.

    Raises PinNeeded, PinWrong, PinLocked, PinChanged, TooManyHashes.
    """
    was = giver.pin_encrypted
    if giver.has_pin and old is None:
        raise PinNeeded("The giver has a PIN already: send that in Verify, or take it away with DELETE.")
    verify(giver, old)
    with _turn():
        hashed = encryption.encrypt(make_password(pin, hasher=settings.PIN_HASHER))
    return _write(giver, was, hashed, "giver.pin_replaced" if was else "giver.pin_set")


def remove(giver: Giver) -> Giver:
    """Take the PIN away, its lock with it: for a giver who does not know it any more and whom the partner knows otherwise.

    Raises PinNotSet, PinChanged.
    """
    if not giver.has_pin:
        raise PinNotSet("The giver has no PIN.")
    return _write(giver, giver.pin_encrypted, "", "giver.pin_removed")


def _write(giver: Giver, was: str, encrypted: str, action: str) -> Giver:
    with transaction.atomic():
        unchanged = Giver.objects.filter(**row_key(giver), pin_encrypted=was, erased_at=None)
        columns = {"pin_encrypted": encrypted, "pin_tries": 0, "pin_locked_until": None}
        if not unchanged.update(version=F("version") + bigint(1), **columns):
            raise PinChanged
        audit_log.record(action, giver.public_id, partner_id=giver.partner_id)
    giver.refresh_from_db()
    return giver


# --- Counted ----------------------------------------------------------------------------------------------------------


def _count_a_try(giver: Giver) -> Giver:
    """The giver with one more try, which is theirs alone to use. Raises PinLocked."""
    now = clock.now()
    free = Q(pin_locked_until=None) | Q(pin_locked_until__lte=now)
    rows = Giver.objects.filter(**row_key(giver), erased_at=None).exclude(pin_encrypted="")
    # invariant: a-pin-is-tried-a-few-times
    counted = returning.update_one(rows.filter(free), pin_tries=F("pin_tries") + bigint(1), pin_locked_until=_lock_from(now))
    if counted is None:
        as_it_is = Giver.objects.get(**row_key(giver))
        raise PinLocked(as_it_is.pin_locked_until or now)
    return counted


def _lock_from(now: datetime) -> Case:
    """Until when it is locked by the try that is being counted; None where that leaves another one."""
    locks = [now + timedelta(minutes=minutes) for minutes in LOCK_MINUTES]
    uses_up = [
        When(pin_tries=TRIES * number - 1, then=Value(until, output_field=_MOMENT))
        for number, until in enumerate(locks, start=1)
    ]
    further = When(pin_tries__gte=TRIES * len(LOCK_MINUTES), then=Value(now + LONGEST_LOCK, output_field=_MOMENT))
    return Case(*uses_up, further, default=Value(None, output_field=_MOMENT), output_field=_MOMENT)


def _refuse(counted: Giver) -> None:
    if counted.pin_locked_until is not None:
        log.warning("pin locked", extra={"giver": counted.public_id, "tries": counted.pin_tries})
        raise PinLocked(counted.pin_locked_until)
    raise PinWrong(TRIES - counted.pin_tries % TRIES)


@contextmanager
def _turn() -> Iterator[None]:
    """Raises TooManyHashes."""
    if not _places.acquire(blocking=False):
        raise TooManyHashes("Many PINs are being looked at: try again in a moment.")
    try:
        with _turns:
            yield
    finally:
        _places.release()
