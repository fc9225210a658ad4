"""A giver who picks Amazon on our page stays there: its button is on a page of ours, at the same address."""

import pytest

from tests.picking import PITY, THANKS, OpenGift, account, token_in
from tests.providers.amazon.service import button_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def gift(service, amazon, shop, giver):
    """20.00 USD that can be paid with Amazon or PayPal."""
    return OpenGift(shop, giver, PaymentProviders=account("Amazon", amazon.merchant_id) + account("PayPal"))


def test_next_page_is_amazons_button_and_gift_is_paid_there(gift, amazon):
    """The next page is Amazon's button and the gift is paid there."""
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
    assert "Already given: thank you, Uncle Bob!" in gift.looks()


def test_a_no_on_the_page_with_the_button_is_a_no(gift):
    gift.picks("Amazon")
    sent = gift.giver.client.post(f"/pay/{gift.id}", {"token": token_in(gift.looks()), "outcome": "cancel"})
    assert sent["Location"] == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Canceled", "giver_cancelled")


def test_without_keys_for_amazon_another_is_picked(gift, settings):
    settings.AMAZON_PAY_PRIVATE_KEY = ""
    refused = gift.sends("Amazon")
    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
    assert "/sandbox/checkout/" in gift.picks("PayPal")
