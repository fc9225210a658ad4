"""What claims to be signed: a genuine message with anything changed is refused, and so is rubbish; nothing else happens."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import urllib3
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import strategies as st

import clock
from providers.amazon.accounts import AccountSettings
from providers.amazon.adapter import AmazonProvider
from providers.amazon.notifications import SIGNED
from providers.base import InvalidSignature, ProviderUnavailable, TokenRefused
from providers.google.adapter import GoogleProvider
from providers.google.page import GooglePayPage
from providers.kit.transport import Answer
from providers.paypal.webhooks import Webhooks
from providers.stripe.adapter import StripeProvider
from tests.fuzz.mangling import headers, mangled, mangled_text
from tests.fuzz.target import Target, told_in_a_line
from tests.providers.amazon import sns
from tests.providers.paypal import webhooks as paypal_sends
from tests.providers.stripe.deliveries import sign as stripe_sign

Sent = tuple[bytes, dict[str, str]]
SECRET = "whsec_the secret of this endpoint"
CERTIFICATE = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42"
SNS_CERTIFICATE = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-a1b2.pem"
TOPIC = "arn:aws:sns:us-east-1:123456789012:whipround"
RUBBISH = st.binary(max_size=40) | st.recursive(
    st.none() | st.integers() | st.text(max_size=6), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner)
).map(lambda value: json.dumps(value).encode())


def deliveries(body: bytes, with_headers: dict[str, str]) -> st.SearchStrategy[Sent]:
    """Deliveries like this one: it or a mangled one, with its headers or mangled ones."""
    others = mangled(body, 1) | st.sampled_from([b" ", b"\n", b"\0"]).map(lambda tail: body + tail)
    one_header = st.sampled_from(sorted(with_headers)).flatmap(
        lambda name: headers({name: with_headers[name]}).map(lambda odd: {**_without(with_headers, name), **odd})
    )
    odd_parts = {
        "body": st.tuples(others, st.just(with_headers)),
        "one header": st.tuples(st.just(body), one_header),
        "all": st.tuples(mangled(body) | RUBBISH, headers(with_headers)),
    }
    return st.sampled_from(sorted(odd_parts)).flatmap(odd_parts.__getitem__)


def _without(told: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in told.items() if key != name}


def _refused_or(read: Callable[[], object]) -> object | None:
    """What was read; None where it was refused in one of the two ways that there are."""
    try:
        return read()
    except (InvalidSignature, ProviderUnavailable) as refused:
        told_in_a_line(refused)
        return None


# --- Stripe, and Google Pay through it ---------------------------------------------------------------------------------------

STRIPE_EVENT = json.dumps(
    {
        "id": "evt_1", "object": "event", "type": "checkout.session.completed",
        "data": {"object": {"id": "cs_1", "object": "checkout.session", "payment_intent": "pi_1", "metadata": {"a": "b"}}},
    },
    indent=2,
).encode()  # fmt: skip


def stripe() -> Target:
    return _stripe(StripeProvider(base="https://api.stripe.com", secret_key="sk_test_fuzz", webhook_secrets=[SECRET]))


def google() -> Target:
    return _stripe(_google_adapter())


def _stripe(adapter: Any) -> Target:
    now = int(clock.now().timestamp())
    signature = stripe_sign(STRIPE_EVENT, now, SECRET)
    genuine = {"Stripe-Signature": f"t={now},v1={'0' * 64},v1={signature},v0={'6' * 64}"}
    _check_genuine(adapter.parse_webhook(STRIPE_EVENT, genuine))

    def check(sent: Sent) -> str:
        body, told = sent
        if _refused_or(lambda: adapter.parse_webhook(body, told)) is None:
            return "refused"
        assert body == STRIPE_EVENT
        assert f"v1={signature}" in told["Stripe-Signature"].split(",")
        assert f"t={now}" in told["Stripe-Signature"].split(",")
        return "genuine"

    return Target(deliveries(STRIPE_EVENT, genuine), check)


def _google_adapter() -> GoogleProvider:
    page = GooglePayPage(
        merchant_id="BCR2DN4T", environment="TEST", country="US", script_url="https://pay.google.com/gp/p/js/pay.js"
    )
    keys = {"secret_key": "sk_test_fuzz", "publishable_key": "pk_test_fuzz", "webhook_secrets": [SECRET]}
    return GoogleProvider(page, base="https://api.stripe.com", **keys)  # type: ignore[arg-type]


def google_tokens() -> Target:
    adapter = _google_adapter()
    token = json.dumps({"id": "tok_1Mq2", "object": "token", "card": {"last4": "1111"}})

    def check(told: str) -> str:
        try:
            read = adapter.read_token(told)
        except TokenRefused:
            return "refused"
        assert re.fullmatch(r"tok_[A-Za-z0-9_]{1,250}", read)
        return "read"

    return Target(mangled_text(token, 4) | RUBBISH.map(lambda body: body.decode("utf-8", "replace")), check)


# --- PayPal ------------------------------------------------------------------------------------------------------------------


def _host_of(url: str) -> str:
    """As the library reads it that would call it, which is not the one that has checked it."""
    return str(urllib3.util.parse_url(url).host)


class _PayPal:
    """PayPal's certificates and its word on an event, without a network: only `CERTIFICATE` is one, and nothing else is its."""

    base = "https://api-m.paypal.com"

    def __init__(self, certificate: str) -> None:
        self._certificate = certificate
        self.caller = SimpleNamespace(transport=self)

    def send(self, method: str, url: str, **how: Any) -> Answer:
        assert _host_of(url) in {"api.paypal.com", "api-m.paypal.com"}, url
        assert url.lower().startswith("https://"), url
        return Answer(200 if url == CERTIFICATE else 404, {}, self._certificate.encode())

    def call(self, operation: str, method: str, path: str, *, body: bytes) -> Any:
        json.loads(body)
        return SimpleNamespace(data={"verification_status": "FAILURE"})


