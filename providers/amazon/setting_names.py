"""How the settings of an Amazon Pay account are called: AMAZON_PAY_... the first one's, AMAZON_PAY_<NAME>_... another one's."""

FIRST = ""
"""The account without a name."""

KEYS = ("PUBLIC_KEY_ID", "PRIVATE_KEY", "MERCHANT_ID", "STORE_ID")
"""Without these there is no account."""

OF_ONE_MODE = ("API_BASE", *KEYS, "TOPIC_ARN")
"""What an account has for live records, and once more for test records."""

OF_THE_ACCOUNT = ("REGION", "LEDGER_CURRENCY", "CURRENCIES", "SCRIPT_URL")
"""What is the same for both."""


def setting_of(account: str, name: str) -> str:
    """setting_of("UK", "REGION") is "AMAZON_PAY_UK_REGION", setting_of(FIRST, "REGION") is "AMAZON_PAY_REGION"."""
    return "_".join(filter(None, ("AMAZON_PAY", account, name)))
