"""What Stripe says of a session, a PaymentIntent, a charge, a refund, a dispute: every member that it has, in JSON.

What an account has never used is null or empty. tests/providers/stripe/proof holds these shapes to Stripe's own fixtures.
"""

from typing import Any

from tests.providers.stripe.books import UNPROVEN
from tests.providers.stripe.objects import FakeCard, FakeDispute, FakeIntent, FakeRefund, FakeSession

Json = dict[str, Any]


def session(it: FakeSession) -> Json:
    paid = it.intent is not None and it.intent.status == "succeeded"
    nothing = (
        "after_expiration", "allow_promotion_codes", "billing_address_collection", "client_secret", "collected_information",
        "consent", "consent_collection", "currency_conversion", "customer", "customer_account", "customer_details",
        "customer_email", "discounts", "integration_identifier", "invoice", "invoice_creation", "locale", "managed_payments",
        "origin_context", "payment_link", "payment_method_configuration_details", "permissions", "recovered_from",
        "saved_payment_method_options", "setup_intent", "shipping_address_collection", "shipping_cost", "submit_type",
        "subscription", "wallet_options",
    )  # fmt: skip
    return dict.fromkeys(nothing) | {
        "id": it.id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": it.asked.get("adaptive_pricing", {}).get("enabled") == "true"},
        "amount_subtotal": it.amount,
        "amount_total": it.amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": it.asked.get("cancel_url"),
        "client_reference_id": it.asked.get("client_reference_id"),
        "created": it.created,
        "currency": it.currency,
        "custom_fields": [],
        "custom_text": {"after_submit": None, "shipping_address": None, "submit": None, "terms_of_service_acceptance": None},
        "customer_creation": "if_required",
        "expires_at": it.expires_at,
        "livemode": False,
        "metadata": it.asked.get("metadata", {}),
        "mode": "payment",
        "payment_intent": it.intent.id if it.intent else None,
        "payment_method_collection": "if_required",
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "paid" if paid else "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": it.status,
        "success_url": it.asked["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": it.url if it.status == "open" else None,
    }


def intent(it: FakeIntent) -> Json:
    nothing = (
        "application", "application_fee_amount", "customer", "customer_account",
        "excluded_payment_method_types", "managed_payments", "on_behalf_of", "processing", "receipt_email",
        "review", "setup_future_usage", "shipping", "source", "statement_descriptor", "statement_descriptor_suffix",
        "automatic_payment_methods", "payment_method_configuration_details",
    )  # fmt: skip
    error = None
    if it.declined == UNPROVEN:
        sentence = "The provided PaymentMethod has failed authentication."
        error = {"type": "invalid_request_error", "code": UNPROVEN, "message": sentence}
    elif it.declined:
        error = {"type": "card_error", "code": it.declined, "decline_code": "generic_decline", "message": "Declined."}
    to_the_bank = {"type": "redirect_to_url", "redirect_to_url": {"url": it.bank_page, "return_url": it.return_url}}
    return dict.fromkeys(nothing) | {
        "id": it.id,
        "object": "payment_intent",
        "amount": it.amount,
        "amount_capturable": it.amount if it.status == "requires_capture" else 0,
        "amount_details": {"tip": {}},
        "amount_received": it.received,
        "canceled_at": it.canceled_at,
        "cancellation_reason": it.cancellation_reason,
        "capture_method": it.capture_method,
        "client_secret": f"{it.id}_secret_never_shown",
        "confirmation_method": "automatic",
        "created": it.created,
        "currency": it.currency,
        "description": it.asked.get("description"),
        "last_payment_error": error,
        "latest_charge": it.charge_id or None,
        "livemode": False,
        "metadata": it.asked.get("metadata", {}),
        "next_action": to_the_bank if it.bank_page else None,
        "payment_method": "pm_1" if it.charge_id else None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "status": it.status,
        "transfer_data": {"destination": it.destination} if it.destination else None,
        "transfer_group": None,
    }


def charge(it: FakeIntent) -> Json:
    nothing = (
        "application", "application_fee", "application_fee_amount", "customer", "description", "failure_balance_transaction",
        "failure_code", "failure_message", "on_behalf_of", "receipt_email", "receipt_number", "review", "shipping", "source",
        "source_transfer", "statement_descriptor", "statement_descriptor_suffix", "transfer_group", "outcome",
        "calculated_statement_descriptor", "receipt_url",
    )  # fmt: skip
    said = dict.fromkeys(nothing) | {
        "id": it.charge_id,
        "object": "charge",
        "amount": it.amount,
        "amount_captured": it.received,
        "amount_refunded": it.given_back,
        "balance_transaction": f"txn_{it.charge_id[3:]}" if it.received else None,
        "billing_details": {
            "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "captured": bool(it.received),
        "created": it.charged_at,
        "currency": it.currency,
        "disputed": bool(it.disputes),
        "fraud_details": {},
        "livemode": False,
        "metadata": it.asked.get("metadata", {}),
        "paid": True,
        "payment_intent": it.id,
        "payment_method": "pm_1",
        "payment_method_details": {"card": _card(it), "type": "card"},
        "refunded": it.received > 0 and it.given_back == it.received,
        "status": "succeeded",
        "transfer_data": intent(it)["transfer_data"] and intent(it)["transfer_data"] | {"amount": None},
    }
    if it.received and said["transfer_data"]:
        said["transfer"] = f"tr_{it.charge_id[3:]}"
    return said


def _card(it: FakeIntent) -> Json:
    names = (
        "amount_authorized", "authorization_code", "checks", "installments", "mandate", "network_token",
        "network_transaction_id", "regulated_status", "three_d_secure", "transaction_link_id", "wallet",
    )  # fmt: skip
    card = dict.fromkeys(names) | {
        "brand": "visa",
        "country": "US",
        "exp_month": 8,
        "exp_year": 2030,
        "extended_authorization": {"status": "disabled"},
        "fingerprint": "AOB934RVNwzk6xtn",
        "funding": "credit",
        "incremental_authorization": {"status": "unavailable"},
        "last4": "4242",
        "multicapture": {"status": "unavailable"},
        "network": "visa",
        "overcapture": {"maximum_amount_capturable": it.amount, "status": "unavailable"},
    }
    return card | ({"capture_before": it.held_until} if it.status == "requires_capture" and it.tells_until_when else {})


def balance_transaction(it: FakeIntent) -> Json:
    return {
        "id": f"txn_{it.charge_id[3:]}",
        "object": "balance_transaction",
        "amount": it.received,
        "available_on": it.charged_at + 2 * 86400,
        "balance_type": "payments",
        "created": it.charged_at,
        "currency": it.currency,
        "description": None,
        "exchange_rate": None,
        "fee": it.fee,
        "fee_details": [],
        "net": it.received - it.fee,
        "reporting_category": "charge",
        "source": it.charge_id,
        "status": "pending",
        "type": "charge",
    }


def transfer(it: FakeIntent) -> Json:
    return {
        "id": f"tr_{it.charge_id[3:]}",
        "object": "transfer",
        "amount": it.received,
        "amount_reversed": it.given_back,
        "balance_transaction": "txn_of_the_transfer",
        "created": it.charged_at,
        "currency": it.currency,
        "description": None,
        "destination": intent(it)["transfer_data"]["destination"],
        "destination_payment": "py_1",
        "livemode": False,
        "metadata": {},
        "reversals": a_list([], "/v1/transfers/tr/reversals"),
        "reversed": False,
        "source_transaction": it.charge_id,
        "source_type": "card",
        "transfer_group": None,
    }


def refund(it: FakeRefund) -> Json:
    said = {
        "id": it.id,
        "object": "refund",
        "amount": it.amount,
        "balance_transaction": None,
        "charge": it.intent.charge_id,
        "created": it.created,
        "currency": it.intent.currency,
        "customer": None,
        "customer_account": None,
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": it.metadata,
        "payment_intent": it.intent.id,
        "payment_method": None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": it.status,
        "transfer_reversal": "trr_1" if it.reverse_transfer else None,
    }
    return said | ({"failure_reason": "expired_or_canceled_card"} if it.status == "failed" else {})


def dispute(it: FakeDispute) -> Json:
    return {
        "id": it.id,
        "object": "dispute",
        "amount": it.amount,
        "balance_transactions": [],
        "charge": it.intent.charge_id,
        "created": it.created,
        "currency": it.intent.currency,
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": it.created + 7 * 86400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": it.status.startswith("warning"),
        "livemode": False,
        "metadata": {},
        "payment_intent": it.intent.id,
        "payment_method_details": {
            "card": {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10.4"},
            "type": "card",
        },
        "reason": "fraudulent",
        "status": it.status,
    }


def a_list(data: list[Json], url: str, *, has_more: bool = False) -> Json:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def event(event_id: str, event_type: str, about: Json, created: int) -> Json:
    return {
        "id": event_id,
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": created,
        "data": {"object": about},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": event_type,
    }


def payment_method(it: FakeCard) -> Json:
    return {
        "id": it.id,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "card": {"brand": "visa", "last4": "4242", "wallet": {"type": "google_pay"}},
        "created": it.created,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
