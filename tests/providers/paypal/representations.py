"""PayPal's books as PayPal's JSON."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.providers.paypal.records import TAKEN, FakeAuthorization, FakeCapture, FakeDispute, FakeOrder, FakeRefund, Money

Json = dict[str, Any]


def moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def link(href: str, rel: str, method: str = "GET") -> dict[str, str]:
    return {"href": href, "rel": rel, "method": method}


def order_links(order: FakeOrder, base: str) -> list[dict[str, str]]:
    address = f"{base}/v2/checkout/orders/{order.id}"
    links = [link(address, "self")]
    if order.status == "PAYER_ACTION_REQUIRED":
        links.append(link(f"{base}/checkoutnow?token={order.id}", "payer-action"))
    if order.status == "APPROVED":
        links.append(link(address, "update", "PATCH"))
        verb = order.intent.lower()
        links.append(link(f"{address}/{verb}", verb, "POST"))
    return links


def minimal_order(order: FakeOrder, base: str) -> Json:
    """What a create answers unless asked for a representation."""
    links = order_links(order, base)
    return {"id": order.id, "status": order.status, "payment_source": payment_source(order), "links": links}


def paid_order(order: FakeOrder, base: str) -> Json:
    """What a capture or authorize answers unless asked for a representation: no amounts but the payments' own."""
    return {
        "id": order.id,
        "status": order.status,
        "payment_source": payment_source(order),
        "purchase_units": [{"reference_id": order.unit.get("reference_id", "default"), "payments": payments(order, base)}],
        "payer": payer(order),
        "links": order_links(order, base),
    }


def whole_order(order: FakeOrder, base: str) -> Json:
    unit: Json = {"reference_id": order.unit.get("reference_id", "default"), "amount": order.amount.json, "payee": payee(order)}
    for name in ("description", "custom_id", "invoice_id", "soft_descriptor"):
        if name in order.unit:
            unit[name] = order.unit[name]
    if order.captures or order.authorizations:
        unit["payments"] = payments(order, base)
    return {
        "id": order.id,
        "intent": order.intent,
        "status": order.status,
        "payment_source": payment_source(order),
        "purchase_units": [unit],
        **({"payer": payer(order)} if order.payer_id else {}),
        **_times(order),
        "links": order_links(order, base),
    }


def payee(order: FakeOrder) -> Json:
    """An address without a confirmed account has no merchant id."""
    asked = (order.unit.get("payee") or {}).get("email_address")
    who = {"email_address": asked or order.payee.email}
    return who | ({"merchant_id": order.payee.merchant_id} if order.payee.confirmed else {})


def payment_source(order: FakeOrder) -> Json:
    if not order.payer_id:
        return {"paypal": {}}
    giver = payer(order)
    return {"paypal": {"account_id": giver.pop("payer_id"), "account_status": "VERIFIED", **giver}}


def payer(order: FakeOrder) -> Json:
    return {
        "name": {"given_name": "John", "surname": "Doe"},
        "email_address": order.payer_email,
        "payer_id": order.payer_id,
        "address": {"country_code": "US"},
    }


def payments(order: FakeOrder, base: str) -> Json:
    found = {
        "authorizations": [in_an_order(authorization(one, base)) for one in order.authorizations],
        "captures": [in_an_order(capture(one, base)) for one in order.captures],
        "refunds": [refund(one, base) for one in order.refunds],
    }
    return {name: listed for name, listed in found.items() if listed}


def in_an_order(payment: Json) -> Json:
    """Inside of an order a payment does not repeat whose it is."""
    return {name: value for name, value in payment.items() if name not in ("payee", "supplementary_data")}


def minimal(payment: Json) -> Json:
    """What a payment's POST answers unless asked for a representation."""
    return {name: payment[name] for name in ("id", "status", "links")}


def _status(payment: FakeAuthorization | FakeCapture | FakeRefund) -> Json:
    said: Json = {"status": payment.status}
    return said | ({"status_details": {"reason": payment.reason}} if payment.reason else {})


def _times(payment: FakeOrder | FakeAuthorization | FakeCapture | FakeRefund) -> Json:
    return {"create_time": moment(payment.created), "update_time": moment(payment.updated)}


def _references(order: FakeOrder, invoice_id: str) -> Json:
    said = {"custom_id": order.custom_id, "invoice_id": invoice_id}
    return {name: value for name, value in said.items() if value}


