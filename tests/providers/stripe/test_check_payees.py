"""manage.py check_provider stripe: who can be paid on day one."""

import pytest

from providers.stripe.webhooks import EVENT_TYPES
from tests.providers.paypal.test_check_provider import checked
from tests.providers.stripe.accounts import NO_CONNECT
from tests.providers.stripe.fake import FakeStripe

pytestmark = pytest.mark.no_database


@pytest.fixture
def told(service, settings, stripe: FakeStripe):
    """What is printed, and whether all is ready."""
    settings.PUBLIC_BASE_URL, settings.IS_HTTPS = "https://give.example.test", True
    return lambda: checked("stripe")


def test_connect_is_told_on_off_or_unknown(told, settings, stripe):
    assert "ok   Connect is on: there are connected accounts" in told()[1]
    stripe.connected.by_id.clear()
    status, text = told()
    assert (status, "WARN no account is connected yet" in text) == (0, True)
    stripe.next("list_accounts", "forbidden")
    status, text = told()
    assert (status, "FIX  Connect is off" in text, "set STRIPE_OWN_ACCOUNT" in text) == (1, True, True)
    settings.STRIPE_OWN_ACCOUNT = "acct_platform"
    stripe.next("list_accounts", "forbidden")
    status, text = told()
    assert (status, "ok   the account itself may be a payee (STRIPE_OWN_ACCOUNT)" in text) == (0, True)
    assert NO_CONNECT not in text


def test_an_own_account_that_is_another_is_told(told, settings):
    settings.STRIPE_OWN_ACCOUNT = "acct_somebody"
    status, text = told()
    assert (status, "FIX  STRIPE_OWN_ACCOUNT is another account" in text) == (1, True)
    assert "Set STRIPE_OWN_ACCOUNT to acct_platform" in text


def test_capabilities_that_are_not_active_are_told(told, stripe):
    stripe.account["capabilities"] = {"card_payments": "active", "transfers": "pending", "klarna_payments": "inactive"}
    assert "WARN capabilities that are not active: klarna_payments, transfers" in told()[1]


def test_an_endpoint_that_hears_nothing_of_payees_is_told(told, stripe):
    stripe.endpoints[0]["enabled_events"] = list(EVENT_TYPES)
    status, text = told()
    assert (status, "WARN nothing tells when a payee's account changes" in text) == (0, True)
    stripe.endpoints.append(stripe.endpoints[0] | {"id": "we_2", "enabled_events": ["account.updated"]})
    assert "to account.application.deauthorized, capability.updated, and put" in told()[1]
