"""A giver who picks Amazon on our page stays there: its button is on a page of ours, at the same address."""

import pytest

from tests.picking import THANKS, OpenGift, account, token_in
from tests.providers.amazon.service import button_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def gift(service, amazon, shop, giver, settings):
    """20.00 USD that can be paid with Amazon or PayPal, both with live keys."""
    settings.PAYPAL_CLIENT_ID, settings.PAYPAL_CLIENT_SECRET = "paypal-id", "paypal-secret"
    settings.PROVIDERS_WITH_KEYS = settings.PROVIDERS_WITH_KEYS | {"PayPal"}
    return OpenGift(shop, giver, PaymentProviders=account("Amazon", amazon.merchant_id) + account("PayPal"))


def test_amazons_button_is_on_the_next_page_and_pays(gift, amazon):
    old = token_in(gift.looks())
    assert gift.picks("Amazon") == gift.page
    seen = gift.seen()
    assert (seen.value("ProviderName"), seen.value("ProviderURL")) == ("Amazon", gift.page)
    assert (seen.value("RecordVersionNumber"), amazon.sessions) == ("2", {})
    assert 'id="pay-button"' in gift.looks()
    assert gift.picks("PayPal", old) == gift.page, "too late for another"
    session = amazon.press_button(button_in(gift.looks())).id
    assert gift.giver.visit(amazon.approve(session, "card")).headers["Location"] == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    assert "Already given: thank you, <bdi>Uncle Bob</bdi>!" in gift.looks()


def test_without_keys_for_amazon_it_is_busy(gift, settings):
    settings.AMAZON_PAY_PRIVATE_KEY = ""
    refused = gift.sends("Amazon")
    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
