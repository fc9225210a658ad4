"""Stripe's words and ours. https://docs.stripe.com/api/checkout/sessions/object and .../payment_intents/object

A session is where the giver pays at Stripe's; the PaymentIntent is the payment, and it alone tells of money. A word that stands
in no table here moves no money: it becomes PENDING, or an outcome that is unknown.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from providers.base import Payment, PaymentState, ProviderRefund, ProviderUnavailable, RefundState
from providers.kit.reading import Json, an_object, objects, text, time_of_epoch
from providers.stripe.amounts import minor_of
from providers.stripe.shares import platform_fee_of

# --- States -------------------------------------------------------------------------------------------------------------

INTENT_STATES = {
    "succeeded": PaymentState.CAPTURED,
    "requires_capture": PaymentState.AUTHORIZED,
    "processing": PaymentState.PENDING,
    "canceled": PaymentState.VOIDED,
}

UNPAID = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
"""Nothing is held or taken (yet): what becomes of it is told by the session."""

SESSION_STATES = {"open": PaymentState.OPEN, "expired": PaymentState.DECLINED}
"""While nothing was held or taken in it. complete is not here: whether money came is told by the PaymentIntent."""

REFUND_STATES = {
    "succeeded": RefundState.COMPLETED,
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}

TAKEN_BACK = frozenset({"needs_response", "under_review", "appeal_needs_response", "appeal_under_review", "lost"})
"""Disputes for which Stripe has taken the money back; it does so as soon as there is one."""

TO_ANSWER = frozenset({"needs_response", "appeal_needs_response", "warning_needs_response"})
"""Disputes for which Stripe waits for evidence: https://docs.stripe.com/disputes/how-disputes-work (2026-11)"""

LEFT_ALONE = frozenset({"won", "prevented", "warning_needs_response", "warning_under_review", "warning_closed"})
"""Disputes for which no money is missing (any more). A warning is a question of the bank's, not a chargeback."""

LAPSED = frozenset({"automatic", "expired"})
"""Why a PaymentIntent was canceled, where it was Stripe that did not hold it any longer."""

USUALLY_HELD = timedelta(days=7)
"""Where Stripe does not say until when it holds: https://docs.stripe.com/payments/place-a-hold-on-a-payment-method"""

CONTRIBUTION, PAYEE, REFUND, PERMISSION, CHARGE = "contribution", "payee", "refund", "permission", "charge"
"""Our metadata: our id of the gift on session and PaymentIntent, its payee on the session, our id of a refund; our id of a
permission on what sets it up, and the request id of a payment under one."""

# --- Payments -----------------------------------------------------------------------------------------------------------


def intent_of(session: Json) -> Json | None:
    """The session's PaymentIntent; None while the giver has not tried to pay. Raises ProviderUnavailable."""
    intent = session.get("payment_intent")
    if intent is None:
        return None
    if not isinstance(intent, dict) or not isinstance(intent.get("id"), str):
        raise ProviderUnavailable("the session does not tell of its payment")
    return intent


def payment_of(
    session: Json | None,
    intent: Json | None,
    *,
    at: str,
    disputes: Sequence[dict[str, Any]] = (),
    refunds: list[dict[str, Any]] | None = None,
    correlation_id: str,
    own_account: str = "",
) -> Payment:
    """The payment as Stripe tells it, by the session, the PaymentIntent or both. Raises ProviderUnavailable. `at` is where the
    giver is, in the words of a session's status. `own_account` is paid by what has no transfer."""
    state, why = _state_of(at, intent, disputes)
    currency = text((intent or session or {}).get("currency")).upper()
    payee, reference = _payee_and_reference(session, intent, own_account)
    try:
        amount_minor = minor_of(_amount_units(session, intent, state), currency)
        taken_minor, lost_minor = _taken_and_lost(intent, disputes, currency) if state in _TAKEN else (None, None)
        # invariant: what-stripe-releases-is-no-refund
        given_back = _without_what_was_released(intent, _listed(intent) if refunds is None else refunds)
        told = tuple(refund_of(one, currency) for one in given_back)
    except ValueError:
        raise ProviderUnavailable("a payment without an amount that can be read") from None
    return Payment(
        state=state,
        amount_minor=amount_minor,
        currency=currency,
        payee=payee,
        reference=reference,
        provider_reference=text((intent or {}).get("id")),
        correlation_id=correlation_id,
        reason=why,
        taken_minor=taken_minor,
        lost_minor=lost_minor,
        has_open_dispute=state is PaymentState.CAPTURED and _is_unclear(disputes),
        for_a_person="dispute_to_answer" if _waits_for_an_answer(disputes) else "",
        **_shares(intent, currency, state),
        expires_at=_held_until(intent) if state is PaymentState.AUTHORIZED else None,
        refunds=told,
    )


