"""Amazon Pay, as the registry knows it."""

import functools
from typing import Any

from django.conf import settings

from providers.amazon.adapter import AmazonProvider
from providers.kit.keys import setting
from providers.kit.spec import ProviderSpec, in_mode


@functools.cache
def _adapter(is_test: bool, **how: Any) -> AmazonProvider:
    return in_mode(AmazonProvider(**how), SPEC.test_key, is_test=is_test)


def adapter(*, is_test: bool = False) -> AmazonProvider:
    """The adapter of the account in the settings, for live records or for test records."""
    return _adapter(
        is_test,
        base=setting("AMAZON_PAY_API_BASE", is_test=is_test),
        public_key_id=setting("AMAZON_PAY_PUBLIC_KEY_ID", is_test=is_test),
        private_key=setting("AMAZON_PAY_PRIVATE_KEY", is_test=is_test),
        merchant_id=setting("AMAZON_PAY_MERCHANT_ID", is_test=is_test),
        store_id=setting("AMAZON_PAY_STORE_ID", is_test=is_test),
        region=settings.AMAZON_PAY_REGION,
        ledger_currency=settings.AMAZON_PAY_LEDGER_CURRENCY,
        currencies=tuple(settings.AMAZON_PAY_CURRENCIES),
        script_url=settings.AMAZON_PAY_SCRIPT_URL,
        topic=setting("AMAZON_PAY_TOPIC_ARN", is_test=is_test),
        trust_roots_file=settings.SSL_CERT_FILE,
    )


SPEC = ProviderSpec(
    name="Amazon",
    how_to_pay="with Amazon Pay",
    key=AmazonProvider.key,
    payees_are_ours=True,
    adapter=adapter,
    settings=(
        "AMAZON_PAY_PUBLIC_KEY_ID",
        "AMAZON_PAY_PRIVATE_KEY",
        "AMAZON_PAY_MERCHANT_ID",
        "AMAZON_PAY_STORE_ID",
    ),
)
