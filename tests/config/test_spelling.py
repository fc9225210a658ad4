"""Environment variables that are nearly one of ours."""

import json

import pytest

from config import spelling
from tests.config.starting import run, settings_with

MISSPELT = {
    "PAYPAL_CLIENTID": "PAYPAL_CLIENT_ID",
    "PAYPAL_CLIENT_SECRETE": "PAYPAL_CLIENT_SECRET",
    "PAYPAL_SECRET": "PAYPAL_CLIENT_SECRET",
    "PAYPAL_ID": "PAYPAL_CLIENT_ID",
    "PAYPAL_TEST_CLIENTID": "PAYPAL_TEST_CLIENT_ID",
    "paypal_client_id": "PAYPAL_CLIENT_ID",
    "STRIPE_SECRETKEY": "STRIPE_SECRET_KEY",
    "STRIPE_SECRET": "STRIPE_SECRET_KEY",
    "STRPE_SECRET_KEY": "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRETS": "STRIPE_WEBHOOK_SECRET",
    "AMAZON_PAY_PUBLIC_KEY": "AMAZON_PAY_PUBLIC_KEY_ID",
    "AMAZON_PUBLIC_KEY_ID": "AMAZON_PAY_PUBLIC_KEY_ID",
    "GOOGLEPAY_MERCHANT_ID": "GOOGLE_PAY_MERCHANT_ID",
    "CREDENTIALS_KEY": "CREDENTIALS_KEYS",
    "CREDENTIAL_KEYS": "CREDENTIALS_KEYS",
    "SECRETKEY": "SECRET_KEY",
    "DJANGO_SECRET_KEY": "SECRET_KEY",
    "WHIPROUND_DATABASE_URL": "DATABASE_URL",
    "DATABASE_URI": "DATABASE_URL",
    "DATABSE_URL": "DATABASE_URL",
    "ALLOWED_HOST": "ALLOWED_HOSTS",
    "PUBLIC_URL": "PUBLIC_BASE_URL",
    "PUBLIC_BASE_URI": "PUBLIC_BASE_URL",
    "CHECKOUT_EXPIRY_HOUR": "CHECKOUT_EXPIRY_HOURS",
    "CHECKOUT_EXPIRE_HOURS": "CHECKOUT_EXPIRY_HOURS",
    "PLATFORM_FEE": "PLATFORM_FEE_FIXED",
    "SANDBOX_STRCT": "SANDBOX_STRICT",
    "SANBOX": "SANDBOX",
    "DEBUGG": "DEBUG",
    "LOGLEVEL": "LOG_LEVEL",
}
OF_OTHERS = (
    *("PATH", "HOME", "LANG", "LC_ALL", "USER", "PWD", "SHLVL", "TERM", "HOSTNAME", "PYTHONPATH", "VIRTUAL_ENV", "PORT"),
    *("SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "DEBUGINFOD_URLS", "DEBIAN_FRONTEND", "DJANGO_SETTINGS_MODULE", "GRANIAN_PORT"),
    *("PGPASSWORD", "PGHOST", "POSTGRES_PASSWORD", "INVOCATION_ID", "JOURNAL_STREAM", "RUST_LOG", "RUST_LOG_LEVEL"),
    *("UV_LOG_LEVEL", "NPM_CONFIG_LOGLEVEL", "SECRET_KEY_BASE", "DATABASE_HOST", "PAYPAL_LIVE_CLIENT_ID", "DB_URL"),
    *("AWS_SECRET_ACCESS_KEY", "KUBERNETES_SERVICE_HOST", "SANDBOX_ID", "PAYPAL_CLIENT_ID"),
)


@pytest.fixture(scope="module")
def ours():
    return settings_with()["SETTINGS"]


def test_a_slip_of_the_pen_is_known(ours):
    assert spelling.misspelt(MISSPELT, ours) == MISSPELT


def test_what_others_need_is_left_alone(ours):
    assert spelling.misspelt(OF_OTHERS, ours) == {}


def test_each_start_says_so_once_and_names_no_value():
    done = run("manage.py", "migrate", "--plan", PAYPAL_CLIENTID="canary", DATABASE_URL="sqlite:///:memory:")
    (line,) = [line for line in done.stderr.splitlines() if "PAYPAL_CLIENTID" in line]
    told = json.loads(line)
    assert (told["level"], told["setting"], told["meant"]) == ("warning", "PAYPAL_CLIENTID", "PAYPAL_CLIENT_ID")
    assert "canary" not in done.stdout + done.stderr
