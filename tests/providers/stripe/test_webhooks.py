"""What arrives at our webhook: proven to be Stripe's, or refused; and which payment it rings about."""

import json

import pytest

from providers.base import InvalidSignature, WebhookEvent
from providers.stripe.adapter import StripeProvider
from tests.providers.gift import heard_at
from tests.providers.stripe.deliveries import sign
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.service import adapter_for

pytestmark = pytest.mark.no_database

SESSION = {"object": "checkout.session", "id": "cs_test_1", "client_reference_id": "a-gift-of-ours", "payment_intent": "pi_1"}


@pytest.fixture
def adapter(stripe: FakeStripe) -> StripeProvider:
    return adapter_for(stripe)


def forged(adapter: StripeProvider, body: bytes, header: str | None) -> str:
    with pytest.raises(InvalidSignature) as refused:
        adapter.parse_webhook(body, {} if header is None else {"Stripe-Signature": header})
    return str(refused.value)


# --- the signature ----------------------------------------------------------------------------------------------------


def test_a_report_is_proven_without_asking_anybody(adapter, stripe):
    """And the header's name is read without regard to case."""
    body, headers = stripe.webhook("checkout.session.completed", SESSION)
    for named in (headers, {"STRIPE-SIGNATURE": headers["Stripe-Signature"]}):
        event = adapter.parse_webhook(body, named)
        assert event == WebhookEvent("cs_test_1", json.loads(body)["id"], "pi_1", "a-gift-of-ours")
    assert stripe.calls == []


@pytest.mark.parametrize(("seconds", "is_believed"), [(-300, True), (0, True), (300, True), (-302, False), (302, False)])
def test_a_report_counts_for_five_minutes(seconds, is_believed, adapter, stripe, later):
    """An older one is a replay, and one from the future no better."""
    body, headers = stripe.signed({"type": "x", "data": {"object": SESSION}}, at=stripe.books.seconds() + seconds)
    later(microseconds=-(stripe.now.microsecond))
    if is_believed:
        assert adapter.parse_webhook(body, headers).checkout_id == "cs_test_1"
    else:
        assert forged(adapter, body, headers["Stripe-Signature"]) == "signed more than five minutes from now"


@pytest.mark.parametrize(
    ("ours", "taken"),
    [(["whsec_old"], {"both", "old"}), (["whsec_new"], {"both", "new"}), (["whsec_new", "whsec_old"], {"both", "old", "new"})],
    ids=["before", "after", "while"],
)
def test_while_the_secret_is_changed_either_of_the_two_will_do(ours, taken, stripe):
    adapter, body = adapter_for(stripe, webhook_secrets=ours), stripe.webhook("checkout.session.completed", SESSION).body
    for name, secrets in (("both", ["whsec_new", "whsec_old"]), ("old", ["whsec_old"]), ("new", ["whsec_new"])):
        header = stripe.signed(body, secrets_=secrets).headers["Stripe-Signature"]
        assert header.count("v1=") == len(secrets)
        if name in taken:
            assert adapter.parse_webhook(body, {"Stripe-Signature": header}).checkout_id == "cs_test_1"
        else:
            assert "does not fit" in forged(adapter, body, header)
    assert "STRIPE_WEBHOOK_SECRET is not set" in forged(adapter_for(stripe, webhook_secrets=[]), body, header)


def test_of_several_signatures_one_that_fits_will_do(adapter, stripe):
    """And those of other schemes never."""
    body, at = stripe.webhook("checkout.session.completed", SESSION).body, stripe.books.seconds()
    right = sign(body, at, stripe.signing_secrets[0])
    adapter.parse_webhook(body, {"Stripe-Signature": f"t={at},v1={'0' * 64},v1={right},v0={'1' * 64}"})
    for header in (f"t={at},v0={right}", f"t={at},v2={right}", f"t={at},v1={'0' * 64},v0={right}"):
        forged(adapter, body, header)


def test_a_header_of_junk_is_refused_and_nothing_else_happens(adapter, stripe):
    body, at = stripe.webhook("checkout.session.completed", SESSION).body, stripe.books.seconds()
    right = sign(body, at, stripe.signing_secrets[0])
    for header in (
        None, "", ",", "=", "t", "t=", "v1", "t=,v1=", "t=abc,v1=abc", "t=-1,v1={v1}", "t= {t},v1={v1}", "t={t},t={t},v1={v1}",
        "t={t};v1={v1}", "t={t},v1={v1}0", "t={t},v1={V1}", "t={t}.0,v1={v1}", "v1={v1}", "t={t}", "t=１,v1={v1}",
        "\x00", "\udc80",
        "t={t},v1=" + "0" * 64, "t=" + "9" * 5000 + ",v1={v1}", "t={t},v1={v1}" + ",v1=0" * 2000,
        "t={t}=,v1={v1}", "T={t},V1={v1}",
    ):  # fmt: skip
        forged(adapter, body, header and header.format(t=at, v1=right, V1=right.upper()))


# --- what it says -----------------------------------------------------------------------------------------------------


def test_what_is_signed_and_no_event_is_refused_as_well(adapter, stripe):
    for body in (
        b"", b"null", b"[]", b"7", b'"x"', b"{}", b"{", b"\xff\xfe{}", b'{"type": "x"}', b'{"type": "x", "data": []}',
        b'{"type": "x", "data": {"object": []}}', b'{"type": 7, "data": {"object": {}}}', b"[" * 100_000,
        b'{"object": "v2.core.event", "type": "v2.x", "related_object": {"id": "pi_1"}}',
    ):  # fmt: skip
        header = stripe.signed(body).headers["Stripe-Signature"]
        assert "is the endpoint one of snapshot events?" in forged(adapter, body, header)


@pytest.mark.parametrize(
    ("about", "names"),
    [
        ({"object": "payment_intent", "id": "pi_1", "metadata": {"contribution": "ours"}}, ("", "pi_1", "ours")),
        ({"object": "charge", "id": "ch_1", "payment_intent": "pi_1"}, ("", "pi_1", "")),
        ({"object": "refund", "id": "re_1", "payment_intent": "pi_1", "metadata": {"refund": "ours"}}, ("", "pi_1", "ours")),
        ({"object": "dispute", "id": "dp_1", "payment_intent": {"id": "pi_1"}}, ("", "pi_1", "")),
        ({"object": "checkout.session", "id": "cs_test_1", "payment_intent": None}, ("cs_test_1", "", "")),
        ({"object": "checkout.session", "id": ["cs"], "payment_intent": 7, "client_reference_id": "<x>"}, ("", "", "")),
        ({"object": 7, "metadata": "x"}, ("", "", "")),
    ],
)
def test_a_payment_is_found_by_whatever_names_it(about, names, adapter, stripe):
    report = adapter.parse_webhook(*stripe.webhook("x", about))
    assert (report.checkout_id, report.payment_reference, report.reference) == names


# --- at our door ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_junk_at_our_door_is_400(service):
    for header in ("", "junk", "t=1,v1=1", "v1=" + "0" * 64, "t=x,v1=x," * 100):
        assert heard_at("stripe", b"{}", {"Stripe-Signature": header}) == 400
