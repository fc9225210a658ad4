"""Fixtures of the fake PayPal's own tests."""

from collections.abc import Iterator

import pytest

from tests.providers.paypal import schemas
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.proof.official_client import Driver, NotInstalled, OfficialClient
from tests.providers.paypal.proof.steps import Caller


@pytest.fixture
def paypal() -> Iterator[FakePayPal]:
    """A PayPal that has been asked and has answered nothing that PayPal's own specification would not accept."""
    with FakePayPal() as paypal:
        yield paypal
    assert paypal.violations == []


@pytest.fixture
def careless_paypal() -> Iterator[FakePayPal]:
    """A PayPal whose violations the test looks at itself."""
    with FakePayPal() as paypal:
        yield paypal


@pytest.fixture
def caller(paypal: FakePayPal) -> Iterator[Caller]:
    with Caller(paypal) as caller:
        yield caller


@pytest.fixture(scope="session")
def _driver() -> Iterator[Driver]:
    try:
        driver = Driver()
    except NotInstalled as why:
        pytest.skip(str(why))
    yield driver
    driver.close()


@pytest.fixture
def official(paypal: FakePayPal, _driver: Driver) -> OfficialClient:
    """PayPal's own client, as the app."""
    return OfficialClient(_driver, paypal.base_url, paypal.client_id, paypal.client_secret)


@pytest.fixture
def specification() -> None:
    """Skips where PayPal's OpenAPI files are not at hand."""
    if not schemas.available():
        pytest.skip("PayPal's OpenAPI files are not here")
