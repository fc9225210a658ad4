"""A call that was told to come again is sent again, within its own time; and no other call waits for it."""

import time
from collections.abc import Callable, Iterator
from email.utils import format_datetime
from typing import Any

import pytest

import clock
from providers.base import PaymentRequest, ProviderUnavailable
from providers.kit import deadline, retries
from providers.kit.retries import retry_after_seconds
from providers.kit.transport import Answer
from providers.paypal.client import PayPalClient
from tests.providers.amazon import service as amazon_service
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.fake_server import FakeServer
from tests.providers.google import service as google_service
from tests.providers.google.fake import FakeGoogle
from tests.providers.line import Reply
from tests.providers.payment_request import a_request
from tests.providers.paypal import service as paypal_service
from tests.providers.paypal.fake import FakePayPal
from tests.providers.stripe import service as stripe_service
from tests.providers.stripe.fake import FakeStripe

pytestmark = pytest.mark.no_database

ACCOUNT = "acct_1PgafTB7WZ01zgkW"
OPENING: dict[str, tuple[type[FakeServer], Callable[..., Any], str, str]] = {
    "PayPal": (FakePayPal, paypal_service.adapter_for, "create", "anna@example.org"),
    "Stripe": (FakeStripe, stripe_service.adapter_for, "create", ACCOUNT),
    "Google": (FakeGoogle, google_service.adapter_for, "create_intent", ACCOUNT),
}


@pytest.fixture(params=OPENING)
def opening(request: pytest.FixtureRequest, short_pauses: None) -> Iterator[tuple[FakeServer, Callable[[str], Any], str]]:
    """A provider's fake, how a checkout is opened there under a request id, and what the fake calls that."""
    make, adapter_for, operation, payee = OPENING[request.param]
    with make() as fake:
        adapter, order = adapter_for(fake), a_request(request.param, payee)
        yield fake, lambda request_id: adapter.open_checkout(order, request_id=request_id), operation


def test_too_many_requests_is_sent_again_after_the_pause(opening):
    """Of every provider that has a checkout to open, under the same request id; the moment that was asked for is kept."""
    fake, open_checkout, operation = opening
    fake.retry_after = "1"
    fake.next(operation, "rate_limited")
    started = time.monotonic()
    assert open_checkout("open-1").checkout_id
    assert time.monotonic() - started >= 1
    assert len(fake.calls_of(operation)) == 2


def test_one_payments_429_is_no_other_payments_trouble(opening):
    """Nothing rests: what was told to wait longer than it has time is given up, and the next call goes out at once."""
    fake, open_checkout, operation = opening
    fake.retry_after = "300"
    fake.next(operation, "rate_limited")
    with pytest.raises(ProviderUnavailable):
        open_checkout("open-1")
    started = time.monotonic()
    assert open_checkout("open-2").checkout_id
    assert time.monotonic() - started < 5
    assert len(fake.calls_of(operation)) == 2


def test_the_busy_are_asked_five_times_at_most(opening):
    fake, open_checkout, operation = opening
    fake.next(operation, "rate_limited", times=99)
    with pytest.raises(ProviderUnavailable):
        open_checkout("open-1")
    assert len(fake.calls_of(operation)) == retries.TRIES_WHEN_BUSY


def test_a_token_that_was_told_to_wait_is_asked_for_again(short_pauses):
    with FakePayPal() as paypal:
        paypal.retry_after = "1"
        paypal.next("token", "rate_limited")
        client = PayPalClient(paypal.base_url, paypal.client_id, paypal.client_secret)
        client.call("get webhook", "GET", f"/v1/notifications/webhooks/{paypal.webhook_id}")
        assert len(paypal.calls_of("token")) == 2


def test_a_locked_payment_is_captured_within_the_deadline(short_pauses):
    """Stripe: 429 lock_timeout, as another request is at the payment. At Amazon: 429 TooManyRequests."""
    with FakeStripe() as stripe:
        adapter = stripe_service.adapter_for(stripe)
        order = opened(adapter, a_request("Stripe", ACCOUNT, capture_at_once=False))
        stripe.pay(order.checkout_id)
        stripe.next("capture", "lock_timeout", times=2)
        assert adapter.capture(order, request_id="capture-1").state == "captured"
        assert [call.headers["idempotency-key"] for call in stripe.calls_of("capture")] == ["capture-1"] * 3
    with FakeAmazon() as amazon:
        adapter = amazon_service.adapter_for(amazon)
        order = a_request("Amazon", amazon.merchant_id)
        session = amazon.press_button(dict(adapter.pay_page(order).button))
        amazon.approve(session.id)
        amazon.next("complete", "rate_limited", times=2)
        taken = adapter.capture(a_request("Amazon", amazon.merchant_id, checkout_id=session.id), request_id="capture-1")
        assert taken.state == "captured"


def opened(adapter: Any, order: PaymentRequest) -> PaymentRequest:
    opened = adapter.open_checkout(order, request_id="open-1")
    return a_request(order.provider, order.payee, capture_at_once=order.capture_at_once, checkout_id=opened.checkout_id)


# --- Stripe's own word -------------------------------------------------------------------------------------------------


class _Advised(FakeStripe):
    advice = ""

    def answer(self, call: Any) -> Reply:
        reply = super().answer(call)
        if call.fault:
            reply.headers["Stripe-Should-Retry"] = self.advice
        return reply


@pytest.mark.parametrize(
    ("fault", "advice", "calls"), [("error_500", "false", 1), ("error_500", "", 2), ("forbidden", "true", 2)]
)
def test_stripe_says_itself_whether_another_try_helps(fault, advice, calls, short_pauses):
    """Whatever the status: https://docs.stripe.com/error-low-level"""
    with _Advised() as stripe:
        stripe.advice = advice
        stripe.next("create", fault)
        adapter = stripe_service.adapter_for(stripe)
        if calls == 1:
            with pytest.raises(ProviderUnavailable):
                adapter.open_checkout(a_request("Stripe", ACCOUNT), request_id="open-1")
        else:
            assert adapter.open_checkout(a_request("Stripe", ACCOUNT), request_id="open-1").checkout_id
        assert len(stripe.calls_of("create")) == calls


# --- Retry-After ---------------------------------------------------------------------------------------------------------


def test_retry_after_is_seconds_or_a_date():
    """RFC 9110 10.2.3; a date without a zone is in GMT."""
    now = clock.now()
    assert [retry_after_seconds(text) for text in ("7", " 0 ", "000120", "9" * 400)] == [7, 0, 120, float("inf")]
    in_a_minute = format_datetime(now.replace(microsecond=0), usegmt=True)
    assert retry_after_seconds(in_a_minute) == 0
    assert 9e8 < (retry_after_seconds("Tue, 01 Jan 2069 00:00:00 GMT") or 0) < 2e9
    assert [retry_after_seconds(text) for text in (None, "", "soon", "-1", "1.5", "١٢", "Wed, 99 Oct")] == [None] * 7


def test_a_pause_ends_before_the_deadline(monkeypatch):
    """What would not be over in time is not begun: the caller hears so at once."""
    slept: list[float] = []
    monkeypatch.setattr(retries.time, "sleep", slept.append)
    with deadline.at_most(10):
        tries = retries.Tries(retries.RetryPolicy())
        assert not tries.wait(Answer(429, {"Retry-After": "9"}, b""))
        assert slept == []
        assert retries.Tries(retries.RetryPolicy()).wait(Answer(503, {"Retry-After": "3"}, b""))
        assert 3.15 <= slept[0] <= 3.45
