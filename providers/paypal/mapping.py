"""PayPal's words and ours. https://developer.paypal.com/docs/api/orders/v2/ and .../payments/v2/

A word that stands in no table here moves no money: it becomes PENDING, or an outcome that is unknown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from providers.base import Payment, PaymentRequest, PaymentState, ProviderRefund, ProviderUnavailable, RefundState
from providers.calls import an_object, objects, text
from providers.paypal.amounts import minor_of

Words = Mapping[str, Any]

# --- States -------------------------------------------------------------------------------------------------------------

ORDER_STATES = {
    "CREATED": PaymentState.OPEN,
    "SAVED": PaymentState.OPEN,
    "PAYER_ACTION_REQUIRED": PaymentState.OPEN,
    "APPROVED": PaymentState.APPROVED,
    "VOIDED": PaymentState.VOIDED,
}
"""While nothing was held or taken in it. COMPLETED is not here: whether money came is told by the capture alone."""

AUTHORIZATION_STATES = {
    "CREATED": PaymentState.AUTHORIZED,
    "PENDING": PaymentState.PENDING,
    "DENIED": PaymentState.DECLINED,
    "VOIDED": PaymentState.VOIDED,
    "EXPIRED": PaymentState.VOIDED,
}
"""CAPTURED and PARTIALLY_CAPTURED are not here: the capture tells."""

CAPTURE_STATES = {
    "COMPLETED": PaymentState.CAPTURED,
    "PARTIALLY_REFUNDED": PaymentState.CAPTURED,
    "REFUNDED": PaymentState.CAPTURED,
    "PENDING": PaymentState.PENDING,
    "DECLINED": PaymentState.DECLINED,
    "DENIED": PaymentState.DECLINED,
    "FAILED": PaymentState.DECLINED,
    "REVERSED": PaymentState.REVERSED,
}

TAKEN_BACK = frozenset({"CHARGEBACK", "BUYER_COMPLAINT"})
"""With one of these reasons, a capture that is not COMPLETED or PENDING any more was taken back, not refunded or refused."""

REFUND_STATES = {
    "COMPLETED": RefundState.COMPLETED,
    "PENDING": RefundState.PENDING,
    "FAILED": RefundState.FAILED,
    "CANCELLED": RefundState.FAILED,
}

REASONS = {
    "BUYER_COMPLAINT": "chargeback",
    "CHARGEBACK": "chargeback",
    "ECHECK": "awaiting_bank",
    "INTERNATIONAL_WITHDRAWAL": "payee_must_accept",
    "OTHER": "under_review",
    "PENDING_REVIEW": "under_review",
    "RECEIVING_PREFERENCE_MANDATES_MANUAL_ACTION": "payee_must_accept",
    "TRANSACTION_APPROVED_AWAITING_FUNDING": "awaiting_bank",
    "UNILATERAL": "payee_must_accept",
    "VERIFICATION_REQUIRED": "payee_must_accept",
}
"""status_details.reason, as a StatusReason."""

_LONGEST_MERCHANT_ID = 64

EXPIRED = "authorization_lapsed"
DECLINED = "payment_declined"

# --- Refusals -------------------------------------------------------------------------------------------------------------


class Then(Enum):
    """What a refusal asks for next."""

    REFUSED = "refused"  # final
    ASK = "ask"  # it may be done already: the order is read, and what it says is the answer
    GIVER = "giver"  # the giver has to act first; the checkout stays open
    LATER = "later"  # nobody knows: the same request again, later


@dataclass(frozen=True)
class Meaning:
    then: Then
    reason: str = ""


def _all(meaning: Meaning, *issues: str) -> dict[str, Meaning]:
    return dict.fromkeys(issues, meaning)


def _refused(reason: str, *issues: str) -> dict[str, Meaning]:
    return _all(Meaning(Then.REFUSED, reason), *issues)


def _refund_refused(failure: str, *issues: str) -> dict[str, Meaning]:
    """Why a refund failed: for operators, not for a contribution's StatusReason."""
    return _refused(failure, *issues)


