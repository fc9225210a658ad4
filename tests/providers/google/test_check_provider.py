"""manage.py check_provider google: what is right, what is to be fixed, and how."""

import pytest

from providers.stripe.payees import EVENT_TYPES as PAYEE_EVENT_TYPES
from providers.stripe.webhooks import EVENT_TYPES
from tests.providers.google.fake import FakeGoogle
from tests.providers.paypal.test_check_provider import checked

pytestmark = pytest.mark.no_database

URL = "https://give.example.test/providers/google/webhook"


@pytest.fixture
def ready(service, settings, google: FakeGoogle) -> FakeGoogle:
    settings.PUBLIC_BASE_URL, settings.IS_HTTPS = "https://give.example.test", True
    google.endpoints[0] |= {"url": URL, "enabled_events": [*EVENT_TYPES, *PAYEE_EVENT_TYPES]}
    return google


def test_all_is_well(ready):
    status, told = checked("google")
    assert told.splitlines() == [
        "ok   the merchant ID looks like one of Google's",
        "ok   Google's TEST environment and Stripe's keys go together: test cards and play money",
        f"ok   the secret key is set, for {ready.base_url}",
        "ok   Stripe takes the secret key, of acct_platform",
        "ok   the account may take payments",
        "ok   Connect is on: there are connected accounts",
        "ok   Stripe's fee for each gift, refunded or not, and its fee for a dispute are yours; "
        "of each gift you keep nothing (where nothing else was agreed with a partner)",
        f"ok   a webhook endpoint sends to {URL}",
        "ok   it is switched on",
        "ok   it sends everything that is needed",
        "ok   it tells of payees' accounts too (where it listens to connected accounts)",
        "ok   Stripe can call give.example.test over https",
        "ok   the account's country is the one that Google is told: US",
        "Google is ready.",
    ]
    assert status == 0
    assert {call.method for call in ready.calls} == {"GET"}


def test_an_endpoint_at_either_address_will_do(ready):
    own, stripes = URL, URL.replace("google", "stripe")
    ready.endpoints[0]["url"] = stripes
    assert checked("google")[0] == 0
    ready.endpoints[0]["url"] = "https://old.example.test/providers/google/webhook"
    status, told = checked("google")
    assert (status, f"FIX  no webhook endpoint sends to {own} or {stripes}" in told) == (1, True)


def test_missing_keys_are_named(settings):
    settings.GOOGLE_PAY_MERCHANT_ID, settings.STRIPE_PUBLISHABLE_KEY = "", ""
    status, told = checked("Google")
    assert (status, "Set GOOGLE_PAY_MERCHANT_ID and STRIPE_PUBLISHABLE_KEY" in told) == (1, True)


@pytest.mark.parametrize(
    ("environment", "publishable", "names"),
    [
        ("PRODUCTION", "pk_test_1", "STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY do not go with Google's PRODUCTION"),
        ("PRODUCTION", "pk_live_1", "STRIPE_SECRET_KEY do not go with Google's PRODUCTION"),
        ("TEST", "pk_live_1", "STRIPE_PUBLISHABLE_KEY do not go with Google's TEST"),
    ],
)
def test_test_and_live_are_not_mixed_and_no_key_is_repeated(environment, publishable, names, ready, settings):
    settings.GOOGLE_PAY_ENVIRONMENT, settings.STRIPE_PUBLISHABLE_KEY = environment, publishable
    status, told = checked("google")
    assert status == 1
    assert f"FIX  {names}" in told
    assert ready.secret_key not in told


def test_what_is_no_merchant_id_is_to_be_fixed(ready, settings):
    """In Google's TEST environment it is only warned of."""
    settings.GOOGLE_PAY_MERCHANT_ID = "anna@example.org"
    status, told = checked("google")
    assert (status, "WARN the merchant ID" in told) == (0, True)
    settings.GOOGLE_PAY_ENVIRONMENT = "PRODUCTION"
    assert "FIX  the merchant ID" in checked("google")[1]


def test_another_country_than_the_accounts_is_told(ready, settings):
    ready.account["country"] = "DE"
    status, told = checked("google")
    assert (status, "Set GOOGLE_PAY_COUNTRY to DE." in told) == (1, True)
