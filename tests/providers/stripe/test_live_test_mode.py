"""The adapter against Stripe's own test mode: what no fake can prove. Skipped without keys: see docs/operators.md.

Everything here runs without a person at the page, so nothing is paid: whole gifts are docs/operators.md, step 6.
"""

import os
from dataclasses import replace

import pytest

from ids import new_id
from providers.base import PayerActionRequired, PaymentState, ProviderRefused
from providers.stripe.adapter import StripeProvider
from providers.stripe.addresses import LIVE
from tests.providers.stripe.test_fault_table import an_order

KEYS = ("STRIPE_LIVE_SECRET_KEY", "STRIPE_LIVE_PAYEE")
MISSING = [name for name in KEYS if not os.environ.get(name)]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"Stripe's test mode wants {', '.join(MISSING)}")


@pytest.fixture(scope="module")
def adapter() -> StripeProvider:
    return StripeProvider(base=LIVE, secret_key=os.environ["STRIPE_LIVE_SECRET_KEY"], webhook_secrets=["whsec_none"])


@pytest.fixture(params=[True, False], ids=["taken", "held"])
def opened(request, adapter):
    order = an_order(payee=os.environ["STRIPE_LIVE_PAYEE"], capture_at_once=request.param)
    checkout = adapter.open_checkout(order, request_id=f"open-{order.reference}")
    return replace(order, checkout_id=checkout.checkout_id)


def test_a_session_says_what_was_asked_for(adapter, opened):
    payment = adapter.find(opened)
    assert (payment.state, payment.amount_minor, payment.currency) == (PaymentState.OPEN, 2000, "USD")
    assert (payment.payee, payment.reference) == (opened.payee, opened.reference)
    assert payment.correlation_id


def test_the_same_request_id_opens_the_same_session(adapter):
    order = an_order(payee=os.environ["STRIPE_LIVE_PAYEE"])
    first, again = (adapter.open_checkout(order, request_id=f"open-{order.reference}") for _ in range(2))
    assert (again.checkout_id, again.url) == (first.checkout_id, first.url)


def test_what_nobody_has_paid_cannot_be_taken(adapter, opened):
    with pytest.raises(PayerActionRequired) as refused:
        adapter.capture(opened, request_id=f"capture-{new_id()}")
    assert refused.value.reason == "not_approved"


def test_a_session_is_closed_and_closed_again(adapter, opened):
    request_id = f"close-{new_id()}"
    assert [adapter.close(opened, request_id=request_id).state for _ in range(2)] == [PaymentState.VOIDED] * 2
    assert adapter.close(opened, request_id=f"close-{new_id()}").state is PaymentState.VOIDED
    assert adapter.find(opened).state is PaymentState.LAPSED


def test_an_account_that_there_is_not_cannot_receive(adapter):
    with pytest.raises(ProviderRefused) as refused:
        adapter.open_checkout(an_order(payee="acct_1NoSuchAccount0"), request_id=f"open-{new_id()}")
    assert refused.value.reason == "payee_cannot_receive"


def test_stripes_least_amounts_are_ours(adapter):
    order = an_order(payee=os.environ["STRIPE_LIVE_PAYEE"], amount_minor=50)
    assert adapter.open_checkout(order, request_id=f"open-{new_id()}").checkout_id
