"""PayPal's words and request. https://developer.paypal.com/docs/api/orders/v2/ and .../payments/v2/

A word that stands in no table here moves no money: it becomes PENDING, or an outcome that is unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from providers.base import Payment, PaymentRequest, PaymentState, ProviderRefund, ProviderUnavailable, RefundState
from providers.kit.reading import Json, amount_of, an_object, objects, text, time_of_rfc3339
from providers.paypal.payees import payee_of
from providers.paypal.shares import fee_given_back, platform_fee_in, shares_of

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

HONORED = timedelta(days=3)
"""How long PayPal vouches for what it holds; after that it is to be authorized anew before it is taken.
https://developer.paypal.com/docs/checkout/standard/customize/authorization/ (2026-11)"""

EXPIRED = "authorization_lapsed"
DECLINED = "payment_declined"

# --- Payments -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PurchaseUnit:
    """What an order is for, and everything held, taken and given back of it."""

    order_status: str
    amount: Json
    payee: object
    """As it came: None or empty where PayPal names nobody."""
    reference: str
    authorizations: tuple[Json, ...]
    captures: tuple[Json, ...]
    refunds: tuple[Json, ...]


def purchase_unit_of(order: Json, *fresher: tuple[str, Json], told_before: Sequence[tuple[str, Json]] = ()) -> PurchaseUnit:
    """The one purchase unit of an order; `fresher` are ("captures", capture), ... that PayPal told of since or elsewhere.

    `told_before`: the same, of which it told before the order was read: they count where that does not list them yet.
    Raises ProviderUnavailable where it is not such an order.
    """
    units = order.get("purchase_units")
    unit = units[0] if isinstance(units, list) and len(units) == 1 else None
    if not isinstance(unit, dict) or not isinstance(order.get("status"), str):
        raise ProviderUnavailable("what PayPal answered is not an order of ours")
    payments = an_object(unit.get("payments"))

    def merged(kind: str) -> tuple[Json, ...]:
        by_id = {one["id"]: one for one in _with_ids(payments.get(kind))}
        for its_kind, resource in fresher:
            if its_kind == kind and isinstance(resource.get("id"), str):
                by_id[resource["id"]] = {**by_id.get(resource["id"], {}), **resource}
        for one in _with_ids([resource for its_kind, resource in told_before if its_kind == kind]):
            by_id.setdefault(one["id"], one)
        return tuple(by_id.values())

    custom_id = unit.get("custom_id")
    return PurchaseUnit(
        order["status"],
        an_object(unit.get("amount")),
        unit.get("payee"),
        custom_id if isinstance(custom_id, str) else "",
        merged("authorizations"),
        merged("captures"),
        merged("refunds"),
    )


def payment_of(request: PaymentRequest, unit: PurchaseUnit, *, correlation_id: str) -> Payment:
    """The payment as PayPal tells it; the payee is that of the request where it names none. Raises ProviderUnavailable."""
    state, resources, why = _state_of(unit)
    payee = payee_of(request, unit.payee, *(one.get("payee") for one in resources))
    if not (payee and unit.reference):
        raise ProviderUnavailable("the order does not say for whom it is, or not by the kind of name that we know")
    given_back = _given_back(unit, request)
    taken_minor, lost_minor = None, None
    amounts: list[Json] = [an_object(one.get("amount")) for one in resources] or [unit.amount]
    if state in {PaymentState.CAPTURED, PaymentState.REVERSED}:
        taken_minor, lost_minor = _taken_and_lost(resources, given_back)  # invariant: paypal-takes-what-was-captured
        amounts = [unit.amount or amounts[0]]
    amount_minor, currency = _sum(amounts)
    references = {one["custom_id"] for one in resources if isinstance(one.get("custom_id"), str)} - {unit.reference}
    first: Json = resources[0] if resources else {}
    fee_minor, net_minor, platform_fee_minor = shares_of(resources if state is PaymentState.CAPTURED else [], currency)
    return Payment(
        state=state,
        amount_minor=amount_minor,
        currency=currency,
        payee=payee,
        reference=references.pop() if references else unit.reference,
        provider_reference=first.get("id", ""),
        correlation_id=correlation_id,
        reason=why,
        taken_minor=taken_minor,
        lost_minor=lost_minor,
        fee_minor=fee_minor,
        net_minor=net_minor,
        platform_fee_minor=platform_fee_minor,
        expires_at=time_of_rfc3339(first.get("expiration_time")) if state is PaymentState.AUTHORIZED else None,
        honored_until=_honored_until(first) if state is PaymentState.AUTHORIZED else None,
        refunds=tuple(refund_of(one, request) for one in given_back),
        most_given_back_at_once_minor=_most_at_once(unit),
    )