MEANINGS: Mapping[str, Meaning] = (
    _all(Meaning(Then.GIVER, "not_approved"), "ORDER_NOT_APPROVED")
    | _all(Meaning(Then.GIVER, "instrument_declined"), "INSTRUMENT_DECLINED", "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING")
    | _all(Meaning(Then.GIVER, "instrument_declined"), "PAYMENT_SOURCE_DECLINED_BY_PROCESSOR", "CARD_EXPIRED")
    | _all(Meaning(Then.GIVER, "giver_must_act"), "PAYER_ACTION_REQUIRED", "PAYMENT_SOURCE_INFO_CANNOT_BE_VERIFIED")
    | _all(Meaning(Then.ASK), "ORDER_ALREADY_CAPTURED", "ORDER_ALREADY_AUTHORIZED", "ORDER_ALREADY_COMPLETED")
    | _all(Meaning(Then.ASK), "AUTHORIZATION_ALREADY_CAPTURED", "MAX_CAPTURE_COUNT_EXCEEDED", "PREVIOUSLY_CAPTURED")
    | _all(Meaning(Then.ASK), "AUTHORIZATION_VOIDED", "AUTHORIZATION_EXPIRED", "AUTHORIZATION_DENIED", "PREVIOUSLY_VOIDED")
    | _all(Meaning(Then.ASK), "ORDER_COMPLETED_OR_VOIDED", "MAX_AUTHORIZATION_COUNT_EXCEEDED", "DUPLICATE_INVOICE_ID")
    | _all(Meaning(Then.LATER), "ORDER_COMPLETION_IN_PROGRESS", "PREVIOUS_REQUEST_IN_PROGRESS")
    | _refused("checkout_expired", "ORDER_EXPIRED", "TOKEN_EXPIRED")
    | _refused("payment_declined", "TRANSACTION_REFUSED", "PAYER_CANNOT_PAY", "COMPLIANCE_VIOLATION")
    | _refused("payment_declined", "DECLINED_DUE_TO_RELATED_TXN", "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED")
    | _refused("payment_declined", "TRANSACTION_LIMIT_EXCEEDED", "DOMESTIC_TRANSACTION_REQUIRED")
    | _refused("payment_declined", "PAYER_ACCOUNT_LOCKED_OR_CLOSED", "PAYER_ACCOUNT_RESTRICTED")
    | _refused("payee_cannot_receive", "PAYEE_ACCOUNT_INVALID", "PAYEE_ACCOUNT_LOCKED_OR_CLOSED", "PAYEE_ACCOUNT_RESTRICTED")
    | _refused("payee_cannot_receive", "PAYEE_ACCOUNT_NOT_VERIFIED", "PAYEE_NOT_ENABLED_FOR_CARD_PROCESSING")
    | _refused("payee_cannot_receive", "PAYEE_BLOCKED_TRANSACTION", "TRANSACTION_BLOCKED_BY_PAYEE")
    | _refused("payee_cannot_receive", "TRANSACTION_RECEIVING_LIMIT_EXCEEDED", "AUTH_CAPTURE_NOT_ENABLED")
    | _refused("amount_refused", "INVALID_CURRENCY_CODE", "DECIMAL_PRECISION", "DECIMALS_NOT_SUPPORTED", "MAX_VALUE_EXCEEDED")
    | _refused("amount_refused", "CANNOT_BE_ZERO_OR_NEGATIVE", "CANNOT_BE_NEGATIVE", "AMOUNT_MISMATCH")
    | _refused("amount_refused", "MAX_CAPTURE_AMOUNT_EXCEEDED", "AUTH_CAPTURE_CURRENCY_MISMATCH", "AUTH_CURRENCY_MISMATCH")
    | _refused("amount_refused", "AUTHORIZATION_AMOUNT_EXCEEDED", "AUTHORIZATION_CURRENCY_MISMATCH")
    | _refused("cannot_void", "CANNOT_BE_VOIDED")
    | _refused("cannot_renew", "REAUTHORIZATION_NOT_SUPPORTED", "REAUTHORIZATION_TOO_SOON", "CANNOT_BE_REAUTHORIZED")
    | _refund_refused(
        "refund_amount_exceeded", "CAPTURE_FULLY_REFUNDED", "REFUND_AMOUNT_EXCEEDED", "MAX_NUMBER_OF_REFUNDS_EXCEEDED"
    )
    | _refund_refused("refund_amount_refused", "REFUND_AMOUNT_TOO_LOW", "PARTIAL_REFUND_NOT_ALLOWED", "CURRENCY_MISMATCH")
    | _refund_refused("refund_amount_refused", "REFUND_CAPTURE_CURRENCY_MISMATCH", "PLATFORM_FEE_EXCEEDED")
    | _refund_refused("refund_too_late", "REFUND_TIME_LIMIT_EXCEEDED")
    | _refund_refused("payee_has_too_little", "REFUND_FAILED_INSUFFICIENT_FUNDS")
    | _refund_refused("payment_disputed", "TRANSACTION_DISPUTED", "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK")
    | _refund_refused(
        "cannot_refund", "PENDING_CAPTURE", "REFUND_NOT_ALLOWED", "REFUND_IS_RESTRICTED", "PLATFORM_FEE_NOT_ENABLED"
    )
    | _refused("not_permitted", "PERMISSION_DENIED", "CONSENT_NEEDED", "NOT_AUTHORIZED", "INVALID_ACCOUNT_STATUS")
    | _refused("request_rejected", "ACTION_DOES_NOT_MATCH_INTENT", "UNSUPPORTED_INTENT", "MALFORMED_REQUEST_JSON")
    | _refused("request_rejected", "MISSING_REQUIRED_PARAMETER", "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_SYNTAX")
    | _refused("request_rejected", "INVALID_STRING_LENGTH", "INVALID_STRING_MAX_LENGTH", "PAYPAL_REQUEST_ID_REQUIRED")
    | _refused("request_rejected", "NOT_SUPPORTED", "INCOMPATIBLE_PARAMETER_VALUE", "DUPLICATE_REQUEST_ID")
    | _refused("unknown_checkout", "INVALID_RESOURCE_ID")
)
"""What each issue code means for the order that was refused with it. The first one that stands here counts."""

