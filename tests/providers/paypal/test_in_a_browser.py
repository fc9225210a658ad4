"""A gift by PayPal as a giver sees it: in Chromium, from a partner's page to PayPal's and back through our own addresses."""

from collections.abc import Iterator

import pytest

from tests.conftest import Giver, PartnerClient
from tests.demo.visitors import Chromium
from tests.providers.in_a_browser import IN_CHROMIUM, PHONE, Way, on_a_screen_of, width_of_the_page
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.gift import PAYEE, PayPalGift

pytestmark = IN_CHROMIUM


class PayPalWay(Way):
    """Of a giver who stands at PayPal's page, having followed the link on the partner's."""

    def __init__(self, browser: Chromium, partner_site: str, gift: PayPalGift) -> None:
        super().__init__(browser, partner_site, gift.provider_url)
        self.gift = gift
        self.from_the_partners_page()

    @property
    def standing(self) -> tuple[object, ...]:
        return (*self.gift.status, self.gift.current_amount)


@pytest.fixture
def goal(partner_site: str, browser: Chromium) -> dict[str, str]:
    on_a_screen_of(browser, PHONE)
    return {"ConfirmationURL": f"{partner_site}/thanks?from=us", "CancelURL": f"{partner_site}/pity"}


@pytest.fixture
def way(
    live: None, service: None, paypal: FakePayPal, shop: PartnerClient, giver: Giver, browser: Chromium, partner_site: str, goal
) -> Iterator[PayPalWay]:
    yield PayPalWay(browser, partner_site, PayPalGift(paypal, shop, giver, **goal))
    assert browser.complaints() == []


def test_a_giver_approves_and_is_thanked_by_the_partner(way, browser, paypal):
    assert browser.address.startswith(f"{paypal.base_url}/checkoutnow?token=")
    for told in ("20.00 USD", "anna@example.org", "Gift for A bicycle for Anna"):
        assert told in browser.text
    assert way.standing == ("Submitted", None, "0.00")
    browser.press("Approve")
    assert (way.ended_at, browser.text) == (f"/thanks?from=us&Id={way.gift.id}", "Thank you from Anna")
    assert way.standing == ("Settled", None, "20.00")


def test_a_giver_cancels_and_hears_that_nothing_was_paid(way, browser):
    browser.press("Cancel")
    assert (way.ended_at, browser.text) == (f"/pity?Id={way.gift.id}", "Nothing was paid")
    assert way.standing == ("Canceled", "giver_cancelled", "0.00")


def test_a_declined_giver_is_back_at_paypals_and_pays(way, browser):
    """With another card."""
    at_paypals = browser.address
    browser.press("Card declined, then try again")
    assert browser.address == at_paypals
    assert way.standing == ("Submitted", None, "0.00")
    browser.press("Approve")
    assert way.ended_at == f"/thanks?from=us&Id={way.gift.id}"
    assert way.standing == ("Settled", None, "20.00")


def test_paypals_page_fits_a_phone(live, service, paypal, shop, giver, browser, partner_site, goal):
    """However long the payee's address is."""
    payee = f"{'anna' * 15}@{'bike' * 15}.example.org"
    PayPalWay(browser, partner_site, PayPalGift(paypal, shop, giver, PaymentProviders=PAYEE.format(payee), **goal))
    assert payee in browser.text
    assert width_of_the_page(browser) == PHONE[0]
