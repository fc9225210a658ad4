"""Which providers are offered, and which of their keys belong together."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import contribution_xml, goal_xml
from tests.providers.amazon.fake import PRIVATE_KEY

ROOT = Path(__file__).resolve().parent.parent.parent


OURS = {
    *("DEBUG", "SECRET_KEY", "CREDENTIALS_KEYS", "PUBLIC_BASE_URL", "ALLOWED_HOSTS", "SANDBOX", "ALLOW_QUERY_API_KEY"),
    *("CHECKOUT_EXPIRY_HOURS", "LOG_LEVEL", "DATABASE_URL"),
    *("PAYPAL_API_BASE", "PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", "PAYPAL_WEBHOOK_ID", "SSL_CERT_FILE"),
    *("STRIPE_API_BASE", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_PUBLISHABLE_KEY"),
    *("GOOGLE_PAY_MERCHANT_ID", "GOOGLE_PAY_ENVIRONMENT", "GOOGLE_PAY_COUNTRY", "GOOGLE_PAY_SCRIPT_URL"),
    *("AMAZON_PAY_API_BASE", "AMAZON_PAY_PUBLIC_KEY_ID", "AMAZON_PAY_PRIVATE_KEY", "AMAZON_PAY_MERCHANT_ID"),
    *("AMAZON_PAY_STORE_ID", "AMAZON_PAY_REGION", "AMAZON_PAY_SCRIPT_URL", "AMAZON_PAY_TOPIC_ARN"),
}
"""What the processes below start without, whatever this one has."""


def run(*command, **environment):
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run(
        [sys.executable, *command], env=inherited | environment, cwd=ROOT, capture_output=True, text=True, check=False
    )


def sentence(**environment):
    """The sentence that stopped the start."""
    done = run("-c", "import config.settings", **environment)
    assert done.returncode != 0
    *_, last = done.stderr.strip().splitlines()
    kind, _, told = last.partition(": ")
    assert kind == "django.core.exceptions.ImproperlyConfigured", done.stderr
    return told


ALL = ("PayPal", "Amazon", "Google", "Stripe")


OFFERED = """
import django, json
django.setup()
from providers import registry
from providers.base import ProviderNotOffered
told = {}
for name in registry.PROVIDER_NAMES:
    try:
        told[name] = registry.adapter_offered(name).key
    except ProviderNotOffered as error:
        told[name] = str(error)
