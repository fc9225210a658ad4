"""Refunds: asked for, reserved, sent, followed until they have an end. Never more than is left, however many ask at once.

A refund is reserved against its contribution in one statement before anybody is asked to pay it; only a definite no
gives the reservation back. Money of a checkout that another one has replaced goes back in the same way, but does not count
as refunded for the client: it was never theirs.
"""

import logging
from typing import Any

from django.db import transaction
from django.db.models import F, Sum

import clock
import leases
from bigint import bigint
from contributions import entries, pace, provider_requests
from contributions.causes import Cause
from contributions.entries import Kind
from contributions.models import Checkout, Contribution, LedgerEntry, Refund
from contributions.payment_requests import payment_request_for
from contributions.status import CANCELED, REFUNDED, REVERSED, SETTLED, Intent, Status
from contributions.transitions import Evidence, advance
from ids import new_id
from money import text_of
from providers import registry
from providers.base import ProviderRefund, ProviderRefused, ProviderUnavailable, RefundState

log = logging.getLogger(__name__)


class CannotRefund(Exception):
    """The contribution's status does not allow it."""


class RefundTooLarge(Exception):
    """More than is left to give back."""


# --- Asking for one ---------------------------------------------------------------------------------------------------


def ask(contribution: Contribution, *, amount_minor: int | None, reason: str | None, public_id: str) -> Refund:
    """Reserve a refund of `amount_minor` (None: all that is left) and ask the provider for it; returns it as it is now.

    Safe to repeat with the same `public_id`. Raises CannotRefund, RefundTooLarge, AmountRefused.
    """
    refund = Refund.objects.filter(public_id=public_id, contribution=contribution).first()
    if refund is None:
        checkout = contribution.current_checkout
        refund = reserve(checkout, amount_minor, Cause.CLIENT, public_id=public_id, reason=reason)
    return sync_refund(refund, cause=Cause.CLIENT)


def refund_what_is_owed(contribution: Contribution, checkout: Checkout) -> bool:
    """Give back what was taken in this checkout and is not wanted. Repeated by the worker until it is done.

    False: nothing is owed.
    """
    if not _owes_back(contribution, checkout):  # invariant: what-nobody-wants-goes-back
        return False
    try:
        refund = reserve(checkout, None, Cause.SERVICE, public_id=new_id())
    except (CannotRefund, RefundTooLarge):
        return True  # somebody else has reserved it in the meantime: it is on its way
    sync_refund(refund, cause=Cause.SERVICE)
    return True


def _owes_back(contribution: Contribution, checkout: Checkout) -> bool:
    if contribution.checkout_id == checkout.pk:
        unwanted = contribution.intent == Intent.RELEASE and contribution.status in {SETTLED, CANCELED}
        if not unwanted or contribution.refunds_reserved_minor >= contribution.amount_minor:
            return False
        return LedgerEntry.objects.filter(
            contribution=contribution, checkout_number=checkout.number, kind=Kind.CAPTURE
        ).exists()
    return _left_of_older(checkout) > 0  # invariant: a-replaced-checkout-gives-back


def going_back_minor(checkout: Checkout) -> int:
    """Refunds of this checkout's money that are done or on their way, in minor units."""
    alive = Refund.objects.filter(contribution_id=checkout.contribution_id, checkout_number=checkout.number)
    # invariant: a-failed-refund-is-not-on-its-way
    total: int | None = alive.exclude(status=Refund.Status.FAILED).aggregate(sum=Sum("amount_minor"))["sum"]
    return total or 0


def _left_of_older(checkout: Checkout) -> int:
    """What was taken in a checkout that another one has replaced, less what goes back and what disputes have taken."""
    own = LedgerEntry.objects.filter(contribution_id=checkout.contribution_id, checkout_number=checkout.number)
    kept = own.exclude(kind=Kind.REFUND).aggregate(sum=Sum("collected_delta_minor"))["sum"] or 0
    return int(kept) - going_back_minor(checkout)


def reserve(checkout: Checkout, amount_minor: int | None, cause: Cause, *, public_id: str, reason: str | None = None) -> Refund:
    """Set aside so much of the checkout's money, None: all that is left. Raises CannotRefund, RefundTooLarge, AmountRefused."""
    with transaction.atomic():
        row = Contribution.objects.select_for_update(no_key=True).get(pk=checkout.contribution_id)
        is_current = row.checkout_id == checkout.pk
        if is_current and row.status != SETTLED and not (row.status == CANCELED and cause is not Cause.CLIENT):
            raise CannotRefund(f"Only a Settled contribution can be refunded; this one is {row.status}.")
        left = row.amount_minor - row.refunds_reserved_minor  # invariant: refunds-on-their-way-count
        if not is_current:
            left = _left_of_older(checkout)
        amount = left if amount_minor is None else amount_minor
        if cause is not Cause.PROVIDER:
            registry.adapter(checkout.adapter).check_refund(amount, row.currency)
        if not 0 < amount <= left:
            raise RefundTooLarge(
                f"There is {text_of(left, row.currency)} {row.currency} left to give back of "
                f"{text_of(row.amount_minor, row.currency)}; refunds that are still Pending count."
            )
        if is_current:
            Contribution.objects.filter(pk=row.pk).update(refunds_reserved_minor=F("refunds_reserved_minor") + bigint(amount))
        return Refund.objects.create(
            public_id=public_id,
            contribution=row,
            checkout_number=checkout.number,
            amount_minor=amount,
            reason=reason,
            cause=cause,
            created_at=clock.now(),
            due_at=clock.now(),
        )


