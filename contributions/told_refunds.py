"""Refunds that a provider tells of: our own by our reference, others as made in its dashboard."""

import logging

from django.db import IntegrityError, transaction

from contributions import refunds
from contributions.causes import Cause
from contributions.entries import Kind
from contributions.models import Checkout, Contribution, Refund
from contributions.payment_requests import payment_request_for
from ids import new_id
from providers import registry
from providers.base import Payment, ProviderRefund, ProviderRefused, ProviderUnavailable, RefundState

log = logging.getLogger(__name__)


def record_told(contribution: Contribution, checkout: Checkout, payment: Payment, *, cause: Cause) -> None:
    """Record the refunds that the provider knows of: our own by our reference, others as made in its dashboard."""
    for told in payment.refunds:
        _record_one(checkout, told, cause=cause)
    if cause is not Cause.WORKER or not payment.given_back_minor:
        return  # whoever else made us ask may be about to tell of the refund that is missing
    if payment.given_back_minor > refunds.going_back_minor(checkout):
        log.error("more was given back than is known", extra={"contribution": contribution.public_id})


def _record_one(checkout: Checkout, told: ProviderRefund, *, cause: Cause) -> None:
    known = Refund.objects.filter(contribution_id=checkout.contribution_id)
    ours = (
        known.filter(public_id=told.reference).first() if told.reference else None
    )  # invariant: our-own-refund-is-known-by-its-reference
    ours = ours or known.filter(provider_reference=told.provider_reference).first()
    if ours is None and told.state is not RefundState.FAILED:
        ours = _adopt(checkout, told)
    if ours is not None and ours.status == Refund.Status.PENDING:
        refunds.record(ours, told, cause=cause)


def sync_told_refund(contribution: Contribution, checkout: Checkout, provider_reference: str, *, cause: Cause) -> bool:
    """Record what the provider says of one refund that its webhook names; False where it is silent, or where somebody is
    still finding out whether the payment was taken: to be asked again.

    A refund of ours whose answer was lost is sent again first: it may be this one.
    """
    nameless = Refund.objects.filter(contribution=contribution, status=Refund.Status.PENDING, provider_reference="")
    for refund in nameless:
        if not refunds.sync_refund(refund, cause=cause).provider_reference:
            return False
    checkout = Checkout.objects.select_related("account").get(pk=checkout.pk)
    try:
        told = registry.adapter(checkout.adapter).find_refund(payment_request_for(contribution, checkout), provider_reference)
    except ProviderUnavailable as error:
        log.warning("provider did not answer", extra={"contribution": contribution.public_id, "error": str(error)})
        return False
    except ProviderRefused:
        return True
    captures = contribution.ledger_entries.filter(kind=Kind.CAPTURE, checkout_number=checkout.number)
    if not captures.exists():
        return False  # it cannot be counted before what it gives back is; and it may not be told a second time
    _record_one(checkout, told, cause=cause)
    return True


def _adopt(checkout: Checkout, told: ProviderRefund) -> Refund | None:
    try:
        with transaction.atomic():
            refund = refunds.reserve(checkout, told.amount_minor, Cause.PROVIDER, public_id=new_id())
            Refund.objects.filter(pk=refund.pk).update(provider_reference=told.provider_reference)
            refund.provider_reference = told.provider_reference
            return refund
    except (refunds.CannotRefund, refunds.RefundTooLarge, IntegrityError) as error:
        about = {"contribution_id": checkout.contribution_id, "error": str(error)}
        log.error("a provider's refund cannot be counted", extra=about)
        return None
