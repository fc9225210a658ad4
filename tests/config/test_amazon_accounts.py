"""AMAZON_PAY_ACCOUNTS: further accounts at Amazon Pay, each with settings of its own and the rules of the first one's."""

import pytest

from tests.config.starting import sentence, settings_with
from tests.config.test_provider_keys import AMAZON, without
from tests.providers.amazon.fake import PRIVATE_KEY

UK = {name.replace("PAY_", "PAY_UK_", 1): value for name, value in AMAZON.items()} | {
    "AMAZON_PAY_ACCOUNTS": "UK", "AMAZON_PAY_UK_REGION": "UK", "AMAZON_PAY_UK_MERCHANT_ID": "A3BRITISHMERCH",
}  # fmt: skip
UK_TEST = {"AMAZON_PAY_ACCOUNTS": "UK", "AMAZON_PAY_UK_REGION": "UK"} | {
    name.replace("PAY_UK_", "PAY_TEST_UK_"): value for name, value in UK.items() if name.endswith(("KEY", "_ID"))
}
UK_TEST["AMAZON_PAY_TEST_UK_PUBLIC_KEY_ID"] = "SANDBOX-ABRITISH"
KEYS_OF_UK = ("PUBLIC_KEY_ID", "PRIVATE_KEY", "MERCHANT_ID", "STORE_ID")

STARTS = [
    (
        AMAZON | UK | {"AMAZON_PAY_UK_CURRENCIES": "eur, usd"},
        {
            "AMAZON_PAY_ACCOUNTS": ["UK"], "PROVIDERS_WITH_KEYS": {"Amazon"}, "AMAZON_PAY_REGION": "NA",
            "AMAZON_PAY_API_BASE": "https://pay-api.amazon.com", "AMAZON_PAY_UK_API_BASE": "https://pay-api.amazon.eu",
            "AMAZON_PAY_UK_SCRIPT_URL": "https://static-eu.payments-amazon.com/checkout.js", "AMAZON_PAY_UK_REGION": "UK",
            "AMAZON_PAY_UK_CURRENCIES": ["EUR", "USD"], "AMAZON_PAY_UK_MERCHANT_ID": "A3BRITISHMERCH",
        },
    ),
    (UK | {"AMAZON_PAY_ACCOUNTS": "uk, UK,"}, {"AMAZON_PAY_ACCOUNTS": ["UK"], "PROVIDERS_WITH_KEYS": {"Amazon"}}),
    (AMAZON | UK_TEST, {"PROVIDERS_WITH_KEYS": {"Amazon"}, "PROVIDERS_WITH_TEST_KEYS": {"Amazon"}}),
    (
        AMAZON | UK | {"AMAZON_PAY_UK_PUBLIC_KEY_ID": "SANDBOX-ABRITISH", "AMAZON_PAY_UK_TOPIC_ARN": "arn:uk"},
        {
            "PROVIDERS_WITH_KEYS": {"Amazon"}, "PROVIDERS_WITH_TEST_KEYS": {"Amazon"}, "AMAZON_PAY_UK_MERCHANT_ID": "",
            "AMAZON_PAY_TEST_UK_MERCHANT_ID": "A3BRITISHMERCH", "AMAZON_PAY_UK_PRIVATE_KEY": "",
            "AMAZON_PAY_UK_TOPIC_ARN": "", "AMAZON_PAY_TEST_UK_TOPIC_ARN": "arn:uk", "AMAZON_PAY_TEST_MERCHANT_ID": "",
        },
    ),
]  # fmt: skip

