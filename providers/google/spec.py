"""Google Pay over Stripe, as the registry knows it."""

import functools
from typing import Any

from django.conf import settings

from providers.google.adapter import GoogleProvider
from providers.google.page import GooglePayPage
from providers.kit.keys import setting
from providers.kit.spec import ProviderSpec, in_mode
from providers.stripe.spec import ACCOUNT


@functools.cache
def _adapter(page: GooglePayPage, is_test: bool, **how: Any) -> GoogleProvider:
    return in_mode(GoogleProvider(page, **how), SPEC.test_key, is_test=is_test)


def adapter(*, is_test: bool = False) -> GoogleProvider:
    """The adapter of the merchant and the Stripe account in the settings, for live records or for test records."""
    page = GooglePayPage(
        merchant_id=setting("GOOGLE_PAY_MERCHANT_ID", is_test=is_test),
        environment="TEST" if is_test else settings.GOOGLE_PAY_ENVIRONMENT,
        country=settings.GOOGLE_PAY_COUNTRY,
        script_url=settings.GOOGLE_PAY_SCRIPT_URL,
    )
    return _adapter(
        page,
        is_test,
        base=setting("STRIPE_API_BASE", is_test=is_test),
        secret_key=setting("STRIPE_SECRET_KEY", is_test=is_test),
        publishable_key=setting("STRIPE_PUBLISHABLE_KEY", is_test=is_test),
        webhook_secrets=tuple(setting("STRIPE_WEBHOOK_SECRETS", is_test=is_test)),
        trust_roots_file=settings.SSL_CERT_FILE,
        own_account=setting("STRIPE_OWN_ACCOUNT", is_test=is_test),
    )


SPEC = ProviderSpec(
    name="Google",
    how_to_pay="with Google Pay",
    key=GoogleProvider.key,
    adapter=adapter,
    settings=("GOOGLE_PAY_MERCHANT_ID", "STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY"),
    account=ACCOUNT,
)
