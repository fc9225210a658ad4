"""A Google and a Stripe to talk to, and a service with their keys."""

from collections.abc import Iterator
from typing import Any

import pytest

from contributions.audit import faults_in_the_books
from tests.conftest import Giver, PartnerClient, register
from tests.providers.google.fake import FakeGoogle
from tests.providers.google.gift import GoogleGift, take_keys_of


@pytest.fixture
def google(short_pauses: None) -> Iterator[FakeGoogle]:
    """A Google that in the end, and a Stripe behind it that has been asked nothing that it would not accept."""
    with FakeGoogle() as google:
        yield google
    assert google.violations == []


@pytest.fixture
def careless_google(short_pauses: None) -> Iterator[FakeGoogle]:
    """One that goes wrong, and of which anything may be asked."""
    with FakeGoogle() as google:
        yield google


@pytest.fixture
def service(settings: Any, google: FakeGoogle) -> None:
    """The service has keys of the fakes'."""
    take_keys_of(google, settings)


@pytest.fixture
def shop(db: None) -> PartnerClient:
    """The client of a live partner: the service has live keys."""
    return PartnerClient(register("Anna's Shop", is_test=False).api_key)


@pytest.fixture
def gift(service: None, google: FakeGoogle, shop: PartnerClient, giver: Giver) -> Iterator[GoogleGift]:
    """A gift of 20.00 USD by Google Pay; in the end the books are right."""
    yield GoogleGift(google, shop, giver)
    assert list(faults_in_the_books()) == []
