"""What the fake PayPal tells by webhooks, and how it signs it."""

import json
import zlib

import pytest
import requests
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from tests.providers.paypal import schemas, webhooks
from tests.providers.paypal.proof.steps import ORDERS, usd

pytestmark = pytest.mark.no_database


def types(paypal, order):
    return [hook.event_type.removeprefix("PAYMENT.") for hook in paypal.webhooks_of(order.id)]


def test_a_gift_is_told_step_by_step(paypal, caller, specification):
    """An event tells how it was then, in PayPal's own words; that of a refund leads up to the capture."""
    order = caller.created()
    assert types(paypal, order) == []
    paypal.approve(order.id, "under_review")
    caller.post(f"{ORDERS}/{order.id}/capture")
    (capture,) = order.captures
    paypal.complete(capture.id)
    caller.refund(capture, usd("5.00"))
    paypal.reverse(capture.id)
    assert types(paypal, order) == [
        "CHECKOUT.ORDER.APPROVED", "CAPTURE.PENDING", "CHECKOUT.ORDER.COMPLETED", "CAPTURE.COMPLETED", "CAPTURE.REFUNDED",
        "CAPTURE.REVERSED",
    ]  # fmt: skip
    hooks = paypal.webhooks_of(order.id)
    assert [hook.event["resource"]["status"] for hook in hooks if hook.event["resource"]["id"] == capture.id] == [
        "PENDING",
        "COMPLETED",
    ]
    (up,) = [link["href"] for link in hooks[-1].event["resource"]["links"] if link["rel"] == "up"]
    assert up == f"{paypal.base_url}/v2/payments/captures/{capture.id}"
    for hook in hooks:
        in_their_words(hook)


def in_their_words(hook):
    kind = hook.event["resource_type"]
    schema = {"checkout-order": "order", "capture": "capture-2", "authorization": "authorization-2", "refund": "refund"}[kind]
    file = schemas.ORDERS if kind == "checkout-order" else schemas.PAYMENTS
    assert schemas.component_faults(schemas.WEBHOOKS, "event", hook.event) == []
    assert schemas.component_faults(file, schema, hook.event["resource"]) == []


def test_what_is_held_is_told_too_and_how_waiting_ends(paypal, caller, specification):
    held, bad, capture = caller.authorized(), caller.captured(pays_with="echeck"), caller.captured()
    caller.act_on(held, "void")
    assert types(paypal, held.order)[1:] == ["AUTHORIZATION.CREATED", "AUTHORIZATION.VOIDED"]
    for hook in paypal.webhooks_of(held.order.id):
        in_their_words(hook)
    paypal.deny(bad.id)
    assert types(paypal, bad.order)[-1] == "CAPTURE.DENIED"
    paypal.next("refund", "pending", times=2)
    for ends in ("COMPLETED", "FAILED"):
        paypal.end_refund(caller.refund(capture, usd("5.00")).json()["id"], ends)
    ends = ["REFUND.PENDING", "CAPTURE.REFUNDED", "REFUND.PENDING", "REFUND.FAILED"]
    assert types(paypal, capture.order)[-4:] == ends


def test_what_is_signed_is_as_in_paypals_published_example():
    """The example's body is not needed: what counts is that its CRC-32 stands there in decimal."""
    published = "dfb3be50-fd74-11e4-8bf3-77339302725b|2015-05-18T15:45:13Z|4JH86294D6297924G|2771810304"
    transmission_id, time, webhook_id, crc = published.split("|")
    assert webhooks.string_to_sign(transmission_id, time, webhook_id, with_crc(int(crc))) == published


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


def test_the_certificate_leads_to_the_fakes_own_root(paypal):
    hook = paypal.webhook("PAYMENT.CAPTURE.COMPLETED", {"id": "3C6"})
    leaf, *others = x509.load_pem_x509_certificates(requests.get(hook.headers["PAYPAL-CERT-URL"], timeout=20).content)
    store = Store([x509.load_pem_x509_certificate(paypal.ca_pem.encode())])
    verifier = PolicyBuilder().store(store).time(paypal.now).build_server_verifier(x509.DNSName(webhooks.COMMON_NAME))
    assert len(verifier.verify(leaf, others)) == 3


def verify(caller, hook, **changes):
    """What PayPal's own verify-webhook-signature says; the body is spliced in as it came."""
    names = {"auth_algo": "AUTH-ALGO", "cert_url": "CERT-URL"}
    names |= {f"transmission_{what}": f"TRANSMISSION-{what.upper()}" for what in ("id", "sig", "time")}
    told = {name: hook.headers[f"PAYPAL-{header}"] for name, header in names.items()}
    told |= {"webhook_id": caller.paypal.webhook_id} | changes
    body = json.dumps(told)[:-1].encode() + b', "webhook_event": ' + hook.body + b"}"
    return caller.post("/v1/notifications/verify-webhook-signature", body).json()["verification_status"]


def test_paypals_own_verification_looks_at_all_it_is_told(paypal, caller):
    others = {
        "transmission_time": "2015-05-18T15:45:13Z",
        "cert_url": f"{paypal.base_url}/v1/notifications/certs/CERT-0",
        "transmission_id": "dfb3be50-fd74-11e4-8bf3-77339302725b",
        "webhook_id": "4JH86294D6297924G",
        "auth_algo": "SHA1withRSA",
    }
    hook = paypal.webhooks_of(caller.captured().order.id)[0]
    assert verify(caller, hook) == "SUCCESS"
    assert {verify(caller, hook, **{name: other}) for name, other in others.items()} == {"FAILURE"}
    for how in ({"forged": True}, {"webhook_id": "5JH86294D6297924G"}, {"changed_on_the_way": True}):
        assert verify(caller, paypal.webhook("PAYMENT.CAPTURE.COMPLETED", {"id": "3C6"}, **how)) == "FAILURE"
