"""A goal's State, whether it takes gifts now, and how large they may be. Pure: nothing is asked and nothing is written.

This is the one place where a goal's State is worked out: `state_of` for one goal, `in_state` for the database's filter.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Case, F, Q, When

from goals.models import CapturePolicy, Overfunding, SavingGoal


class State(StrEnum):
    """The words of the wire contract, in the order in which they count: the first that is true."""

    CLOSED = "Closed"
    REACHED = "Reached"
    MISSED = "Missed"
    ENDED = "Ended"
    OPEN = "Open"


@dataclass(frozen=True)
class Reserved:
    """What open checkouts have reserved of a goal and not paid yet, in minor units, and when the first of them lets go."""

    minor: int = 0
    until: datetime | None = None
    """None where nothing is reserved, or only until a provider says what became of a payment."""


NOTHING = Reserved()


@dataclass(frozen=True)
class Standing:
    """What can be seen of a goal that nobody writes down: it follows from its totals, its rules, and what time it is."""

    state: State
    accepts_gifts: bool
    remaining_minor: int


def standing_of(goal: SavingGoal, reserved: Reserved, *, now: datetime) -> Standing:
    """Where the goal stands at this moment."""
    return Standing(state_of(goal, now=now), accepts_gifts(goal, reserved, now=now), remaining_minor(goal, reserved))


def state_of(goal: SavingGoal, *, now: datetime) -> State:
    """The first that is true."""
    if goal.closed_at is not None:
        return State.CLOSED
    if reached_minor(goal) >= goal.goal_minor:
        return State.REACHED
    if has_ended(goal, now=now):
        return State.MISSED if goal.capture_policy == CapturePolicy.ON_GOAL_REACHED else State.ENDED
    return State.OPEN


def in_state(state: State, *, now: datetime) -> Q:
    """The same as `state_of`, for goals annotated with `reached_minor=reached_in_sql()`."""
    closed, reached = Q(closed_at__isnull=False), Q(reached_minor__gte=F("goal_minor"))
    ended, waits = Q(ends_at__lt=now), Q(capture_policy=CapturePolicy.ON_GOAL_REACHED)
    still = Q(closed_at=None, reached_minor__lt=F("goal_minor"))
    return {
        State.CLOSED: closed,
        State.REACHED: Q(closed_at=None) & reached,
        State.MISSED: still & ended & waits,
        State.ENDED: still & ended & ~waits,
        State.OPEN: still & (Q(ends_at=None) | Q(ends_at__gte=now)),
    }[state]


def reached_in_sql() -> Case:
    """What `reached_minor` is, in the database's words."""
    there = F("starting_minor") + F("collected_minor")
    return Case(When(capture_policy=CapturePolicy.ON_GOAL_REACHED, then=there + F("authorized_minor")), default=there)


def reached_minor(goal: SavingGoal) -> int:
    """What counts towards GoalAmount: the CurrentAmount, and with OnGoalReached what is held, as its capture depends on it."""
    held = goal.authorized_minor if goal.capture_policy == CapturePolicy.ON_GOAL_REACHED else 0
    return goal.current_minor + held


def has_ended(goal: SavingGoal, *, now: datetime) -> bool:
    """Whether EndDate has passed."""
    return goal.ends_at is not None and now > goal.ends_at


def is_limited(goal: SavingGoal) -> bool:
    """Whether gifts may come to an end once GoalAmount is there, so that what is reserved matters."""
    return goal.overfunding != Overfunding.ALLOWED


def missing_minor(goal: SavingGoal) -> int:
    """What is neither there nor held of GoalAmount; 0 where it is reached or more."""
    return max(goal.goal_minor - goal.current_minor - goal.authorized_minor, 0)


def remaining_minor(goal: SavingGoal, reserved: Reserved) -> int:
    """The RemainingAmount: what is missing and, where gifts are limited, not reserved by an open checkout either."""
    return max(missing_minor(goal) - (reserved.minor if is_limited(goal) else 0), 0)


def accepts_gifts(goal: SavingGoal, reserved: Reserved, *, now: datetime) -> bool:
    """Whether the goal takes a gift of some amount now. Who is to be paid, and where, is not looked at."""
    if goal.closed_at is not None or has_ended(goal, now=now):
        return False
    return not is_limited(goal) or remaining_minor(goal, reserved) > 0


def has_room(goal: SavingGoal, amount_minor: int, reserved: Reserved) -> bool:
    """Whether a gift of this amount fits, beside what others have reserved."""
    if not is_limited(goal):
        return True
    remaining = remaining_minor(goal, reserved)
    return amount_minor <= remaining if goal.overfunding == Overfunding.NEVER else remaining > 0


def least_minor(goal: SavingGoal) -> int:
    """The smallest amount of a gift: MinimumAmount, or with Never all that is missing where that is less, else nobody could
    give it."""
    least = goal.minimum_minor or 1
    missing = missing_minor(goal)
    return min(least, missing) if goal.overfunding == Overfunding.NEVER and missing else least
