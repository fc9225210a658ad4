"""What Stripe says of a session, a PaymentIntent, a charge, a refund, a dispute: every member that it has, in JSON.

What is the same for every gift, and null or empty where an account has never used it, is in constants.json.
tests/providers/stripe/proof holds these shapes to Stripe's own fixtures.
"""

import json
from pathlib import Path
from typing import Any

from tests.providers.stripe.books import UNPROVEN
from tests.providers.stripe.objects import (
    FakeCard,
    FakeDispute,
    FakeIntent,
    FakeRefund,
    FakeReversal,
    FakeSession,
    FakeTransfer,
)
from tests.providers.stripe.saved_cards import FakeSavedCard, FakeSetup
from tests.providers.stripe.transfers import group_of, transfer_id_of, transfer_reversed

Json = dict[str, Any]
CONSTANTS: dict[str, Json] = json.loads((Path(__file__).parent / "constants.json").read_text())


def session(it: FakeSession | FakeSetup) -> Json:
    return _setup_session(it) if isinstance(it, FakeSetup) else _payment_session(it)


def _setup_session(it: FakeSetup) -> Json:
    return CONSTANTS["session"] | {
        "id": it.id,
        "adaptive_pricing": None,
        "amount_subtotal": None,
        "amount_total": None,
        "cancel_url": it.asked.get("cancel_url"),
        "client_reference_id": it.asked.get("client_reference_id"),
        "created": it.created,
        "currency": None,
        "customer": it.card.customer or it.card.was_of if it.card else None,
        "customer_creation": it.asked.get("customer_creation"),
        "expires_at": it.expires_at,
        "metadata": it.asked.get("metadata", {}),
        "mode": "setup",
        "payment_intent": None,
        "payment_status": "no_payment_required",
        "setup_intent": it.intent_id,
        "status": it.status,
        "success_url": it.asked["success_url"],
        "url": it.url if it.status == "open" else None,
    }


def setup_intent(it: FakeSetup) -> Json:
    data = it.asked.get("setup_intent_data", {})
    refused = {"type": "card_error", "code": "card_declined", "message": "Declined."}
    return CONSTANTS["setup_intent"] | {
        "id": it.intent_id,
        "client_secret": f"{it.intent_id}_secret_never_shown",
        "created": it.created,
        "customer": it.card.customer or it.card.was_of if it.card else None,
        "description": data.get("description"),
        "last_setup_error": refused if it.failed and it.card is None else None,
        "metadata": data.get("metadata", {}),
        "payment_method": it.card.id if it.card else None,
        "status": "succeeded" if it.card else "canceled" if it.status == "expired" else "requires_payment_method",
    }


def saved_card(it: FakeSavedCard) -> Json:
    return CONSTANTS["payment_method"] | {"id": it.id, "created": it.created, "customer": it.customer or None}


def _payment_session(it: FakeSession) -> Json:
    paid = it.intent is not None and it.intent.status == "succeeded"
    return CONSTANTS["session"] | {
        "id": it.id,
        "adaptive_pricing": {"enabled": it.asked.get("adaptive_pricing", {}).get("enabled") == "true"},
        "amount_subtotal": it.amount,
        "amount_total": it.amount,
        "cancel_url": it.asked.get("cancel_url"),
        "client_reference_id": it.asked.get("client_reference_id"),
        "created": it.created,
        "currency": it.currency,
        "expires_at": it.expires_at,
        "metadata": it.asked.get("metadata", {}),
        "payment_intent": it.intent.id if it.intent else None,
        "payment_status": "paid" if paid else "unpaid",
        "status": it.status,
        "success_url": it.asked["success_url"],
        "url": it.url if it.status == "open" else None,
    }


def intent(it: FakeIntent) -> Json:
    error = None
    if it.declined == UNPROVEN:
        sentence = "The provided PaymentMethod has failed authentication."
        error = {"type": "invalid_request_error", "code": UNPROVEN, "message": sentence}
    elif it.declined:
        error = {"type": "card_error", "code": it.declined, "decline_code": "generic_decline", "message": "Declined."}
    to_the_bank = {"type": "redirect_to_url", "redirect_to_url": {"url": it.bank_page, "return_url": it.return_url}}
    return CONSTANTS["intent"] | {
        "id": it.id,
        "amount": it.amount,
        "amount_capturable": it.amount if it.status == "requires_capture" else 0,
        "amount_received": it.received,
        "canceled_at": it.canceled_at,
        "cancellation_reason": it.cancellation_reason,
        "capture_method": it.capture_method,
        "client_secret": f"{it.id}_secret_never_shown",
        "created": it.created,
        "currency": it.currency,
        "description": it.asked.get("description"),
        "last_payment_error": error,
        "latest_charge": it.charge_id or None,
        "metadata": it.asked.get("metadata", {}),
        "next_action": to_the_bank if it.bank_page else None,
        "customer": it.customer or None,
        "payment_method": it.card_id or ("pm_1" if it.charge_id else None),
        "status": it.status,
        "transfer_data": {"destination": it.destination} if it.destination else None,
    }


