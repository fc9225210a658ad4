"""Held money: taken when the client or the goal says so, let go when neither will."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

import clock
from contributions import goal_events
from contributions.causes import Cause
from contributions.decision_types import LAPSE_MARGIN
from contributions.models import Checkout, Contribution
from contributions.status import AUTHORIZED, CANCELED, SETTLED, Intent
from contributions.sync import sync
from goals.models import CapturePolicy, SavingGoal
from ownership import row_key
from partners import audit_log

SURE_FOR = timedelta(minutes=15)
"""How long a provider's word that it holds the money is good for."""


class CannotCapture(Exception):
    """There is nothing held that could be taken."""

    def __init__(self, contribution: Contribution) -> None:
        status = contribution.status
        how = "being let go, and its money will not be taken" if status == AUTHORIZED else status
        super().__init__(f"Only an Authorized contribution can be captured; this one is {how}.")


def capture_now(contribution: Contribution) -> Contribution:
    """Take what is held; returns the contribution as it is now.

    Settled already: nothing more is done. While the provider is silent it stays Authorized, and the worker goes on under
    the same request id. Raises CannotCapture.
    """
    if contribution.status == SETTLED:
        return contribution
    # invariant: what-is-to-be-released-is-not-captured
    held = Contribution.objects.filter(**row_key(contribution), status=AUTHORIZED).exclude(intent=Intent.RELEASE)
    with transaction.atomic():
        marked = _mark(held, Intent.CAPTURE)
        if marked:
            asked = {"amount_minor": contribution.amount_minor, "currency": contribution.currency}
            audit_log.record("gift.capture_asked", contribution.public_id, partner_id=contribution.partner_id, after=asked)
    if not marked:
        now = Contribution.objects.whole().get(**row_key(contribution))
        if now.status == SETTLED:
            return now
        raise CannotCapture(now)
    now = sync(contribution, cause=Cause.CLIENT).contribution
    if now.status == CANCELED:  # a deletion of its goal was quicker
        raise CannotCapture(now)
    return now


def mark_what_is_due() -> int:
    """Decide what is to be taken or let go, and leave it to the worker.

    OnGoalReached: taken as soon as StartingAmount + settled + authorized reaches GoalAmount, once every hold that this rests
    on has just been seen; let go when EndDate has passed before, once nothing is Pending any more that may still
    count. What is about to lapse is looked at, to be renewed or let go. Returns how many are to be taken or let go now.
    """
    now = clock.now()
    held = Contribution.objects.filter(status=AUTHORIZED, intent=Intent.COLLECT)
    if not held.exists():  # most rounds: none of what follows need be asked
        return 0
    waiting = held.filter(checkout__capture_policy=CapturePolicy.ON_GOAL_REACHED)
    reached = waiting.filter(goal__in=_reached_goals())
    not_sure = reached.filter(Q(checkout__seen_held_at=None) | Q(checkout__seen_held_at__lt=now - SURE_FOR))
    _make_due(not_sure)
    # invariant: nothing-is-taken-on-the-strength-of-what-is-not-held
    marked = _mark(reached.exclude(goal__in=not_sure.values("goal")), Intent.CAPTURE)
    with_money_held = SavingGoal.objects.filter(authorized_minor__gt=0)
    ended = with_money_held.filter(ends_at__lt=now)  # invariant: a-goal-that-ends-lets-go
    no_outcome_yet = goal_events.without_outcome().values("goal")
    # invariant: what-is-held-waits-for-what-is-pending
    too_late = waiting.filter(goal__in=ended).exclude(goal__in=_reached_goals()).exclude(goal__in=no_outcome_yet)
    marked += _mark(too_late, Intent.RELEASE, intent_reason="goal_not_reached")
    not_due_yet = Q(due_at=None) | Q(due_at__gt=now + LAPSE_MARGIN)
    lapsing = Checkout.objects.filter(not_due_yet, hold_expires_at__lte=now + LAPSE_MARGIN)
    lapsing.filter(current_of__status=AUTHORIZED, current_of__intent=Intent.COLLECT).update(due_at=now)
    return marked


def _make_due(contributions: QuerySet[Contribution]) -> None:
    """Have the worker ask about them now, where it is not about to."""
    now = clock.now()
    later = Q(due_at=None) | Q(due_at__gt=now)
    Checkout.objects.filter(later, current_of__in=list(contributions.values_list("pk", flat=True))).update(due_at=now)


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