def _given_back(unit: PurchaseUnit, request: PaymentRequest) -> list[Json]:
    """Every refund, the oldest first. Of a capture that PayPal took back it lists one too: that one is told by the state."""
    in_turn = sorted(unit.refunds, key=lambda one: str(one.get("create_time", "")))
    taken_back = [_taking_back(one, in_turn, request) for one in unit.captures if capture_state(one) is PaymentState.REVERSED]
    return [one for one in in_turn if not any(one is other for other in taken_back)]


def _taking_back(capture: Json, in_turn: Sequence[Json], request: PaymentRequest) -> Json | None:
    """The refund that PayPal lists for having taken this capture back: the last of those that nobody has named.

    It takes all that is left of it. Where something is left, it is not among them yet.
    """
    if left_of(capture, in_turn) > 0:
        return None
    alive = [(one, refund_of(one, request)) for one in in_turn if _is_of(one, capture)]
    nameless = [one for one, read in alive if not read.reference and read.state is not RefundState.FAILED]
    return nameless[-1] if nameless else None


def _state_of(unit: PurchaseUnit) -> tuple[PaymentState, list[Json], str]:
    """How far it has come, the captures or authorization that say so, and why. Money that was taken counts before all else."""
    captures = [(capture_state(one), one) for one in unit.captures]  # invariant: paypal-captures-say-more-than-the-order
    if any(its_state is PaymentState.CAPTURED for its_state, _ in captures):
        return PaymentState.CAPTURED, [one for its_state, one in captures if its_state in _TAKEN], ""
    for state in (PaymentState.REVERSED, PaymentState.PENDING):
        if found := [one for its_state, one in captures if its_state is state]:
            return state, found, _reason_of(found[0])
    if unit.order_status == "APPROVED" and not unit.authorizations:
        return PaymentState.APPROVED, [], ""  # after a decline, perhaps: the giver has chosen something else to pay with
    if captures:
        return PaymentState.DECLINED, [captures[-1][1]], _reason_of(captures[-1][1]) or DECLINED
    held = [(AUTHORIZATION_STATES.get(text(one.get("status")), PaymentState.PENDING), one) for one in unit.authorizations]
    held.sort(key=lambda one: str(one[1].get("create_time", "")), reverse=True)  # the newest, where it was renewed
    for state in (PaymentState.AUTHORIZED, PaymentState.PENDING, PaymentState.DECLINED, PaymentState.VOIDED):
        if at := [one for its_state, one in held if its_state is state]:
            lapsed = EXPIRED if at[0].get("status") == "EXPIRED" else ""
            return state, at[:1], _reason_of(at[0]) or (DECLINED if state is PaymentState.DECLINED else lapsed)
    return ORDER_STATES.get(unit.order_status, PaymentState.PENDING), [], ""


def capture_state(capture: Json) -> PaymentState:
    """What one capture says."""
    status = text(capture.get("status"))
    because = text(an_object(capture.get("status_details")).get("reason"))
    if because in TAKEN_BACK and status not in {"COMPLETED", "PENDING", "PARTIALLY_REFUNDED"}:
        return PaymentState.REVERSED
    return CAPTURE_STATES.get(status, PaymentState.PENDING)


