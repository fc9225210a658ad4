"""Held money: taken when the client or the goal says so, let go when neither will."""

from django.db.models import F, Q, QuerySet

import clock
from contributions.causes import Cause
from contributions.checkout import LAPSE_MARGIN, sync
from contributions.models import Contribution
from contributions.status import AUTHORIZED, CANCELED, SETTLED
from goals.models import CapturePolicy, SavingGoal


class CannotCapture(Exception):
    """There is nothing held that could be taken."""


def capture_now(contribution: Contribution) -> Contribution:
    """Take what is held; returns the contribution as it is now.

    Settled already: nothing more is done. While the provider is silent it stays Authorized, and the worker goes on under
    the same request id. Raises CannotCapture.
    """
    if contribution.status == SETTLED:
        return contribution
    held = Contribution.objects.filter(pk=contribution.pk, status=AUTHORIZED, unwanted_since=None)
    wanted = contribution.capture_wanted_since or clock.now()
    if not held.update(capture_wanted_since=wanted, due_at=clock.now()):
        now = Contribution.objects.select_related("goal", "account").get(pk=contribution.pk)
        if now.status == SETTLED:
            return now
        raise CannotCapture(_only_what_is_held(now))
    now = sync(contribution, cause=Cause.CLIENT)
    if now.status == CANCELED:  # a deletion of its goal was quicker
        raise CannotCapture(_only_what_is_held(now))
    return now


def _only_what_is_held(contribution: Contribution) -> str:
    return f"Only an Authorized contribution can be captured; this one is {contribution.status}."


def mark_what_is_due() -> None:
    """Decide what is to be taken or let go, and leave it to the worker's follow-up.

    OnGoalReached: taken as soon as StartingAmount + settled + authorized reaches GoalAmount; let go when EndDate has
    passed before. What is about to lapse is looked at, to be renewed or let go.
    """
    now = clock.now()
    held = Contribution.objects.filter(status=AUTHORIZED, unwanted_since=None, capture_wanted_since=None)
    waiting = held.filter(capture_policy=CapturePolicy.ON_GOAL_REACHED)
    waiting.filter(goal__in=_reached_goals()).update(capture_wanted_since=now, due_at=now)
    waiting.filter(goal__in=SavingGoal.objects.filter(ends_at__lt=now)).update(
        unwanted_since=now, unwanted_reason="goal_not_reached", due_at=now
    )
    not_due_yet = Q(due_at=None) | Q(due_at__gt=now + LAPSE_MARGIN)
    held.filter(not_due_yet, authorization_expires_at__lte=now + LAPSE_MARGIN).update(due_at=now)


def _reached_goals() -> QuerySet[SavingGoal]:
    together = F("starting_minor") + F("collected_minor") + F("authorized_minor")
    # invariant: reached-to-the-cent-is-reached
    return SavingGoal.objects.filter(authorized_minor__gt=0).annotate(together=together).filter(together__gte=F("goal_minor"))