print(json.dumps(told))
"""


def offered(**environment):
    done = run("-c", OFFERED, DJANGO_SETTINGS_MODULE="config.settings", **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_without_keys_and_sandbox_no_provider_is_offered():
    """Without keys and without the sandbox no provider is offered and each is named."""
    assert offered() == {name: f"{name} is not offered here: the service has no {name} keys." for name in ALL}


def test_the_sandbox_never_plays_a_provider_with_keys():
    """The sandbox plays whoever has no keys and never one who has."""
    assert offered(SANDBOX="1") == dict.fromkeys(ALL, "sandbox")
    assert offered(SANDBOX="1", **STRIPES) == {
        "PayPal": "sandbox", "Amazon": "sandbox", "Google": "sandbox", "Stripe": "stripe",
    }  # fmt: skip
    assert offered(SANDBOX="1", GOOGLE_PAY_MERCHANT_ID="BCR2DN4T", **STRIPES) == {
        "PayPal": "sandbox", "Amazon": "sandbox", "Google": "google_stripe", "Stripe": "stripe",
    }  # fmt: skip
    blank = offered(SANDBOX="1", GOOGLE_PAY_MERCHANT_ID="  ")
    assert blank["Google"] == "sandbox"


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


PAYPAL_KEYS = {"PAYPAL_CLIENT_ID": "id", "PAYPAL_CLIENT_SECRET": "secret"}


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"PAYPAL_CLIENT_ID"}, "PAYPAL_CLIENT_SECRET"),
        ({"PAYPAL_CLIENT_SECRET"}, "PAYPAL_CLIENT_ID"),
        ({"PAYPAL_WEBHOOK_ID"}, "PAYPAL_CLIENT_ID and PAYPAL_CLIENT_SECRET"),
        ({"PAYPAL_CLIENT_ID", "PAYPAL_WEBHOOK_ID"}, "PAYPAL_CLIENT_SECRET"),
        ({"PAYPAL_CLIENT_SECRET", "PAYPAL_WEBHOOK_ID"}, "PAYPAL_CLIENT_ID"),
    ],
)
def test_half_of_paypals_keys_stop_the_start(given, missing):
    """Half of paypals keys stop the start with the names of those that are missing."""
    assert f"is set, so {missing} must be set too" in sentence(**dict.fromkeys(given, "something"))


@pytest.mark.parametrize("webhook", [{}, {"PAYPAL_WEBHOOK_ID": "5GP028458E2496506"}], ids=["without a webhook", "with one"])
def test_paypals_keys_need_nothing_else_and_are_for_real_money(webhook):
    show = "from config import settings as s; print(s.PROVIDERS_WITH_KEYS, s.PAYPAL_API_BASE)"
    done = run("-c", show, **PAYPAL_KEYS, **webhook)
    assert done.stdout.strip() == "{'PayPal'} https://api-m.paypal.com"


def test_stripes_signing_secret_without_the_key_stops_the_start():
    """A signing secret of stripes without the key stops the start."""
    told = sentence(STRIPE_WEBHOOK_SECRET="whsec_1")
    assert told.startswith("STRIPE_WEBHOOK_SECRET is set, so STRIPE_SECRET_KEY must be set too: docs/operators.md says where")


def test_stripes_key_needs_nothing_else():
    done = run("-c", "from config import settings as s; print(s.PROVIDERS_WITH_KEYS)", STRIPE_SECRET_KEY="sk_test_1")
    assert done.stdout.strip() == "{'Stripe'}"


def test_stripe_takes_several_signing_secrets():
    """Stripe takes several signing secrets while they are changed."""
    show = "from config import settings as s; print(s.PROVIDERS_WITH_KEYS, s.STRIPE_API_BASE, s.STRIPE_WEBHOOK_SECRETS)"
    done = run("-c", show, STRIPE_SECRET_KEY="sk_test_1", STRIPE_WEBHOOK_SECRET="whsec_new, whsec_old,")
    assert done.stdout.strip() == "{'Stripe'} https://api.stripe.com ['whsec_new', 'whsec_old']"


def test_a_trust_root_that_is_no_certificate_stops_the_start(tmp_path):
    (tmp_path / "rubbish.pem").write_text("rubbish")
    for path in (tmp_path / "rubbish.pem", tmp_path / "nowhere.pem"):
        assert sentence(SSL_CERT_FILE=str(path)).startswith("SSL_CERT_FILE must be a file of certificates in PEM")


def amazons_keys(private_key: str) -> dict[str, str]:
    return {
        "AMAZON_PAY_PUBLIC_KEY_ID": "SANDBOX-AEXAMPLE",
        "AMAZON_PAY_PRIVATE_KEY": private_key,
        "AMAZON_PAY_MERCHANT_ID": "A2EXAMPLEMERCH",
        "AMAZON_PAY_STORE_ID": "amzn1.application-oa2-client.example",
    }


SHOW_AMAZON = """
from config import settings as s
from providers.amazon.signing import Signer
Signer("x", s.AMAZON_PAY_PRIVATE_KEY, region=s.AMAZON_PAY_REGION).sign("text")
print(s.PROVIDERS_WITH_KEYS, s.AMAZON_PAY_REGION, s.AMAZON_PAY_API_BASE, s.AMAZON_PAY_SCRIPT_URL)
"""


def test_amazons_key_is_a_text_a_text_on_one_line_or_a_file(tmp_path):
    (tmp_path / "key.pem").write_text(PRIVATE_KEY)
    for told in (PRIVATE_KEY, PRIVATE_KEY.replace("\n", "\\n"), str(tmp_path / "key.pem")):
        done = run("-c", SHOW_AMAZON, **amazons_keys(told))
        assert done.stdout.split() == [
            "{'Amazon'}",
            "NA",
            "https://pay-api.amazon.com",
            "https://static-na.payments-amazon.com/checkout.js",
        ], done.stderr


def test_amazons_region_says_where_its_api_and_its_script_are():
    for region, api, script in (("eu", "amazon.eu", "static-eu"), ("JP", "amazon.jp", "static-fe")):
        done = run("-c", SHOW_AMAZON, AMAZON_PAY_REGION=region, **amazons_keys(PRIVATE_KEY))
        told = f"https://pay-api.{api} https://{script}.payments-amazon.com/checkout.js"
        assert done.stdout.strip().endswith(told), done.stderr
    assert sentence(AMAZON_PAY_REGION="moon").startswith("AMAZON_PAY_REGION must be one of NA, EU, JP")


STRIPES = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1", "STRIPE_PUBLISHABLE_KEY": "pk_test_1"}


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (set(), "STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY"),
        ({"STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"}, "STRIPE_PUBLISHABLE_KEY"),
    ],
)
def test_google_without_its_gateways_keys_stops_the_start(given, missing):
    environment = {name: STRIPES[name] for name in given} | {"GOOGLE_PAY_MERCHANT_ID": "BCR2DN4TZ2QPMXYZ"}
    told = sentence(**environment)
    wanted = f"GOOGLE_PAY_MERCHANT_ID is set, so {missing} must be set too: docs/operators.md says where Google shows them."
    assert told.startswith(wanted)


def test_a_secret_key_is_no_publishable_key():
    """What cannot be shown to givers is no publishable key and is not repeated."""
    for key in ("sk_live_canary", "rk_live_canary", "canary"):
        told = sentence(STRIPE_PUBLISHABLE_KEY=key)
        assert told.startswith("STRIPE_PUBLISHABLE_KEY must begin with pk_")
        assert "canary" not in told
    assert sentence(GOOGLE_PAY_ENVIRONMENT="live").startswith("GOOGLE_PAY_ENVIRONMENT must be one of TEST, PRODUCTION")
    assert sentence(GOOGLE_PAY_COUNTRY="USA").startswith("GOOGLE_PAY_COUNTRY must be the two letters of a country")


@pytest.mark.parametrize(
    ("key", "told", "environment"),
    [
        ("sk_test_1", "", "TEST"),
        ("sk_live_1", "", "PRODUCTION"),
        ("rk_live_1", "", "PRODUCTION"),
        ("sk_live_1", "test", "TEST"),
    ],
)
def test_googles_environment_goes_with_the_secret_key(key, told, environment):
    """Googles environment goes with the secret key unless told otherwise."""
    code = "from config import settings; print(settings.GOOGLE_PAY_ENVIRONMENT, settings.GOOGLE_PAY_COUNTRY)"
    keys = STRIPES | {"STRIPE_SECRET_KEY": key, "GOOGLE_PAY_ENVIRONMENT": told, "GOOGLE_PAY_COUNTRY": "de"}
    assert run("-c", code, **keys).stdout.split() == [environment, "DE"]


def test_half_of_amazons_keys_stop_the_start(tmp_path):
    """Half of amazons keys and a key that is none stop the start."""
    whole = amazons_keys(PRIVATE_KEY)
    for name in whole:
        told = sentence(**{one: value for one, value in whole.items() if one != name})
        assert f"{name} must be set too: docs/operators.md says where Amazon shows them" in told
    (tmp_path / "rubbish.pem").write_text("rubbish")
    cut_short = PRIVATE_KEY[:300]
    for wrong in ("rubbish", cut_short, str(tmp_path / "rubbish.pem"), str(tmp_path / "nowhere.pem")):
        told = sentence(**amazons_keys(wrong))
        assert told.startswith("AMAZON_PAY_PRIVATE_KEY must be an RSA private key in PEM")
        assert PRIVATE_KEY[60:90] not in told
