"""Which providers are offered, and which of their keys belong together."""

import pytest

from providers import registry
from providers.amazon.signing import Signer
from providers.base import ProviderNotOffered
from tests.config.starting import sentence, settings_with
from tests.conftest import contribution_xml, goal_xml
from tests.providers.amazon.fake import PRIVATE_KEY

ALL = ("PayPal", "Amazon", "Google", "Stripe")
PAYPAL = {"PAYPAL_CLIENT_ID": "id", "PAYPAL_CLIENT_SECRET": "secret", "PAYPAL_WEBHOOK_ID": "5GP028458E2496506"}
STRIPE = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1", "STRIPE_PUBLISHABLE_KEY": "pk_test_1"}
AMAZON = {
    "AMAZON_PAY_PUBLIC_KEY_ID": "SANDBOX-AEXAMPLE", "AMAZON_PAY_PRIVATE_KEY": PRIVATE_KEY,
    "AMAZON_PAY_MERCHANT_ID": "A2EXAMPLEMERCH", "AMAZON_PAY_STORE_ID": "amzn1.application-oa2-client.example",
}  # fmt: skip


def some(keys, *names):
    return {name: keys[name] for name in names}


def without(keys, name):
    return {one: value for one, value in keys.items() if one != name}


@pytest.fixture
def offered(settings):
    """offered(NAME=value, ...) is by what each provider is played, or why it is not offered."""

    def ask(**environment):
        started = settings_with(**environment)
        settings.SANDBOX, settings.PROVIDERS_WITH_KEYS = started["SANDBOX"], started["PROVIDERS_WITH_KEYS"]
        told = {}
        for name in registry.PROVIDER_NAMES:
            try:
                told[name] = registry.adapter_offered(name).key
            except ProviderNotOffered as error:
                told[name] = str(error)
        return told

    return ask


def test_without_keys_and_sandbox_no_provider_is_offered(offered):
    assert offered() == {name: f"{name} is not offered here: the service has no {name} keys." for name in ALL}


def test_the_sandbox_never_plays_a_provider_with_keys(offered):
    simulated = dict.fromkeys(ALL, "sandbox")
    assert offered(SANDBOX="1") == offered(SANDBOX="1", GOOGLE_PAY_MERCHANT_ID="  ") == simulated
    assert offered(SANDBOX="1", **STRIPE) == simulated | {"Stripe": "stripe"}
    with_google = offered(SANDBOX="1", GOOGLE_PAY_MERCHANT_ID="BCR2DN4T", **STRIPE)
    assert with_google == simulated | {"Google": "google_stripe", "Stripe": "stripe"}


@pytest.mark.django_db
def test_a_provider_that_is_not_offered_is_a_400_that_names_it(settings, shop):
    goal = shop.new_goal()
    before_it_was_switched_off = shop.new_contribution(goal)
    settings.SANDBOX = False
    for answer in (
        shop.post("/api/savings", goal_xml()),
        shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml()),
        shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml(ProviderName="Paypal")),
    ):
        assert (answer.status, answer.value("code")) == (400, "invalid_body")
        assert "PayPal is not offered" in answer.text
    settings.SANDBOX, settings.PROVIDERS_WITH_KEYS = False, set()
    # What was begun is followed up to its end, whatever is offered by then.
    gift = before_it_was_switched_off.value("Id")
    assert shop.get(f"/api/Contribution/{gift}").value("Status") == "Submitted"
    assert shop.delete(f"/api/Contribution/{gift}").status == 204


STARTS = [
    (PAYPAL, {"PROVIDERS_WITH_KEYS": {"PayPal"}, "PAYPAL_API_BASE": "https://api-m.paypal.com"}),
    (without(PAYPAL, "PAYPAL_WEBHOOK_ID"), {"PROVIDERS_WITH_KEYS": {"PayPal"}, "PAYPAL_WEBHOOK_ID": ""}),
    (some(STRIPE, "STRIPE_SECRET_KEY"), {"PROVIDERS_WITH_KEYS": {"Stripe"}, "STRIPE_API_BASE": "https://api.stripe.com"}),
    (STRIPE | {"STRIPE_WEBHOOK_SECRET": "whsec_new, whsec_old,"}, {"STRIPE_WEBHOOK_SECRETS": ["whsec_new", "whsec_old"]}),
    *(
        (
            STRIPE | {"STRIPE_SECRET_KEY": key, "GOOGLE_PAY_ENVIRONMENT": told, "GOOGLE_PAY_COUNTRY": "de"},
            {"GOOGLE_PAY_ENVIRONMENT": environment, "GOOGLE_PAY_COUNTRY": "DE"},
        )
        for key, told, environment in (
            ("sk_test_1", "", "TEST"), ("sk_live_1", "", "PRODUCTION"), ("rk_live_1", "", "PRODUCTION"),
            ("sk_live_1", "test", "TEST"),
        )
    ),
    *(
        (
            {"AMAZON_PAY_REGION": region, "AMAZON_PAY_LEDGER_CURRENCY": kept_in, "AMAZON_PAY_CURRENCIES": besides},
            {"AMAZON_PAY_LEDGER_CURRENCY": ledger, "AMAZON_PAY_CURRENCIES": currencies},
        )
        for region, kept_in, besides, ledger, currencies in (
            ("UK", "eur", "", "EUR", []), ("EU", "EUR", "gbp, CHF,", "EUR", ["GBP", "CHF"]), ("EU", "gbp", "", "GBP", []),
        )
    ),
    *(
        (
            AMAZON | {"AMAZON_PAY_REGION": region},
            {
                "PROVIDERS_WITH_KEYS": {"Amazon"}, "AMAZON_PAY_API_BASE": f"https://pay-api.{api}",
                "AMAZON_PAY_SCRIPT_URL": f"https://{script}.payments-amazon.com/checkout.js",
            },
        )
        for region, api, script in (
            ("", "amazon.com", "static-na"), ("eu", "amazon.eu", "static-eu"), ("uk", "amazon.eu", "static-eu"),
            ("JP", "amazon.jp", "static-fe"),
        )
    ),
]  # fmt: skip

