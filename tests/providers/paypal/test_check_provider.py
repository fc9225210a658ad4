"""manage.py check_provider paypal: what is right, what is to be fixed, and how."""

import io

import pytest
from django.core.management import CommandError, call_command

from providers.paypal import permissions
from providers.paypal.webhooks import EVENT_TYPES
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.partners import PARTNER

pytestmark = pytest.mark.no_database

URL = "https://give.example.test/providers/paypal/webhook"


def checked(name: str = "paypal") -> tuple[int, str]:
    """(exit status, what was printed)"""
    out = io.StringIO()
    try:
        call_command("check_provider", name, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def ready(service, settings, paypal: FakePayPal) -> FakePayPal:
    settings.PUBLIC_BASE_URL, settings.IS_HTTPS = "https://give.example.test", True
    paypal.app.webhook_url, paypal.app.webhook_events = URL, EVENT_TYPES
    return paypal


def test_all_is_well(ready):
    status, told = checked()
    assert status == 0
    assert told.splitlines() == [
        f"ok   keys are set, for {ready.base_url}",
        "ok   PayPal takes the keys",
        "WARN the operator is no partner of PayPal's: payees are given by e-mail or merchant id",
        "     To onboard payees by link, become its partner (developer.paypal.com/docs/multiparty); set PAYPAL_PARTNER_ID.",
        "ok   PayPal's fees, refunds and disputes are the payee's; you keep nothing",
        "ok   PayPal knows the webhook",
        f"ok   it sends events to {URL}",
        "ok   it sends everything that is needed",
        "ok   PayPal can call give.example.test over https",
        "PayPal is ready.",
    ]


def test_a_webhook_for_all_events_will_do(ready):
    ready.app.webhook_events = ("*",)
    assert checked()[0] == 0


def is_to_be_fixed(name: str = "paypal") -> str:
    """What is printed where something is."""
    status, told = checked(name)
    assert status == 1
    return told


def test_missing_keys_are_named(settings):
    settings.PAYPAL_CLIENT_ID = settings.PAYPAL_CLIENT_SECRET = settings.PAYPAL_WEBHOOK_ID = ""
    assert "Set PAYPAL_CLIENT_ID, PAYPAL_CLIENT_SECRET:" in is_to_be_fixed("PayPal")


def test_no_webhook_is_a_warning_and_no_failure(ready, settings):
    """It says what it means."""
    settings.PAYPAL_WEBHOOK_ID = ""
    settings.PUBLIC_BASE_URL, settings.IS_HTTPS = "http://127.0.0.1:8000", False
    status, told = checked()
    assert status == 0
    *_, warning, how, last = told.splitlines()
    assert warning.startswith(
        "WARN PAYPAL_WEBHOOK_ID is not set: PayPal's webhook events are refused, and the worker finds everything"
    )
    assert "Add a webhook for http://127.0.0.1:8000/providers/paypal/webhook to the app" in how
    assert "set PAYPAL_WEBHOOK_ID" in how
    assert last == "PayPal is ready."
    assert "FIX" not in told
    assert ready.calls_of("get_webhook") == []


def test_wrong_keys_are_told_from_a_paypal_that_is_away(ready, settings):
    settings.PAYPAL_CLIENT_SECRET = "wrong"
    told = is_to_be_fixed()
    assert "FIX  an access token: token: PayPal does not take PAYPAL_CLIENT_ID and PAYPAL_CLIENT_SECRET" in told
    assert "wrong" not in told
    settings.PAYPAL_API_BASE = "http://127.0.0.1:9"
    told = is_to_be_fixed()
    assert "FIX  PayPal cannot be reached at 127.0.0.1:9" in told
    assert "leave the keys as they are" in told
    assert "Are these keys" not in told


def test_a_webhook_that_paypal_does_not_know(ready, settings):
    settings.PAYPAL_WEBHOOK_ID = "0EH40505U7160970P"
    told = is_to_be_fixed()
    assert "FIX  PayPal knows no webhook with the id in PAYPAL_WEBHOOK_ID" in told
    assert f"Add a webhook for {URL}" in told


def test_a_webhook_elsewhere_for_too_little_is_told_at_once(ready):
    ready.app.webhook_url = "https://old.example.test/ipn"
    ready.app.webhook_events = tuple(name for name in EVENT_TYPES if name != "CHECKOUT.ORDER.APPROVED")
    told = is_to_be_fixed()
    assert f"FIX  it sends events to https://old.example.test/ipn, and not to {URL}" in told
    assert "Subscribe the webhook to CHECKOUT.ORDER.APPROVED as well." in told


@pytest.mark.parametrize("address", ["http://give.example.test", "https://localhost", "https://127.0.0.1:8443"])
def test_an_address_that_paypal_cannot_call(address, ready, settings):
    settings.PUBLIC_BASE_URL, settings.IS_HTTPS = address, address.startswith("https")
    ready.app.webhook_url = f"{address}/providers/paypal/webhook"
    assert f"FIX  PayPal cannot reach {address}" in is_to_be_fixed()


def test_a_provider_that_nobody_knows_has_nothing_to_check():
    with pytest.raises(CommandError, match="the service knows Amazon, Google, PayPal, Stripe"):
        call_command("check_provider", "nobody")


def test_a_partner_hears_of_payees_too(ready, settings):
    settings.PAYPAL_PARTNER_ID = PARTNER
    told = is_to_be_fixed()
    assert "ok   PayPal tells how payees stand (PAYPAL_PARTNER_ID)" in told
    assert "MERCHANT.ONBOARDING.COMPLETED, MERCHANT.PARTNER-CONSENT.REVOKED as well." in told
    ready.next("get_merchant", "forbidden")
    assert "FIX  PayPal tells nothing of payees" in is_to_be_fixed()


@pytest.mark.parametrize(
    ("switched_on", "may", "told"),
    [
        (True, True, "ok   PayPal lets the app save wallets: givers can agree once, and give again without being asked"),
        (True, False, "FIX  PayPal does not let the app save wallets: standing permissions are offered and refused"),
        (False, True, "WARN PayPal lets the app save wallets, and givers cannot agree to that here"),
    ],
)
def test_it_says_whether_wallets_can_be_saved(ready, settings, switched_on, may, told):
    """By the scopes of the access token, the same behind the provider proxy."""
    settings.PAYPAL_VAULT, ready.vault.enabled = switched_on, may
    lines = checked()[1]
    assert told in lines.splitlines()
    assert ("Subscribe the webhook to VAULT.PAYMENT-TOKEN.CREATED" in lines) == switched_on
    ready.app.webhook_events = (*EVENT_TYPES, *permissions.EVENT_TYPES)
    assert checked()[0] == (switched_on and not may)
