"""manage.py check_provider amazon: what is right, what is to be fixed, and how."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.providers.amazon.fake import FakeAmazon
from tests.providers.paypal.test_check_provider import checked

pytestmark = pytest.mark.no_database


@pytest.fixture
def ready(service, settings, amazon: FakeAmazon) -> FakeAmazon:
    settings.PUBLIC_BASE_URL, settings.IS_HTTPS = "https://give.example.test", True
    return amazon


def test_all_is_well(ready):
    status, told = checked("amazon")
    assert status == 0
    assert told.splitlines() == [
        "ok   keys are set, for Amazon Pay's sandbox environment, with play money",
        "ok   Amazon takes the keys",
        f"ok   notifications are taken from {ready.topic}",
        "ok   Amazon can call give.example.test over https (https://give.example.test has to stand among the JavaScript "
        "origins in Integration Central)",
        "Amazon is ready.",
    ]


def test_missing_keys_are_named(settings):
    settings.AMAZON_PAY_PUBLIC_KEY_ID = settings.AMAZON_PAY_PRIVATE_KEY = ""
    status, told = checked("Amazon")
    assert status == 1
    assert "Set AMAZON_PAY_PUBLIC_KEY_ID, AMAZON_PAY_PRIVATE_KEY" in told


def test_a_key_that_does_not_fit_is_found_out(ready, settings):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    settings.AMAZON_PAY_PRIVATE_KEY = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    status, told = checked("amazon")
    assert status == 1
    assert "FIX  a signed question: check keys: Amazon does not take our signature (401 InvalidRequestSignature)" in told
    assert "Does AMAZON_PAY_PRIVATE_KEY belong to AMAZON_PAY_PUBLIC_KEY_ID" in told
    assert "PRIVATE KEY-----" not in told


def test_an_account_that_may_not_is_told_from_wrong_keys(ready):
    ready.next("get_session", "403 UnauthorizedAccess")
    status, told = checked("amazon")
    assert status == 1
    assert "FIX  Amazon refuses a question: 403 UnauthorizedAccess" in told


def test_without_a_topic_it_says_how_to_get_one(ready, settings):
    settings.AMAZON_PAY_TOPIC_ARN = ""
    status, told = checked("amazon")
    assert status == 1
    assert "Enter https://give.example.test/providers/amazon/webhook in Seller Central" in told
