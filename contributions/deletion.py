"""What a client takes back: contributions and goals. Nothing financial is ever erased."""

from django.db import transaction
from django.db.models import F, Q

import clock
from contributions import leases
from contributions.causes import Cause
from contributions.checkout import can_close, sync
from contributions.models import Contribution
from contributions.status import AUTHORIZED, CANCELED, FAILED, OPEN, PENDING, REVERSED, SETTLED, SUBMITTED
from contributions.transitions import advance
from goals.models import SavingGoal
from goals.rules import StaleVersion

KEPT = (PENDING, SETTLED, REVERSED)
"""Money may be on its way or has been taken: a refund gives it back, a deletion does not."""


class CannotDelete(Exception):
    """The contribution's status does not allow it."""


class BeingSettled(Exception):
    """Somebody is finding out about the contribution, or has changed it, at this very moment."""


def delete_contribution(contribution: Contribution) -> None:
    """Delete it as it was read: Submitted is cancelled, Authorized is voided.

    Raises CannotDelete; BeingSettled where the giver has come back at this moment, or the record has changed.
    """
    if contribution.status in KEPT:  # invariant: what-is-settled-is-not-deleted
        raise CannotDelete(
            f"A contribution that is {contribution.status} cannot be deleted: "
            + ("wait for its outcome." if contribution.status == PENDING else "a refund gives the money back.")
        )
    now = clock.now()
    if leases.is_leased(contribution, now=now) or contribution.has_an_order_out:
        raise BeingSettled("The giver has just come back and the payment is being looked into: try again in a minute.")
    if contribution.status == SUBMITTED:
        gone = advance(  # invariant: what-is-deleted-is-unwanted
            contribution,
            CANCELED,
            reason="client_deleted",
            cause=Cause.CLIENT,
            unwanted_since=now,
            unwanted_reason="client_deleted",
            deleted_at=now,
            due_at=now if can_close(contribution) else None,
        )
    else:
        gone = _mark_deleted(contribution)
    if not gone:
        raise BeingSettled("The contribution has changed at this moment: read it again.")
    if contribution.status == AUTHORIZED or can_close(contribution):
        sync(contribution, cause=Cause.CLIENT)


def _mark_deleted(contribution: Contribution) -> bool:
    now = clock.now()
    with transaction.atomic():
        marked = Contribution.objects.filter(
            pk=contribution.pk,
            version=contribution.version,
            lease_token=contribution.lease_token,
            capture_wanted_since=None,
        ).update(deleted_at=now, unwanted_since=now, unwanted_reason="client_deleted", due_at=now)
        SavingGoal.objects.filter(pk=contribution.goal_id).update(activity=F("activity") + 1)
    return bool(marked)


def delete_goal(goal: SavingGoal, *, activity: int | None = None) -> None:
    """Delete the goal, cancel what is open and let go what is held; settled money stays in the books.

    `activity` None deletes whatever the goal has become; otherwise raises StaleVersion unless it is as it was read.
    Everything is marked unwanted in one transaction, also what came to nothing and might be tried again in the same
    checkout; what still has to be told to a provider is told by the worker.
    """
    now = clock.now()
    with transaction.atomic():
        live = SavingGoal.objects.filter(pk=goal.pk, deleted_at=None)
        if activity is not None:
            live = live.filter(version=goal.version, activity=activity)
        if not live.update(deleted_at=now):
            current = SavingGoal.objects.get(pk=goal.pk)
            if current.deleted_at is None:
                raise StaleVersion(current)
            return
        may_be_tried_again = Q(status__in=[FAILED, CANCELED], unwanted_since=None)
        unwanted = Contribution.objects.filter(Q(status__in=[*OPEN, AUTHORIZED]) | may_be_tried_again, goal=goal)
        unwanted.update(unwanted_since=now, unwanted_reason="goal_deleted", due_at=now)
    for contribution in Contribution.objects.filter(goal=goal, status=SUBMITTED):
        if not leases.is_leased(contribution, now=now) and not contribution.has_an_order_out:
            due_at = now if can_close(contribution) else None
            advance(contribution, CANCELED, reason="goal_deleted", cause=Cause.CLIENT, due_at=due_at)
