"""Amazon Pay's words and ours. https://developer.amazon.com/docs/amazon-pay-api-v2/checkout-session.html, .../charge.html,
.../dispute.html

A word that stands in no table here moves no money: it becomes PENDING, or an outcome that is unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from providers.amazon.amounts import minor_of
from providers.base import Payment, PaymentRequest, PaymentState, ProviderRefund, ProviderUnavailable, RefundState
from providers.calls import an_object, text

Words = Mapping[str, Any]

# --- States -------------------------------------------------------------------------------------------------------------

CANCELED_SESSIONS = {
    "BuyerCanceled": (PaymentState.VOIDED, "giver_cancelled"),
    "Expired": (PaymentState.DECLINED, "checkout_expired"),
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

# --- Refusals -------------------------------------------------------------------------------------------------------------


class Then(Enum):
    """What a refusal asks for next."""

    REFUSED = "refused"  # final
    ASK = "ask"  # it may be done already, or be over: what is true is asked for, and is the answer
    LATER = "later"  # nobody knows: the same request again, later


@dataclass(frozen=True)
class Meaning:
    then: Then
    reason: str = ""


def _all(meaning: Meaning, *codes: str) -> dict[str, Meaning]:
    return dict.fromkeys(codes, meaning)


def _refused(reason: str, *codes: str) -> dict[str, Meaning]:
    return _all(Meaning(Then.REFUSED, reason), *codes)


def _refund_refused(failure: str, *codes: str) -> dict[str, Meaning]:
    """Why a refund failed: for operators, not for a contribution's StatusReason."""
    return _refused(failure, *codes)


MEANINGS: Mapping[str, Meaning] = (
    _all(Meaning(Then.ASK), "InvalidCheckoutSessionStatus", "CheckoutSessionCanceled", "InvalidChargeStatus")
    | _all(Meaning(Then.ASK), "InvalidChargePermissionStatus", "DuplicateIdempotencyKey")
    | _all(Meaning(Then.LATER), "TooManyRequests", "InternalServerError", "ServiceUnavailable")
    | _refused("instrument_declined", "SoftDeclined", "HardDeclined", "PaymentMethodNotAllowed")
    | _refused("payment_declined", "AmazonRejected", "ProcessingFailure", "TransactionTimedOut")
    | _refused("giver_must_act", "MFANotCompleted")
    | _refused("amount_refused", "CurrencyMismatch", "TransactionAmountExceeded", "ChargeAmountMismatch")
    | _refused("payee_cannot_receive", "InvalidAccountStatus")
    | _refused("not_permitted", "UnauthorizedAccess")
    | _refused("unknown_checkout", "ResourceNotFound")
    | _refused("request_rejected", "InvalidRequest", "InvalidParameterValue", "InvalidRequestFormat", "MissingHeaderValue")
    | _refused("request_rejected", "MissingParameterValue", "UnrecognizedField", "InvalidParameterCombination")
    | _refused("request_rejected", "InvalidSandboxSimulationSpecified", "TransactionCountExceeded")
)
"""What each reasonCode means for the order that was refused with it."""

REFUND_MEANINGS: Mapping[str, Meaning] = dict(MEANINGS) | (
    _refund_refused("refund_amount_exceeded", "TransactionAmountExceeded", "TransactionCountExceeded")
    | _refund_refused("cannot_refund", "InvalidChargeStatus")
)

BY_STATUS: Mapping[int, Meaning] = {
    400: Meaning(Then.REFUSED, "request_rejected"),
    403: Meaning(Then.REFUSED, "not_permitted"),
    404: Meaning(Then.REFUSED, "unknown_checkout"),
}
"""A refusal whose code we do not know. A 422 is not here: an unfamiliar business rule says nothing of the outcome."""


def meaning_of(status: int, reason_code: str, *, of_a_refund: bool = False) -> Meaning:
    """What to make of a refusal."""
    known = REFUND_MEANINGS if of_a_refund else MEANINGS
    return known.get(reason_code) or BY_STATUS.get(status, Meaning(Then.LATER))


# --- Payments -----------------------------------------------------------------------------------------------------------


def session_state(session: Words) -> tuple[PaymentState, str]:
    """How far a checkout session has come while there is no charge to ask, and why."""
    status = an_object(session.get("statusDetails"))
    state = status.get("state")
    if state == "Open":
        # What still lacks something cannot be completed. Whether the giver has agreed only Amazon knows: it refuses then.
        return (PaymentState.OPEN if session.get("constraints") else PaymentState.APPROVED), ""
    if state == "Canceled":
        return CANCELED_SESSIONS.get(text(status.get("reasonCode")), (PaymentState.DECLINED, DECLINED))
    return PaymentState.PENDING, IN_PROGRESS


def charge_state(charge: Words, *, capture_at_once: bool) -> tuple[PaymentState, str]:
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
    order: PaymentRequest, *, payee: str, reference: str, session: Words | None, charge: Words | None, correlation_id: str
) -> Payment:
    """What Amazon says of a payment. Raises ProviderUnavailable where an amount cannot be read."""
    if charge is not None:
        state, why = charge_state(charge, capture_at_once=order.capture_at_once)
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
        expires_at=moment_of(charge.get("expirationTimestamp")) if held else None,
        given_back_minor=given_back_minor,
    )


def dispute_state(dispute: Words, payment: Payment) -> tuple[PaymentState, str]:
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


def refund_of(refund: Words, of: PaymentRequest, *, reference: str = "", correlation_id: str = "") -> ProviderRefund:
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


def reference_in(words: Words) -> str:
    """Our own id of the contribution, as a session or a charge permission repeats it; empty where it does not."""
    return text(an_object(words.get("merchantMetadata")).get("merchantReferenceId"))


def moment_of(told: object) -> datetime | None:
    """20201024T211909Z; None for anything else."""
    try:
        return datetime.strptime(told, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if isinstance(told, str) else None
    except ValueError:
        return None


def _price(price: object, of_what: str) -> tuple[int, str]:
    amount, currency = an_object(price).get("amount"), an_object(price).get("currencyCode")
    try:
        return minor_of(amount, currency), text(currency)
    except ValueError:
        raise ProviderUnavailable(f"{of_what} without an amount that can be read") from None
