"""Refunds: asked for, sent, followed until they have an end.

A refund is reserved against its contribution in one statement before anybody is asked to pay it; only a definite no
gives the reservation back. A refusal may show that our books are behind: the payment is asked about once more then.
"""

import logging
from dataclasses import replace

from django.db import transaction

import clock
import leases
from contributions import attention, matching, pace, provider_requests, refund_outcomes, reservations, told_refunds
from contributions.causes import Cause
from contributions.entries import Kind
from contributions.models import Checkout, Contribution, Refund
from contributions.payment_requests import payment_request_for
from contributions.platform_fees import fee_going_back
from contributions.reservations import CannotRefund as CannotRefund
from contributions.reservations import RefundTooLarge as RefundTooLarge
from contributions.reservations import going_back_minor, left_of_older, reserve, set_aside
from contributions.status import CANCELED, SETTLED, Intent
from lookups import one_or_none
from ownership import row_key
from partners import audit_log
from partners.tags import new_id_of
from providers import registry
from providers.base import Payment, ProviderRefund, ProviderRefused, ProviderUnavailable, RefundState

log = logging.getLogger(__name__)

MOST_REFUNDS_OF_OURS = 12
"""So often we try to give back what nobody wants, at intervals that grow; then it is a person's, who knows of it from the
first refusal on."""

# --- Asking for one ---------------------------------------------------------------------------------------------------


def ask(
    contribution: Contribution,
    *,
    amount_minor: int | None,
    reason: str | None,
    public_id: str,
    cause: Cause = Cause.CLIENT,
    is_repeated: bool = True,
) -> Refund:
    """Reserve a refund of `amount_minor` (None: all that is left) and ask the provider for it; returns it as it is now.

    `cause`: who wishes it, one of BY_WISH. Safe to repeat with the same `public_id`; `is_repeated` False: nobody has tried.

    Raises CannotRefund, RefundTooLarge, AmountRefused.
    """
    known = Refund.objects.filter(public_id=public_id, contribution=contribution)
    refund = one_or_none(known) if is_repeated else None
    if refund is None:
        checkout = contribution.current_checkout
        checkout.contribution = contribution  # read already
        with transaction.atomic():
            refund = reserve(checkout, amount_minor, cause, public_id=public_id, reason=reason)
            asked = {"refund": refund.public_id, "amount_minor": refund.amount_minor, "currency": contribution.currency}
            audit_log.record("gift.refund_asked", contribution.public_id, partner_id=contribution.partner_id, after=asked)
    return sync_refund(refund, cause=cause)


def check(contribution: Contribution, *, amount_minor: int | None) -> None:
    """Whether ask() would send a refund, with the contribution as it is. Raises CannotRefund, RefundTooLarge, AmountRefused."""
    reservations.check(contribution, contribution.current_checkout, amount_minor, Cause.CLIENT)


def refund_what_is_owed(contribution: Contribution, checkout: Checkout) -> bool:
    """Give back what was taken in this checkout and is not wanted. Repeated by the worker until it is done.

    False: nothing is owed, or it was refused too often.
    """
    if not _owes_back(contribution, checkout):  # invariant: what-nobody-wants-goes-back
        return False
    refused = Refund.objects.filter(
        contribution=contribution, checkout_number=checkout.number, cause=Cause.SERVICE, status=Refund.Status.FAILED
    )
    if refused.count() >= MOST_REFUNDS_OF_OURS:
        return False
    try:
        refund = reserve(checkout, None, Cause.SERVICE, public_id=new_id_of(checkout.partner_id))
    except (CannotRefund, RefundTooLarge):
        return True  # somebody else has reserved it in the meantime: it is on its way
    sync_refund(refund, cause=Cause.SERVICE)
    return True


def _owes_back(contribution: Contribution, checkout: Checkout) -> bool:
    if contribution.checkout_id == checkout.pk:
        unwanted = contribution.intent == Intent.RELEASE and contribution.status in {SETTLED, CANCELED}
        return unwanted and contribution.left_minor > 0
    return left_of_older(checkout) > 0  # invariant: a-replaced-checkout-gives-back


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
            _tell_a_person_of(leased, has_ended, attempts)
            leases.release(leased, was_due_at=was_due_at, due_at=due_at, attempts=attempts)
    return Refund.objects.get(**row_key(refund))


def _tell_a_person_of(refund: Refund, has_ended: bool, attempts: int) -> None:
    if has_ended and refund.attempts >= pace.ATTEMPTS_BEFORE_A_PERSON:
        attention.solve(refund.contribution, "refund_without_end")
    elif not has_ended and attempts == pace.ATTEMPTS_BEFORE_A_PERSON:
        attention.arise("refund_without_end", refund.contribution, detail=f"refund {refund.public_id}")


def _ask_about(refund: Refund, cause: Cause) -> bool:
    """True: it has an end."""
    if refund.status != Refund.Status.PENDING:
        return True
    checkout = _checkout_of(refund)
    has_ended = _asked(refund, checkout, cause)
    matching.follow(checkout.contribution)
    return has_ended


