"""PayPal's definite no is an end: the payment is looked at once, and what was not done is refused, whatever the issue."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from contributions.models import Refund
from providers.base import PayerActionRequired, PaymentRequest, ProviderRefused
from providers.paypal.adapter import PayPalProvider
from tests.providers.payment_request import a_request
from tests.providers.paypal import errors
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.service import adapter_for


@pytest.fixture
def paypal(short_pauses: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePayPal]:
    """Who says no in words that nobody knows yet, and in some that its specification does not have."""
    monkeypatch.setitem(errors.ISSUES, "SOMETHING_NEW", 422)
    monkeypatch.setitem(errors.ISSUES, "SOMETHING_NEW_IN_403", 403)
    monkeypatch.setitem(errors.ISSUES, "PERMISSION_NOT_GRANTED", 403)
    monkeypatch.setitem(errors.ISSUES, "INVALID_ACCOUNT_STATUS", 401)
    with FakePayPal() as paypal:
        yield paypal


def held_at_paypal(paypal: FakePayPal) -> tuple[PayPalProvider, PaymentRequest]:
    adapter, order = adapter_for(paypal), a_request("PayPal", "anna@example.org", capture_at_once=False)
    order = replace(order, checkout_id=adapter.open_checkout(order, request_id="open-1").checkout_id)
    paypal.approve(order.checkout_id)
    held = adapter.authorize(order, request_id="authorize-1")
    return adapter, replace(order, payment_reference=held.provider_reference)


def no_of(call: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(ProviderRefused) as refused:
        call(*arguments, **named)
    assert not isinstance(refused.value, PayerActionRequired)
    return refused.value.reason


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("operation", "named", "issue", "reason"),
    [
        ("capture", "capture_authorization", "SOMETHING_NEW", "request_rejected"),
        ("capture", "capture_authorization", "SOMETHING_NEW_IN_403", "not_permitted"),
        ("capture", "capture_authorization", "PERMISSION_NOT_GRANTED", "not_permitted"),
        ("capture", "capture_authorization", "AUTHORIZATION_EXPIRED", "authorization_lapsed"),
        ("void", "void", "SOMETHING_NEW", "request_rejected"),
        ("renew", "reauthorize", "SOMETHING_NEW", "cannot_renew"),
    ],
)
def test_paypals_unknown_no_to_held_money(operation, named, issue, reason, paypal):
    """The authorization is looked at: it is held as before, so nothing was done."""
    adapter, order = held_at_paypal(paypal)
    paypal.next(named, issue, times=9)
    looks = len(paypal.calls_of("get"))
    assert no_of(getattr(adapter, operation), order, request_id="request-1") == reason
    assert len(paypal.calls_of(named)) == 1
    assert len(paypal.calls_of("get")) > looks
    assert adapter.find(order).state == "authorized"


@pytest.mark.no_database
def test_paypals_unknown_no_before_the_approval_asks_the_giver(paypal):
    """The order is open all the same: whoever approves it later has paid nothing yet."""
    adapter, order = adapter_for(paypal), a_request("PayPal", "anna@example.org")
    order = replace(order, checkout_id=adapter.open_checkout(order, request_id="open-1").checkout_id)
    paypal.next("capture", "SOMETHING_NEW")
    with pytest.raises(PayerActionRequired, match="SOMETHING_NEW"):
        adapter.capture(order, request_id="capture-1")


@pytest.mark.no_database
def test_paypals_account_trouble_is_no_matter_of_keys(paypal):
    """401 INVALID_ACCOUNT_STATUS: another login does not help, and neither does asking for ever."""
    adapter = adapter_for(paypal)
    paypal.next("create", "INVALID_ACCOUNT_STATUS", times=9)
    order = a_request("PayPal", "anna@example.org")
    assert no_of(adapter.open_checkout, order, request_id="open-1") == "not_permitted"
    assert len(paypal.calls_of("create")) == 2


@pytest.mark.no_database
@pytest.mark.parametrize("issue", ["CAPTURE_FULLY_REFUNDED", "REFUND_AMOUNT_EXCEEDED", "SOMETHING_NEW"])
def test_a_refund_that_is_there_has_not_failed(issue, paypal):
    """PayPal has forgotten the request id, and refuses what it has done itself under that very id."""
    adapter, order = adapter_for(paypal), a_request("PayPal", "anna@example.org")
    order = replace(order, checkout_id=adapter.open_checkout(order, request_id="open-1").checkout_id)
    paypal.approve(order.checkout_id)
    order = replace(order, payment_reference=adapter.capture(order, request_id="capture-1").provider_reference)
    asked = {"amount_minor": 2000, "reference": "refund-of-ours", "request_id": "refund-1"}
    made = adapter.refund(order, **asked)
    paypal.next("refund", issue)
    assert adapter.refund(order, **asked).provider_reference == made.provider_reference
    paypal.next("refund", issue)
    assert no_of(adapter.refund, order, **(asked | {"reference": "another"})) in {"refund_amount_exceeded", "request_rejected"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("issue", "failure"),
    [
        ("REFUND_FAILED_BY_PAYMENT_SOURCE", "refund_denied"),
        ("REFUND_NOT_ALLOWED", "cannot_refund"),
        ("SOMETHING_NEW", "request_rejected"),
        ("PERMISSION_NOT_GRANTED", "not_permitted"),
    ],
)
def test_what_cannot_be_given_back_is_free_again(issue, failure, books, gift):
    """The refund has failed after one look; the same amount can be asked for again at once."""
    gift.comes_back()
    gift.paypal.next("refund", issue)
    gift.refund("5.00")
    refused = Refund.objects.get()
    assert (refused.status, refused.failure) == ("Failed", failure)
    gift.refund()
    assert gift.status == ("Refunded", "refunded")
