"""Which providers are offered, and which of their keys belong together."""

import pytest

from providers import registry
from providers.amazon.signing import Signer
from providers.base import ProviderNotOffered
from tests.config.starting import sentence, settings_with
from tests.conftest import PartnerClient, contribution_xml, goal_xml, register
from tests.providers.amazon.fake import PRIVATE_KEY
from tests.run_checks import DEPLOYED

ALL = ("PayPal", "Amazon", "Google", "Stripe")
PAYPAL = {"PAYPAL_CLIENT_ID": "id", "PAYPAL_CLIENT_SECRET": "secret", "PAYPAL_WEBHOOK_ID": "5GP028458E2496506"}
STRIPE = {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1", "STRIPE_PUBLISHABLE_KEY": "pk_live_1"}
AMAZON = {
    "AMAZON_PAY_PUBLIC_KEY_ID": "LIVE-AEXAMPLE", "AMAZON_PAY_PRIVATE_KEY": PRIVATE_KEY,
    "AMAZON_PAY_MERCHANT_ID": "A2EXAMPLEMERCH", "AMAZON_PAY_STORE_ID": "amzn1.application-oa2-client.example",
}  # fmt: skip


def some(keys, *names):
    return {name: keys[name] for name in names}


def without(keys, name):
    return {one: value for one, value in keys.items() if one != name}


@pytest.fixture
def offered(settings):
    """offered(NAME=value, ...): by what each provider is played for live records, and for test ones, or why it is not."""

    def key_of(name, is_test):
        try:
            return registry.adapter_offered(name, is_test=is_test).key
        except ProviderNotOffered as error:
            return str(error)

    def ask(**environment):
        for name, value in settings_with(**environment).items():
            if name.startswith(("SANDBOX", "PROVIDERS_WITH", "PAYPAL_", "STRIPE_", "AMAZON_", "GOOGLE_")):
                setattr(settings, name, value)
        return tuple({name: key_of(name, is_test) for name in registry.COMPANY_NAMES} for is_test in (False, True))

    return ask


NOT_LIVE = {name: f"{name} is not offered here: the service has no live {name} keys." for name in ALL}
NO_TESTS = {
    name: f"{name} is not offered here for tests: the service has no {name} test keys, and no simulator." for name in ALL
}
SIMULATED = dict.fromkeys(ALL, "sandbox")


def test_without_keys_and_sandbox_no_provider_is_offered(offered):
    assert offered() == (NOT_LIVE, NO_TESTS)


def test_a_live_record_never_uses_the_simulator(offered):
    """P4: whatever SANDBOX says; and the simulator plays for test records whoever has no test keys."""
    assert offered(SANDBOX="1") == offered(SANDBOX="1", GOOGLE_PAY_MERCHANT_ID="  ") == (NOT_LIVE, SIMULATED)
    assert offered(SANDBOX="1", **STRIPE) == (NOT_LIVE | {"Stripe": "stripe"}, SIMULATED)
    live = NOT_LIVE | {"Google": "google_stripe", "Stripe": "stripe"}
    assert offered(SANDBOX="1", GOOGLE_PAY_MERCHANT_ID="BCR2DN4T", **STRIPE) == (live, SIMULATED)
    assert offered(GOOGLE_PAY_MERCHANT_ID="BCR2DN4T", **STRIPE) == (live, NO_TESTS)


IN_TEST = {
    "PAYPAL_TEST_CLIENT_ID": "id", "PAYPAL_TEST_CLIENT_SECRET": "secret", "STRIPE_TEST_SECRET_KEY": "sk_test_1",
    "STRIPE_TEST_PUBLISHABLE_KEY": "pk_test_1", "GOOGLE_PAY_TEST_MERCHANT_ID": "BCR2DN4T",
    **{name.replace("PAY_", "PAY_TEST_", 1): value for name, value in AMAZON.items()},
    "AMAZON_PAY_TEST_PUBLIC_KEY_ID": "SANDBOX-AEXAMPLE",
}  # fmt: skip


def test_a_test_record_is_paid_at_the_test_environment(offered):
    """Where the operator has set one up; beside live keys or without."""
    tests = {name: f"{name.lower()}_test" for name in ALL}
    assert offered(**IN_TEST) == (NOT_LIVE, tests)
    assert offered(**IN_TEST, **STRIPE, **PAYPAL | {"PAYPAL_CLIENT_ID": "live"}) == (
        NOT_LIVE | {"Stripe": "stripe", "PayPal": "paypal"},
        tests,
    )
    assert offered(**some(IN_TEST, "STRIPE_TEST_SECRET_KEY")) == (NOT_LIVE, SIMULATED | {"Stripe": "stripe_test"})


TEST_BY_ITS_LOOKS = [
    ("Stripe", {"STRIPE_SECRET_KEY": "sk_test_1"}),
    ("Stripe", {"STRIPE_SECRET_KEY": "rk_test_1", "STRIPE_API_BASE": "http://127.0.0.1:9"}),
    ("Stripe", {"STRIPE_SECRET_KEY": "sk_other", "STRIPE_API_BASE": "http://127.0.0.1:9"}),
    ("PayPal", PAYPAL | {"PAYPAL_API_BASE": "https://api-m.sandbox.paypal.com"}),
    ("PayPal", PAYPAL | {"PAYPAL_API_BASE": "http://127.0.0.1:9"}),
    ("Amazon", AMAZON | {"AMAZON_PAY_PUBLIC_KEY_ID": "SANDBOX-A"}),
    ("Amazon", AMAZON | {"AMAZON_PAY_PUBLIC_KEY_ID": "A", "AMAZON_PAY_API_BASE": "https://pay-api.amazon.com/sandbox"}),
]


@pytest.mark.parametrize(("provider", "environment"), TEST_BY_ITS_LOOKS, ids=lambda value: " ".join(value)[:40])
def test_a_test_key_by_its_looks_serves_test_records_only(offered, provider, environment):
    assert offered(**environment) == (NOT_LIVE, SIMULATED | {provider: f"{provider.lower()}_test"})


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"STRIPE_TEST_SECRET_KEY": "sk_live_canary"}, "STRIPE_TEST_SECRET_KEY is a live one: a test record must never"),
        ({"STRIPE_TEST_SECRET_KEY": "rk_live_canary"}, "STRIPE_TEST_SECRET_KEY is a live one"),
        (IN_TEST | {"STRIPE_TEST_PUBLISHABLE_KEY": "pk_live_canary"}, "STRIPE_TEST_PUBLISHABLE_KEY is a live one"),
        (IN_TEST | {"STRIPE_TEST_PUBLISHABLE_KEY": "sk_canary"}, "STRIPE_TEST_PUBLISHABLE_KEY must begin with pk_"),
        (IN_TEST | {"PAYPAL_TEST_API_BASE": "https://api-m.paypal.com"}, "PAYPAL_TEST_API_BASE is a live one"),
        (IN_TEST | PAYPAL, "PAYPAL_TEST_CLIENT_ID is a live one"),
        (IN_TEST | {"AMAZON_PAY_TEST_PUBLIC_KEY_ID": "LIVE-canary"}, "AMAZON_PAY_TEST_PUBLIC_KEY_ID is a live one"),
        (IN_TEST | {"AMAZON_PAY_TEST_PUBLIC_KEY_ID": "canary"}, "AMAZON_PAY_TEST_PUBLIC_KEY_ID is a live one"),
        (
            IN_TEST | {"STRIPE_SECRET_KEY": "sk_test_canary"},
            "STRIPE_SECRET_KEY is a test key, and STRIPE_TEST_SECRET_KEY is set as well: give the live account's keys there",
        ),
        (
            STRIPE | {"STRIPE_PUBLISHABLE_KEY": "pk_test_canary"},
            "STRIPE_PUBLISHABLE_KEY begins with pk_test_, and STRIPE_SECRET",
        ),
        (
            STRIPE | {"STRIPE_SECRET_KEY": "sk_test_canary"},
            "STRIPE_PUBLISHABLE_KEY begins with pk_live_, and STRIPE_SECRET_KEY",
        ),
        (STRIPE | {"GOOGLE_PAY_ENVIRONMENT": "TEST"}, "GOOGLE_PAY_ENVIRONMENT is TEST, and STRIPE_SECRET_KEY is a live key"),
        (
            {"STRIPE_SECRET_KEY": "sk_test_1", "GOOGLE_PAY_ENVIRONMENT": "PRODUCTION"},
            "GOOGLE_PAY_ENVIRONMENT is PRODUCTION, and STRIPE_SECRET_KEY is a test key",
        ),
        (IN_TEST | {"SANDBOX": "0"}, "SANDBOX=0 refuses test records, and the keys of Amazon, Google, PayPal, Stripe are test"),
        ({"STRIPE_SECRET_KEY": "sk_test_1", "SANDBOX": "0"}, "SANDBOX=0 refuses test records, and the keys of Stripe are test"),
        ({"GOOGLE_PAY_TEST_MERCHANT_ID": "B"}, "GOOGLE_PAY_TEST_MERCHANT_ID is set, so STRIPE_TEST_SECRET_KEY and STRIPE_TEST"),
        ({"PAYPAL_TEST_CLIENT_ID": "id"}, "PAYPAL_TEST_CLIENT_ID is set, so PAYPAL_TEST_CLIENT_SECRET must be set too"),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_settings_that_could_mix_live_and_test_stop_the_start(environment, expected):
    told = sentence(**environment)
    assert expected in told
    assert "canary" not in told


