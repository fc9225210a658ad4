"""Fixtures of the fake PayPal's own tests, beside `paypal` and `careless_paypal` of the folder above."""

from collections.abc import Iterator

import pytest

from tests.providers.paypal import schemas
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.proof.official_client import Driver, NotInstalled, OfficialClient
from tests.providers.paypal.proof.steps import Caller


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