def paypal_target(folder: Path) -> Target:
    authority, webhook_id = paypal_sends.CertificateAuthority("a fuzzed PayPal", clock.now()), "8PT597110X687430LKGECATA"
    roots = folder / "paypal-roots.pem"
    roots.write_text(authority.root_pem)
    reader = Webhooks(_PayPal(authority.leaf()), webhook_id, trust_roots_file=str(roots))  # type: ignore[arg-type]
    body = json.dumps(
        paypal_sends.envelope(
            "CHECKOUT.ORDER.APPROVED", {"id": "5O190127TN364715T", "purchase_units": [{}]}, clock.now(), _PayPal.base
        )
    ).encode()
    text = paypal_sends.string_to_sign("103e3700-8b0c", "2026-11-21T00:00:00Z", webhook_id, body)
    signature = paypal_sends.sign(authority.key(), text)
    genuine = {
        "paypal-transmission-id": "103e3700-8b0c", "paypal-transmission-time": "2026-11-21T00:00:00Z",
        "paypal-transmission-sig": signature, "paypal-cert-url": CERTIFICATE, "paypal-auth-algo": "SHA256withRSA",
    }  # fmt: skip
    _check_genuine(reader.read(body, genuine))

    def check(sent: Sent) -> str:
        given, told = sent
        if _refused_or(lambda: reader.read(given, told)) is None:
            return "refused"
        assert given == body
        assert base64.b64decode(told["paypal-transmission-sig"]) == base64.b64decode(signature)
        assert {**told, "paypal-transmission-sig": signature} == genuine
        return "genuine"

    return Target(deliveries(body, genuine), check)


# --- Amazon ------------------------------------------------------------------------------------------------------------------


class _Sns:
    """SNS's certificates, without a network."""

    def __init__(self, certificate: str) -> None:
        self._certificate = certificate

    def send(self, method: str, url: str, **how: Any) -> Answer:
        host = _host_of(url)
        assert re.fullmatch(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?", host), url
        return Answer(200 if url == SNS_CERTIFICATE else 404, {}, self._certificate.encode())


def amazon() -> Target:
    private = sns.key("a merchant").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    adapter = AmazonProvider(
        AccountSettings(
            base="https://pay-api.amazon.com", public_key_id="SANDBOX-AFUZZEDKEY", private_key=private, merchant_id="A1FUZZ",
            store_id="amzn1.application-oa2-client.f", region="NA", topic=TOPIC,
            script_url="https://static-na.payments-amazon.com/c.js",
        )
    )  # fmt: skip
    reader = adapter.accounts.all[0].notifications
    reader._transport = reader._certificates._transport = _Sns(sns.certificate(clock.now()))  # type: ignore[assignment]
    told = {
        "MerchantID": "A1FUZZ",
        "ObjectType": "CHARGE",
        "ObjectId": "S01-1-C1",
        "ChargePermissionId": "S01-1",
        "NotificationId": "n1",
    }
    said = sns.message(
        "Notification", told, topic=TOPIC, now=clock.now(), certificate_url=SNS_CERTIFICATE, version="2", Subject="x"
    )
    body, with_headers = sns.as_sent(said)
    _check_genuine(adapter.parse_webhook(body, with_headers))

    def check(sent: Sent) -> str:
        if _refused_or(lambda: adapter.parse_webhook(*sent)) is None:
            return "refused"
        given = json.loads(sent[0])
        for name in SIGNED["Notification"]:
            assert given.get(name) == said[name], name
        return "genuine"

    members = st.fixed_dictionaries({name: mangled_text(value, 1) for name, value in said.items()})
    changed = st.tuples(members.map(lambda one: json.dumps(one).encode()), st.just(with_headers))
    return Target(deliveries(body, with_headers) | changed, check)


def _check_genuine(event: Any) -> None:
    """What nobody has changed is read: without that, refusals would prove nothing."""
    assert event.checkout_id or event.payment_reference
