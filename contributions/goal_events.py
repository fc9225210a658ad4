"""What partners are told of a goal: that it is reached, that its EndDate has passed. In the transaction of the change.

A goal's row is locked by whoever changes its totals, until the commit. So under that lock the totals before and after one
change are exact, and of gifts that arrive at once exactly one takes the goal across.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

import clock
from bigint import bigint
from contributions.entries import Entry
from contributions.event_types import GOAL_CLOSED, GOAL_ENDED, GOAL_MISSED, GOAL_REACHED
from contributions.goal_content import goal_content
from contributions.mismatches import MISMATCHES
from contributions.models import Contribution
from contributions.status import PENDING
from goals import rules
from goals.models import CapturePolicy, SavingGoal
from goals.rules import GoalChange
from goals.state import reached_minor
from notifications import outbox
from ownership import row_key

BATCH = 100


def is_reached(goal: SavingGoal) -> bool:
    """Whether the total is there."""
    return goal.goal_minor <= reached_minor(goal)


def tell_if_reached(goal: SavingGoal, entry: Entry | None, at: datetime) -> None:
    """After the entry went into the goal's totals, in the same transaction: tell that this has taken it to GoalAmount.

    `goal`: as it is after that.
    """
    if entry is None or max(entry.collected_delta_minor, entry.authorized_delta_minor) <= 0:
        return
    holds_count = goal.capture_policy == CapturePolicy.ON_GOAL_REACHED
    moved = entry.collected_delta_minor + (entry.authorized_delta_minor if holds_count else 0)
    before = reached_minor(goal) - moved
    if before < goal.goal_minor and is_reached(goal):  # invariant: a-goal-is-reached-once
        _tell(goal, GOAL_REACHED, at)


def edit(goal: SavingGoal, change: GoalChange, *, activity: int | None = None) -> SavingGoal:
    """As goals.rules.edit; where the client's own change makes it a goal that is reached, that is told."""
    was = {name: getattr(goal, name) for name in ("starting_minor", "goal_minor", "capture_policy")}
    with transaction.atomic():
        goal = rules.edit(goal, change, activity=activity)
        # The version was as it was read, so the client's own values were; the totals are those under the lock.
        before = SavingGoal(**was, collected_minor=goal.collected_minor, authorized_minor=goal.authorized_minor)
        if not is_reached(before) and is_reached(goal):  # invariant: an-edit-that-reaches-the-goal-is-told
            _tell_of_a_change(goal, GOAL_REACHED)
    return goal


def close(goal: SavingGoal) -> SavingGoal:
    """As goals.rules.close; where that closes it, it is told. Returns the goal as it is now."""
    with transaction.atomic():
        if rules.close(goal):
            _tell_of_a_change(goal, GOAL_CLOSED)
    return goal


def reopen(goal: SavingGoal) -> SavingGoal:
    """As goals.rules.reopen. Returns the goal as it is now."""
    rules.reopen(goal)
    return goal


def tell_what_has_ended() -> int:
    """Tell once of each goal whose EndDate has passed; returns how many.

    Missed: its gifts were to be taken once it is reached, and it is not; told once nothing is Pending any more, which might
    still take it there.
    """
    now, number = clock.now(), 0
    pending = without_outcome().filter(goal=OuterRef("pk"), partner=OuterRef("partner_id"))
    undecided = Q(capture_policy=CapturePolicy.ON_GOAL_REACHED) & Exists(pending)
    ended = SavingGoal.objects.filter(end_told=False, deleted_at=None, ends_at__lt=now).exclude(undecided)
    while True:
        told = sum(_tell_the_end(goal, now) for goal in list(ended.order_by("ends_at")[:BATCH]))
        number += told
        if told < BATCH:
            return number


def without_outcome() -> QuerySet[Contribution]:
    """The gifts that are Pending and may still count: not those whose payment does not match, which wait for a person."""
    return Contribution.objects.filter(status=PENDING).exclude(checkout__for_a_person__in=MISMATCHES)


def _tell_the_end(goal: SavingGoal, now: datetime) -> bool:
    """False: somebody else has told it, or the client has changed the EndDate."""
    with transaction.atomic():
        untold = SavingGoal.objects.filter(**row_key(goal), end_told=False, ends_at=goal.ends_at, deleted_at=None)
        if not untold.update(end_told=True, activity=F("activity") + bigint(1)):  # invariant: an-end-is-told-once
            return False
        goal = SavingGoal.objects.select_related("partner").get(**row_key(goal))
        missed = goal.capture_policy == CapturePolicy.ON_GOAL_REACHED and not is_reached(goal)
        _tell(goal, GOAL_MISSED if missed else GOAL_ENDED, now)
    return True


def _tell_of_a_change(goal: SavingGoal, event_type: str) -> None:
    """Of the client's own, which has not raised the activity."""
    SavingGoal.objects.filter(**row_key(goal)).update(activity=F("activity") + bigint(1))
    goal.refresh_from_db(fields=["activity"])
    _tell(goal, event_type, clock.now())


def _tell(goal: SavingGoal, event_type: str, at: datetime) -> None:
    """Each goal event comes with a rise of the goal's activity, by which it is told apart from the others."""
    outbox.announce(goal.partner_id, event_type, goal_content(goal), about=goal.public_id, version=goal.activity, at=at)
