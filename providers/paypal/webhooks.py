"""PayPal's webhooks: proven to be PayPal's, then read for the payment that they are about.

Proven here, without asking anybody, wherever the certificate can be had and its chain ends at somebody whom we trust;
otherwise PayPal is asked whether it has sent this. https://developer.paypal.com/api/rest/webhooks/rest/
"""

import base64
import binascii
import json
import logging
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature as CryptographyInvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from providers.base import InvalidSignature, ProviderUnavailable, WebhookEvent
from providers.kit.budgets import Budget
from providers.kit.certificates import CertificateCache, NoCertificate
from providers.kit.reading import OUR_ID, an_object, matching, objects, text
from providers.paypal import onboarding
from providers.paypal.addresses import is_certificate
from providers.paypal.certificates import prover
from providers.paypal.client import PayPalClient, PayPalRefused
from providers.paypal.mapping import link_of
from providers.paypal.permissions import VAULT_ID

log = logging.getLogger(__name__)

EVENT_TYPES = (
    "CHECKOUT.ORDER.APPROVED",
    "CHECKOUT.ORDER.COMPLETED",
    "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
    "CUSTOMER.DISPUTE.CREATED",
    "CUSTOMER.DISPUTE.RESOLVED",
    "CUSTOMER.DISPUTE.UPDATED",
    "PAYMENT.AUTHORIZATION.CREATED",
    "PAYMENT.AUTHORIZATION.VOIDED",
    "PAYMENT.CAPTURE.COMPLETED",
    "PAYMENT.CAPTURE.DECLINED",
    "PAYMENT.CAPTURE.DENIED",
    "PAYMENT.CAPTURE.PENDING",
    "PAYMENT.CAPTURE.REFUNDED",
    "PAYMENT.CAPTURE.REVERSED",
)
"""What the webhook has to be subscribed to. Any other event that names a payment of ours is looked into as well."""

ALGORITHM = "SHA256withRSA"

VERIFIED_A_MINUTE = 5
"""How many events that are not PayPal's it is asked about: more are answered as if it were silent, so that a real one comes
again. Nothing else waits for that."""

_ID = re.compile(r"[A-Z0-9]{1,36}")
_RESOURCE = re.compile(r"/v2/(?P<kind>checkout/orders|payments/captures|payments/authorizations)/(?P<id>[A-Z0-9]{1,36})$")


@dataclass(frozen=True)
class Transmission:
    """What comes with an event in its headers, by the names of PayPal's verify call."""

    transmission_id: str
    transmission_time: str
    transmission_sig: str
    cert_url: str
    auth_algo: str


def transmission_of(headers: Mapping[str, str]) -> Transmission:
    """The five headers of an event. Raises InvalidSignature where one is missing or is not what PayPal would send."""
    by_name = {name.lower(): value for name, value in headers.items()}

    def header(name: str, pattern: str) -> str:
        value = by_name.get(name)
        if value is None or not re.fullmatch(pattern, value):
            raise InvalidSignature(f"{name} is missing, or not what PayPal sends")
        return value

    return Transmission(
        header("paypal-transmission-id", r"[A-Za-z0-9-]{1,100}"),
        header("paypal-transmission-time", r"[0-9TZ:.+-]{1,64}"),
        header("paypal-transmission-sig", r"[A-Za-z0-9+/]{1,1366}={0,2}"),
        header("paypal-cert-url", r"[\x21-\x7e]{1,500}"),
        header("paypal-auth-algo", ALGORITHM),
    )


def signed_text(sent: Transmission, webhook_id: str, body: bytes) -> bytes:
    """What PayPal signs: the CRC is of the bytes as they came, in decimal."""
    return f"{sent.transmission_id}|{sent.transmission_time}|{webhook_id}|{zlib.crc32(body)}".encode()


