"""The giver's way in headless Chromium: partner page, pay page, the provider's button and page, and back at the partner's."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.conftest import Giver, PartnerClient
from tests.demo.visitors import HAS_CHROMIUM, SECONDS, Chromium
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.gift import AmazonGift

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not HAS_CHROMIUM, reason="Chromium is missing. On Debian and Ubuntu: apt-get install chromium chromium-driver"
    ),
]


class PartnerSite(BaseHTTPRequestHandler):
    """The partner's pages, on an origin of their own."""

    def do_GET(self) -> None:
        page = f"<!doctype html><title>Shop</title><h1>{'Thank you' if '/thanks' in self.path else 'Another time'}</h1>"
        link = self.path.partition("to=")[2]
        page += f'<a id="give" href="{link}">Give</a>' if link else ""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def shop_address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), PartnerSite)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    visitor = Chromium(tmp_path_factory.mktemp("profile"))
    yield visitor
    visitor.close()


class Way:
    """One giver on the way, page by page."""

    def __init__(self, browser: Chromium, gift: AmazonGift, shop_address: str) -> None:
        self.browser, self.driver, self.gift, self.shop_address = browser, browser.driver, gift, shop_address

    def wait(self, selector: str) -> Any:
        return WebDriverWait(self.driver, SECONDS).until(lambda driver: driver.find_element(By.CSS_SELECTOR, selector))

    def from_the_shop(self) -> None:
        self.browser.open(f"{self.shop_address}/?to={self.gift.provider_url}")
        self.wait("#give").click()
        self.wait("#amazon-pay-button")

    def press_the_button(self) -> None:
        self.wait("#amazon-pay-button").click()
        self.wait('button[name="choice"]')

    def choose(self, choice: str) -> None:
        self.wait(f'button[value="{choice}"]').click()
        WebDriverWait(self.driver, SECONDS).until(lambda driver: driver.current_url.startswith(self.shop_address))

    @property
    def ended_at(self) -> str:
        return self.driver.current_url.removeprefix(self.shop_address)


@pytest.fixture
def way(live: None, service: None, amazon: FakeAmazon, shop: PartnerClient, giver: Giver, browser: Chromium, shop_address: str):
    goal = {"ConfirmationURL": f"{shop_address}/thanks", "CancelURL": f"{shop_address}/pity"}
    gift = AmazonGift(amazon, shop, giver, **goal)
    browser.complaints()
    return Way(browser, gift, shop_address)


@pytest.mark.parametrize(
    ("choice", "ends_at", "status"),
    [
        ("approve", "/thanks", ("Settled", None)),
        ("decline", "/pity", ("Failed", "instrument_declined")),
        ("cancel", "/pity", ("Canceled", "giver_cancelled")),
    ],
)
def test_from_the_partners_page_over_ours_and_amazons_and_back(choice, ends_at, status, way):
    way.from_the_shop()
    assert "20.00 USD" in way.browser.text
    way.press_the_button()
    assert "20.00 USD" in way.browser.text
    way.choose(choice)
    assert way.ended_at == f"{ends_at}?Id={way.gift.id}"
    assert way.gift.status == status
    assert way.browser.complaints() == []


def test_a_giver_who_was_declined_tries_again_and_gives(way):
    way.from_the_shop()
    way.press_the_button()
    way.choose("decline")
    way.from_the_shop()
    assert "The last try did not go through" in way.browser.text
    way.press_the_button()
    way.choose("approve")
    assert way.ended_at == f"/thanks?Id={way.gift.id}"
    way.browser.open(way.gift.provider_url)
    assert "Already given: thank you, Uncle Bob!" in way.browser.text


def test_a_giver_with_a_keyboard_alone_gives(way):
    way.from_the_shop()
    way.wait("body").send_keys(Keys.TAB)
    assert way.driver.switch_to.active_element.get_attribute("id") == "amazon-pay-button"
    way.driver.switch_to.active_element.send_keys(Keys.ENTER)
    way.wait('button[name="choice"]')
    way.choose("approve")
    assert way.gift.status == ("Settled", None)


def test_a_giver_says_no_on_our_page(way):
    way.from_the_shop()
    way.choose("cancel")
    assert way.ended_at == f"/pity?Id={way.gift.id}"
    assert way.gift.status == ("Canceled", "giver_cancelled")


def test_where_amazons_script_is_blocked_a_sentence_says_so(way, amazon, settings):
    amazon.next("script", "drop", times=9)
    way.browser.open(way.gift.provider_url)
    WebDriverWait(way.driver, SECONDS).until(lambda driver: driver.find_element(By.ID, "pay-blocked").is_displayed())
    assert "could not be shown" in way.browser.text
    assert not way.driver.find_element(By.ID, "pay-waiting").is_displayed()
    way.choose("cancel")
    assert way.gift.status == ("Canceled", "giver_cancelled")


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 900)])
def test_the_page_fits_phones_and_desks(width, height, way, tmp_path):
    way.driver.set_window_size(width, height)
    try:
        way.from_the_shop()
        wide = way.driver.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1]
        assert way.driver.save_screenshot(str(tmp_path / f"pay-{width}.png"))
        for button in way.driver.find_elements(By.CSS_SELECTOR, "main button"):
            assert button.is_displayed()
            assert button.size["height"] >= 44
        assert len(way.driver.find_elements(By.TAG_NAME, "h1")) == 1
    finally:
        way.driver.set_window_size(1280, 900)
