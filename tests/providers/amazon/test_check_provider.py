"""manage.py check_provider amazon: what is right, what is to be fixed, and how."""

import pytest
from cryptography.hazmat.primitives import serialization

from providers.amazon.checks import COST
from tests.providers.amazon import sns
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
        f"ok   {COST}",
        f"ok   notifications are taken from {ready.topic}",
        "ok   Amazon can call give.example.test over https (https://give.example.test has to stand among the JavaScript "
        "origins in Integration Central)",
        "Amazon is ready.",
    ]


def pem(key) -> str:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"AMAZON_PAY_PUBLIC_KEY_ID": "", "AMAZON_PAY_PRIVATE_KEY": ""},
            ["Set AMAZON_PAY_PUBLIC_KEY_ID, AMAZON_PAY_PRIVATE_KEY"],
        ),
        (
            {"AMAZON_PAY_PRIVATE_KEY": pem(sns.key("a forger"))},
            [
                "FIX  a signed question: check keys: Amazon does not take our signature (401 InvalidRequestSignature)",
                "Does AMAZON_PAY_PRIVATE_KEY belong to AMAZON_PAY_PUBLIC_KEY_ID",
            ],
        ),
        ({"AMAZON_PAY_TOPIC_ARN": ""}, ["Enter https://give.example.test/providers/amazon/webhook in Seller Central"]),
    ],
    ids=["no keys", "a wrong key", "no topic"],
)
def test_a_wrong_setting_is_told_and_not_repeated(changes, told, ready, settings):
    for name, value in changes.items():
        setattr(settings, name, value)
    status, text = checked("Amazon")
    assert status == 1
    assert [sentence for sentence in told if sentence not in text] == []
    assert "PRIVATE KEY-----" not in text


def test_an_account_that_may_not_is_told_from_wrong_keys(ready):
    ready.next("get_session", "403 UnauthorizedAccess")
    status, told = checked("amazon")
    assert status == 1
    assert "FIX  Amazon refuses a question: 403 UnauthorizedAccess" in told
