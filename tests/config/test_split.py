"""Secrets that are in the wrong tier: neither starts, and a sentence says where they belong."""

import json
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.api.serving import free_port
from tests.config.starting import ROOT, environment_with, run, sentence, settings_with
from tests.eventually import SECONDS, eventually

pytestmark = pytest.mark.no_database

KEY = "the-key-that-both-tiers-share-in-tests"
SPLIT = {"PROVIDER_PROXY_URL": "http://127.0.0.1:8100", "PROVIDER_PROXY_KEYS": KEY}
PROXY = {"PROVIDER_PROXY_KEYS": KEY, "STRIPE_SECRET_KEY": "sk_live_canarycanary"}
START = ("-m", "config.serve", "--interface", "wsgi", "--http", "1", "config.provider_proxy:application")


def test_with_marks_the_tier_knows_its_providers():
    """Which of them is for real money is said by the mark."""
    paypal = {"PAYPAL_CLIENT_ID": "id", "PAYPAL_CLIENT_SECRET": "in-the-proxy"}
    both = settings_with(**SPLIT, **paypal, STRIPE_SECRET_KEY="sk_live_in-the-proxy")
    assert both["PROVIDERS_WITH_KEYS"] == {"PayPal", "Stripe"}
    play = settings_with(**SPLIT, STRIPE_SECRET_KEY="sk_test_in-the-proxy")
    assert (play["PROVIDERS_WITH_KEYS"], play["PROVIDERS_WITH_TEST_KEYS"]) == (set(), {"Stripe"})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"STRIPE_SECRET_KEY": "sk_live_canary"}, "STRIPE_SECRET_KEY belongs into the environment of the provider proxy alone"),
        ({"STRIPE_SECRET_KEY": "sk_in-the-proxy"}, "STRIPE_SECRET_KEY=sk_live_in-the-proxy or sk_test_in-the-proxy"),
        ({"STRIPE_TEST_SECRET_KEY": "sk_test_canary"}, "STRIPE_TEST_SECRET_KEY belongs into"),
        ({"PAYPAL_CLIENT_ID": "id", "PAYPAL_CLIENT_SECRET": "canary"}, "set PAYPAL_CLIENT_SECRET=in-the-proxy"),
        ({"PAYPAL_TEST_CLIENT_SECRET": "canary"}, "PAYPAL_TEST_CLIENT_SECRET belongs into"),
        ({"AMAZON_PAY_PRIVATE_KEY": "canary"}, "Amazon Pay cannot be split"),
        ({"AMAZON_PAY_TEST_UK_PRIVATE_KEY": "canary"}, "AMAZON_PAY_TEST_UK_PRIVATE_KEY"),
        ({"PROVIDER_PROXY_KEYS": ""}, "Set PROVIDER_PROXY_KEYS"),
        ({"PROVIDER_PROXY_KEYS": "short"}, "32 characters"),
        ({"PROVIDER_PROXY_URL": ""}, "PROVIDER_PROXY_URL must be set too"),
        ({"PROVIDER_PROXY_URL": "", "PROVIDER_PROXY_KEYS": "", "STRIPE_SECRET_KEY": "sk_live_in-the-proxy"}, "must be set too"),
        ({"PROVIDER_PROXY_URL": "proxy:8100"}, "PROVIDER_PROXY_URL must be an address"),
    ],
    ids=lambda it: " ".join(it) if isinstance(it, dict) else "",
)
def test_the_tier_with_the_database_refuses(changes, told):
    said = sentence(**(SPLIT | changes))
    assert told in said
    assert "canary" not in said


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        *(({name: "canary"}, name) for name in ("DATABASE_URL", "CREDENTIALS_KEYS", "SECRET_KEY", "PROVIDER_PROXY_URL")),
        ({"AMAZON_PAY_PRIVATE_KEY": "canary"}, "AMAZON_PAY_PRIVATE_KEY"),
        ({"STRIPE_SECRET_KEY": "sk_live_in-the-proxy"}, "must be the secret itself"),
        ({"STRIPE_SECRET_KEY": ""}, "has no secret"),
        ({"STRIPE_API_BASE": "https://api.stripe.com.canary.example"}, "the provider's own"),
        ({"PROVIDER_PROXY_KEYS": ""}, "Set PROVIDER_PROXY_KEYS"),
        ({"PAYPAL_CLIENT_SECRET": "canary"}, "PAYPAL_CLIENT_ID must be set too"),
        ({"GRANIAN_WORKERS": "2"}, "one process"),
    ],
    ids=lambda it: " ".join(it) if isinstance(it, dict) else "",
)
def test_the_proxy_refuses_in_a_sentence(changes, told):
    ended = run(*START, "--port", str(free_port()), **(PROXY | changes))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert told in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert "canary" not in ended.stderr


def test_a_mixed_first_tier_exits_with_two():
    ended = run("manage.py", "check", **SPLIT, STRIPE_SECRET_KEY="sk_live_canary")
    assert ended.returncode == 2
    assert "canary" not in ended.stdout + ended.stderr


def _listens(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def test_the_proxy_has_no_database_and_starts():
    """Also where DJANGO_SETTINGS_MODULE names the settings of the other tier."""
    code = (
        "import config.provider_proxy, json; from django.conf import settings; import sys;"
        "print(json.dumps([settings.DATABASES, 'config.settings' in sys.modules]))"
    )
    told = run("-c", code, **PROXY, DJANGO_SETTINGS_MODULE="config.settings")
    assert json.loads(told.stdout) == [{}, False], told.stderr
    port = free_port()
    arguments = [sys.executable, *START, "--port", str(port)]
    process = subprocess.Popen(
        arguments, cwd=ROOT, env=environment_with(**PROXY), stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        eventually(lambda: _listens(port))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=SECONDS) as answer:
            assert answer.read() == b"ok\n"
    finally:
        process.terminate()
        _, log = process.communicate(timeout=SECONDS)
    assert b"canary" not in log
