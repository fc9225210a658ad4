"""What disputes make of a payment: at Amazon the charge itself never tells."""

import logging
from dataclasses import replace

from providers.amazon.client import AmazonPayClient, AmazonRefused
from providers.amazon.mapping import IN_PROGRESS, dispute_state
from providers.amazon.refusals import REFUSALS
from providers.base import Payment, PaymentRequest, PaymentState, ProviderUnavailable
from providers.kit.refusals import Then

log = logging.getLogger(__name__)


def after_disputes(client: AmazonPayClient, request: PaymentRequest, payment: Payment) -> Payment:
    """Taken, or reversed once the giver's bank has won and we have not: the charge itself never tells."""
    if payment.state is not PaymentState.CAPTURED:
        return payment
    verdicts = {_verdict(client, dispute_id, payment) for dispute_id in request.disputes}
    if PaymentState.REVERSED in verdicts:
        return replace(payment, state=PaymentState.REVERSED, reason="chargeback")
    if PaymentState.PENDING in verdicts:
        return replace(payment, state=PaymentState.PENDING, reason=IN_PROGRESS)
    return payment


def _verdict(client: AmazonPayClient, dispute_id: str, payment: Payment) -> PaymentState:
    """What one dispute makes of the payment; PENDING where nobody knows, and a person is told where one has to know."""
    try:
        reply = client.call("get dispute", "GET", f"/disputes/{dispute_id}")
    except AmazonRefused as refusal:
        if REFUSALS.meaning(refusal).then is not Then.REFUSED:
            raise ProviderUnavailable(f"get dispute: {refusal}") from refusal
        for_a_person(dispute_id, f"Amazon does not tell of it: {refusal}")
        return PaymentState.PENDING
    if reply.data.get("disputeId") != dispute_id:
        raise ProviderUnavailable("get dispute: answered with another dispute")
    state, why = dispute_state(reply.data, payment)
    if why:
        for_a_person(dispute_id, why)
    return state


def for_a_person(dispute_id: str, why: str) -> None:
    """Tell the operator's log that a person has to see to a chargeback."""
    log.error("a chargeback waits for a person", extra={"provider": "amazon", "record": dispute_id, "error": why})
