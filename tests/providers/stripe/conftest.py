"""A Stripe to talk to, and a service with its keys."""

from collections.abc import Iterator
from typing import Any

import pytest

from contributions.audit import faults_in_the_books
from tests.conftest import Giver, PartnerClient, register
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.gift import StripeGift


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


@pytest.fixture
def shop(db: None) -> PartnerClient:
    """The client of a live partner: the service has live keys."""
    return PartnerClient(register("Anna's Shop", is_test=False).api_key)


@pytest.fixture
def gift(service: None, stripe: FakeStripe, shop: PartnerClient, giver: Giver) -> Iterator[StripeGift]:
    """A gift of 20.00 USD by Stripe; in the end the books are right."""
    yield StripeGift(stripe, shop, giver)
    assert list(faults_in_the_books()) == []


@pytest.fixture
def held(service: None, stripe: FakeStripe, shop: PartnerClient, giver: Giver) -> Iterator[StripeGift]:
    """20.00 USD that are held, and taken when the partner says so."""
    gift = StripeGift(stripe, shop, giver, CapturePolicy="Manual")
    gift.comes_back()
    assert gift.status == ("Authorized", None)
    yield gift
    assert list(faults_in_the_books()) == []