# --- Until it has an end ----------------------------------------------------------------------------------------------


def sync_refund(refund: Refund, *, cause: Cause) -> Refund:
    """Ask the provider for the refund, or how far it has come, and record the answer; returns it as it is now.

    Alone under a lease, safe to repeat; without an answer it stays Pending under the same provider request id.
    """
    leased = leases.take(refund)
    if leased is not None:
        has_ended, was_due_at = False, leased.due_at
        try:
            has_ended = _ask_about(leased, cause)
        finally:
            attempts = leased.attempts + 1
            due_at = None if has_ended else pace.next_try_at(attempts)
            leases.release(leased, was_due_at=was_due_at, due_at=due_at, attempts=attempts)
    return Refund.objects.get(pk=refund.pk)


def _ask_about(refund: Refund, cause: Cause) -> bool:
    """True: it has an end."""
    if refund.status != Refund.Status.PENDING:
        return True
    checkout = _checkout_of(refund)
    adapter, request = registry.adapter(checkout.adapter), payment_request_for(checkout.contribution, checkout)
    try:
        if refund.provider_reference:
            answer = adapter.find_refund(request, refund.provider_reference)
        else:
            # invariant: a-refund-is-one-order-however-often-it-is-sent
            stored = provider_requests.store(checkout, f"refund:{refund.public_id}")
            answer = provider_requests.send(
                stored, adapter.refund, request, amount_minor=refund.amount_minor, reference=refund.public_id
            )
    except ProviderUnavailable as error:
        log.warning("provider did not answer", extra={"refund": refund.public_id, "error": str(error)})
        return False  # invariant: a-refund-without-an-answer-has-not-failed
    except ProviderRefused as refusal:
        fail(refund, refusal.reason, cause=cause)
        return True
    return record(refund, answer, cause=cause)


def _checkout_of(refund: Refund) -> Checkout:
    checkouts = Checkout.objects.select_related("account", "contribution__goal")
    return checkouts.get(contribution_id=refund.contribution_id, number=refund.checkout_number)


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
        contribution = _lock(refund)
        pending = Refund.objects.filter(pk=refund.pk, status=Refund.Status.PENDING)
        if not pending.update(status=Refund.Status.COMPLETED, due_at=None):  # invariant: a-refund-is-completed-once
            return False
        to, reason = Status(contribution.status), "paid_twice"
        columns: dict[str, Any] = {}
        # invariant: what-went-back-of-an-older-checkout-is-no-refund
        if contribution.current_checkout.number == refund.checkout_number:
            refunded = contribution.refunded_minor + refund.amount_minor
            reason, columns = "partly_refunded", {"refunded_minor": refunded}
            if to == SETTLED and refunded == contribution.amount_minor:  # invariant: refunded-when-all-is-given-back
                to, reason = REFUNDED, "refunded"
        evidence = Evidence(refund.checkout_number, refund.provider_reference, correlation_id, refund=refund)
        entry = entries.refund(refund.amount_minor)
        if not advance(contribution, to, reason=reason, cause=cause, entry=entry, evidence=evidence, **columns):
            raise RuntimeError("a locked contribution changed under its lock")
    return True


def fail(refund: Refund, failure: str, *, cause: Cause) -> bool:
    """The provider said no: the reservation is free again. False: it was recorded already.

    Where the provider has taken the payment back in the meantime, it has taken this part of it too.
    """
    with transaction.atomic():
        contribution = _lock(refund)
        pending = Refund.objects.filter(pk=refund.pk, status=Refund.Status.PENDING)
        if not pending.update(status=Refund.Status.FAILED, failure=failure, due_at=None):
            return False
        if contribution.current_checkout.number == refund.checkout_number:
            freed = F("refunds_reserved_minor") - bigint(
                refund.amount_minor
            )  # invariant: a-failed-refund-frees-what-it-reserved
            if contribution.status == REVERSED:  # invariant: a-chargeback-takes-what-no-refund-took
                entry = entries.reversal(refund.amount_minor)
                if not advance(
                    contribution, REVERSED, reason="chargeback", cause=cause, entry=entry, refunds_reserved_minor=freed
                ):
                    raise RuntimeError("a locked contribution changed under its lock")
            else:
                Contribution.objects.filter(pk=contribution.pk).update(refunds_reserved_minor=freed)
    log.warning("refund failed", extra={"refund": refund.public_id, "reason": failure})
    return True


def _lock(refund: Refund) -> Contribution:
    rows = Contribution.objects.select_related("goal", "checkout").select_for_update(no_key=True, of=("self",))
    return rows.get(pk=refund.contribution_id)
