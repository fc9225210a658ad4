"""A PayPal to talk to, and a service with its keys."""

from collections.abc import Iterator
from typing import Any

import pytest

from contributions.audit import faults_in_the_books
from tests.conftest import Giver, PartnerClient, register
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.gift import PayPalGift


@pytest.fixture
def paypal(short_pauses: None) -> Iterator[FakePayPal]:
    """A PayPal that in the end has been asked nothing that its own specification would not accept."""
    with FakePayPal() as paypal:
        yield paypal
    assert paypal.violations == []


@pytest.fixture
def careless_paypal(short_pauses: None) -> Iterator[FakePayPal]:
    """A PayPal that goes wrong: its violations are not judged here, the test may look at them itself."""
    with FakePayPal() as paypal:
        yield paypal


@pytest.fixture
def service(settings: Any, paypal: FakePayPal) -> None:
    """The service has keys of the fake PayPal's."""
    settings.PROVIDERS_WITH_KEYS = {"PayPal"}
    settings.PAYPAL_API_BASE, settings.PAYPAL_WEBHOOK_ID = paypal.base_url, paypal.webhook_id
    settings.PAYPAL_CLIENT_ID, settings.PAYPAL_CLIENT_SECRET = paypal.client_id, paypal.client_secret
    settings.SSL_CERT_FILE = paypal.ca_file


@pytest.fixture
def shop(db: None) -> PartnerClient:
    """The client of a live partner: the service has live keys."""
    return PartnerClient(register("Anna's Shop", is_test=False).api_key)


@pytest.fixture
def gift(service: None, paypal: FakePayPal, shop: PartnerClient, giver: Giver) -> PayPalGift:
    """20.00 USD for Anna, Submitted."""
    return PayPalGift(paypal, shop, giver)


@pytest.fixture
def held(service: None, paypal: FakePayPal, shop: PartnerClient, giver: Giver) -> PayPalGift:
    """Its money is held until the partner captures it."""
    gift = PayPalGift(paypal, shop, giver, CapturePolicy="Manual")
    gift.comes_back()
    assert gift.status == ("Authorized", None)
    return gift


@pytest.fixture
def books() -> Iterator[None]:
    """They are right in the end."""
    yield
    assert list(faults_in_the_books()) == []
