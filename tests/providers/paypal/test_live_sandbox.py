"""The adapter against PayPal's own sandbox: what no fake can prove. Skipped without keys: see docs/operators.md.

Everything here runs without a person at the approval page, so nothing is paid: whole gifts are docs/operators.md, step 6.
"""

import os
from dataclasses import replace

import pytest

from ids import new_id
from providers.base import PayerActionRequired, PaymentState, ProviderRefused, ProviderUnavailable
from providers.paypal.adapter import PayPalProvider
from providers.paypal.addresses import SANDBOX
from tests.providers.paypal.test_fault_table import an_order

KEYS = ("PAYPAL_LIVE_CLIENT_ID", "PAYPAL_LIVE_CLIENT_SECRET", "PAYPAL_LIVE_PAYEE")
MISSING = [name for name in KEYS if not os.environ.get(name)]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"PayPal's sandbox wants {', '.join(MISSING)}")


@pytest.fixture(scope="module")
def adapter() -> PayPalProvider:
    return PayPalProvider(
        base=SANDBOX,
        client_id=os.environ["PAYPAL_LIVE_CLIENT_ID"],
        client_secret=os.environ["PAYPAL_LIVE_CLIENT_SECRET"],
        webhook_id=os.environ.get("PAYPAL_LIVE_WEBHOOK_ID", ""),
    )


def opened_at(adapter, **changes):
    order = an_order(payee=os.environ["PAYPAL_LIVE_PAYEE"], **changes)
    return replace(order, checkout_id=adapter.open_checkout(order, request_id=f"open-{order.reference}").checkout_id)


@pytest.fixture(params=[True, False], ids=["capture", "authorize"])
def opened(request, adapter):
    return opened_at(adapter, capture_at_once=request.param)


def test_an_order_says_what_was_asked_for(adapter, opened):
    """And is the same for the same request id."""
    adapter.client.check_keys()
    payment = adapter.find(opened)
    assert (payment.state, payment.amount_minor, payment.currency) == (PaymentState.OPEN, 2000, "USD")
    assert (payment.payee, payment.reference, bool(payment.correlation_id)) == (opened.payee, opened.reference, True)
    again = adapter.open_checkout(opened, request_id=f"open-{opened.reference}")
    assert again.checkout_id == opened.checkout_id


def test_what_nobody_has_approved_is_neither_taken_nor_held(adapter, opened):
    act = adapter.capture if opened.capture_at_once else adapter.authorize
    with pytest.raises(PayerActionRequired):
        act(opened, request_id=f"act-{new_id()}")
    assert adapter.find(opened).state is PaymentState.OPEN


def test_nothing_is_found_without_an_order_or_the_right_keys(adapter):
    unknown = an_order(checkout_id="5O190127TN364715T")
    with pytest.raises(ProviderRefused) as refused:
        adapter.find(unknown)
    assert refused.value.reason == "unknown_checkout"
    with pytest.raises(ProviderUnavailable):
        PayPalProvider(base=SANDBOX, client_id="wrong", client_secret="wrong", webhook_id="").find(unknown)


@pytest.mark.parametrize(("currency", "amount_minor"), [("JPY", 2000), ("HUF", 200_000), ("TWD", 20_000), ("EUR", 2000)])
def test_currencies_are_written_as_paypal_reads_them(adapter, currency, amount_minor):
    payment = adapter.find(opened_at(adapter, currency=currency, amount_minor=amount_minor))
    assert (payment.amount_minor, payment.currency) == (amount_minor, currency)
