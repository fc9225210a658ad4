"""What the fake PayPal tells by webhooks, and how it signs it."""

import base64
import json
import zlib

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509.verification import PolicyBuilder, Store

from tests.providers.paypal import schemas, webhooks

pytestmark = pytest.mark.no_database


def types(paypal, order):
    return [hook.event_type for hook in paypal.webhooks_of(order.id)]


def chain_of(hook):
    """The certificates behind a delivery, the signer's first."""
    return x509.load_pem_x509_certificates(requests.get(hook.headers["PAYPAL-CERT-URL"], timeout=20).content)


def verify(paypal, caller, hook, **changes):
    """What PayPal's own verify-webhook-signature says; the body is spliced in as it came."""
    told = {
        "auth_algo": hook.headers["PAYPAL-AUTH-ALGO"],
        "cert_url": hook.headers["PAYPAL-CERT-URL"],
        "transmission_id": hook.headers["PAYPAL-TRANSMISSION-ID"],
        "transmission_sig": hook.headers["PAYPAL-TRANSMISSION-SIG"],
        "transmission_time": hook.headers["PAYPAL-TRANSMISSION-TIME"],
        "webhook_id": paypal.webhook_id,
    } | changes
    body = json.dumps(told)[:-1].encode() + b', "webhook_event": ' + hook.body + b"}"
    headers = {"Authorization": f"Bearer {caller.token or caller.log_in()}", "Content-Type": "application/json"}
    address = f"{paypal.base_url}/v1/notifications/verify-webhook-signature"
    return requests.post(address, data=body, headers=headers, timeout=20).json()["verification_status"]


# --- what is told -------------------------------------------------------------------------------------------------------


def test_a_gift_is_told_step_by_step(paypal, caller):
    order = caller.created()
    assert types(paypal, order) == []
    paypal.approve(order.id)
    assert types(paypal, order) == ["CHECKOUT.ORDER.APPROVED"]
    caller.post(f"/v2/checkout/orders/{order.id}/capture")
    assert types(paypal, order)[1:] == ["PAYMENT.CAPTURE.COMPLETED", "CHECKOUT.ORDER.COMPLETED"]
    (capture,) = order.captures
    caller.refund(capture, {"amount": {"currency_code": "USD", "value": "5.00"}})
    paypal.reverse(capture.id)
    assert types(paypal, order)[3:] == ["PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED"]


def test_what_is_held_is_told_too(paypal, caller):
    held = caller.authorized()
    caller.void(held)
    assert types(paypal, held.order)[1:] == ["PAYMENT.AUTHORIZATION.CREATED", "PAYMENT.AUTHORIZATION.VOIDED"]


def test_what_waits_is_told_and_how_it_ends(paypal, caller):
    good, bad = caller.captured(pays_with="echeck"), caller.captured(pays_with="echeck")
    paypal.complete(good.id)
    paypal.deny(bad.id)
    assert [kind for kind in types(paypal, good.order) if "CAPTURE" in kind] == [
        "PAYMENT.CAPTURE.PENDING",
        "PAYMENT.CAPTURE.COMPLETED",
    ]
    assert types(paypal, bad.order)[-1] == "PAYMENT.CAPTURE.DENIED"


def test_a_refund_that_takes_its_time_is_told_when_it_ends(paypal, caller):
    capture = caller.captured()
    paypal.next("refund", "pending", times=2)
    first, second = (
        caller.refund(capture, {"amount": {"currency_code": "USD", "value": "5.00"}}).json()["id"] for _ in range(2)
    )
    paypal.end_refund(first, "COMPLETED")
    paypal.end_refund(second, "FAILED")
    assert types(paypal, capture.order)[-4:] == [
        "PAYMENT.REFUND.PENDING",
        "PAYMENT.REFUND.PENDING",
        "PAYMENT.CAPTURE.REFUNDED",
        "PAYMENT.REFUND.FAILED",
    ]


def test_a_refunds_event_leads_up_to_the_capture(paypal, caller):
    capture = caller.captured()
    refund = paypal.dashboard_refund(capture.id)
    event = paypal.webhooks_of(capture.order.id)[-1].event
    assert (event["resource_type"], event["resource"]["id"]) == ("refund", refund.id)
    (up,) = [link["href"] for link in event["resource"]["links"] if link["rel"] == "up"]
    assert up == f"{paypal.base_url}/v2/payments/captures/{capture.id}"


def test_an_event_tells_how_it_was_then_and_not_how_it_is_now(paypal, caller):
    capture = caller.captured(pays_with="echeck")
    paypal.complete(capture.id)
    told = [hook.event["resource"]["status"] for hook in paypal.webhooks_of(capture.order.id) if "CAPTURE" in hook.event_type]
    assert told == ["PENDING", "COMPLETED"]