STOPS = [
    *(
        (dict.fromkeys(given, "something"), f"{given[-1]} is set, so {missing} must be set too")
        for given, missing in (
            (["PAYPAL_CLIENT_ID"], "PAYPAL_CLIENT_SECRET"), (["PAYPAL_CLIENT_SECRET"], "PAYPAL_CLIENT_ID"),
            (["PAYPAL_WEBHOOK_ID"], "PAYPAL_CLIENT_ID and PAYPAL_CLIENT_SECRET"),
            (["PAYPAL_WEBHOOK_ID", "PAYPAL_CLIENT_ID"], "PAYPAL_CLIENT_SECRET"),
            (["PAYPAL_WEBHOOK_ID", "PAYPAL_CLIENT_SECRET"], "PAYPAL_CLIENT_ID"),
        )
    ),
    (
        some(STRIPE, "STRIPE_WEBHOOK_SECRET"),
        "STRIPE_WEBHOOK_SECRET is set, so STRIPE_SECRET_KEY must be set too: docs/operators.md says where",
    ),
    *(
        (
            some(STRIPE, *given) | {"GOOGLE_PAY_MERCHANT_ID": "BCR2DN4TZ2QPMXYZ"},
            f"GOOGLE_PAY_MERCHANT_ID is set, so {missing} must be set too: docs/operators.md says where Google shows them.",
        )
        for given, missing in (
            ((), "STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY"),
            (("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"), "STRIPE_PUBLISHABLE_KEY"),
        )
    ),
    *(
        ({"STRIPE_PUBLISHABLE_KEY": key}, "STRIPE_PUBLISHABLE_KEY must begin with pk_")
        for key in ("sk_live_canary", "rk_live_canary", "canary")
    ),
    ({"GOOGLE_PAY_ENVIRONMENT": "live"}, "GOOGLE_PAY_ENVIRONMENT must be one of TEST, PRODUCTION"),
    ({"GOOGLE_PAY_COUNTRY": "USA"}, "GOOGLE_PAY_COUNTRY must be the two letters of a country"),
    ({"AMAZON_PAY_REGION": "moon"}, "AMAZON_PAY_REGION must be one of NA, EU, UK, JP"),
    ({"AMAZON_PAY_LEDGER_CURRENCY": "EUR"}, "AMAZON_PAY_LEDGER_CURRENCY must be one of USD, not 'EUR'"),
    ({"AMAZON_PAY_CURRENCIES": "EUR"}, "AMAZON_PAY_CURRENCIES is for accounts of the regions EU and UK"),
    ({"AMAZON_PAY_REGION": "EU", "AMAZON_PAY_CURRENCIES": "GBP, PLN"}, "AMAZON_PAY_CURRENCIES must be some of AUD, CHF, DKK"),
    *((without(AMAZON, name), f"{name} must be set too: docs/operators.md says where Amazon shows them") for name in AMAZON),
    *(
        (AMAZON | {"AMAZON_PAY_PRIVATE_KEY": wrong}, "AMAZON_PAY_PRIVATE_KEY must be an RSA private key in PEM")
        for wrong in ("rubbish", PRIVATE_KEY[:300], __file__, "/nowhere.pem")
    ),
    *(({"SSL_CERT_FILE": path}, "SSL_CERT_FILE must be a file of certificates in PEM") for path in (__file__, "/nowhere.pem")),
]  # fmt: skip


@pytest.mark.parametrize(("environment", "expected"), STARTS, ids=lambda value: " ".join(value)[:60])
def test_keys_that_belong_together_start_it(environment, expected):
    settings = settings_with(**environment)
    assert {name: settings[name] for name in expected} == expected


@pytest.mark.parametrize(("environment", "expected"), STOPS, ids=lambda value: value[:60] if isinstance(value, str) else "")
def test_half_of_a_providers_keys_stop_the_start(environment, expected):
    """The sentence says what is missing or wrong, and repeats no key."""
    told = sentence(**environment)
    assert expected in told
    assert "canary" not in told
    assert PRIVATE_KEY[60:90] not in told


def test_amazons_key_is_a_text_a_text_on_one_line_or_a_file(tmp_path):
    (tmp_path / "key.pem").write_text(PRIVATE_KEY)
    for told in (PRIVATE_KEY, PRIVATE_KEY.replace("\n", "\\n"), str(tmp_path / "key.pem")):
        key = settings_with(**AMAZON | {"AMAZON_PAY_PRIVATE_KEY": told})["AMAZON_PAY_PRIVATE_KEY"]
        assert Signer("x", key, region="NA").sign("text")
