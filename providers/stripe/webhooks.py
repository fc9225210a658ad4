"""Stripe's webhooks: proven to be Stripe's, then read for the payment that they are about.

https://docs.stripe.com/webhooks/signature
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any

import clock
from providers.base import InvalidSignature, WebhookEvent
from providers.kit.reading import OUR_ID, an_object, json_of, matching, text
from providers.stripe import payees
from providers.stripe.mapping import CONTRIBUTION, PERMISSION, REFUND

EVENT_TYPES = (
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.refunded",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
    "payment_method.detached",
    "refund.failed",
    "refund.updated",
    "setup_intent.setup_failed",
    "setup_intent.succeeded",
)
"""What the endpoint has to be subscribed to. Any other event that names a payment of ours is looked into as well."""

TOLERANCE_SECONDS = 300
"""How far the moment of signing may be from now: older is a replay, or a clock is wrong."""

LONGEST_HEADER = 4096

_TIME = re.compile(r"[0-9]{1,11}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"[A-Za-z0-9_]{1,255}")


def check_signature(body: bytes, header: str, secrets: Sequence[str]) -> None:
    """Raises InvalidSignature where none of the secrets has signed these bytes just now."""
    if not secrets:
        raise InvalidSignature("STRIPE_WEBHOOK_SECRET is not set: nothing can be proven")
    signed_at, signatures = _parts_of(header)
    if abs(clock.now().timestamp() - signed_at) > TOLERANCE_SECONDS:
        raise InvalidSignature("signed more than five minutes from now")
    signed = f"{signed_at}.".encode() + body
    expected = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    fits = [hmac.compare_digest(one, given) for one in expected for given in signatures]
    if not any(fits):  # invariant: stripe-reports-are-signed-by-stripe
        raise InvalidSignature("the signature does not fit (or STRIPE_WEBHOOK_SECRET is not this endpoint's)")


def _parts_of(header: str) -> tuple[int, list[str]]:
    """When it was signed, and the signatures of the one scheme that counts."""
    if len(header) > LONGEST_HEADER or not header.isascii():
        raise InvalidSignature("Stripe-Signature is not what Stripe sends")
    parts = [part.partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    signatures = [value for name, _, value in parts if name == "v1" and _SIGNATURE.fullmatch(value)]
    if len(times) != 1 or not _TIME.fullmatch(times[0]) or not signatures:
        raise InvalidSignature("Stripe-Signature is missing, or not what Stripe sends")
    return int(times[0]), signatures


def read(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> WebhookEvent:
    """The event. Raises InvalidSignature."""
    by_name = {name.lower(): value for name, value in headers.items()}
    check_signature(body, by_name.get("stripe-signature", ""), secrets)
    event = json_of(body)
    about = an_object(event.get("data")).get("object") if event else None
    if not event or not isinstance(about, dict) or not isinstance(event.get("type"), str):
        raise InvalidSignature("the body is no event with the payment in it: is the endpoint one of snapshot events?")
    return _event_of(event, about)


def _about_a_permission(event: Mapping[str, Any], about: Mapping[str, Any]) -> WebhookEvent:
    """A card that is detached does not name its customer any more: what the event says that it was before does."""
    was = an_object(an_object(event.get("data")).get("previous_attributes")).get("customer")
    customer, card = matching(_ID, was or about.get("customer")), matching(_ID, about.get("id"))
    token = f"{customer}:{card}" if about.get("object") == "payment_method" and customer and card else ""
    return WebhookEvent(
        event_id=matching(_ID, event.get("id")),
        permission=matching(_ID, about.get("id")) if about.get("object") == "checkout.session" else token,
        permission_reference=matching(OUR_ID, an_object(about.get("metadata")).get(PERMISSION)),
    )


def _event_of(event: Mapping[str, Any], about: Mapping[str, Any]) -> WebhookEvent:
    """Which payment an event is about, by whatever names its object has for it."""
    kind, metadata = text(about.get("object")), an_object(about.get("metadata"))
    if kind in {"setup_intent", "payment_method"} or about.get("mode") == "setup":
        return _about_a_permission(event, about)
    payment = about.get("id") if kind == "payment_intent" else about.get("payment_intent")
    reference = about.get("client_reference_id") or metadata.get(CONTRIBUTION) or metadata.get(REFUND)
    return WebhookEvent(
        checkout_id=matching(_ID, about.get("id") if kind == "checkout.session" else ""),
        event_id=matching(_ID, event.get("id")),
        payment_reference=matching(_ID, payment if isinstance(payment, str) else an_object(payment).get("id")),
        reference=matching(OUR_ID, reference),
        **payees.named_in(event, about),
    )