def _asked(refund: Refund, checkout: Checkout, cause: Cause) -> bool:
    """As _ask_about."""
    try:
        try:
            answer = _send(refund, checkout)
        except ProviderRefused as refusal:
            told = registry.adapter(checkout.adapter).find(payment_request_for(checkout.contribution, checkout))
            if not _after_refusal(refund, checkout, told, refusal.reason, cause):
                return True
            answer = _send(refund, checkout)  # of what is really left
    except ProviderUnavailable as error:
        log.warning("provider did not answer", extra={"refund": refund.public_id, "error": str(error)})
        return False  # invariant: a-refund-without-an-answer-has-not-failed
    except ProviderRefused as refusal:
        refund_outcomes.fail(refund, refusal.reason, cause=cause)
        return True
    return refund_outcomes.record(refund, answer, cause=cause)


def _send(refund: Refund, checkout: Checkout) -> ProviderRefund:
    """Ask for the refund, or how far it has come. Raises ProviderRefused, ProviderUnavailable."""
    adapter, request = registry.adapter(checkout.adapter), payment_request_for(checkout.contribution, checkout)
    if refund.provider_reference:
        return adapter.find_refund(request, refund.provider_reference)
    # invariant: a-refund-is-one-order-however-often-it-is-sent
    stored = provider_requests.store(checkout, f"refund:{refund.public_id}")
    request = replace(request, platform_fee_back_minor=refund.platform_fee_minor)
    return provider_requests.send(stored, adapter.refund, request, amount_minor=refund.amount_minor, reference=refund.public_id)


def _after_refusal(refund: Refund, checkout: Checkout, told: Payment, reason: str, cause: Cause) -> bool:
    """Learn what the payment says after a refused refund. True: the refund is smaller now, and is to be sent once more.

    Smaller it becomes where it is of all that is left, and the provider has given back a part that we did not know, or gives
    no more back at once.
    """
    done = any(one.reference == refund.public_id and one.state is not RefundState.FAILED for one in told.refunds)
    with transaction.atomic():
        contribution = refund_outcomes.lock(refund)
        before = going_back_minor(checkout)
        if not done:
            refund_outcomes.fail(refund, reason, cause=cause)
        told_refunds.record_told(contribution, checkout, told, cause=cause, nothing_is_missing=True)
        # invariant: a-refund-of-the-rest-becomes-smaller
        learnt = going_back_minor(checkout) + (0 if done else refund.amount_minor) - before
        at_most = told.most_given_back_at_once_minor
        is_too_much = learnt > 0 or (at_most is not None and 0 < at_most < refund.amount_minor)
        if done or not refund.is_of_the_rest or not is_too_much:
            return False
        try:
            refund.amount_minor = set_aside(checkout, None, Cause(refund.cause), at_most_minor=at_most)
        except (CannotRefund, RefundTooLarge):
            return False
        refund.platform_fee_minor = fee_going_back(checkout, refund.amount_minor, besides=refund.pk)
        fee = {"platform_fee_minor": refund.platform_fee_minor}
        pending = fee | {
            "amount_minor": refund.amount_minor,
            "status": Refund.Status.PENDING,
            "failure": "",
            "due_at": clock.now(),
        }
        Refund.objects.filter(**row_key(refund)).update(**pending)
    return True


def _checkout_of(refund: Refund) -> Checkout:
    checkouts = Checkout.objects.select_related("account", "contribution__goal__partner")
    named = {"contribution_id": refund.contribution_id, "number": refund.checkout_number}
    return checkouts.get(partner_id=refund.partner_id, **named)


# --- Named by a webhook ----------------------------------------------------------------------------------------------


def sync_told_refund(contribution: Contribution, checkout: Checkout, provider_reference: str, *, cause: Cause) -> bool:
    """Record what the provider says of one refund that its webhook names; False where it is silent, or where somebody is
    still finding out whether the payment was taken: to be asked again.

    A refund of ours whose answer was lost is sent again first: it may be this one.
    """
    nameless = Refund.objects.filter(contribution=contribution, status=Refund.Status.PENDING, provider_reference="")
    for refund in nameless:
        if not sync_refund(refund, cause=cause).provider_reference:
            return False
    checkout = Checkout.objects.select_related("account").get(**row_key(checkout))
    adapter, request = registry.adapter(checkout.adapter), payment_request_for(contribution, checkout)
    try:
        told = adapter.find_refund(request, provider_reference)
        if told_refunds.was_booked_by_its_sum(checkout, told):
            payment = adapter.find(request)
            undone = told_refunds.undo_what_was_booked(checkout, told, payment, cause=cause)
            if undone or payment.given_back_minor <= going_back_minor(checkout):
                return True
    except ProviderUnavailable as error:
        log.warning("provider did not answer", extra={"contribution": contribution.public_id, "error": str(error)})
        return False
    except ProviderRefused:
        return True
    captures = contribution.ledger_entries.filter(kind=Kind.CAPTURE, checkout_number=checkout.number)
    if not captures.exists():
        return False  # it cannot be counted before what it gives back is; and it may not be told a second time
    told_refunds.record_one(checkout, told, cause=cause)
    return True
