"""Amazon Pay's words and ours. https://developer.amazon.com/docs/amazon-pay-api-v2/checkout-session.html, .../charge.html,
.../dispute.html

A word that stands in no table here moves no money: it becomes PENDING, or an outcome that is unknown.
"""

from dataclasses import dataclass

from providers.base import Payment, PaymentRequest, PaymentState, ProviderRefund, ProviderUnavailable, RefundState
from providers.kit.reading import Json, amount_of, an_object, text, time_of_compact

# --- States -------------------------------------------------------------------------------------------------------------

CANCELED_SESSIONS = {
    "BuyerCanceled": (PaymentState.VOIDED, "giver_cancelled"),
    "Expired": (PaymentState.LAPSED, ""),
    "Declined": (PaymentState.DECLINED, "instrument_declined"),
    "AmazonCanceled": (PaymentState.DECLINED, "payment_declined"),
}
"""What a session that is Canceled means, by its reasonCode: it can never be paid any more."""

CHARGE_STATES = {
    "AuthorizationInitiated": PaymentState.PENDING,
    "Authorized": PaymentState.AUTHORIZED,
    "CaptureInitiated": PaymentState.PENDING,
    "Captured": PaymentState.CAPTURED,
    "Completed": PaymentState.CAPTURED,  # what older pages of Amazon's call Captured
    "Canceled": PaymentState.VOIDED,
    "Declined": PaymentState.DECLINED,
}

REFUND_STATES = {
    "RefundInitiated": RefundState.PENDING,
    "Refunded": RefundState.COMPLETED,
    "Declined": RefundState.FAILED,
}

RESOLUTIONS = {
    "BuyerWon": PaymentState.REVERSED,
    "MerchantWon": PaymentState.CAPTURED,
}
"""How a dispute has ended, and what that leaves of the payment it is about. NoFault does not say who bears it."""

RESOLVED = frozenset({"Resolved", "Closed"})

REASONS = {
    "SoftDeclined": "instrument_declined",
    "HardDeclined": "instrument_declined",
    "MFAFailed": "giver_must_act",
    "AmazonRejected": "payment_declined",
    "ProcessingFailure": "payment_declined",
    "TransactionTimedOut": "payment_declined",
    "ExpiredUnused": "authorization_lapsed",
}
"""A charge's statusDetails.reasonCode, as a StatusReason."""

DECLINED = "payment_declined"
IN_PROGRESS = "under_review"

# --- Payments -----------------------------------------------------------------------------------------------------------


def session_state(session: Json) -> tuple[PaymentState, str]:
    """How far a checkout session has come while there is no charge to ask, and why."""
    status = an_object(session.get("statusDetails"))
    state = status.get("state")
    if state == "Open":
        # What still lacks something cannot be completed. Whether the giver has agreed only Amazon knows: it refuses then.
        return (PaymentState.OPEN if session.get("constraints") else PaymentState.APPROVED), ""
    if state == "Canceled":
        return CANCELED_SESSIONS.get(text(status.get("reasonCode")), (PaymentState.DECLINED, DECLINED))
    return PaymentState.PENDING, IN_PROGRESS


def charge_state(charge: Json, *, capture_at_once: bool) -> tuple[PaymentState, str]:
    """What one charge says, and why."""
    status = an_object(charge.get("statusDetails"))
    state = CHARGE_STATES.get(text(status.get("state")), PaymentState.PENDING)
    why = REASONS.get(text(status.get("reasonCode")), "")
    if state is PaymentState.AUTHORIZED and capture_at_once:
        return PaymentState.APPROVED, ""  # it was to be taken and is only held: it is still to be taken
    if state is PaymentState.PENDING:
        why = IN_PROGRESS
    if state is PaymentState.DECLINED:
        why = why or DECLINED
    return state, why