BY_STATUS: Mapping[int, Meaning] = {
    400: Meaning(Then.REFUSED, "request_rejected"),
    403: Meaning(Then.REFUSED, "not_permitted"),
    404: Meaning(Then.REFUSED, "unknown_checkout"),
}
"""A refusal without an issue that we know. A 422 is not here: an unfamiliar business rule says nothing of the outcome."""


def meaning_of(status: int, issues: Iterable[str]) -> Meaning:
    """What to make of a refusal."""
    return next((MEANINGS[issue] for issue in issues if issue in MEANINGS), BY_STATUS.get(status, Meaning(Then.LATER)))


# --- Payments -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unit:
    """What an order is for, and everything held, taken and given back of it."""

    order_status: str
    amount: Words
    payee: object
    """As it came: None or empty where PayPal names nobody."""
    reference: str
    authorizations: tuple[Words, ...]
    captures: tuple[Words, ...]
    refunds: tuple[Words, ...]


def unit_of(order: Words, *fresher: tuple[str, Words]) -> Unit:
    """The one purchase unit of an order; `fresher` are ("captures", capture), ... that PayPal told of since or elsewhere.

    Raises ProviderUnavailable where it is not such an order.
    """
    units = order.get("purchase_units")
    unit = units[0] if isinstance(units, list) and len(units) == 1 else None
    if not isinstance(unit, dict) or not isinstance(order.get("status"), str):
        raise ProviderUnavailable("what PayPal answered is not an order of ours")
    payments = an_object(unit.get("payments"))

    def merged(kind: str) -> tuple[Words, ...]:
        by_id = {one["id"]: one for one in _dicts(payments.get(kind))}
        for its_kind, resource in fresher:
            if its_kind == kind and isinstance(resource.get("id"), str):
                by_id[resource["id"]] = {**by_id.get(resource["id"], {}), **resource}
        return tuple(by_id.values())

    custom_id = unit.get("custom_id")
    return Unit(
        order["status"],
        an_object(unit.get("amount")),
        unit.get("payee"),
        custom_id if isinstance(custom_id, str) else "",
        merged("authorizations"),
        merged("captures"),
        merged("refunds"),
    )


