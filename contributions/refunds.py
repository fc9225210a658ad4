"""Refunds: asked for, reserved, sent, followed up. Never more than is left, however many ask at once.

A refund is reserved against its contribution in one statement before anybody is asked to pay it; only a definite no
gives the reservation back.
"""

import logging

from django.db import IntegrityError, transaction
from django.db.models import F

import clock
from bigint import bigint
from contributions import leases, provider_requests
from contributions.causes import Cause
from contributions.ledger import refund_entry, reversal_entry
from contributions.models import Contribution, Refund
from contributions.payment_requests import payment_request_for
from contributions.status import CANCELED, REFUNDED, REVERSED, SETTLED
from contributions.transitions import advance, note
from ids import new_id
from money import text_of
from providers import registry
from providers.base import Payment, ProviderRefund, ProviderRefused, ProviderUnavailable, RefundState

log = logging.getLogger(__name__)


class CannotRefund(Exception):
    """The contribution's status does not allow it."""


class RefundTooLarge(Exception):
    """More than is left to give back."""


def ask(
    contribution: Contribution, *, amount_minor: int | None, reason: str | None, public_id: str, cause: Cause = Cause.CLIENT
) -> Refund:
    """Reserve a refund of `amount_minor` (None: all that is left) and ask the provider for it; returns it as it is now.

    Safe to repeat with the same `public_id`. Raises CannotRefund, RefundTooLarge, AmountRefused.
    """
    refund = Refund.objects.filter(public_id=public_id, contribution=contribution).first()
    if refund is None:
        refund = _reserve(contribution, amount_minor, reason, public_id, cause)
    return sync_refund(refund, cause=cause)


def give_back(contribution: Contribution) -> None:
    """Refund what was taken for a contribution that nobody wants any more. Repeated by the worker until it is done."""
    try:
        ask(contribution, amount_minor=None, reason=None, public_id=new_id(), cause=Cause.SERVICE)
    except (CannotRefund, RefundTooLarge):
        return  # somebody else has reserved it in the meantime: it is on its way


def _reserve(contribution: Contribution, amount_minor: int | None, reason: str | None, public_id: str, cause: Cause) -> Refund:
    with transaction.atomic():
        row = Contribution.objects.select_for_update(no_key=True).get(pk=contribution.pk)
        if row.status != SETTLED and not (row.status == CANCELED and cause is not Cause.CLIENT):
            raise CannotRefund(f"Only a Settled contribution can be refunded; this one is {row.status}.")
        left = row.amount_minor - row.refunds_reserved_minor  # invariant: refunds-on-their-way-count
        amount = left if amount_minor is None else amount_minor
        if cause is not Cause.PROVIDER:
            registry.adapter(row.adapter).check_refund(amount, row.currency)
        if not 0 < amount <= left:
            raise RefundTooLarge(
                f"There is {text_of(left, row.currency)} {row.currency} left to give back of "
                f"{text_of(row.amount_minor, row.currency)}; refunds that are still Pending count."
            )
        Contribution.objects.filter(pk=row.pk).update(refunds_reserved_minor=F("refunds_reserved_minor") + bigint(amount))
        return Refund.objects.create(
            public_id=public_id,
            contribution=row,
            amount_minor=amount,
            reason=reason,
            cause=cause,
            created_at=clock.now(),
            due_at=clock.now(),
        )


def sync_refund(refund: Refund, *, cause: Cause) -> Refund:
    """Ask the provider for the refund, or how far it has come, and record the answer; returns it as it is now.

    Alone under a claim, safe to repeat; without an answer it stays Pending under the same provider request id.
    """
    claimed = leases.take(refund)
    if claimed is not None:
        ask_again, due_at = True, claimed.due_at
        try:
            ask_again = _find_out(claimed, cause)
        finally:
            leases.release(claimed, due_at=due_at, ask_again=ask_again, moved=False)
    return Refund.objects.get(pk=refund.pk)


def _find_out(refund: Refund, cause: Cause) -> bool:
    """True: the outcome is still open."""
    if refund.status != Refund.Status.PENDING:
        return False
    contribution = Contribution.objects.select_related("goal", "account").get(pk=refund.contribution_id)
    adapter, order = registry.adapter(contribution.adapter), payment_request_for(contribution)
    try:
        if refund.provider_reference:
            answer = adapter.find_refund(order, refund.provider_reference)
        else:
            request = provider_requests.store(contribution, f"refund:{refund.public_id}")
            answer = provider_requests.send(
                request, adapter.refund, order, amount_minor=refund.amount_minor, reference=refund.public_id
            )
    except ProviderUnavailable as error:
        log.warning("provider did not answer", extra={"refund": refund.public_id, "error": str(error)})
        return True  # invariant: a-refund-without-an-answer-has-not-failed
    except ProviderRefused as refusal:
        fail(refund, refusal.reason, cause=cause)
        return False
    return not record(refund, answer, cause=cause)


def record(refund: Refund, answer: ProviderRefund, *, cause: Cause) -> bool:
    """Write down what the provider says of a refund. True: that was its end."""
    if answer.amount_minor != refund.amount_minor:
        log.error("refund does not match", extra={"refund": refund.public_id})
        return False
    if answer.provider_reference and not refund.provider_reference:
        Refund.objects.filter(pk=refund.pk).update(provider_reference=answer.provider_reference)
        refund.provider_reference = answer.provider_reference
    if answer.state is RefundState.COMPLETED:
        complete(refund, cause=cause, correlation_id=answer.correlation_id)
    elif answer.state is RefundState.FAILED:
        fail(refund, answer.reason or "refund_failed", cause=cause)
    return answer.state is not RefundState.PENDING


