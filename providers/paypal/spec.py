"""PayPal, as the registry knows it."""

import functools

from django.conf import settings

from providers.kit.spec import ProviderSpec
from providers.paypal.adapter import PayPalProvider
from providers.paypal.partner import PayPalPartnerProvider


@functools.cache
def _adapter(kind: type[PayPalProvider], **how: str) -> PayPalProvider:
    """One adapter per account and process, so that all threads share its access token."""
    return kind(**how)


def adapter() -> PayPalProvider:
    """The adapter of the account in the settings."""
    return _adapter(
        PayPalPartnerProvider if settings.PAYPAL_PARTNER else PayPalProvider,
        base=settings.PAYPAL_API_BASE,
        client_id=settings.PAYPAL_CLIENT_ID,
        client_secret=settings.PAYPAL_CLIENT_SECRET,
        webhook_id=settings.PAYPAL_WEBHOOK_ID,
        trust_roots_file=settings.SSL_CERT_FILE,
        partner_id=settings.PAYPAL_PARTNER_ID,
    )


SPEC = ProviderSpec(
    name="PayPal",
    how_to_pay="with PayPal",
    key=PayPalProvider.key,
    adapter=adapter,
    settings=("PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET"),
)
