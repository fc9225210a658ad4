"""Held money: taken when the client or the goal says so, let go when neither will."""

from django.db import transaction
from django.db.models import F, Q, QuerySet

import clock
from contributions.causes import Cause
from contributions.decision_types import LAPSE_MARGIN
from contributions.models import Checkout, Contribution
from contributions.status import AUTHORIZED, CANCELED, SETTLED, Intent
from contributions.sync import sync
from goals.models import CapturePolicy, SavingGoal


class CannotCapture(Exception):
    """There is nothing held that could be taken."""

    def __init__(self, contribution: Contribution) -> None:
        super().__init__(f"Only an Authorized contribution can be captured; this one is {contribution.status}.")


def capture_now(contribution: Contribution) -> Contribution:
    """Take what is held; returns the contribution as it is now.

    Settled already: nothing more is done. While the provider is silent it stays Authorized, and the worker goes on under
    the same request id. Raises CannotCapture.
    """
    if contribution.status == SETTLED:
        return contribution
    # invariant: what-is-to-be-released-is-not-captured
    held = Contribution.objects.filter(pk=contribution.pk, status=AUTHORIZED).exclude(intent=Intent.RELEASE)
    if not _mark(held, Intent.CAPTURE):
        now = Contribution.objects.whole().get(pk=contribution.pk)
        if now.status == SETTLED:
            return now
        raise CannotCapture(now)
    now = sync(contribution, cause=Cause.CLIENT).contribution
    if now.status == CANCELED:  # a deletion of its goal was quicker
        raise CannotCapture(now)
    return now


def mark_what_is_due() -> None:
    """Decide what is to be taken or let go, and leave it to the worker.

    OnGoalReached: taken as soon as StartingAmount + settled + authorized reaches GoalAmount; let go when EndDate has
    passed before. What is about to lapse is looked at, to be renewed or let go.
    """
    now = clock.now()
    held = Contribution.objects.filter(status=AUTHORIZED, intent=Intent.COLLECT)
    waiting = held.filter(checkout__capture_policy=CapturePolicy.ON_GOAL_REACHED)
    _mark(waiting.filter(goal__in=_reached_goals()), Intent.CAPTURE)
    ended = SavingGoal.objects.filter(ends_at__lt=now)  # invariant: a-goal-that-ends-lets-go
    _mark(waiting.filter(goal__in=ended), Intent.RELEASE, intent_reason="goal_not_reached")
    not_due_yet = Q(due_at=None) | Q(due_at__gt=now + LAPSE_MARGIN)
    lapsing = Checkout.objects.filter(not_due_yet, hold_expires_at__lte=now + LAPSE_MARGIN)
    lapsing.filter(current_of__status=AUTHORIZED, current_of__intent=Intent.COLLECT).update(due_at=now)


def _mark(contributions: QuerySet[Contribution], intent: Intent, **columns: str) -> int:
    """Write down what is wanted of them, and make them due; returns how many there were."""
    found = list(contributions.values_list("pk", flat=True))
    if not found:
        return 0
    with transaction.atomic():
        marked = contributions.filter(pk__in=found).update(intent=intent, **columns)
        Checkout.objects.filter(current_of__in=found).update(due_at=clock.now())
    return marked


def _reached_goals() -> QuerySet[SavingGoal]:
    together = F("starting_minor") + F("collected_minor") + F("authorized_minor")
    reached = SavingGoal.objects.filter(authorized_minor__gt=0).annotate(together=together)
    return reached.filter(together__gte=F("goal_minor"))  # invariant: reached-to-the-cent-is-reached
