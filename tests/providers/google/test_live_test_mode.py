"""The adapter against Stripe's own test mode, with Stripe's test tokens in place of Google's: what no fake can prove.

Skipped without keys: see docs/operators.md. Google itself is not asked: a sheet wants a person and a browser.
"""

import os
import time
from dataclasses import replace

import pytest

from ids import new_id
from providers.base import PayerActionRequired, PaymentRequest, PaymentState, RefundState
from providers.google.adapter import GoogleProvider
from providers.stripe.addresses import LIVE
from tests.providers.stripe.test_fault_table import an_order

KEYS = ("STRIPE_LIVE_SECRET_KEY", "STRIPE_LIVE_PAYEE")
VISA = "tok_visa"
MISSING = [name for name in KEYS if not os.environ.get(name)]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"Stripe's test mode wants {', '.join(MISSING)}")


@pytest.fixture(scope="module")
def gateway() -> GoogleProvider:
    secret_key = os.environ["STRIPE_LIVE_SECRET_KEY"]
    return GoogleProvider(base=LIVE, secret_key=secret_key, publishable_key="pk_test_none", webhook_secrets=["whsec_none"])


def opened(gateway: GoogleProvider, **changes: object) -> PaymentRequest:
    order = an_order(provider="Google", payee=os.environ["STRIPE_LIVE_PAYEE"], **changes)
    checkout = gateway.open_checkout(order, request_id=f"open-{order.reference}")
    return replace(order, checkout_id=checkout.checkout_id)


def test_a_payment_says_what_was_asked_and_is_paid_once(gateway):
    order, request_id = opened(gateway), f"pay-{new_id()}"
    before = gateway.find(order)
    assert (before.state, before.amount_minor, before.payee) == (PaymentState.OPEN, 2000, order.payee)
    for _ in range(2):
        paid = gateway.pay(order, VISA, request_id=request_id)
        assert (paid.state, paid.amount_minor, paid.reference) == (PaymentState.CAPTURED, 2000, order.reference)
    again = gateway.pay(order, VISA, request_id=f"pay-{new_id()}")
    assert (again.state, again.provider_reference) == (PaymentState.CAPTURED, paid.provider_reference)
    assert gateway.refund(order, amount_minor=2000, reference="live", request_id=f"refund-{new_id()}").amount_minor == 2000


def test_held_money_is_let_go(gateway):
    order = opened(gateway, capture_at_once=False)
    assert gateway.pay(order, VISA, request_id=f"pay-{new_id()}").state is PaymentState.AUTHORIZED
    assert gateway.void(order, request_id=f"void-{new_id()}").state is PaymentState.VOIDED


@pytest.mark.parametrize(
    ("token", "reason", "page"),
    [
        ("tok_chargeDeclined", "instrument_declined", ""),
        ("tok_threeDSecure2Required", "not_approved", "https://hooks.stripe.com/"),
    ],
)
def test_what_does_not_pay_leaves_it_open_for_another_card(token, reason, page, gateway):
    """A bank that wants a word has a page of Stripe's."""
    order = opened(gateway)
    with pytest.raises(PayerActionRequired) as refused:
        gateway.pay(order, token, request_id=f"pay-{new_id()}")
    assert refused.value.reason == reason
    assert refused.value.url.startswith(page) if page else refused.value.url == ""
    assert gateway.find(order).state is PaymentState.OPEN
    assert gateway.pay(order, VISA, request_id=f"pay-{new_id()}").state is PaymentState.CAPTURED


def test_a_payment_is_closed_and_cannot_be_paid(gateway):
    order = opened(gateway)
    assert gateway.close(order, request_id=f"close-{new_id()}").state is PaymentState.VOIDED
    assert gateway.pay(order, VISA, request_id=f"pay-{new_id()}").state is PaymentState.VOIDED


def paid(gateway: GoogleProvider, token: str = VISA, **changes: object) -> PaymentRequest:
    order = opened(gateway, **changes)
    gateway.pay(order, token, request_id=f"pay-{new_id()}")
    return order


def test_a_part_captured_in_the_dashboard_is_that_part(gateway):
    order = paid(gateway, capture_at_once=False)
    form = [("amount_to_capture", "1500")]
    gateway.client.call("capture", "POST", f"/v1/payment_intents/{order.checkout_id}/capture", form, request_id=new_id())
    now = gateway.find(order)
    assert (now.state, now.amount_minor, now.taken_minor) == (PaymentState.CAPTURED, 2000, 1500)
    assert now.refunds == (), "what was not captured is no refund"


def test_what_was_given_back_in_the_dashboard_is_listed(gateway):
    order = paid(gateway)
    form = [("payment_intent", order.checkout_id), ("amount", "500"), ("reverse_transfer", "true")]
    gateway.client.call("refund", "POST", "/v1/refunds", form, request_id=new_id())
    assert [(one.amount_minor, one.reference) for one in gateway.find(order).refunds] == [(500, "")]


def test_a_dispute_tells_how_much_is_lost_and_wants_an_answer(gateway):
    """Stripe's token for it: https://docs.stripe.com/testing#disputes"""
    order, until = paid(gateway, "tok_createDispute"), time.monotonic() + 30
    while (now := gateway.find(order)).lost_minor != 2000 and time.monotonic() < until:
        time.sleep(1)
    assert (now.state, now.lost_minor, now.for_a_person) == (PaymentState.REVERSED, 2000, "dispute_to_answer")


def test_a_refund_that_fails_after_it_was_done_says_so(gateway):
    """Stripe's token for it: https://docs.stripe.com/testing#refunds"""
    order, until = paid(gateway, "tok_refundFail"), time.monotonic() + 30
    gateway.refund(order, amount_minor=2000, reference="live", request_id=f"refund-{new_id()}")
    while (states := [one.state for one in gateway.find(order).refunds]) != [RefundState.FAILED] and time.monotonic() < until:
        time.sleep(1)
    assert states == [RefundState.FAILED]
