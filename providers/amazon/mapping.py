"""Amazon Pay's words and ours. https://developer.amazon.com/docs/amazon-pay-api-v2/checkout-session.html, .../charge.html,
.../dispute.html

A word that stands in no table here moves no money: it becomes PENDING, or an outcome that is unknown.
"""

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
        amount = charge.get("captureAmount") if state is PaymentState.CAPTURED else None
        amount = amount or charge.get("chargeAmount")
    else:
        state, why = session_state(session or {})
        amount = an_object((session or {}).get("paymentDetails")).get("chargeAmount")
    charge = charge or {}
    amount_minor, currency = _price(amount, "a payment")
    back = charge.get("refundedAmount")
    given_back_minor, its_currency = _price(back, "a refunded amount") if back is not None else (0, currency)
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
        expires_at=time_of_compact(charge.get("expirationTimestamp")) if held else None,
        given_back_minor=given_back_minor,
    )


def dispute_state(dispute: Json, payment: Payment) -> tuple[PaymentState, str]:
    """What one dispute makes of a payment that was taken, and why a person has to see to it; empty: nobody has to.

    PENDING is undecided, or not to be entered: then whatever stands in the books stays.
    """
    status = an_object(dispute.get("statusDetails"))
    state, resolution = text(status.get("state")), text(status.get("resolution"))
    if text(dispute.get("chargeId")) != payment.provider_reference:
        return PaymentState.PENDING, "it is about another charge"
    if state == "UnderReview":
        return PaymentState.PENDING, ""
    if state == "ActionRequired":
        return PaymentState.PENDING, "it is to be answered in Seller Central"
    outcome = RESOLUTIONS.get(resolution) if state in RESOLVED else None
    if outcome is None:
        return PaymentState.PENDING, f"Amazon says {state[:40]} {resolution[:40]}"
    if outcome is PaymentState.REVERSED:
        try:
            taken_back_minor, currency = _price(dispute.get("disputeAmount"), "a dispute")
        except ProviderUnavailable:
            return PaymentState.PENDING, "it is over an amount that cannot be read"
        if currency != payment.currency or taken_back_minor < payment.amount_minor - payment.given_back_minor:
            return PaymentState.PENDING, "it is over another amount than what is left of the gift"
    return outcome, ""


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