class Webhooks:
    """Reads what arrives at our webhook: without a `webhook_id` nothing is believed. Thread-safe."""

    def __init__(self, client: PayPalClient, webhook_id: str, *, trust_roots_file: str = "") -> None:
        self._client = client
        self.webhook_id = webhook_id
        self._verifications = Budget(VERIFIED_A_MINUTE)
        self._certificates = CertificateCache(client.caller.transport, prover(trust_roots_file))

    def read(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """Raises InvalidSignature; ProviderUnavailable where only PayPal could tell, and does not."""
        if not self.webhook_id:
            raise InvalidSignature("PAYPAL_WEBHOOK_ID is not set, and without it nobody can tell whether PayPal has sent this")
        sent, event = transmission_of(headers), _event(body)
        if not is_certificate(sent.cert_url, self._client.base):
            raise InvalidSignature("the certificate is not at PayPal's")
        try:
            signature = base64.b64decode(sent.transmission_sig, validate=True)
        except (binascii.Error, ValueError):
            raise InvalidSignature("the signature is not base64") from None
        try:
            key = self._certificates.key_at(sent.cert_url)
        except NoCertificate as reason:
            log.warning("webhook event not verifiable offline", extra={"provider": "paypal", "error": str(reason)})
            self._ask_paypal(sent, body)
            return event_of(event)
        try:
            key.verify(signature, signed_text(sent, self.webhook_id, body), PKCS1v15(), SHA256())
        except CryptographyInvalidSignature:
            raise InvalidSignature("the signature does not fit (or PAYPAL_WEBHOOK_ID is not this webhook's)") from None
        return event_of(event)

    def _ask_paypal(self, sent: Transmission, body: bytes) -> None:
        """PayPal's own word on whether it has sent this, asked for once: a real event comes again by itself.

        Raises InvalidSignature, ProviderUnavailable.
        """
        if not self._verifications.take():
            raise ProviderUnavailable("verify webhook: PayPal has been asked about too many that were not its own")
        # The event goes in as the bytes that came: written anew it would have another checksum.
        question = json.dumps({**asdict(sent), "webhook_id": self.webhook_id}).encode()
        question = question[:-1] + b', "webhook_event": ' + body + b"}"
        path = "/v1/notifications/verify-webhook-signature"
        try:
            reply = self._client.call("verify webhook", "POST", path, body=question)
        except PayPalRefused as refusal:
            if refusal.http_status in {400, 422}:
                raise InvalidSignature(f"PayPal cannot have sent this: {refusal}") from refusal
            raise ProviderUnavailable(f"verify webhook: {refusal}") from refusal
        verdict = reply.data.get("verification_status")
        if verdict == "FAILURE":
            raise InvalidSignature("PayPal says that it has not sent this")
        if verdict != "SUCCESS":
            raise ProviderUnavailable("verify webhook: PayPal says neither yes nor no")
        self._verifications.give_back()


def event_of(event: Mapping[str, Any]) -> WebhookEvent:
    """Which payment an event is about, by whatever names its resource has for it."""
    resource = event["resource"]
    kind = event.get("resource_type")
    own_id = resource.get("id")
    if text(event.get("event_type")).startswith("VAULT.PAYMENT-TOKEN."):
        return WebhookEvent(event_id=_event_id(event), permission=matching(VAULT_ID, own_id))
    related = an_object(an_object(resource.get("supplementary_data")).get("related_ids"))
    up = _RESOURCE.search(link_of(resource, "up").partition("?")[0])
    above = {up["kind"]: up["id"]} if up else {}
    checkout_id = own_id if kind == "checkout-order" else related.get("order_id") or above.get("checkout/orders")
    if kind == "refund":
        payment = related.get("capture_id") or above.get("payments/captures")
    elif kind in {"capture", "authorization"}:
        payment = own_id if kind == "authorization" else related.get("authorization_id") or own_id
    else:
        payment = _capture_in(resource)
    reference = resource.get("custom_id") or _unit_of(resource).get("custom_id")
    if kind == "dispute":
        payment, reference = _disputed_in(resource)
    return WebhookEvent(
        checkout_id=matching(_ID, checkout_id or resource.get("order_id")),
        event_id=_event_id(event),
        payment_reference=matching(_ID, payment),
        reference=matching(OUR_ID, reference),
        **onboarding.named_in(event),
    )


def _event_id(event: Mapping[str, Any]) -> str:
    return matching(re.compile(r"[\x21-\x7e]{1,100}"), event.get("id"))


def _event(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise InvalidSignature("the body is no JSON") from None
    if not (isinstance(event, dict) and isinstance(event.get("resource"), dict) and isinstance(event.get("event_type"), str)):
        raise InvalidSignature("the body is no event of PayPal's")
    return event


def _unit_of(resource: Mapping[str, Any]) -> dict[str, Any]:
    units = resource.get("purchase_units")
    return an_object(units[0]) if isinstance(units, list) and units else {}


def _disputed_in(resource: Mapping[str, Any]) -> tuple[object, object]:
    """The capture that a dispute is about, and our id of the payment where PayPal repeats it: of a dispute that was won nothing
    else tells. https://developer.paypal.com/docs/disputes/customer-disputes/webhooks/ (2026-11)"""
    transaction = next(iter(objects(resource.get("disputed_transactions"))), {})
    return transaction.get("seller_transaction_id"), transaction.get("custom")


def _capture_in(resource: Mapping[str, Any]) -> object:
    captures = an_object(_unit_of(resource).get("payments")).get("captures")
    return an_object(captures[0]).get("id") if isinstance(captures, list) and captures else None