def payment_of(
    request: PaymentRequest, *, payee: str, reference: str, session: Json | None, charge: Json | None, correlation_id: str
) -> Payment:
    """What Amazon says of a payment. Raises ProviderUnavailable where an amount cannot be read."""
    if charge is not None:
        state, why = charge_state(charge, capture_at_once=request.capture_at_once)
        amount = charge.get("chargeAmount")
        captured = charge.get("captureAmount") if state is PaymentState.CAPTURED else None
    else:
        state, why = session_state(session or {})
        amount, captured = an_object((session or {}).get("paymentDetails")).get("chargeAmount"), None
    charge = charge or {}
    amount_minor, currency = _price(amount, "a payment")
    back = charge.get("refundedAmount")
    given_back_minor, its_currency = _price(back, "a refunded amount") if back is not None else (0, currency)
    taken_minor, taken_currency = _price(captured, "a capture") if captured is not None else (None, currency)
    if taken_currency != currency:
        raise ProviderUnavailable("an amount was taken in another currency than the payment's")
    if its_currency != currency:
        raise ProviderUnavailable("an amount was given back in another currency than the payment's")
    held = state is PaymentState.AUTHORIZED
    return Payment(
        state=state,
        amount_minor=amount_minor,
        currency=currency,
        payee=payee,
        reference=reference,
        provider_reference=text(charge.get("chargeId")),
        correlation_id=correlation_id,
        reason=why,
        taken_minor=taken_minor,
        is_held=state is PaymentState.APPROVED and bool(charge),
        expires_at=time_of_compact(charge.get("expirationTimestamp")) if held else None,
        given_back_minor=given_back_minor,
    )


@dataclass(frozen=True)
class Verdict:
    """What one dispute makes of a payment that was taken. PENDING is undecided, or not to be entered: then what stands in the
    books as lost stays."""

    state: PaymentState
    lost_minor: int = 0
    for_a_person: str = ""
    """The kind of attention that it asks for."""


def verdict_of(dispute: Json, payment: Payment) -> Verdict:
    """What the dispute says: https://developer.amazon.com/docs/amazon-pay-api-v2/dispute.html (2026-11)."""
    status = an_object(dispute.get("statusDetails"))
    state, resolution = text(status.get("state")), text(status.get("resolution"))
    unclear = Verdict(PaymentState.PENDING, for_a_person="dispute_unclear")
    if text(dispute.get("chargeId")) != payment.provider_reference:
        return unclear
    if state == "UnderReview":
        return Verdict(PaymentState.PENDING)
    if state == "ActionRequired":
        return Verdict(PaymentState.PENDING, for_a_person="dispute_to_answer")
    outcome = RESOLUTIONS.get(resolution) if state in RESOLVED else None
    if outcome is not PaymentState.REVERSED:
        return Verdict(outcome) if outcome else unclear
    try:
        lost_minor, currency = _price(dispute.get("disputeAmount"), "a dispute")
    except ProviderUnavailable:
        return unclear
    # invariant: amazon-takes-back-what-was-disputed
    return Verdict(PaymentState.REVERSED, lost_minor) if currency == payment.currency else unclear


def refund_of(refund: Json, of: PaymentRequest, *, reference: str = "", correlation_id: str = "") -> ProviderRefund:
    """One refund of a payment. Amazon keeps no reference of ours with it; `reference` is whose answer this is known to be.

    Raises ProviderUnavailable.
    """
    amount_minor, currency = _price(refund.get("refundAmount"), "a refund")
    if currency != of.currency:
        raise ProviderUnavailable("a refund in another currency than the payment's")
    state = REFUND_STATES.get(text(an_object(refund.get("statusDetails")).get("state")), RefundState.PENDING)
    return ProviderRefund(
        state=state,
        amount_minor=amount_minor,
        reference=reference,
        provider_reference=text(refund.get("refundId")),
        correlation_id=correlation_id,
        reason="refund_denied" if state is RefundState.FAILED else "",
    )


def reference_in(words: Json) -> str:
    """Our own id of the contribution, as a session or a charge permission repeats it; empty where it does not."""
    return text(an_object(words.get("merchantMetadata")).get("merchantReferenceId"))


def _price(price: object, what: str) -> tuple[int, str]:
    return amount_of(price, what, value="amount", currency="currencyCode")
