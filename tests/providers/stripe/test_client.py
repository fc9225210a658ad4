"""Calls to Stripe: what is sent, what is sent again, and no more said to a log than it needs."""

import json
import logging

import pytest

from ids import new_id
from providers.base import ProviderUnavailable
from providers.kit.reading import time_of_epoch
from providers.stripe import addresses
from providers.stripe.amounts import DECIMALS, minor_of, units_of
from providers.stripe.client import StripeClient, StripeRefused
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.service import adapter_for
from tests.providers.stripe.test_fault_table import an_order

pytestmark = pytest.mark.no_database


@pytest.fixture
def client(stripe: FakeStripe) -> StripeClient:
    return StripeClient(stripe.base_url, stripe.secret_key)


def test_without_keys_nothing_is_asked(stripe):
    with pytest.raises(ProviderUnavailable, match="no Stripe keys"):
        StripeClient(stripe.base_url, "").call("get account", "GET", "/v1/account")
    assert stripe.calls == []


def test_a_question_is_asked_again_and_an_order_under_its_key(careless_stripe):
    """Three times; an order without a key but once."""
    client = StripeClient(careless_stripe.base_url, careless_stripe.secret_key)
    careless_stripe.next("account", "drop", times=9)
    careless_stripe.next("refund", "drop", times=9)
    order = ("refund", "POST", "/v1/refunds", [("payment_intent", "pi_1")])
    for call, key, times in ((("account", "GET", "/v1/account"), "", 3), (order, "", 1), (order, "refund-1", 3)):
        careless_stripe.calls.clear()
        with pytest.raises(ProviderUnavailable):
            client.call(*call, request_id=key)
        assert len(careless_stripe.calls_of(call[0])) == times


def test_a_refusal_is_told_in_stripes_words_and_is_final(client, stripe):
    with pytest.raises(StripeRefused) as refused:
        client.call("refund", "POST", "/v1/refunds", [("payment_intent", "pi_1")], request_id="refund-1")
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (404, "resource_missing", "intent")
    assert refused.value.correlation_id == stripe.calls[0].debug_id
    assert len(stripe.calls) == 1


def test_the_log_knows_each_answer_by_number_and_nobody_by_name(stripe, caplog):
    caplog.set_level(logging.DEBUG)
    adapter = adapter_for(stripe)
    opened = adapter.open_checkout(an_order(payee="acct_anna"), request_id=f"open-{new_id()}")
    with pytest.raises(ProviderUnavailable):
        adapter_for(stripe, secret_key="sk_test_canary").open_checkout(an_order(payee="acct_bob"), request_id="open-2")
    ours = [record.__dict__ for record in caplog.records if record.name.startswith("providers")]
    told = json.dumps(ours, default=str)
    assert {call.debug_id for call in stripe.calls} <= {getattr(record, "correlation_id", "") for record in caplog.records}
    for secret in (stripe.secret_key, "sk_test_canary", "canary", "acct_anna", "acct_bob", opened.checkout_id):
        assert secret not in told


def test_a_page_of_stripes_is_known():
    for url in (
        "https://checkout.stripe.com/c/pay/cs_test_1#fid", "https://donate.stripe.com/c/pay/cs_test_1", "https://stripe.com/x",
        "http://127.0.0.1:4060/c/pay/cs_test_1#fid", "https://127.0.0.1/c/pay/cs_test_1",
    ):  # fmt: skip
        assert addresses.is_givers_page(url, "http://127.0.0.1:1234"), url


def test_no_other_page_is_stripes():
    for url in (
        "http://checkout.stripe.com/c", "https://checkout.stripe.com:444/c", "https://checkout.stripe.com@example.net/",
        "https://stripe.com.example.net/", "https://notstripe.com/", "https://checkout.stripe.com\\@example.net/",
        "javascript:alert(1)//stripe.com", "//checkout.stripe.com/c", "https://checkout.stripe.com/\n", "", "https://",
        "https://checkout.strïpe.com/", "https://checkout.stripe.com/" + "x" * 2000,
    ):  # fmt: skip
        assert not addresses.is_givers_page(url, "https://api.stripe.com"), url


def test_every_currency_is_read_as_it_is_written():
    for currency in DECIMALS:
        for amount_minor in (100, 12_300, 999_900):
            assert minor_of(units_of(amount_minor, currency), currency) == amount_minor, currency


@pytest.mark.parametrize("units", [None, "2000", 20.0, True, -1, [], {}, 150])
def test_what_is_no_amount_in_isk_is_not_read(units):
    with pytest.raises(ValueError, match=r"amount|decimals"):
        minor_of(units, "ISK")


@pytest.mark.parametrize("told", [None, "1700000000", 1.7e9, True, 0, -1, 10**11, 10**30, []])
def test_what_is_no_moment_is_not_read(told):
    assert time_of_epoch(told) is None