def charge(it: FakeIntent) -> Json:
    said = CONSTANTS["charge"] | {
        "id": it.charge_id,
        "amount": it.amount,
        "amount_captured": it.received,
        "amount_refunded": it.given_back,
        "application_fee": f"fee_{it.charge_id[3:]}" if it.application_fee else None,
        "application_fee_amount": it.application_fee or None,
        "balance_transaction": f"txn_{it.charge_id[3:]}" if it.received else None,
        "captured": bool(it.received),
        "created": it.charged_at,
        "currency": it.currency,
        "disputed": bool(it.disputes),
        "metadata": it.asked.get("metadata", {}),
        "payment_intent": it.id,
        "payment_method_details": {"card": _card(it), "type": "card"},
        "refunded": it.received > 0 and it.given_back == it.received,
        "transfer_data": {"destination": it.destination, "amount": None} if it.destination else None,
        "transfer_group": group_of(it) if it.received and it.destination else None,
    }
    return said | ({"transfer": f"tr_{it.charge_id[3:]}"} if it.received and it.destination else {})


def _card(it: FakeIntent) -> Json:
    card = CONSTANTS["card"] | {"overcapture": {"maximum_amount_capturable": it.amount, "status": "unavailable"}}
    return card | ({"capture_before": it.held_until} if it.status == "requires_capture" and it.tells_until_when else {})


def balance_transaction(it: FakeIntent) -> Json:
    return CONSTANTS["balance_transaction"] | {
        "id": f"txn_{it.charge_id[3:]}",
        "amount": it.received,
        "available_on": it.charged_at + 2 * 86400,
        "created": it.charged_at,
        "currency": it.currency,
        "fee": it.fee,
        "net": it.received - it.fee,
        "source": it.charge_id,
    }


def application_fee(it: FakeIntent) -> Json:
    fee_id, back = f"fee_{it.charge_id[3:]}", it.application_fee_back
    return {
        "id": fee_id, "object": "application_fee", "account": it.destination, "amount": it.application_fee,
        "amount_refunded": back, "application": "ca_1", "balance_transaction": "txn_of_the_fee", "charge": it.charge_id,
        "created": it.charged_at, "currency": it.currency, "fee_source": {"charge": it.charge_id, "type": "charge"},
        "livemode": False, "originating_transaction": it.charge_id, "refunded": back == it.application_fee,
        "refunds": a_list([], f"/v1/application_fees/{fee_id}/refunds"),
    }  # fmt: skip


def reversal(it: FakeReversal, currency: str, transfer_id: str) -> Json:
    return {
        "id": it.id, "object": "transfer_reversal", "amount": it.amount, "balance_transaction": "txn_1",
        "created": 1234567890, "currency": currency, "destination_payment_refund": None, "metadata": {},
        "source_refund": None, "transfer": transfer_id,
    }  # fmt: skip


def another_transfer(it: FakeTransfer) -> Json:
    return CONSTANTS["transfer"] | {
        "id": it.id,
        "amount": it.amount,
        "amount_reversed": it.reversed,
        "created": it.created,
        "currency": it.asked["currency"],
        "destination": it.asked["destination"],
        "metadata": it.asked.get("metadata", {}),
        "reversals": a_list([], "/v1/transfers/tr/reversals"),
        "source_transaction": None,
        "transfer_group": it.asked.get("transfer_group"),
    }


def transfer(it: FakeIntent) -> Json:
    return CONSTANTS["transfer"] | {
        "id": transfer_id_of(it),
        "transfer_group": group_of(it),
        "amount": it.received,
        "amount_reversed": transfer_reversed(it),
        "created": it.charged_at,
        "currency": it.currency,
        "destination": it.destination,
        "reversals": a_list([], "/v1/transfers/tr/reversals"),
        "source_transaction": it.charge_id,
    }


def refund(it: FakeRefund) -> Json:
    said = CONSTANTS["refund"] | {
        "id": it.id,
        "amount": it.amount,
        "charge": it.intent.charge_id,
        "created": it.created,
        "currency": it.intent.currency,
        "metadata": it.metadata,
        "payment_intent": it.intent.id,
        "status": it.status,
        "transfer_reversal": "trr_1" if it.reverse_transfer else None,
    }
    return said | ({"failure_reason": "expired_or_canceled_card"} if it.status == "failed" else {})


def refunds(it: FakeIntent) -> list[Json]:
    """The newest first; the oldest is what was held and not captured, for as long as it moved no balance.

    https://docs.stripe.com/payments/place-a-hold-on-a-payment-method#capture-funds (2026-11)
    """
    told, rest = [refund(one) for one in it.refunds], it.amount - it.received
    if not (it.received and rest and it.capture_method == "manual"):
        return told
    released = FakeRefund(it, rest, it.charged_at, {}, reverse_transfer=False, id=f"re_of_{it.charge_id[3:]}")
    return [*told, refund(released) | {"balance_transaction": None}]


def dispute(it: FakeDispute) -> Json:
    evidence = {"enhanced_eligibility": {}, "has_evidence": False, "past_due": False, "submission_count": 0}
    return CONSTANTS["dispute"] | {
        "id": it.id,
        "amount": it.amount,
        "charge": it.intent.charge_id,
        "created": it.created,
        "currency": it.intent.currency,
        "evidence_details": evidence | {"due_by": it.created + 7 * 86400},
        "is_charge_refundable": it.status.startswith("warning"),
        "payment_intent": it.intent.id,
        "status": it.status,
    }


def payment_method(it: FakeCard) -> Json:
    return CONSTANTS["payment_method"] | {"id": it.id, "created": it.created}


def a_list(data: list[Json], url: str, *, has_more: bool = False) -> Json:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def event(event_id: str, event_type: str, about: Json, created: int) -> Json:
    return CONSTANTS["event"] | {"id": event_id, "created": created, "data": {"object": about}, "type": event_type}