PROTECTION = {"status": "ELIGIBLE", "dispute_categories": ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"]}


def authorization(one: FakeAuthorization, base: str) -> Json:
    address = f"{base}/v2/payments/authorizations/{one.id}"
    links = [link(address, "self")]
    if one.status in ("CREATED", "PARTIALLY_CAPTURED"):
        links.append(link(f"{address}/capture", "capture", "POST"))
        if one.parent is None:
            links.append(link(f"{address}/void", "void", "POST"))
            links.append(link(f"{address}/reauthorize", "reauthorize", "POST"))
    if one.parent is None:
        links.append(link(f"{base}/v2/checkout/orders/{one.order.id}", "up"))
    else:
        links.append(link(f"{base}/v2/payments/authorizations/{one.parent.id}", "up"))
    return {
        "id": one.id,
        **_status(one),
        "amount": one.amount.json,
        **_references(one.order, one.invoice_id),
        "seller_protection": PROTECTION,
        "expiration_time": moment(one.expires),
        "payee": payee(one.order),
        "supplementary_data": {"related_ids": {"order_id": one.order.id}},
        **_times(one),
        "links": links,
    }


def capture(one: FakeCapture, base: str) -> Json:
    address = f"{base}/v2/payments/captures/{one.id}"
    related = {"order_id": one.order.id}
    up = f"{base}/v2/checkout/orders/{one.order.id}"
    if one.authorization is not None:
        related["authorization_id"] = one.authorization.id
        up = f"{base}/v2/payments/authorizations/{one.authorization.id}"
    said: Json = {
        "id": one.id,
        **_status(one),
        "amount": one.amount.json,
        **_references(one.order, one.invoice_id),
        "final_capture": one.final,
        "seller_protection": PROTECTION if one.status in TAKEN else {"status": "NOT_ELIGIBLE"},
    }
    if one.status in TAKEN:
        said["seller_receivable_breakdown"] = {
            "gross_amount": one.amount.json,
            "paypal_fee": one.fee.json,
            "net_amount": replace(one.amount, value=one.amount.value - one.fee.value - one.platform_fee).json,
            **_platform_fees(one),
        }
    return said | {
        "payee": payee(one.order),
        "supplementary_data": {"related_ids": related},
        **_times(one),
        "links": [link(address, "self"), link(f"{address}/refund", "refund", "POST"), link(up, "up")],
    }


def _platform_fees(one: FakeCapture | FakeRefund) -> Json:
    fee = replace(one.amount, value=one.platform_fee)
    return {"platform_fees": [{"amount": fee.json}]} if one.platform_fee else {}


def refund(one: FakeRefund, base: str) -> Json:
    said: Json = {"id": one.id, **_status(one), "amount": one.amount.json}
    for name in ("custom_id", "invoice_id"):
        if value := getattr(one, name):
            said[name] = value
    nothing = Money(one.amount.value * 0, one.amount.currency)
    return said | {
        "seller_payable_breakdown": {
            "gross_amount": one.amount.json,
            "paypal_fee": nothing.json,
            "net_amount": replace(one.amount, value=one.amount.value - one.platform_fee).json,
            **_platform_fees(one),
            "total_refunded_amount": one.capture.given_back.json,
        },
        **_times(one),
        "links": [
            link(f"{base}/v2/payments/refunds/{one.id}", "self"),
            link(f"{base}/v2/payments/captures/{one.capture.id}", "up"),
        ],
    }


def dispute(one: FakeDispute, base: str) -> Json:
    """After the sample of https://developer.paypal.com/docs/disputes/customer-disputes/webhooks/ (2026-11)"""
    return {
        "dispute_id": one.id,
        "create_time": moment(one.created),
        "update_time": moment(one.created),
        "disputed_transactions": [
            {
                "seller_transaction_id": one.capture.id,
                "custom": one.capture.order.custom_id,
                "invoice_number": one.capture.invoice_id,
                "seller": {"merchant_id": one.capture.order.payee.merchant_id, "name": "Test Store"},
                "items": [],
                "seller_protection_eligible": True,
            }
        ],
        "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
        "status": "RESOLVED",
        "dispute_amount": one.amount.json,
        "dispute_outcome": {"outcome_code": one.outcome, "amount_refunded": one.amount.json},
        "dispute_life_cycle_stage": "CHARGEBACK",
        "dispute_channel": "INTERNAL",
        "links": [link(f"{base}/v1/customer/disputes/{one.id}", "self")],
    }
