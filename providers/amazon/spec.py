"""Amazon Pay, as the registry knows it."""

import functools

from django.conf import settings

from providers.amazon.accounts import AccountSettings
from providers.amazon.adapter import AmazonProvider
from providers.amazon.setting_names import FIRST, KEYS, setting_of
from providers.kit.keys import setting
from providers.kit.spec import ProviderSpec, in_mode


@functools.cache
def _adapter(
    is_test: bool, accounts: tuple[AccountSettings, ...], trust_roots_file: str, charges_later: bool
) -> AmazonProvider:
    made = AmazonProvider(*accounts, trust_roots_file=trust_roots_file, charges_later=charges_later)
    return in_mode(made, SPEC.test_key, is_test=is_test)


def adapter(*, is_test: bool = False) -> AmazonProvider:
    """The adapter of the accounts in the settings, for live records or for test records."""
    accounts = [_account(name, is_test=is_test) for name in (FIRST, *settings.AMAZON_PAY_ACCOUNTS)]
    with_keys = tuple(account for account in accounts if account.merchant_id) or (accounts[0],)
    return _adapter(is_test, with_keys, settings.SSL_CERT_FILE, settings.AMAZON_PAY_RECURRING)


def _account(name: str, *, is_test: bool) -> AccountSettings:
    return AccountSettings(
        base=setting(setting_of(name, "API_BASE"), is_test=is_test),
        public_key_id=setting(setting_of(name, "PUBLIC_KEY_ID"), is_test=is_test),
        private_key=setting(setting_of(name, "PRIVATE_KEY"), is_test=is_test),
        merchant_id=setting(setting_of(name, "MERCHANT_ID"), is_test=is_test),
        store_id=setting(setting_of(name, "STORE_ID"), is_test=is_test),
        region=setting(setting_of(name, "REGION"), is_test=False),
        script_url=setting(setting_of(name, "SCRIPT_URL"), is_test=False),
        topic=setting(setting_of(name, "TOPIC_ARN"), is_test=is_test),
        ledger_currency=setting(setting_of(name, "LEDGER_CURRENCY"), is_test=False),
        currencies=tuple(setting(setting_of(name, "CURRENCIES"), is_test=False)),
        name=name,
    )


SPEC = ProviderSpec(
    name="Amazon",
    how_to_pay="with Amazon Pay",
    key=AmazonProvider.key,
    payees_are_ours=True,
    adapter=adapter,
    settings=tuple(setting_of(FIRST, name) for name in KEYS),
)
