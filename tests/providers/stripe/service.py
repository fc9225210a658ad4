"""The service in front of the fake Stripe: its adapter."""

from typing import Any

from providers.stripe.adapter import StripeProvider
from tests.providers.stripe.fake import FakeStripe


def adapter_for(stripe: FakeStripe, **changes: Any) -> StripeProvider:
    """An adapter with the fake's keys, but for `changes`."""
    how = {"base": stripe.base_url, "secret_key": stripe.secret_key, "webhook_secrets": stripe.signing_secrets}
    return StripeProvider(**(how | changes))
