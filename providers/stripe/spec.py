"""Stripe, as the registry knows it."""

import functools

from django.conf import settings

from providers.kit.spec import ProviderSpec
from providers.stripe.adapter import StripeProvider

ACCOUNT = "stripe"
"""Stripe sends all events of an account to every endpoint that is registered there, whichever path of ours that is."""


@functools.cache
def _adapter(
    base: str, secret_key: str, webhook_secrets: tuple[str, ...], trust_roots_file: str, own_account: str
) -> StripeProvider:
    return StripeProvider(
        base=base,
        secret_key=secret_key,
        webhook_secrets=webhook_secrets,
        trust_roots_file=trust_roots_file,
        own_account=own_account,
    )


def adapter() -> StripeProvider:
    """The adapter of the account in the settings."""
    secrets = tuple(settings.STRIPE_WEBHOOK_SECRETS)
    how = (settings.STRIPE_API_BASE, settings.STRIPE_SECRET_KEY, secrets, settings.SSL_CERT_FILE)
    return _adapter(*how, settings.STRIPE_OWN_ACCOUNT)


SPEC = ProviderSpec(
    name="Stripe",
    how_to_pay="by card (Stripe)",
    key=StripeProvider.key,
    adapter=adapter,
    settings=("STRIPE_SECRET_KEY",),
    account=ACCOUNT,
)
