"""The giver's way in headless Chromium: partner page, pay page, Google's sheet, the bank's page, and back at the partner's."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.conftest import Giver, PartnerClient
from tests.demo.visitors import SECONDS, Chromium
from tests.providers.amazon.test_in_a_browser import AmazonWay
from tests.providers.google.fake import FakeGoogle
from tests.providers.google.gift import GoogleGift
from tests.providers.in_a_browser import DESK, IN_CHROMIUM, PHONE, Way, on_a_screen_of, width_of_the_page

pytestmark = IN_CHROMIUM

BUTTON = "#pay-button button"


class GoogleWay(AmazonWay):
    """One giver on the way, page by page."""

    def from_the_partners_page(self) -> None:
        Way.from_the_partners_page(self)
        self.wait(BUTTON)

    def press_the_button(self) -> None:
        self.wait(BUTTON).click()
        self.wait("#google-sheet")

    def pays_with(self, card: str) -> None:
        self.press_the_button()
        self.wait(f'#google-sheet button[value="{card}"]').click()

    def shown(self, element_id: str) -> None:
        WebDriverWait(self.driver, SECONDS).until(lambda driver: driver.find_element(By.ID, element_id).is_displayed())

    def settles(self) -> None:
        """The giver is thanked at the partner's, and the gift is there."""
        WebDriverWait(self.driver, SECONDS).until(lambda driver: driver.current_url.startswith(self.partner_site))
        assert (self.ended_at, self.gift.status) == (f"/thanks?Id={self.gift.id}", ("Settled", None))

    def until_told(self, sentence: str) -> None:
        WebDriverWait(self.driver, SECONDS).until(lambda driver: sentence in self.browser.text)


@pytest.fixture
def way(
    live: None, service: None, google: FakeGoogle, shop: PartnerClient, giver: Giver, browser: Chromium, partner_site: str
) -> GoogleWay:
    goal = {"ConfirmationURL": f"{partner_site}/thanks", "CancelURL": f"{partner_site}/pity"}
    on_a_screen_of(browser, DESK)
    browser.complaints()
    return GoogleWay(browser, partner_site, GoogleGift(google, shop, giver, **goal))


def test_from_the_partners_page_over_googles_sheet_and_back(way):
    way.from_the_partners_page()
    assert "20.00 USD" in way.browser.text
    way.pays_with("card")
    way.settles()
    assert way.browser.complaints() == []
    way.browser.open(way.gift.provider_url)
    assert "Already given: thank you, Uncle Bob!" in way.browser.text


def test_a_giver_who_was_declined_is_told_so_and_pays(way):
    way.from_the_partners_page()
    way.pays_with("card_that_is_declined")
    way.until_told("This card was declined, and nothing was paid.")
    assert way.gift.status == ("Submitted", None)
    way.pays_with("card")
    way.settles()


@pytest.mark.parametrize("choice", ["prove", "fail"])
def test_over_the_banks_page_and_back(choice, way):
    way.from_the_partners_page()
    way.pays_with("card_that_wants_a_word")
    way.until_told("Your bank wants to know: is it you?")
    way.wait(f'button[value="{choice}"]').click()
    if choice == "fail":
        way.until_told("Your bank did not confirm the payment, and nothing was paid.")
        assert way.gift.status == ("Submitted", None)
        way.pays_with("card")
    way.settles()
    assert way.browser.complaints() == []


def test_who_closes_the_sheet_has_paid_nothing_and_may_again(way):
    """A button that is pressed twice opens one sheet."""
    way.from_the_partners_page()
    way.driver.execute_script(f"document.querySelector('{BUTTON}').click(); document.querySelector('{BUTTON}').click()")
    way.wait("#google-sheet")
    assert len(way.driver.find_elements(By.ID, "google-sheet")) == 1
    way.wait('#google-sheet button[value="close"]').click()
    assert not way.driver.find_elements(By.ID, "google-sheet")
    assert way.gift.google.calls_of("take_token") == []
    for notice in ("pay-broken", "pay-sending", "pay-unable", "pay-blocked", "pay-waiting"):
        assert not way.driver.find_element(By.ID, notice).is_displayed()
    way.pays_with("card")
    way.settles()


def test_a_giver_with_a_keyboard_alone_gives(way):
    way.from_the_partners_page()
    way.wait("body").send_keys(Keys.TAB)
    assert way.driver.switch_to.active_element.get_attribute("aria-label") == "Google Pay"
    way.driver.switch_to.active_element.send_keys(Keys.ENTER)
    way.wait("#google-sheet")
    way.driver.switch_to.active_element.send_keys(Keys.ENTER)
    way.settles()


def test_where_googles_script_is_blocked_a_sentence_says_so(way, google):
    google.next("script", "drop", times=9)
    way.browser.open(way.gift.provider_url)
    way.shown("pay-blocked")
    assert "could not be shown" in way.browser.text
    way.choose("cancel")
    assert way.ended_at == f"/pity?Id={way.gift.id}"
    assert way.gift.status == ("Canceled", "giver_cancelled")


def test_where_the_sheet_breaks_it_can_be_opened_again(way, google):
    way.from_the_partners_page()
    google.next("google_token", "drop")
    way.pays_with("card")
    way.shown("pay-broken")
    way.pays_with("card")
    way.settles()


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_the_pages_fit_phones_and_desks(screen, way, google, tmp_path):
    on_a_screen_of(way.browser, screen)
    way.from_the_partners_page()
    fits(way, screen, tmp_path / "pay.png")
    way.press_the_button()
    assert way.driver.save_screenshot(str(tmp_path / "sheet.png"))
    way.wait('#google-sheet button[value="card_that_is_declined"]').click()
    way.until_told("This card was declined")
    way.wait(BUTTON)
    fits(way, screen, tmp_path / "declined.png")
    google.has_a_wallet = False
    way.browser.open(way.gift.provider_url)
    way.shown("pay-unable")
    assert "has no Google Pay" in way.browser.text
    assert not way.driver.find_elements(By.CSS_SELECTOR, BUTTON)
    fits(way, screen, tmp_path / "unable.png")


def fits(way, screen, picture):
    assert width_of_the_page(way.browser) <= screen[0]
    assert way.driver.save_screenshot(str(picture))
    for button in way.driver.find_elements(By.CSS_SELECTOR, "main button"):
        assert button.size["height"] >= 44
    assert len(way.driver.find_elements(By.TAG_NAME, "h1")) == 1
