"""The giver's way in headless Chromium: partner page, Stripe's hosted page and its bank's question, the partner's again."""

from collections.abc import Iterator

import pytest

from tests.conftest import Giver, PartnerClient
from tests.demo.visitors import Chromium
from tests.providers.in_a_browser import DESK, IN_CHROMIUM, Way, on_a_screen_of
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.gift import StripeGift

pytestmark = IN_CHROMIUM


class StripeWay(Way):
    def __init__(self, browser: Chromium, partner_site: str, gift: StripeGift) -> None:
        super().__init__(browser, partner_site, gift.provider_url)
        self.gift = gift

    def ends_thanked(self, *status: str | None) -> None:
        """The giver ends at the partner's, and the gift has this status and reason."""
        assert (self.ended_at, self.gift.status) == (f"/thanks?from=us&Id={self.gift.id}", status)

    @property
    def is_at_stripes(self) -> bool:
        return self.browser.address.startswith(f"{self.gift.stripe.base_url}/c/pay/{self.gift.session_id}")


@pytest.fixture(params=["Immediate"])
def way(
    request: pytest.FixtureRequest, live: None, service: None, stripe: FakeStripe, shop: PartnerClient, giver: Giver,
    browser: Chromium, partner_site: str,
) -> Iterator[StripeWay]:  # fmt: skip
    """A giver who has followed the partner's link to Stripe's page."""
    goal = {"ConfirmationURL": f"{partner_site}/thanks?from=us", "CancelURL": f"{partner_site}/pity"}
    goal["CapturePolicy"] = request.param
    on_a_screen_of(browser, DESK)
    browser.complaints()
    way = StripeWay(browser, partner_site, StripeGift(stripe, shop, giver, **goal))
    way.from_the_partners_page()
    yield way
    way.gift.hear_everything()
    assert browser.complaints() == []


def test_a_giver_pays_at_stripes_and_is_thanked_by_the_partner(way):
    assert way.is_at_stripes
    assert "20.00 USD" in way.browser.text
    assert "Gift for A bicycle for Anna" in way.browser.text
    way.browser.press("Pay")
    way.ends_thanked("Settled", None)
    assert way.browser.text == "Thank you from Anna"
    assert way.gift.current_amount == "20.00"
    way.from_the_partners_page()
    assert "Already given: thank you, Uncle Bob!" in way.browser.text


@pytest.mark.parametrize(
    ("pays_with", "fails_by", "told"),
    [
        ("Pay with a card that is declined", "", "Your card was declined. Try another one."),
        ("Pay with a card that asks who you are", "Fail authentication", "We are unable to authenticate your payment method."),
    ],
)
def test_who_is_declined_stays_there_and_pays_with_another(pays_with, fails_by, told, way):
    way.browser.press(pays_with)
    if fails_by:
        assert "is it you who pays?" in way.browser.text
        way.browser.press(fails_by)
    assert way.is_at_stripes
    assert told in way.browser.text
    assert (way.gift.status, way.gift.current_amount) == (("Submitted", None), "0.00")
    way.browser.press("Pay")
    way.ends_thanked("Settled", None)
    assert way.gift.intent.captures == 1


def test_who_is_declined_and_goes_back_may_come_again(way):
    """Each time ProviderURL leads to a page where the gift can be paid."""
    way.browser.press("Pay with a card that is declined")
    way.browser.press("Back")
    assert way.ended_at == f"/pity?Id={way.gift.id}"
    assert way.browser.text == "Nothing was paid"
    assert (way.gift.status, way.gift.current_amount) == (("Canceled", "giver_cancelled"), "0.00")
    way.from_the_partners_page()
    assert way.is_at_stripes
    way.browser.press("Pay")
    way.ends_thanked("Settled", None)


@pytest.mark.parametrize("way", ["Manual"], indirect=True)
def test_a_gift_that_is_only_held_thanks_as_well(way):
    way.browser.press("Pay with a card that asks who you are")
    assert way.is_at_stripes
    assert (way.gift.status, way.gift.intent.status) == (("Submitted", None), "requires_action")
    way.browser.press("Complete authentication")
    way.ends_thanked("Authorized", None)
    assert way.gift.intent.captures == 0


def test_a_bank_debit_thanks_before_anybody_knows(way):
    way.browser.press("Pay from a bank account")
    way.ends_thanked("Pending", "awaiting_bank")


def test_an_old_tab_cannot_pay_what_was_cancelled_elsewhere(way):
    """The old tab stands at the bank's question, whose answer would have paid."""
    way.browser.press("Pay with a card that asks who you are")
    old = way.driver.current_window_handle
    way.driver.switch_to.new_window("tab")
    try:
        way.browser.open(way.gift.session.asked["cancel_url"])
        assert way.ended_at == f"/pity?Id={way.gift.id}"
    finally:
        way.driver.close()
        way.driver.switch_to.window(old)
    assert way.gift.session.status == "expired"
    way.browser.press("Complete authentication")
    assert "This cannot be paid any more." in way.browser.text
    [conflict] = way.browser.complaints()
    assert "status of 409" in conflict
    assert (way.gift.status, way.gift.current_amount) == (("Canceled", "giver_cancelled"), "0.00")
