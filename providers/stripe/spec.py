"""Stripe, as the registry knows it."""

import functools
from typing import Any

from django.conf import settings

from providers.kit.keys import setting
from providers.kit.spec import ProviderSpec, in_mode
from providers.stripe.adapter import StripeProvider

ACCOUNT = "stripe"
"""Stripe sends all events of an account to every endpoint that is registered there, whichever path of ours that is."""


@functools.cache
def _adapter(is_test: bool, **how: Any) -> StripeProvider:
    return in_mode(StripeProvider(**how), SPEC.test_key, is_test=is_test)


def adapter(*, is_test: bool = False) -> StripeProvider:
    """The adapter of the account in the settings, for live records or for test records."""
    return _adapter(
        is_test,
        base=setting("STRIPE_API_BASE", is_test=is_test),
        secret_key=setting("STRIPE_SECRET_KEY", is_test=is_test),
        webhook_secrets=tuple(setting("STRIPE_WEBHOOK_SECRETS", is_test=is_test)),
        trust_roots_file=settings.SSL_CERT_FILE,
        own_account=setting("STRIPE_OWN_ACCOUNT", is_test=is_test),
    )


SPEC = ProviderSpec(
    name="Stripe",
    how_to_pay="by card (Stripe)",
    key=StripeProvider.key,
    adapter=adapter,
    settings=("STRIPE_SECRET_KEY",),
    account=ACCOUNT,
)
