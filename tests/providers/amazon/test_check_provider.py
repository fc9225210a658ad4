"""manage.py check_provider amazon: what is right, what is to be fixed, and how."""

import pytest
from cryptography.hazmat.primitives import serialization

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
        "ok   Amazon's fees, refunds and disputes are the account's that is paid; you keep nothing",
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


SECOND = {
    "REGION": "EU", "LEDGER_CURRENCY": "", "CURRENCIES": ["GBP"], "PUBLIC_KEY_ID": "SANDBOX-ASECOND",
    "MERCHANT_ID": "A3SECOND", "STORE_ID": "amzn1.application-oa2-client.second", "TOPIC_ARN": "",
}  # fmt: skip


def test_each_account_is_proven_by_itself(ready, settings):
    """The second one's keys are not taken: it is named, as are its settings, and the first one is proven all the same."""
    settings.AMAZON_PAY_ACCOUNTS = ["EU"]
    for name, value in SECOND.items():
        setattr(settings, f"AMAZON_PAY_EU_{name}", value)
    settings.AMAZON_PAY_EU_API_BASE, settings.AMAZON_PAY_EU_SCRIPT_URL = ready.base_url, ready.script_url
    settings.AMAZON_PAY_EU_PRIVATE_KEY = pem(sns.key("a forger"))
    status, told = checked("amazon")
    first, second = f"the account without a name ({ready.merchant_id}, takes USD): ", "account EU (A3SECOND, takes EUR GBP): "
    assert status == 1
    assert told.splitlines() == [
        f"ok   {first}keys are set, for Amazon Pay's sandbox environment, with play money",
        f"ok   {first}Amazon takes the keys",
        f"ok   {second}keys are set, for Amazon Pay's sandbox environment, with play money",
        f"FIX  {second}a signed question: check keys: Amazon does not take our signature (401 InvalidRequestSignature)",
        "     Does AMAZON_PAY_EU_PRIVATE_KEY belong to AMAZON_PAY_EU_PUBLIC_KEY_ID, is AMAZON_PAY_EU_REGION the account's, and "
        "is the clock of this machine right? Then run this again.",
    ]
    settings.AMAZON_PAY_EU_PUBLIC_KEY_ID, settings.AMAZON_PAY_EU_PRIVATE_KEY = ready.public_key_id, ready.private_key
    status, told = checked("amazon")
    assert (status, f"ok   {second}Amazon takes the keys" in told) == (1, True)
    assert f"ok   {first}notifications are taken from {ready.topic}" in told
    assert f"FIX  {second}no notification is believed" in told
    assert "set AMAZON_PAY_EU_TOPIC_ARN to the topic that the log then names" in told
    settings.AMAZON_PAY_EU_TOPIC_ARN = "arn:aws:sns:eu-west-1:000000000000:A3SECOND"
    assert checked("amazon")[0] == 0


def test_amazon_out_of_reach_is_no_matter_of_the_keys(ready, settings):
    settings.AMAZON_PAY_API_BASE = "http://127.0.0.1:9/sandbox"
    status, told = checked("amazon")
    assert status == 1
    assert "FIX  Amazon cannot be reached at 127.0.0.1:9" in told
    assert "belong to" not in told


def test_it_says_that_recurring_charges_are_switched_on(ready, settings):
    assert "AMAZON_PAY_RECURRING" not in checked("amazon")[1]
    settings.AMAZON_PAY_RECURRING = True
    status, told = checked("amazon")
    assert "ok   givers can agree once, and give again without being asked (AMAZON_PAY_RECURRING)" in told
    assert status == 0
