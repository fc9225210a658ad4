"""Held money: taken when the client or the goal says so, let go when neither will."""

from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, lookups

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


MOST_LAPSING = 1000
"""So many holds that are about to lapse are looked for in one round; the next ones are the next round's."""


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
        marked = _mark(contribution.partner_id, held, Intent.CAPTURE)
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
    now, held = clock.now(), _held()
    if not held.exists():  # most rounds: none of what follows need be asked
        return 0
    at_an_end = Q(_is_reached("goal__")) | Q(goal__ends_at__lt=now)
    of_partners = _waiting().filter(at_an_end, goal__authorized_minor__gt=0).order_by().values_list("partner_id", flat=True)
    marked = sum(_mark_of(partner_id, now) for partner_id in list(of_partners.distinct()))
    soon = now + LAPSE_MARGIN
    not_due_yet = Q(checkout__due_at=None) | Q(checkout__due_at__gt=soon)
    lapsing = held.filter(not_due_yet, checkout__hold_expires_at__lte=soon).values_list("partner_id", "checkout")
    for partner_id, ours in groupby(lapsing.order_by("partner_id")[:MOST_LAPSING], key=itemgetter(0)):
        checkouts = [checkout for _, checkout in ours]
        Checkout.objects.filter(partner_id=partner_id, pk__in=checkouts).exclude(due_at__lte=soon).update(due_at=now)
    return marked


def _held() -> QuerySet[Contribution]:
    """Nobody has said yet whether it is to be taken or let go."""
    return Contribution.objects.filter(status=AUTHORIZED, intent=Intent.COLLECT)


def _waiting() -> QuerySet[Contribution]:
    """Of these, what is to be taken once its goal is reached."""
    checkouts = Checkout.objects.filter(pk=OuterRef("checkout"), partner=OuterRef("partner_id"))
    return _held().filter(Exists(checkouts.filter(capture_policy=CapturePolicy.ON_GOAL_REACHED)))


def _is_reached(goal: str = "") -> "lookups.GreaterThanOrEqual[Any]":
    """Of a goal; of a row that leads to one by `goal`."""
    together = F(f"{goal}starting_minor") + F(f"{goal}collected_minor") + F(f"{goal}authorized_minor")
    return lookups.GreaterThanOrEqual(together, F(f"{goal}goal_minor"))  # invariant: reached-to-the-cent-is-reached


def _mark_of(partner_id: int, now: datetime) -> int:
    """What of one partner's is to be taken or let go now; returns how many that are."""
    waiting = _waiting().filter(partner_id=partner_id)
    with_money_held = SavingGoal.objects.filter(partner_id=partner_id, authorized_minor__gt=0)
    reached_goals = with_money_held.filter(_is_reached())
    reached = waiting.filter(goal__in=reached_goals)
    not_sure = reached.filter(Q(checkout__seen_held_at=None) | Q(checkout__seen_held_at__lt=now - SURE_FOR))
    _make_due(partner_id, not_sure)
    # invariant: nothing-is-taken-on-the-strength-of-what-is-not-held
    marked = _mark(partner_id, reached.exclude(goal__in=not_sure.values("goal")), Intent.CAPTURE)
    ended = with_money_held.filter(ends_at__lt=now)  # invariant: a-goal-that-ends-lets-go
    no_outcome_yet = goal_events.without_outcome().filter(partner_id=partner_id).values("goal")
    # invariant: what-is-held-waits-for-what-is-pending
    too_late = waiting.filter(goal__in=ended).exclude(goal__in=reached_goals).exclude(goal__in=no_outcome_yet)
    return marked + _mark(partner_id, too_late, Intent.RELEASE, intent_reason="goal_not_reached")


def _make_due(partner_id: int, contributions: QuerySet[Contribution]) -> None:
    """Have the worker ask about these of one partner's now, where it is not about to."""
    now = clock.now()
    later = Q(due_at=None) | Q(due_at__gt=now)
    checkouts = list(contributions.values_list("checkout", flat=True))
    Checkout.objects.filter(later, partner_id=partner_id, pk__in=checkouts).update(due_at=now)


def _mark(partner_id: int, contributions: QuerySet[Contribution], intent: Intent, **columns: str) -> int:
    """Write down what is wanted of these of one partner's, and make them due; returns how many there were."""
    found = dict(contributions.values_list("pk", "checkout"))
    if not found:
        return 0
    with transaction.atomic():
        marked = contributions.filter(partner_id=partner_id, pk__in=found).update(intent=intent, **columns)
        Checkout.objects.filter(partner_id=partner_id, pk__in=found.values()).update(due_at=clock.now())
    return marked
