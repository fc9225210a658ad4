"""An Amazon Pay to talk to, and a service with its keys."""

import functools
from collections.abc import Iterator
from typing import Any

import pytest

from contributions.audit import faults_in_the_books
from providers.amazon import signing
from tests.conftest import Giver, PartnerClient, register
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.gift import AmazonGift


@pytest.fixture(scope="session", autouse=True)
def _a_key_is_read_once() -> Iterator[None]:
    """As by a service, of which here every test has its own; reading a key, which proves it, takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signing, "load_pem_private_key", functools.cache(signing.load_pem_private_key))
        yield


@pytest.fixture
def amazon(short_pauses: None) -> Iterator[FakeAmazon]:
    """An Amazon that in the end has been asked nothing that it would not accept."""
    with FakeAmazon() as amazon:
        yield amazon
    assert amazon.violations == []


@pytest.fixture
def service(settings: Any, amazon: FakeAmazon) -> None:
    """The service has keys of the fake Amazon's."""
    settings.PROVIDERS_WITH_KEYS = {"Amazon"}
    settings.AMAZON_PAY_API_BASE, settings.AMAZON_PAY_SCRIPT_URL = amazon.base_url, amazon.script_url
    settings.AMAZON_PAY_PUBLIC_KEY_ID, settings.AMAZON_PAY_PRIVATE_KEY = amazon.public_key_id, amazon.private_key
    settings.AMAZON_PAY_MERCHANT_ID, settings.AMAZON_PAY_STORE_ID = amazon.merchant_id, amazon.store_id
    settings.AMAZON_PAY_REGION, settings.AMAZON_PAY_TOPIC_ARN = "NA", amazon.topic


@pytest.fixture
def shop(db: None) -> PartnerClient:
    """The client of a live partner: the service has live keys."""
    return PartnerClient(register("Anna's Shop", is_test=False).api_key)


@pytest.fixture
def gift(service: None, amazon: FakeAmazon, shop: PartnerClient, giver: Giver) -> Iterator[AmazonGift]:
    """A gift of 20.00 USD by Amazon Pay; in the end the books are right."""
    yield AmazonGift(amazon, shop, giver)
    assert list(faults_in_the_books()) == []
