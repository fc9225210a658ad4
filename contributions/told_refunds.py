"""Refunds that a provider tells of: our own by our reference, others as made in its dashboard."""

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from contributions import attention, refund_outcomes
from contributions.causes import Cause
from contributions.models import Checkout, Contribution, Refund
from contributions.reservations import CannotRefund, RefundTooLarge, going_back_minor, reserve, set_aside
from lookups import one_or_none
from ownership import row_key
from partners.tags import new_id_of
from providers.base import Payment, ProviderRefund, RefundState


def record_told(
    contribution: Contribution, checkout: Checkout, payment: Payment, *, cause: Cause, nothing_is_missing: bool = False
) -> None:
    """Record the refunds that the provider knows of: our own by our reference, others as made in its dashboard.

    A provider that tells the sum alone is believed too: what we know no refund for is booked as one. Not where somebody may
    be about to tell of just that refund, unless `nothing_is_missing`: no refund is on its way to us.
    """
    for told in payment.refunds:
        record_one(checkout, told, cause=cause)
    if cause is not Cause.WORKER and not nothing_is_missing:
        return
    unknown = payment.given_back_minor - going_back_minor(checkout)  # invariant: a-told-sum-is-booked-once
    if unknown > 0:
        record_one(checkout, ProviderRefund(RefundState.COMPLETED, unknown, "", ""), cause=cause)


def record_one(checkout: Checkout, told: ProviderRefund, *, cause: Cause) -> None:
    """Record what the provider says of one refund of this checkout's money."""
    ours = _known(checkout, told)
    if ours is None:
        if told.state is RefundState.FAILED:
            return
        ours = _adopt(checkout, told)
    elif ours.status == Refund.Status.FAILED and told.state is not RefundState.FAILED:
        ours = _revive(checkout, ours)
    settled = ours is None or (ours.status == Refund.Status.COMPLETED and told.state is not RefundState.FAILED)
    if ours is not None and not settled:
        refund_outcomes.record(ours, told, cause=cause)


def was_booked_by_its_sum(checkout: Checkout, told: ProviderRefund) -> bool:
    """Whether the refund is unknown, while others were booked by their sum alone: it may be among them."""
    if _known(checkout, told) is not None:
        return False
    return _nameless(checkout).exists()


def undo_what_was_booked(checkout: Checkout, told: ProviderRefund, payment: Payment, *, cause: Cause) -> bool:
    """A refund has failed that was booked by its sum, perhaps with others: what is booked too much is undone. What remains of
    that sum is booked anew at the look that follows. False: it is none of these. `payment`: as it was told after that."""
    if told.state is not RefundState.FAILED:
        return False
    done = Refund.objects.filter(
        partner_id=checkout.partner_id,
        contribution_id=checkout.contribution_id,
        checkout_number=checkout.number,
        status=Refund.Status.COMPLETED,
    )
    too_much = sum(done.values_list("amount_minor", flat=True)) - payment.given_back_minor
    any_undone = False
    for refund in _nameless(checkout).order_by("-amount_minor") if too_much > 0 else []:
        if too_much > 0 and refund_outcomes.undo(refund, told.reason or "refund_failed", cause=cause):
            too_much, any_undone = too_much - refund.amount_minor, True
    return any_undone


def _nameless(checkout: Checkout) -> QuerySet[Refund]:
    return Refund.objects.filter(
        partner_id=checkout.partner_id,
        contribution_id=checkout.contribution_id,
        checkout_number=checkout.number,
        cause=Cause.PROVIDER,
        provider_reference="",
        status=Refund.Status.COMPLETED,
    )


def _known(checkout: Checkout, told: ProviderRefund) -> Refund | None:
    known = Refund.objects.filter(partner_id=checkout.partner_id, contribution_id=checkout.contribution_id)
    if told.reference:
        ours = one_or_none(known.filter(public_id=told.reference))  # invariant: our-own-refund-is-known-by-its-reference
        if ours is not None:
            return ours
    return known.filter(provider_reference=told.provider_reference).first() if told.provider_reference else None


def _revive(checkout: Checkout, refund: Refund) -> Refund | None:
    """A refund that we had taken for refused was made after all. None where it cannot be, or was called done before."""
    if refund.ledger_entries.exists():
        return None

    def again() -> Refund:
        set_aside(checkout, refund.amount_minor, Cause.PROVIDER)
        Refund.objects.filter(**row_key(refund)).update(status=Refund.Status.PENDING, failure="")
        return Refund.objects.get(**row_key(refund))

    return _counted(checkout, again)


def _adopt(checkout: Checkout, told: ProviderRefund) -> Refund | None:
    """A refund that nobody has asked us for."""

    def adopted() -> Refund:
        refund = reserve(checkout, told.amount_minor, Cause.PROVIDER, public_id=new_id_of(checkout.partner_id))
        Refund.objects.filter(**row_key(refund)).update(provider_reference=told.provider_reference)
        refund.provider_reference = told.provider_reference
        return refund

    return _counted(checkout, adopted)


def _counted(checkout: Checkout, count: Callable[[], Refund]) -> Refund | None:
    """None where it does not fit into what is left: a person is told."""
    try:
        with transaction.atomic():
            return count()
    except (CannotRefund, RefundTooLarge, IntegrityError) as error:
        attention.arise("refund_not_counted", checkout.contribution, detail=str(error))
        return None
