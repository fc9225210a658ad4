"""PayPal, as the registry knows it."""

import functools
from typing import Any

from django.conf import settings

from providers.kit.keys import setting
from providers.kit.spec import ProviderSpec, in_mode
from providers.paypal.adapter import PayPalProvider
from providers.paypal.partner import PayPalPartnerProvider


@functools.cache
def _adapter(kind: type[PayPalProvider], is_test: bool, **how: Any) -> PayPalProvider:
    """One adapter per account and process, so that all threads share its access token."""
    return in_mode(kind(**how), SPEC.test_key, is_test=is_test)


def adapter(*, is_test: bool = False) -> PayPalProvider:
    """The adapter of the account in the settings, for live records or for test records."""
    return _adapter(
        PayPalPartnerProvider if settings.PAYPAL_PARTNER else PayPalProvider,
        is_test,
        base=setting("PAYPAL_API_BASE", is_test=is_test),
        client_id=setting("PAYPAL_CLIENT_ID", is_test=is_test),
        client_secret=setting("PAYPAL_CLIENT_SECRET", is_test=is_test),
        webhook_id=setting("PAYPAL_WEBHOOK_ID", is_test=is_test),
        trust_roots_file=settings.SSL_CERT_FILE,
        partner_id=setting("PAYPAL_PARTNER_ID", is_test=is_test),
        saves_wallets=settings.PAYPAL_VAULT,
    )


SPEC = ProviderSpec(
    name="PayPal",
    how_to_pay="with PayPal",
    key=PayPalProvider.key,
    adapter=adapter,
    settings=("PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET"),
)