def _taken_and_lost(intent: Json | None, disputes: Sequence[dict[str, Any]], currency: str) -> tuple[int, int | None]:
    """Raises ValueError where Stripe does not say how much it has received."""
    return minor_of((intent or {}).get("amount_received"), currency), _lost_minor(disputes, currency)


def _waits_for_an_answer(disputes: Sequence[dict[str, Any]]) -> bool:
    return any(text(one.get("status")) in TO_ANSWER for one in disputes)


def _shares(intent: Json | None, currency: str, state: PaymentState) -> dict[str, Any]:
    """What everybody got of it, by the names of Payment."""
    if state not in _TAKEN:
        return {}
    charge = an_object((intent or {}).get("latest_charge"))
    fee_minor, net_minor = _fee_and_net(charge, currency) if state is PaymentState.CAPTURED else (None, None)
    platform_fee_minor, back_minor = platform_fee_of(charge, currency)
    if platform_fee_minor is None:
        net_minor = None  # nobody knows what the payee has of it
    elif net_minor is not None:  # invariant: the-payee-bears-the-operators-fee
        net_minor -= platform_fee_minor  # the transfer is of the whole payment, and the fee comes back from it
    shares = {"fee_minor": fee_minor, "net_minor": net_minor, "platform_fee_minor": platform_fee_minor}
    return {**shares, "platform_fee_back_minor": back_minor}


def _payee_and_reference(session: Json | None, intent: Json | None, own_account: str) -> tuple[str, str]:
    """The account that is paid, and our id of the contribution. Raises ProviderUnavailable where one is not named."""
    metadata = an_object((intent or session or {}).get("metadata"))
    reference = text((session or {}).get("client_reference_id")) or text(metadata.get(CONTRIBUTION))
    if intent is not None:
        transfer_data = intent.get("transfer_data", {})  # null where there is no transfer; not there: nothing is said of it
        payee = own_account if transfer_data is None else _id_of(an_object(transfer_data).get("destination"))
        reference = text(metadata.get(CONTRIBUTION)) or reference
    else:
        payee = text(metadata.get(PAYEE))  # no payment yet that could be for anybody: what Stripe has written down
    if not (payee and reference):
        raise ProviderUnavailable("Stripe does not say for whom or for which gift it is")
    return payee, reference


def _state_of(at: str, intent: Json | None, disputes: Sequence[dict[str, Any]]) -> tuple[PaymentState, str]:
    """How far it has come, and why."""
    status = text((intent or {}).get("status"))
    if not at or (intent is not None and not status):
        raise ProviderUnavailable("what Stripe answered is no payment of ours")
    if intent is None or status in UNPAID or (status == "canceled" and at == "expired"):
        tried = an_object((intent or {}).get("last_payment_error"))
        if at == "expired":
            return (PaymentState.DECLINED, "instrument_declined") if tried else (PaymentState.LAPSED, "")
        if at == "complete" and status == "requires_payment_method":
            return PaymentState.DECLINED, "payment_declined"  # by a bank, days after the giver's approval
        return SESSION_STATES.get(at, PaymentState.PENDING), ""
    state = INTENT_STATES.get(status, PaymentState.PENDING)  # invariant: stripe-payments-say-more-than-the-session
    if state is PaymentState.CAPTURED and disputes:
        taken_back = any(text(one.get("status")) in TAKEN_BACK for one in disputes)
        return (PaymentState.REVERSED, "chargeback") if taken_back else (state, "")
    if state is PaymentState.VOIDED:
        return state, "authorization_lapsed" if text((intent or {}).get("cancellation_reason")) in LAPSED else ""
    return state, "awaiting_bank" if status == "processing" else ""