def refund_of(refund: Json, of: PaymentRequest, *, correlation_id: str = "") -> ProviderRefund:
    """One refund of a payment, whose own reference a refund made in the dashboard may repeat. Raises ProviderUnavailable."""
    amount_minor, currency = amount_in(refund.get("amount"), "a refund")
    if currency != of.currency:
        raise ProviderUnavailable("a refund in another currency than the payment's")
    names = [refund.get("custom_id"), refund.get("invoice_id")]
    state = REFUND_STATES.get(text(refund.get("status")), RefundState.PENDING)
    return ProviderRefund(
        state=state,
        amount_minor=amount_minor,
        reference=next((name for name in names if isinstance(name, str) and name and name != of.reference), ""),
        provider_reference=text(refund.get("id")),
        correlation_id=correlation_id,
        reason="refund_denied" if state is RefundState.FAILED else "",
        fee_minor=fee_given_back(refund.get("seller_payable_breakdown"), currency),
        platform_fee_minor=platform_fee_in(refund.get("seller_payable_breakdown"), currency),
    )


def left_of(capture: Json, refunds: Sequence[Json]) -> int:
    """What can still be given back of one capture, in minor units. Raises ProviderUnavailable."""
    of_it = [one for one in refunds if _is_of(one, capture)]
    alive = [one for one in of_it if REFUND_STATES.get(text(one.get("status"))) is not RefundState.FAILED]
    given_back = sum(amount_in(one.get("amount"), "a refund")[0] for one in alive)
    return amount_in(capture.get("amount"), "a payment")[0] - given_back


def _most_at_once(unit: PurchaseUnit) -> int | None:
    """A refund is of one capture. None: there are no several of them."""
    captured = [one for one in unit.captures if capture_state(one) is PaymentState.CAPTURED]
    return max(left_of(one, unit.refunds) for one in captured) if len(captured) > 1 else None


def _is_of(refund: Json, capture: Json) -> bool:
    return link_of(refund, "up").rpartition("/")[2] == text(capture.get("id"))


def link_of(words: Json, *relations: str) -> str:
    """The address of the first link with one of these relations; empty where there is none."""
    for link in words.get("links", []) if isinstance(words.get("links"), list) else []:
        if isinstance(link, dict) and link.get("rel") in relations and isinstance(link.get("href"), str):
            return str(link["href"])
    return ""


def amount_in(money: object, what: str) -> tuple[int, str]:
    """Minor units and currency of PayPal's money object. Raises ProviderUnavailable."""
    return amount_of(money, what, value="value", currency="currency_code")


_TAKEN = frozenset({PaymentState.CAPTURED, PaymentState.REVERSED})


def _taken_and_lost(captures: list[Json], given_back: Sequence[Json]) -> tuple[int, int | None]:
    """What these captures took together, and what PayPal took back: of each what was not given back before; None: of all."""
    taken = _sum([an_object(one.get("amount")) for one in captures])[0]
    taken_back = [one for one in captures if capture_state(one) is PaymentState.REVERSED]
    return taken, None if len(taken_back) == len(captures) else sum(left_of(one, given_back) for one in taken_back)


def _honored_until(authorization: Json) -> datetime | None:
    made = time_of_rfc3339(authorization.get("create_time"))
    return made + HONORED if made else None


def _sum(amounts: list[Json]) -> tuple[int, str]:
    read = [amount_in(amount, "a payment") for amount in amounts]
    currencies = {currency for _, currency in read}
    return sum(minor for minor, _ in read), currencies.pop() if len(currencies) == 1 else ""


def _reason_of(resource: Json) -> str:
    return REASONS.get(text(an_object(resource.get("status_details")).get("reason")), "")


def _with_ids(value: object) -> list[dict[str, Any]]:
    return [one for one in objects(value) if isinstance(one.get("id"), str)]
