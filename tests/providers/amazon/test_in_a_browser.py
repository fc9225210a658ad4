"""The giver's way in headless Chromium: partner page, pay page, the provider's button and page, and back at the partner's."""

from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.conftest import Giver, PartnerClient
from tests.demo.visitors import SECONDS, Chromium
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.gift import AmazonGift
from tests.providers.in_a_browser import DESK, IN_CHROMIUM, PHONE, Way, on_a_screen_of, width_of_the_page

pytestmark = IN_CHROMIUM


class AmazonWay(Way):
    """Buttons here are found by what they choose: Amazon's own is drawn by a script, and has no words."""

    def __init__(self, browser: Chromium, partner_site: str, gift: AmazonGift) -> None:
        super().__init__(browser, partner_site, gift.provider_url)
        self.gift = gift

    def wait(self, selector: str) -> Any:
        return WebDriverWait(self.driver, SECONDS).until(lambda driver: driver.find_element(By.CSS_SELECTOR, selector))

    def from_the_partners_page(self) -> None:
        super().from_the_partners_page()
        self.wait("#amazon-pay-button")

    def press_the_button(self) -> None:
        self.wait("#amazon-pay-button").click()
        self.wait('button[name="choice"]')

    def choose(self, choice: str) -> None:
        self.wait(f'button[value="{choice}"]').click()
        WebDriverWait(self.driver, SECONDS).until(lambda driver: driver.current_url.startswith(self.partner_site))


@pytest.fixture
def way(
    live: None, service: None, amazon: FakeAmazon, shop: PartnerClient, giver: Giver, browser: Chromium, partner_site: str
) -> AmazonWay:
    goal = {"ConfirmationURL": f"{partner_site}/thanks", "CancelURL": f"{partner_site}/pity"}
    on_a_screen_of(browser, DESK)
    browser.complaints()
    return AmazonWay(browser, partner_site, AmazonGift(amazon, shop, giver, **goal))


@pytest.mark.parametrize(
    ("choice", "ends_at", "status"),
    [("approve", "/thanks", ("Settled", None)), ("cancel", "/pity", ("Canceled", "giver_cancelled"))],
)
def test_from_the_partners_page_over_ours_and_amazons_and_back(choice, ends_at, status, way):
    way.from_the_partners_page()
    assert "20.00 USD" in way.browser.text
    way.press_the_button()
    assert "20.00 USD" in way.browser.text
    way.choose(choice)
    assert way.ended_at == f"{ends_at}?Id={way.gift.id}"
    assert way.gift.status == status
    assert way.browser.complaints() == []


def test_a_giver_who_was_declined_tries_again_and_gives(way):
    way.from_the_partners_page()
    way.press_the_button()
    way.choose("decline")
    assert way.ended_at == f"/pity?Id={way.gift.id}"
    assert way.gift.status == ("Failed", "instrument_declined")
    way.from_the_partners_page()
    assert "The last try did not go through" in way.browser.text
    way.press_the_button()
    way.choose("approve")
    assert way.ended_at == f"/thanks?Id={way.gift.id}"
    way.browser.open(way.gift.provider_url)
    assert "Already given: thank you, Uncle Bob!" in way.browser.text
    assert way.browser.complaints() == []


def test_a_giver_with_a_keyboard_alone_gives(way):
    way.from_the_partners_page()
    way.wait("body").send_keys(Keys.TAB)
    assert way.driver.switch_to.active_element.get_attribute("id") == "amazon-pay-button"
    way.driver.switch_to.active_element.send_keys(Keys.ENTER)
    way.wait('button[name="choice"]')
    way.choose("approve")
    assert way.gift.status == ("Settled", None)


def test_where_amazons_script_is_blocked_a_sentence_says_so(way, amazon):
    amazon.next("script", "drop", times=9)
    way.browser.open(way.gift.provider_url)
    WebDriverWait(way.driver, SECONDS).until(lambda driver: driver.find_element(By.ID, "pay-blocked").is_displayed())
    assert "could not be shown" in way.browser.text
    assert not way.driver.find_element(By.ID, "pay-waiting").is_displayed()
    way.choose("cancel")
    assert way.ended_at == f"/pity?Id={way.gift.id}"
    assert way.gift.status == ("Canceled", "giver_cancelled")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_page_fits_phones_and_desks(size, way, tmp_path):
    on_a_screen_of(way.browser, size)
    way.from_the_partners_page()
    assert width_of_the_page(way.browser) == size[0]
    assert way.driver.save_screenshot(str(tmp_path / f"pay-{size[0]}.png"))
    for button in way.driver.find_elements(By.CSS_SELECTOR, "main button"):
        assert button.is_displayed()
        assert button.size["height"] >= 44
    assert len(way.driver.find_elements(By.TAG_NAME, "h1")) == 1