def _is_unclear(disputes: Sequence[dict[str, Any]]) -> bool:
    """Whether one stands in a word that is unknown here: then nothing is said of what is lost."""
    return not {text(one.get("status")) for one in disputes} <= LEFT_ALONE


def is_disputed(intent: Json | None) -> bool:
    """Whether there is or was a dispute: how it stands is another question."""
    return an_object((intent or {}).get("latest_charge")).get("disputed") is True


def has_more_refunds(intent: Json | None) -> bool:
    """Whether the PaymentIntent was given back in more parts than it tells of itself."""
    charge = an_object((intent or {}).get("latest_charge"))
    listed = an_object(charge.get("refunds"))
    return listed.get("has_more") is True or (not listed and bool(charge.get("amount_refunded")))


def _amount_units(session: Json | None, intent: Json | None, state: PaymentState) -> object:
    if intent is None:
        return (session or {}).get("amount_total")
    return intent.get("amount_capturable" if state is PaymentState.AUTHORIZED else "amount")


_TAKEN = frozenset({PaymentState.CAPTURED, PaymentState.REVERSED})


def _lost_minor(disputes: Sequence[dict[str, Any]], currency: str) -> int:
    """What disputes have taken. Raises ValueError; ProviderUnavailable where one is over another currency."""
    taken_back = [one for one in disputes if text(one.get("status")) in TAKEN_BACK]
    if any(text(one.get("currency")).upper() != currency for one in taken_back):
        raise ProviderUnavailable("a dispute in another currency than the payment's")
    return sum(minor_of(one.get("amount"), currency) for one in taken_back)


def _without_what_was_released(intent: Json | None, refunds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The refunds but for the one that Stripe makes of what was held and not captured: nobody was ever charged with that.

    It moves no balance. https://docs.stripe.com/payments/place-a-hold-on-a-payment-method (2026-11)
    """
    amount, received = (intent or {}).get("amount"), (intent or {}).get("amount_received")
    if not (isinstance(amount, int) and isinstance(received, int) and 0 < received < amount):
        return refunds
    in_all = sum(one["amount"] for one in refunds if isinstance(one.get("amount"), int) and one.get("status") != "failed")
    for one in refunds:
        moves_nothing = one.get("balance_transaction", "") is None or in_all > received
        if one.get("amount") == amount - received and moves_nothing and not an_object(one.get("metadata")).get(REFUND):
            return [other for other in refunds if other is not one]
    return refunds


def refund_of(refund: Json, currency: str, *, correlation_id: str = "") -> ProviderRefund:
    """One refund of a payment in this currency. Raises ProviderUnavailable, ValueError where its amount cannot be read."""
    if text(refund.get("currency")).upper() != currency:
        raise ProviderUnavailable("a refund in another currency than the payment's")
    state = REFUND_STATES.get(text(refund.get("status")), RefundState.PENDING)
    return ProviderRefund(
        state=state,
        amount_minor=minor_of(refund.get("amount"), currency),
        reference=text(an_object(refund.get("metadata")).get(REFUND)),
        provider_reference=text(refund.get("id")),
        correlation_id=correlation_id,
        reason="refund_denied" if state is RefundState.FAILED else "",
    )


def _listed(intent: Json | None) -> list[dict[str, Any]]:
    return objects(an_object(an_object((intent or {}).get("latest_charge")).get("refunds")).get("data"))


def _fee_and_net(charge: Json, currency: str) -> tuple[int | None, int | None]:
    """What Stripe kept, which the platform pays, and what was transferred to the payee."""

    def part(of: str, name: str) -> int | None:
        told = an_object(charge.get(of))
        try:
            return minor_of(told.get(name), currency) if text(told.get("currency")).upper() == currency else None
        except ValueError:
            return None

    return part("balance_transaction", "fee"), part("transfer", "amount")


def _held_until(intent: Json | None) -> datetime | None:
    charge = an_object((intent or {}).get("latest_charge"))
    details = an_object(charge.get("payment_method_details"))
    told = an_object(details.get(text(details.get("type")))).get("capture_before")
    if (moment := time_of_epoch(told)) is not None:
        return moment
    made = time_of_epoch(charge.get("created"))
    return made + USUALLY_HELD if made else None


def _id_of(value: object) -> str:
    """The id of something that Stripe names by its id or whole."""
    return text(value) or text(an_object(value).get("id"))