def payment_of(ours: PaymentRequest, unit: Unit, *, correlation_id: str) -> Payment:
    """The payment as PayPal tells it; of `ours` comes the payee where it names none. Raises ProviderUnavailable."""
    state, resources, why = _judged(unit)
    payee = payee_of(ours, unit.payee, *(one.get("payee") for one in resources))
    if not (payee and unit.reference):
        raise ProviderUnavailable("the order does not say for whom it is, or not by the kind of name that we know")
    amount_minor, currency = _sum([an_object(one.get("amount")) for one in resources] or [unit.amount])
    references = {one["custom_id"] for one in resources if isinstance(one.get("custom_id"), str)} - {unit.reference}
    first: Words = resources[0] if resources else {}
    fee_minor, net_minor = _kept_and_left(first, currency) if state is PaymentState.CAPTURED else (None, None)
    return Payment(
        state=state,
        amount_minor=amount_minor,
        currency=currency,
        payee=payee,
        reference=references.pop() if references else unit.reference,
        provider_reference=first.get("id", ""),
        correlation_id=correlation_id,
        reason=why,
        fee_minor=fee_minor,
        net_minor=net_minor,
        expires_at=moment_of(first.get("expiration_time")) if state is PaymentState.AUTHORIZED else None,
        refunds=_given_back(unit, ours, state),
    )


def _given_back(unit: Unit, ours: PaymentRequest, state: PaymentState) -> tuple[ProviderRefund, ...]:
    """Everything given back. What was taken back PayPal lists as a refund too: that one is told by the state."""
    told = tuple(refund_of(one, ours) for one in unit.refunds)
    return tuple(one for one in told if one.reference) if state is PaymentState.REVERSED else told


def _judged(unit: Unit) -> tuple[PaymentState, list[Words], str]:
    """How far it has come, the captures or authorization that say so, and why. Money that was taken counts before all else."""
    captures = [(capture_state(one), one) for one in unit.captures]  # invariant: paypal-captures-say-more-than-the-order
    for state in (PaymentState.CAPTURED, PaymentState.REVERSED, PaymentState.PENDING):
        if found := [one for its_state, one in captures if its_state is state]:
            return state, found, _why(found[0]) if state is not PaymentState.CAPTURED else ""
    if unit.order_status == "APPROVED" and not unit.authorizations:
        return PaymentState.APPROVED, [], ""  # after a decline, perhaps: the giver has chosen something else to pay with
    if captures:
        return PaymentState.DECLINED, [captures[-1][1]], _why(captures[-1][1]) or DECLINED
    held = [(AUTHORIZATION_STATES.get(text(one.get("status")), PaymentState.PENDING), one) for one in unit.authorizations]
    held.sort(key=lambda one: str(one[1].get("create_time", "")), reverse=True)  # the newest, where it was renewed
    for state in (PaymentState.AUTHORIZED, PaymentState.PENDING, PaymentState.DECLINED, PaymentState.VOIDED):
        if at := [one for its_state, one in held if its_state is state]:
            lapsed = EXPIRED if at[0].get("status") == "EXPIRED" else ""
            return state, at[:1], _why(at[0]) or (DECLINED if state is PaymentState.DECLINED else lapsed)
    return ORDER_STATES.get(unit.order_status, PaymentState.PENDING), [], ""


def capture_state(capture: Words) -> PaymentState:
    """What one capture says."""
    status = text(capture.get("status"))
    because = text(an_object(capture.get("status_details")).get("reason"))
    if because in TAKEN_BACK and status not in {"COMPLETED", "PENDING", "PARTIALLY_REFUNDED"}:
        return PaymentState.REVERSED
    return CAPTURE_STATES.get(status, PaymentState.PENDING)


