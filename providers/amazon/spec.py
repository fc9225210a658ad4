"""Amazon Pay, as the registry knows it."""

import functools
from typing import Any

from django.conf import settings

from providers.amazon.adapter import AmazonProvider
from providers.kit.spec import ProviderSpec


@functools.cache
def _adapter(**how: Any) -> AmazonProvider:
    return AmazonProvider(**how)


def adapter() -> AmazonProvider:
    """The adapter of the account in the settings."""
    return _adapter(
        base=settings.AMAZON_PAY_API_BASE,
        public_key_id=settings.AMAZON_PAY_PUBLIC_KEY_ID,
        private_key=settings.AMAZON_PAY_PRIVATE_KEY,
        merchant_id=settings.AMAZON_PAY_MERCHANT_ID,
        store_id=settings.AMAZON_PAY_STORE_ID,
        region=settings.AMAZON_PAY_REGION,
        ledger_currency=settings.AMAZON_PAY_LEDGER_CURRENCY,
        currencies=tuple(settings.AMAZON_PAY_CURRENCIES),
        script_url=settings.AMAZON_PAY_SCRIPT_URL,
        topic=settings.AMAZON_PAY_TOPIC_ARN,
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
