"""What disputes make of a payment: at Amazon the charge itself never tells."""

import logging
from dataclasses import replace

from providers.amazon.client import AmazonPayClient, AmazonRefused
from providers.amazon.mapping import Verdict, verdict_of
from providers.amazon.refusals import REFUSALS
from providers.base import Payment, PaymentRequest, PaymentState, ProviderUnavailable
from providers.kit.refusals import Then

log = logging.getLogger(__name__)


def after_disputes(client: AmazonPayClient, request: PaymentRequest, payment: Payment) -> Payment:
    """Taken, or taken back as far as the giver's bank has won and we have not: the charge itself never tells."""
    if payment.state is not PaymentState.CAPTURED or not request.disputes:
        return payment
    verdicts = [_verdict(client, dispute_id, payment) for dispute_id in request.disputes]
    told = replace(payment, for_a_person=next((one.for_a_person for one in verdicts if one.for_a_person), ""))
    states = {one.state for one in verdicts}
    if PaymentState.REVERSED in states:
        lost_minor = sum(one.lost_minor for one in verdicts)
        return replace(told, state=PaymentState.REVERSED, reason="chargeback", lost_minor=lost_minor)
    if PaymentState.PENDING in states:
        return replace(told, has_open_dispute=True)  # invariant: an-open-dispute-hides-no-capture
    return told


def _verdict(client: AmazonPayClient, dispute_id: str, payment: Payment) -> Verdict:
    """What one dispute makes of the payment; PENDING where nobody knows."""
    try:
        reply = client.call("get dispute", "GET", f"/disputes/{dispute_id}")
    except AmazonRefused as refusal:
        if REFUSALS.meaning(refusal).then is not Then.REFUSED:
            raise ProviderUnavailable(f"get dispute: {refusal}") from refusal
        return Verdict(PaymentState.PENDING, for_a_person="dispute_unclear")
    if reply.data.get("disputeId") != dispute_id:
        raise ProviderUnavailable("get dispute: answered with another dispute")
    return verdict_of(reply.data, payment)


def for_a_person(dispute_id: str, why: str) -> None:
    """Tell the operator's log that a person has to see to a chargeback."""
    log.error("a chargeback waits for a person", extra={"provider": "amazon", "record": dispute_id, "error": why})
