"""What is to be done with a pledge now. Pure: no Django, no clock, and nothing is written here.

`decide` is asked until it says Wait: steps.py does what it says, in one transaction each, and asks again.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from pledges import schedule
from pledges.schedule import Every
from pledges.states import ACTIVE, PledgeState

RETRY_AFTER = tuple(timedelta(days=days) for days in (1, 3, 7))
"""When a gift that has failed is tried again, each counted from its first failure. After the last one the pledge pauses."""

LOOK_EVERY = timedelta(days=1)
"""How often a pledge is looked at that waits for its next gift: its goal or its permission may be over."""

LOOKS_FOR_OUTCOME = tuple(timedelta(seconds=seconds) for seconds in (10, 20, 60, 300, 900, 3600))
"""How long after one another it is looked whether a gift has an outcome; the last one repeats."""


class Outcome(StrEnum):
    """What has become of the gift that was made last."""

    NONE = "none"  # there is none
    OPEN = "open"  # not known yet
    MADE = "made"  # the money is taken, or held
    FAILED = "failed"  # nothing was taken, and it can be tried again
    OVER = "over"  # nothing was taken, and nobody wants it any more: it was called off, or its time is over


@dataclass(frozen=True)
class Known:
    """What our books say of a pledge."""

    state: PledgeState
    start: date
    every: Every
    zone: tzinfo
    number: int
    """Of the gift that is next, or whose outcome is waited for."""
    next_at: datetime
    """When that is due, or tried again."""
    end: date | None = None
    tries: int = 0
    """How often this gift has failed."""
    failed_at: datetime | None = None
    """When it first did."""
    tried_at: datetime | None = None
    """When it was made, or tried again, for the last time."""
    is_out: bool = False
    """It is on its way, and its outcome is waited for."""
    looks: int = 0
    """How often it was looked for that outcome."""
    outcome: Outcome = Outcome.NONE
    reason: str = ""
    """Of an outcome that is none of the good ones."""
    over: str = ""
    """Why no gift can be made any more, now or ever: the goal, the permission or the giver is over. Empty: one can."""


@dataclass(frozen=True)
class Wait:
    """Until then there is nothing to do; None: for ever."""

    until: datetime | None
    looks: int = 0


@dataclass(frozen=True)
class Give:
    """Make the gift of this number, for the first time or again. `skipped`: so many before it were missed."""

    number: int
    skipped: int = 0
    again: bool = False


@dataclass(frozen=True)
class Done:
    """The gift was made; the next one is this, `skipped` after it were missed meanwhile."""

    number: int
    next_at: datetime
    skipped: int


@dataclass(frozen=True)
class TryAgain:
    """The gift has failed, and is tried again then."""

    reason: str
    at: datetime


@dataclass(frozen=True)
class GiveUp:
    """The gift has failed, for good: the next one is this."""

    reason: str
    number: int
    next_at: datetime
    pause: bool
    """The pledge pauses, for this reason."""


@dataclass(frozen=True)
class End:
    """No gift is made any more."""

    reason: str


Step = Wait | Give | Done | TryAgain | GiveUp | End


def decide(known: Known, now: datetime) -> Step:
    """The next step."""
    if known.outcome is Outcome.MADE:
        return _done(known, now)
    if known.is_out:
        return _out(known, now)
    if known.state is not ACTIVE:
        return Wait(None)
    if known.over:
        return End(known.over)
    if known.end is not None and max(now, known.next_at) >= schedule.end_of(known.end, known.zone):
        return End("end_date")
    if now < known.next_at:
        return Wait(min(known.next_at, now + LOOK_EVERY))
    if known.tries:
        return _give_up(known, known.reason, now) if known.outcome is Outcome.OVER else _again(known)
    number = max(known.number, schedule.last_due(known.start, known.every, now, known.zone))
    return Give(number, skipped=number - known.number)  # invariant: who-slept-makes-one-gift


def failed(known: Known, reason: str, now: datetime) -> TryAgain | GiveUp:
    """What follows from a try that has come to nothing."""
    if known.state is not ACTIVE:
        return _give_up(known, reason, now)
    # invariant: a-pledge-is-not-tried-for-ever
    after = RETRY_AFTER[known.tries] if known.tries < len(RETRY_AFTER) else None
    if after is None:
        return _give_up(known, reason, now, pause=True)
    return TryAgain(reason, (known.failed_at or now) + after)


def _out(known: Known, now: datetime) -> Step:
    if known.outcome is Outcome.OPEN:
        pace = LOOKS_FOR_OUTCOME[min(known.looks, len(LOOKS_FOR_OUTCOME) - 1)]
        return Wait(now + pace, looks=known.looks + 1)
    if known.outcome is Outcome.OVER:
        return _give_up(known, known.reason, now)
    return failed(known, known.reason, now)


def _again(known: Known) -> Give:
    return Give(known.number, again=known.outcome is not Outcome.NONE)


def _done(known: Known, now: datetime) -> Done:
    number, next_at = _next(known, now)
    return Done(number, next_at, skipped=number - known.number - 1)


def _give_up(known: Known, reason: str, now: datetime, *, pause: bool = False) -> GiveUp:
    return GiveUp(reason, *_next(known, now), pause=pause)


def _next(known: Known, now: datetime) -> tuple[int, datetime]:
    """The first gift whose moment comes after this one was tried: who was late, or tried again, gives once and not twice."""
    last = schedule.last_due(known.start, known.every, known.tried_at or now, known.zone)
    number = max(known.number, last) + 1
    return number, schedule.due_at(known.start, known.every, number, known.zone)