def test_live_keys_and_the_simulator_may_stand_side_by_side():
    """DEBUG=0, SANDBOX=1, live keys: live goals offer no simulator, so there is nothing to refuse."""
    started = settings_with(**DEPLOYED, **STRIPE, SANDBOX="1")
    assert (started["SANDBOX"], started["PROVIDERS_WITH_KEYS"], started["PROVIDERS_WITH_TEST_KEYS"]) == (
        True,
        {"Stripe"},
        set(),
    )


@pytest.mark.django_db
def test_a_provider_that_is_not_offered_is_a_400_that_names_it(settings, shop):
    goal = shop.new_goal()
    before_it_was_switched_off = shop.new_contribution(goal)
    settings.PROVIDERS_WITH_KEYS = {"PayPal"}
    live = PartnerClient(register("Live Shop", is_test=False).api_key)
    live_goal = live.new_goal()
    settings.PROVIDERS_WITH_KEYS = set()
    for answer in (
        live.post("/api/savings", goal_xml()),
        live.post(f"/api/SavingGoal/{live_goal}/Contributions", contribution_xml()),
        live.post(f"/api/SavingGoal/{live_goal}/Contributions", contribution_xml(ProviderName="Paypal")),
    ):
        assert (answer.status, answer.value("code")) == (400, "invalid_body")
        assert "PayPal is not offered here: the service has no live PayPal keys." in answer.text
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
            ("sk_live_1", "", "PRODUCTION"), ("rk_live_1", "", "PRODUCTION"), ("sk_live_1", "production", "PRODUCTION"),
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
