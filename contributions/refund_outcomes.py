"""How a refund ends: done, refused, or undone after it was called done. Refund, contribution, books and totals together.

Money of a checkout that another one has replaced goes back in the same way, but does not count as refunded for the client:
it was never theirs.
"""

import logging
from dataclasses import replace
from typing import Any

from django.db import transaction

import clock
import prepared
from contributions import attention, entries, followers
from contributions.booking import Evidence
from contributions.causes import Cause
from contributions.entries import Entry, Kind
from contributions.models import Checkout, Contribution, Refund
from contributions.status import REFUNDED, REVERSED, SETTLED, TAKEN, Status, after_taking
from contributions.transitions import advance
from ownership import row_key
from providers.base import ProviderRefund, RefundState

log = logging.getLogger(__name__)


def record(refund: Refund, answer: ProviderRefund, *, cause: Cause) -> bool:
    """Write down what the provider says of a refund. True: that was its end."""
    if answer.amount_minor != refund.amount_minor:
        attention.arise("refund_mismatch", refund.contribution, detail=f"refund {refund.public_id}")
        return False
    if answer.provider_reference and not refund.provider_reference:
        Refund.objects.filter(**row_key(refund)).update(provider_reference=answer.provider_reference)
        refund.provider_reference = answer.provider_reference
    if answer.state is RefundState.COMPLETED:
        given_back = {"fee_minor": answer.fee_minor, "platform_fee_minor": answer.platform_fee_minor}
        complete(refund, cause=cause, correlation_id=answer.correlation_id, **given_back)
    elif answer.state is RefundState.FAILED:
        why = answer.reason or "refund_failed"
        fail(refund, why, cause=cause)
        undo(refund, why, cause=cause)
    return answer.state is not RefundState.PENDING


def complete(
    refund: Refund,
    *,
    cause: Cause,
    correlation_id: str = "",
    fee_minor: int | None = None,
    platform_fee_minor: int | None = None,
) -> bool:
    """The money is back with the giver, and so much of both fees with the payee. False: it was recorded already."""
    with transaction.atomic():
        contribution = lock(refund)
        pending = Refund.objects.filter(**row_key(refund), status=Refund.Status.PENDING)
        if not pending.update(status=Refund.Status.COMPLETED, due_at=None):  # invariant: a-refund-is-completed-once
            return False
        evidence = Evidence(refund.checkout_number, refund.provider_reference, correlation_id, refund=refund)
        evidence = replace(evidence, fee_minor=fee_minor, platform_fee_minor=platform_fee_minor)
        _enter(contribution, refund, entries.refund(refund.amount_minor), evidence, cause=cause)
        unpaid = contribution.left_minor > 0
    if refund.cause == Cause.SERVICE and not unpaid:
        attention.solve(contribution, "money_cannot_go_back")
    return True


def undo(refund: Refund, failure: str, *, cause: Cause) -> bool:
    """The provider had called it done, and says now that it failed: the payee has the money. False: recorded already."""
    with transaction.atomic():
        contribution = lock(refund)
        done = Refund.objects.filter(**row_key(refund), status=Refund.Status.COMPLETED)
        if not done.update(status=Refund.Status.FAILED, failure=failure):
            return False
        freed = contribution.refunds_reserved_minor - refund.amount_minor
        evidence = Evidence(refund.checkout_number, refund.provider_reference, refund=refund)
        was = refund.ledger_entries.filter(kind=Kind.REFUND).latest("pk")  # what was given back of the fees is kept again
        evidence = replace(evidence, fee_minor=was.fee_minor, platform_fee_minor=was.platform_fee_minor)
        undone = entries.refund_undone(refund.amount_minor)
        # invariant: a-refund-undone-is-entered
        _enter(contribution, refund, undone, evidence, cause=cause, reserved_minor=freed)
        Checkout.objects.filter(contribution=contribution, number=refund.checkout_number).update(due_at=clock.now())
    attention.arise("refund_undone", contribution, detail=f"refund {refund.public_id}: {failure}")
    return True


def fail(refund: Refund, failure: str, *, cause: Cause) -> bool:
    """The provider said no: what was reserved is free again. False: it was recorded already.

    Where the provider has taken the payment back in the meantime, it may have taken this part of it too: it is asked.
    """
    with transaction.atomic():
        contribution = lock(refund)
        pending = Refund.objects.filter(**row_key(refund), status=Refund.Status.PENDING)
        if not pending.update(status=Refund.Status.FAILED, failure=failure, due_at=None):
            return False
        free(contribution, refund, cause=cause)
    if refund.cause == Cause.SERVICE:
        attention.arise("money_cannot_go_back", contribution, detail=failure)
    log.warning("refund failed", extra={"refund": refund.public_id, "reason": failure})
    return True


def free(contribution: Contribution, refund: Refund, *, cause: Cause) -> None:
    """Give back what a Pending refund has reserved. To be called inside a transaction, the contribution locked."""
    if contribution.current_checkout.number != refund.checkout_number:
        return
    # invariant: a-failed-refund-frees-what-it-reserved
    freed: dict[str, Any] = {"refunds_reserved_minor": prepared.Plus(-refund.amount_minor)}
    if contribution.status == REVERSED:  # invariant: a-chargeback-takes-what-no-refund-took
        Checkout.objects.filter(**row_key(contribution.current_checkout)).update(due_at=clock.now())
        if not advance(contribution, SETTLED, reason="refund_failed", cause=cause, **freed):
            raise RuntimeError("a locked contribution changed under its lock")
    else:
        prepared.update(Contribution, row_key(contribution), freed)
        contribution.refunds_reserved_minor -= refund.amount_minor  # the row is locked
        followers.tell_reserved(contribution)


def _enter(
    contribution: Contribution,
    refund: Refund,
    entry: Entry,
    evidence: Evidence,
    *,
    cause: Cause,
    reserved_minor: int | None = None,
) -> None:
    """Enter a refund, or that it was none; the status follows from what is left. In a transaction, the contribution locked."""
    to, reason = Status(contribution.status), "paid_twice"
    columns: dict[str, Any] = {}
    if contribution.current_checkout.number == refund.checkout_number:
        reserved = contribution.refunds_reserved_minor if reserved_minor is None else reserved_minor
        columns = {"refunds_reserved_minor": reserved}
        if to in TAKEN:
            to = after_taking(  # invariant: refunded-when-all-is-given-back
                captured_minor=contribution.settled_minor or 0,
                refunded_minor=contribution.refunded_minor - entry.collected_delta_minor,
                reserved_minor=reserved,
                lost_minor=contribution.reversed_minor,
            )
        reason = REASONS.get(to, "partly_refunded") if to != contribution.status else "partly_refunded"
        if to == contribution.status == SETTLED:  # no move, which would set it
            columns["status_reason"] = "refund_failed" if entry.kind is Kind.REFUND_UNDONE else ""
    if entry.kind is Kind.REFUND_UNDONE:
        reason = "refund_failed"
    if not advance(contribution, to, reason=reason, cause=cause, entry=entry, evidence=evidence, **columns):
        raise RuntimeError("a locked contribution changed under its lock")


REASONS = {REFUNDED: "refunded", REVERSED: "chargeback"}


def lock(refund: Refund) -> Contribution:
    """The refund's contribution, locked until the transaction ends."""
    rows = Contribution.objects.whole().select_for_update(no_key=True, of=("self",))
    return rows.get(pk=refund.contribution_id, partner_id=refund.partner_id)