def refund_of(refund: Words, of: PaymentRequest, *, correlation_id: str = "") -> ProviderRefund:
    """One refund of a payment, whose own reference a refund made in the dashboard may repeat. Raises ProviderUnavailable."""
    amount = an_object(refund.get("amount"))
    if amount.get("currency_code") != of.currency:
        raise ProviderUnavailable("a refund in another currency than the payment's")
    try:
        amount_minor = minor_of(amount.get("value"), amount.get("currency_code"))
    except ValueError:
        raise ProviderUnavailable("a refund without an amount that can be read") from None
    names = [refund.get("custom_id"), refund.get("invoice_id")]
    state = REFUND_STATES.get(text(refund.get("status")), RefundState.PENDING)
    return ProviderRefund(
        state=state,
        amount_minor=amount_minor,
        reference=next((name for name in names if isinstance(name, str) and name and name != of.reference), ""),
        provider_reference=text(refund.get("id")),
        correlation_id=correlation_id,
        reason="refund_denied" if state is RefundState.FAILED else "",
    )


def payee_of(ours: PaymentRequest, *told: object) -> str:
    """Who PayPal says is paid, by the kind of name that ours is; an e-mail address in other letters is the same address.

    The first of `told` that names anybody counts. Where none does it is ours: PayPal need not repeat the payee, whom our
    request to create the order named. Our address may also be told as the merchant id that PayPal had for it then.
    Empty where somebody is named in a way that cannot be compared.
    """
    named = next((one for one in told if _names_somebody(one)), None)
    if named is None:
        return ours.payee
    address, merchant_id = text(an_object(named).get("email_address")), text(an_object(named).get("merchant_id"))
    if "@" not in ours.payee:
        return merchant_id
    if address:
        return ours.payee if address.casefold() == ours.payee.casefold() else address
    if not ours.payee_id:
        return ""
    return ours.payee if merchant_id == ours.payee_id else merchant_id


def payee_id_in(created: Words, ours: PaymentRequest) -> str:
    """The merchant id that PayPal tells for our payee as it creates the order, which nobody else can know of yet; or empty."""
    units = created.get("purchase_units")
    payee = an_object(an_object(units[0]).get("payee")) if isinstance(units, list) and len(units) == 1 else {}
    address, merchant_id = payee.get("email_address"), text(payee.get("merchant_id"))
    same = not address or text(address).casefold() == ours.payee.casefold()
    return merchant_id if same and len(merchant_id) <= _LONGEST_MERCHANT_ID else ""


def _names_somebody(payee: object) -> bool:
    return bool(payee.get("email_address") or payee.get("merchant_id")) if isinstance(payee, dict) else bool(payee)


def moment_of(told: object) -> datetime | None:
    """An RFC 3339 moment; None for anything else."""
    try:
        moment = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def link_of(words: Words, *relations: str) -> str:
    """The address of the first link with one of these relations; empty where there is none."""
    for link in words.get("links", []) if isinstance(words.get("links"), list) else []:
        if isinstance(link, dict) and link.get("rel") in relations and isinstance(link.get("href"), str):
            return str(link["href"])
    return ""


def _sum(amounts: list[Words]) -> tuple[int, str]:
    currencies = {text(amount.get("currency_code")) for amount in amounts}
    try:
        total = sum(minor_of(amount.get("value"), amount.get("currency_code")) for amount in amounts)
    except ValueError:
        raise ProviderUnavailable("a payment without an amount that can be read") from None
    return total, currencies.pop() if len(currencies) == 1 else ""


def _kept_and_left(capture: Words, currency: str) -> tuple[int | None, int | None]:
    breakdown = an_object(capture.get("seller_receivable_breakdown"))

    def part(name: str) -> int | None:
        amount = an_object(breakdown.get(name))
        try:
            return minor_of(amount.get("value"), currency) if amount.get("currency_code") == currency else None
        except ValueError:
            return None

    return part("paypal_fee"), part("net_amount")


def _why(resource: Words) -> str:
    return REASONS.get(text(an_object(resource.get("status_details")).get("reason")), "")


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in objects(value) if isinstance(one.get("id"), str)]
