"""Google Pay over Stripe, as the registry knows it."""

import functools

from django.conf import settings

from providers.google.adapter import GoogleProvider
from providers.google.page import GooglePayPage
from providers.kit.spec import ProviderSpec
from providers.stripe.spec import ACCOUNT


@functools.cache
def _adapter(
    page: GooglePayPage,
    base: str,
    secret_key: str,
    publishable_key: str,
    webhook_secrets: tuple[str, ...],
    trust_roots_file: str,
    own_account: str,
) -> GoogleProvider:
    return GoogleProvider(
        page,
        base=base,
        secret_key=secret_key,
        publishable_key=publishable_key,
        webhook_secrets=webhook_secrets,
        trust_roots_file=trust_roots_file,
        own_account=own_account,
    )


def adapter() -> GoogleProvider:
    """The adapter of the merchant and the Stripe account in the settings."""
    page = GooglePayPage(
        merchant_id=settings.GOOGLE_PAY_MERCHANT_ID,
        environment=settings.GOOGLE_PAY_ENVIRONMENT,
        country=settings.GOOGLE_PAY_COUNTRY,
        script_url=settings.GOOGLE_PAY_SCRIPT_URL,
    )
    return _adapter(
        page,
        settings.STRIPE_API_BASE,
        settings.STRIPE_SECRET_KEY,
        settings.STRIPE_PUBLISHABLE_KEY,
        tuple(settings.STRIPE_WEBHOOK_SECRETS),
        settings.SSL_CERT_FILE,
        settings.STRIPE_OWN_ACCOUNT,
    )


SPEC = ProviderSpec(
    name="Google",
    how_to_pay="with Google Pay",
    key=GoogleProvider.key,
    adapter=adapter,
    settings=("GOOGLE_PAY_MERCHANT_ID", "STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY"),
    account=ACCOUNT,
)
