"""manage.py check_provider stripe: what is right, what is to be fixed, and how."""

import pytest

from providers.stripe import checks
from providers.stripe.payees import EVENT_TYPES as PAYEE_EVENT_TYPES
from providers.stripe.webhooks import EVENT_TYPES
from tests.providers.paypal.test_check_provider import checked
from tests.providers.stripe.fake import FakeStripe

pytestmark = pytest.mark.no_database

URL = "https://give.example.test/providers/stripe/webhook"


@pytest.fixture
def ready(service, settings, stripe: FakeStripe) -> FakeStripe:
    settings.PUBLIC_BASE_URL, settings.IS_HTTPS = "https://give.example.test", True
    stripe.endpoints[0]["enabled_events"] = [*EVENT_TYPES, *PAYEE_EVENT_TYPES]
    return stripe


def test_all_is_well(ready):
    status, told = checked("stripe")
    assert told.splitlines() == [
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
        "Stripe is ready.",
    ]
    assert status == 0
    assert {call.method for call in ready.calls} == {"GET"}
    ready.endpoints[0]["enabled_events"] = ["*"]
    assert checked("stripe")[0] == 0


@pytest.mark.parametrize(
    ("name", "value", "told", "secret"),
    [
        ("STRIPE_SECRET_KEY", "", "Set STRIPE_SECRET_KEY: dashboard.stripe.com", ""),
        (
            "STRIPE_SECRET_KEY",
            "sk_test_of_somebody_else",
            "FIX  the account: get account: Stripe does not take STRIPE_SECRET_KEY",
            "of_somebody_else",
        ),
        (
            "STRIPE_WEBHOOK_SECRETS",
            ["whsec_1", "we_1_the_id_of_the_endpoint"],
            "FIX  1 of the signing secrets cannot be one",
            "we_1_the_id",
        ),
    ],
    ids=["no key", "a wrong key", "no signing secret"],
)
def test_a_wrong_setting_is_told_and_not_repeated(name, value, told, secret, ready, settings):
    setattr(settings, name, value)
    status, text = checked("Stripe")
    assert status == 1
    assert told in text
    assert not secret or secret not in text


def test_without_a_webhook_all_works_and_is_learned_later(ready, settings):
    settings.STRIPE_WEBHOOK_SECRETS = []
    status, told = checked("stripe")
    assert status == 0
    assert "WARN STRIPE_WEBHOOK_SECRET is not set: Stripe's webhook events are refused, and the worker finds everything" in told
    assert "set STRIPE_WEBHOOK_SECRET." in told
    assert told.splitlines()[-1] == "Stripe is ready."


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"url": "https://old.example.test/providers/stripe/webhook"}, f"FIX  no webhook endpoint sends to {URL}"),
        ({"enabled_events": sorted(set(EVENT_TYPES) - {"refund.failed"})}, "Let the endpoint listen to refund.failed as well."),
        ({"status": "disabled"}, "FIX  it is switched off"),
    ],
    ids=["elsewhere", "too little", "off"],
)
def test_an_endpoint_that_will_not_do_is_told(changes, told, ready):
    ready.endpoints[0] |= changes
    status, text = checked("stripe")
    assert status == 1
    assert told in text


def test_an_account_that_is_not_activated_is_told(ready):
    ready.account["charges_enabled"] = False
    assert "FIX  the account may not take payments" in checked("stripe")[1]


@pytest.mark.parametrize("address", ["http://give.example.test", "https://127.0.0.1"])
def test_an_address_that_stripe_cannot_reach_is_told(address, ready, settings):
    settings.PUBLIC_BASE_URL, settings.IS_HTTPS = address, address.startswith("https")
    ready.endpoints[0]["url"] = f"{address}/providers/stripe/webhook"
    assert f"FIX  Stripe cannot reach {address}" in checked("stripe")[1]


@pytest.mark.parametrize("fault", ["forbidden", "error_503"])
def test_a_restricted_key_and_a_stripe_that_is_away_are_told(fault, ready):
    ready.next("list_webhooks", fault, times=9)
    status, told = checked("stripe")
    assert status == 1
    assert "FIX  the webhook: " in told


@pytest.mark.parametrize(("key", "told"), [("sk_test_1", "Stripe's test mode, with play money"), ("rk_live_1", "real money")])
def test_play_money_is_told_from_real_money(key, told, settings):
    settings.STRIPE_SECRET_KEY = key
    assert checks._environment("https://api.stripe.com", is_test=False) == told


def test_a_stripe_out_of_reach_is_no_matter_of_the_key(ready, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    status, told = checked("stripe")
    assert status == 1
    assert "FIX  Stripe cannot be reached at 127.0.0.1:9" in told
    assert "anew" not in told
