"""What a client takes back: contributions and goals. Nothing financial is ever erased."""

from django.db import transaction
from django.db.models import F, Q

import clock
import leases
from bigint import bigint
from contributions import advice, charges, provider_requests
from contributions.causes import Cause
from contributions.models import Checkout, Contribution
from contributions.status import (
    AUTHORIZED,
    CANCELED,
    FAILED,
    OPEN,
    PENDING,
    REVERSED,
    SETTLED,
    SUBMITTED,
    Intent,
    Status,
)
from contributions.sync import sync
from contributions.transitions import advance
from goals.models import SavingGoal
from goals.rules import StaleVersion
from ownership import row_key
from partners import audit_log
from providers import registry
from providers.base import closes_checkouts, is_paid_by_token

KEPT = (PENDING, SETTLED, REVERSED)
"""Money may be on its way or has been taken: a refund gives it back, a deletion does not."""


BEING_LOOKED_INTO = "The giver has just come back and the payment is being looked into: try again in a minute."


class CannotDelete(Exception):
    """The contribution's status does not allow it."""


class BeingSettled(Exception):
    """Somebody is finding out about the contribution, or has changed it, at this very moment."""


def delete_contribution(contribution: Contribution) -> None:
    """Delete it as it was read: Submitted is cancelled, Authorized is voided.

    Raises CannotDelete; BeingSettled where the giver has come back at this moment, or the record has changed.
    """
    contribution = _asked_whether_paid(contribution)
    if contribution.status in KEPT:  # invariant: what-is-settled-is-not-deleted
        raise CannotDelete(
            f"A contribution that is {contribution.status} cannot be deleted: {advice.WHEN_NOT_DELETED[contribution.status]}."
        )
    checkout = contribution.current_checkout
    if checkout.is_leased() or _order_is_out(contribution):  # invariant: a-deletion-waits-for-who-is-asking
        raise BeingSettled(BEING_LOOKED_INTO)
    was = contribution.status
    with transaction.atomic():
        of = contribution.partner_id
        audit_log.record("gift.deleted", contribution.public_id, partner_id=of, before={"status": was})
        if not (_cancel(contribution) if was == SUBMITTED else _mark_deleted(contribution)):
            raise BeingSettled("The contribution has changed at this moment: read it again.")
    if was == AUTHORIZED or _has_more_to_do(checkout):
        sync(contribution, cause=Cause.CLIENT)


def _cancel(contribution: Contribution) -> bool:
    """What nobody has paid is Canceled at once; False where it has changed at this moment."""
    checkout = contribution.current_checkout
    return advance(
        contribution,
        CANCELED,
        reason="client_deleted",
        cause=Cause.CLIENT,
        leased=checkout,
        leased_columns={"due_at": clock.now() if _has_more_to_do(checkout) else None},
        deleted_at=clock.now(),
        intent=Intent.RELEASE,  # invariant: what-is-deleted-is-unwanted
        intent_reason="client_deleted",
    )


def _asked_whether_paid(contribution: Contribution) -> Contribution:
    """As it is once the provider was asked, where a giver's token was sent and what came of it is not known."""
    if contribution.status != SUBMITTED or not _token_is_out(contribution.current_checkout):
        return contribution
    looked = sync(contribution, cause=Cause.CLIENT)
    if looked.silent or not looked.asked:
        raise BeingSettled(BEING_LOOKED_INTO)
    return looked.contribution


def _order_is_out(contribution: Contribution) -> bool:
    return provider_requests.order_is_out(contribution.current_checkout, Status(contribution.status))


def _token_is_out(checkout: Checkout) -> bool:
    """Whether a giver's token was sent, to a provider that takes them, and was not refused."""
    takes_tokens = bool(checkout.adapter) and is_paid_by_token(registry.adapter(checkout.adapter))
    return takes_tokens and provider_requests.token_is_out(checkout)


def _has_more_to_do(checkout: Checkout) -> bool:
    """Whether it has to be closed at the provider, or to give back what it takes of a permission's limit."""
    return _can_close(checkout) or charges.is_unknown(checkout)


def _can_close(checkout: Checkout) -> bool:
    """Whether the provider can be told that nobody is to pay in this checkout any more."""
    return bool(checkout.provider_checkout_id) and closes_checkouts(registry.adapter(checkout.adapter))


def _mark_deleted(contribution: Contribution) -> bool:
    now = clock.now()
    with transaction.atomic():
        unchanged = Contribution.objects.filter(**row_key(contribution), version=contribution.version)
        marked = unchanged.filter(intent=contribution.intent).update(
            deleted_at=now, intent=Intent.RELEASE, intent_reason="client_deleted"
        )
        if not marked or not leases.held(contribution.current_checkout).update(due_at=now):
            transaction.set_rollback(True)
            return False
        SavingGoal.objects.filter(pk=contribution.goal_id, partner_id=contribution.partner_id).update(
            activity=F("activity") + bigint(1)
        )
    return True


def delete_goal(goal: SavingGoal, *, activity: int | None = None) -> None:
    """Delete the goal, cancel what is open and let go what is held; settled money stays in the books.

    `activity` None deletes whatever the goal has become; otherwise raises StaleVersion unless it is as it was read.
    Everything is marked for release in one transaction, also what came to nothing and might be tried again; what still
    has to be told to a provider is told by the worker.
    """
    now = clock.now()
    with transaction.atomic():
        live = SavingGoal.objects.filter(**row_key(goal), deleted_at=None)
        if activity is not None:
            live = live.filter(version=goal.version, activity=activity)
        if not live.update(deleted_at=now):
            if SavingGoal.objects.filter(**row_key(goal), deleted_at=None).exists():
                raise StaleVersion
            return
        may_be_tried_again = Q(status__in=[FAILED, CANCELED])
        unpaid = Contribution.objects.filter(Q(status__in=[*OPEN, AUTHORIZED]) | may_be_tried_again, goal=goal)
        released = list(unpaid.exclude(intent=Intent.RELEASE).values_list("pk", flat=True))
        gifts = Contribution.objects.filter(partner_id=goal.partner_id)
        rows = gifts.filter(pk__in=released)  # invariant: a-goals-deletion-marks-what-is-on-its-way
        rows.update(intent=Intent.RELEASE, intent_reason="goal_deleted")
        Checkout.objects.filter(partner_id=goal.partner_id, contribution__in=released).update(due_at=now)
        after = {"gifts_to_be_released": len(released)}
        audit_log.record("goal.deleted", goal.public_id, partner_id=goal.partner_id, after=after)
    for contribution in Contribution.objects.whole().filter(goal=goal, status=SUBMITTED):
        checkout = contribution.current_checkout
        unsure = _order_is_out(contribution) or _token_is_out(checkout)
        if not checkout.is_leased() and not unsure:
            due_at = now if _has_more_to_do(checkout) else None
            advance(
                contribution,
                CANCELED,
                reason="goal_deleted",
                cause=Cause.CLIENT,
                leased=checkout,
                leased_columns={"due_at": due_at},
            )