def test_every_event_is_one_in_paypals_own_words(paypal, caller, specification):
    held, capture = caller.authorized(), caller.captured()
    caller.void(held)
    paypal.dashboard_refund(capture.id)
    schema = {"checkout-order": "order", "capture": "capture-2", "authorization": "authorization-2", "refund": "refund"}
    hooks = paypal.webhooks_of(held.order.id) + paypal.webhooks_of(capture.order.id)
    assert len(hooks) == 7
    for hook in hooks:
        file = schemas.ORDERS if hook.event["resource_type"] == "checkout-order" else schemas.PAYMENTS
        assert schemas.component_faults(schemas.WEBHOOKS, "event", hook.event) == []
        assert schemas.component_faults(file, schema[hook.event["resource_type"]], hook.event["resource"]) == []


# --- how it is signed ---------------------------------------------------------------------------------------------------


def test_what_is_signed_is_as_in_paypals_published_example():
    """The example's body is not needed: what counts is that its CRC-32 stands there in decimal."""

    published = "dfb3be50-fd74-11e4-8bf3-77339302725b|2015-05-18T15:45:13Z|4JH86294D6297924G|2771810304"
    body = with_crc(2771810304)
    text = webhooks.string_to_sign("dfb3be50-fd74-11e4-8bf3-77339302725b", "2015-05-18T15:45:13Z", "4JH86294D6297924G", body)
    assert text == published


def with_crc(wanted: int) -> bytes:
    """Four bytes whose CRC-32 is the wanted one: the table is gone through backwards."""
    table = [zlib.crc32(bytes([number])) ^ zlib.crc32(b"\0") for number in range(256)]
    state, indexes = wanted ^ 0xFFFFFFFF, []
    for _ in range(4):
        (index,) = [number for number in range(256) if table[number] >> 24 == state >> 24]
        indexes.append(index)
        state = ((state ^ table[index]) << 8) & 0xFFFFFFFF
    found, state = b"", 0xFFFFFFFF
    for index in reversed(indexes):
        found += bytes([(state ^ index) & 0xFF])
        state = table[index] ^ (state >> 8)
    return found


def test_a_signature_is_that_of_the_certificate_that_is_served(paypal, caller):
    hook = paypal.webhooks_of(caller.captured().order.id)[0]
    time, transmission = hook.headers["PAYPAL-TRANSMISSION-TIME"], hook.headers["PAYPAL-TRANSMISSION-ID"]
    text = f"{transmission}|{time}|{paypal.webhook_id}|{zlib.crc32(hook.body)}"
    signature = base64.b64decode(hook.headers["PAYPAL-TRANSMISSION-SIG"])
    leaf = chain_of(hook)[0]
    leaf.public_key().verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert leaf.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value == webhooks.COMMON_NAME


def verified(paypal, hook):
    """The chain as a verifier sees it that trusts ca_file. Raises VerificationError."""
    with open(paypal.ca_file, "rb") as file:
        store = Store(x509.load_pem_x509_certificates(file.read()))
    leaf, *others = chain_of(hook)
    verifier = PolicyBuilder().store(store).time(paypal.now).build_server_verifier(x509.DNSName(webhooks.COMMON_NAME))
    return verifier.verify(leaf, others)


def test_the_certificate_leads_to_the_fakes_own_root(paypal, caller):
    hook = paypal.webhook("PAYMENT.CAPTURE.COMPLETED", caller.captured())
    assert len(verified(paypal, hook)) == 3


def test_paypals_own_verification_says_success_to_what_it_sent(paypal, caller):
    for hook in paypal.webhooks_of(caller.captured().order.id):
        assert verify(paypal, caller, hook) == "SUCCESS"


@pytest.mark.parametrize(
    "how",
    [{"forged": True}, {"webhook_id": "5JH86294D6297924G"}, {"changed_on_the_way": True}],
    ids=lambda how: next(iter(how)),
)
def test_paypals_own_verification_says_failure_to_others(paypal, caller, how):
    hook = paypal.webhook("PAYMENT.CAPTURE.COMPLETED", caller.captured(), **how)
    assert verify(paypal, caller, hook) == "FAILURE"


@pytest.mark.parametrize("header", ["transmission_id", "transmission_time", "webhook_id", "cert_url", "auth_algo"])
def test_paypals_own_verification_looks_at_everything_it_is_told(paypal, caller, header):
    other = {
        "transmission_time": "2015-05-18T15:45:13Z",
        "cert_url": f"{paypal.base_url}/v1/notifications/certs/CERT-0",
        "transmission_id": "dfb3be50-fd74-11e4-8bf3-77339302725b",
        "webhook_id": "4JH86294D6297924G",
        "auth_algo": "SHA1withRSA",
    }
    hook = paypal.webhooks_of(caller.captured().order.id)[0]
    assert verify(paypal, caller, hook, **{header: other[header]}) == "FAILURE"


# --- the webhook that is configured -------------------------------------------------------------------------------------