def complete(refund: Refund, *, cause: Cause, correlation_id: str = "") -> bool:
    """The money is back: refund, contribution, books and totals in one transaction. False: it was recorded already."""
    with transaction.atomic():
        contribution = Contribution.objects.select_for_update(no_key=True).get(pk=refund.contribution_id)
        pending = Refund.objects.filter(pk=refund.pk, status=Refund.Status.PENDING)
        if not pending.update(status=Refund.Status.COMPLETED, due_at=None):
            return False
        refunded = contribution.refunded_minor + refund.amount_minor
        entry = refund_entry(refund, correlation_id=correlation_id)
        # invariant: refunded-when-all-is-given-back
        if contribution.status == SETTLED and refunded == contribution.amount_minor:
            done = advance(contribution, REFUNDED, reason="refunded", cause=cause, entry=entry, refunded_minor=refunded)
        else:
            done = note(contribution, reason="partly_refunded", cause=cause, entry=entry, refunded_minor=refunded)
        if not done:
            raise RuntimeError("a locked contribution changed under its lock")
    return True


def fail(refund: Refund, failure: str, *, cause: Cause) -> bool:
    """The provider said no: the reservation is free again. False: it was recorded already.

    Where the provider has taken the payment back in the meantime, it has taken this part of it too.
    """
    with transaction.atomic():
        contribution = Contribution.objects.select_for_update(no_key=True).get(pk=refund.contribution_id)
        pending = Refund.objects.filter(pk=refund.pk, status=Refund.Status.PENDING)
        if not pending.update(status=Refund.Status.FAILED, failure=failure, due_at=None):
            return False
        freed = F("refunds_reserved_minor") - bigint(refund.amount_minor)
        if contribution.status == REVERSED:
            entry = reversal_entry(refund.amount_minor)
            if not note(contribution, reason="chargeback", cause=cause, entry=entry, refunds_reserved_minor=freed):
                raise RuntimeError("a locked contribution changed under its lock")
        else:
            # invariant: a-failed-refund-frees-what-it-reserved
            Contribution.objects.filter(pk=contribution.pk).update(refunds_reserved_minor=freed)
    log.warning("refund failed", extra={"refund": refund.public_id, "reason": failure})
    return True


def learn(contribution: Contribution, payment: Payment, *, cause: Cause) -> None:
    """Record the refunds that the provider knows of: our own by our reference, others as made in its dashboard."""
    for told in payment.refunds:
        _learn_one(contribution, told, cause=cause)
    if cause is not Cause.WORKER:
        return  # whoever else made us ask may be about to tell of the refund that is missing
    reserved_minor = Contribution.objects.values_list("refunds_reserved_minor", flat=True).get(pk=contribution.pk)
    if payment.given_back_minor > reserved_minor:
        log.error("more was given back than is known", extra={"contribution": contribution.public_id})


def _learn_one(contribution: Contribution, told: ProviderRefund, *, cause: Cause) -> None:
    known = Refund.objects.filter(contribution=contribution)
    # invariant: our-own-refund-is-known-by-its-reference
    ours = known.filter(public_id=told.reference).first() if told.reference else None
    ours = ours or known.filter(provider_reference=told.provider_reference).first()
    if ours is None and told.state is not RefundState.FAILED:
        ours = _adopt(contribution, told)
    if ours is not None and ours.status == Refund.Status.PENDING:
        record(ours, told, cause=cause)


def look_into(contribution: Contribution, provider_reference: str, *, cause: Cause) -> bool:
    """Record what the provider says of one refund that its report names; False where it is silent, or where somebody is
    still finding out whether the payment was taken: to be asked again.

    A refund of ours whose answer was lost is sent again first: it may be this one.
    """
    nameless = Refund.objects.filter(contribution=contribution, status=Refund.Status.PENDING, provider_reference="")
    for refund in nameless:
        if not sync_refund(refund, cause=cause).provider_reference:
            return False
    contribution = Contribution.objects.select_related("goal", "account").get(pk=contribution.pk)
    try:
        told = registry.adapter(contribution.adapter).find_refund(payment_request_for(contribution), provider_reference)
    except ProviderUnavailable as error:
        log.warning("provider did not answer", extra={"contribution": contribution.public_id, "error": str(error)})
        return False
    except ProviderRefused:
        return True
    if not contribution.ledger_entries.filter(kind="capture").exists():  # invariant: a-refund-waits-for-its-payment
        return False  # it cannot be counted before what it gives back is; and it may not be reported a second time
    _learn_one(contribution, told, cause=cause)
    return True


def _adopt(contribution: Contribution, told: ProviderRefund) -> Refund | None:
    try:
        with transaction.atomic():
            refund = _reserve(contribution, told.amount_minor, None, new_id(), Cause.PROVIDER)
            Refund.objects.filter(pk=refund.pk).update(provider_reference=told.provider_reference)
            refund.provider_reference = told.provider_reference
            return refund
    except (CannotRefund, RefundTooLarge, IntegrityError) as error:
        log.error("a provider's refund cannot be counted", extra={"contribution": contribution.public_id, "error": str(error)})
        return None
