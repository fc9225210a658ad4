"""A Stripe to talk to, and a service with its keys."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.providers.stripe.fake import FakeStripe


@pytest.fixture
def stripe(short_pauses: None) -> Iterator[FakeStripe]:
    """A Stripe that in the end has been asked nothing that its own client's types would not allow."""
    with FakeStripe() as stripe:
        yield stripe
    assert stripe.violations == []


@pytest.fixture
def careless_stripe(short_pauses: None) -> Iterator[FakeStripe]:
    """A Stripe that goes wrong, and of which anything may be asked."""
    with FakeStripe() as stripe:
        yield stripe


@pytest.fixture
def service(settings: Any, stripe: FakeStripe) -> None:
    """The service has keys of the fake Stripe's."""
    settings.PROVIDERS_WITH_KEYS = {"Stripe"}
    settings.STRIPE_API_BASE, settings.STRIPE_SECRET_KEY = stripe.base_url, stripe.secret_key
    settings.STRIPE_WEBHOOK_SECRETS = list(stripe.signing_secrets)