NAMES = "AMAZON_PAY_ACCOUNTS must be names of your own for further accounts, with commas between, such as UK,JP"
STOPS = [
    *(
        (AMAZON | without(UK, f"AMAZON_PAY_UK_{name}"), f"AMAZON_PAY_UK_{name} must be set too: docs/operators.md says where")
        for name in KEYS_OF_UK
    ),
    *(
        (without(UK_TEST, f"AMAZON_PAY_TEST_UK_{name}"), f"AMAZON_PAY_TEST_UK_{name} must be set too: docs/operators.md says")
        for name in KEYS_OF_UK
    ),
    (AMAZON | without(UK, "AMAZON_PAY_UK_REGION"), "AMAZON_PAY_UK_REGION must be one of NA, EU, UK, JP"),
    (
        {"AMAZON_PAY_ACCOUNTS": "UK", "AMAZON_PAY_UK_REGION": "UK"},
        "AMAZON_PAY_ACCOUNTS names UK, so AMAZON_PAY_UK_PUBLIC_KEY_ID and AMAZON_PAY_UK_PRIVATE_KEY and",
    ),
    (
        AMAZON | without(UK, "AMAZON_PAY_ACCOUNTS"),
        "_UK_PUBLIC_KEY_ID is set, and AMAZON_PAY_ACCOUNTS does not name UK: name it there, or leave this out.",
    ),
    ({"AMAZON_PAY_TEST_UK_STORE_ID": "canary"}, "AMAZON_PAY_ACCOUNTS does not name UK"),
    *(({"AMAZON_PAY_ACCOUNTS": names}, NAMES) for names in ("TEST", "live", "UK;JP", "U_K", "1", "A" * 21)),
    (AMAZON | UK | {"AMAZON_PAY_UK_LEDGER_CURRENCY": "USD"}, "AMAZON_PAY_UK_LEDGER_CURRENCY must be one of GBP, EUR"),
    (
        AMAZON | UK | {"AMAZON_PAY_UK_REGION": "JP", "AMAZON_PAY_UK_CURRENCIES": "USD"},
        "AMAZON_PAY_UK_CURRENCIES is for accounts of the regions EU and UK",
    ),
    (
        AMAZON | UK | {"AMAZON_PAY_UK_PRIVATE_KEY": "canary"},
        "AMAZON_PAY_UK_PRIVATE_KEY must be an RSA private key in PEM",
    ),
    (
        AMAZON | UK | {"AMAZON_PAY_UK_MERCHANT_ID": AMAZON["AMAZON_PAY_MERCHANT_ID"]},
        "AMAZON_PAY_UK_MERCHANT_ID is the same as AMAZON_PAY_MERCHANT_ID: give each account of Amazon Pay once.",
    ),
    (
        AMAZON | UK | {"AMAZON_PAY_TOPIC_ARN": "canary", "AMAZON_PAY_UK_TOPIC_ARN": "canary"},
        "AMAZON_PAY_UK_TOPIC_ARN is the same as AMAZON_PAY_TOPIC_ARN",
    ),
    (
        UK_TEST | {"AMAZON_PAY_TEST_UK_PUBLIC_KEY_ID": "LIVE-canary"},
        "AMAZON_PAY_TEST_UK_PUBLIC_KEY_ID is a live one: a test record must never move real money.",
    ),
    (
        UK | UK_TEST | {"AMAZON_PAY_UK_PUBLIC_KEY_ID": "SANDBOX-canary"},
        "AMAZON_PAY_UK_PUBLIC_KEY_ID is a test key, and AMAZON_PAY_TEST_UK_PUBLIC_KEY_ID is set as well",
    ),
    (UK_TEST | {"SANDBOX": "0"}, "SANDBOX=0 refuses test records, and the keys of Amazon are test keys"),
]


@pytest.mark.parametrize(("environment", "expected"), STARTS)
def test_accounts_with_all_their_keys_start_it(environment, expected):
    settings = settings_with(**environment)
    assert {name: settings[name] for name in expected} == expected


@pytest.mark.parametrize(("environment", "expected"), STOPS, ids=[sentence[:60] for _, sentence in STOPS])
def test_what_does_not_fit_an_account_stops_the_start(environment, expected):
    """The sentence says what is missing or wrong, by the setting's own name, and repeats no key."""
    told = sentence(**environment)
    assert expected in told
    assert "canary" not in told
    assert PRIVATE_KEY[60:90] not in told
