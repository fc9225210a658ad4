"""From a partner's page through the choice and the simulator's checkout and back, in headless Chromium or over plain HTTP."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import Giver, PartnerClient, register
from tests.demo.conftest import _a_better_live_server, live_server, serving, site  # noqa: F401 - fixtures
from tests.demo.visitors import HAS_CHROMIUM
from tests.picking import OpenGift

pytestmark = pytest.mark.browser


def gift_of(partner_site: str) -> OpenGift:
    """A gift to a goal of a partner whose pages are on another origin."""
    shop = PartnerClient(register("Anna's Shop").api_key)
    gift = OpenGift(shop, Giver(), ConfirmationURL=f"{partner_site}/thanks", CancelURL=f"{partner_site}/pity")
    gift.page = gift.made.value("ProviderURL") or ""  # the service is where the live server listens
    return gift


@pytest.fixture
def partner_site(site: str, settings: Any) -> Iterator[str]:  # noqa: F811 - the fixture
    """The address of a partner's pages; the partner asks the service in process."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "give.example.test"]
    with serving(PartnerPages) as address:
        yield address


class PartnerPages(BaseHTTPRequestHandler):
    """A partner's site: it leads to the service, and welcomes givers back."""

    provider_url = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        words = {"/thanks": "Welcome back, and thank you", "/pity": "Another time, perhaps"}.get(urlsplit(self.path).path)
        link = f'<a href="{type(self).provider_url}">Chip in</a>'
        self.wfile.write(f"<!doctype html><title>Partner</title><body><p>{words or link}".encode())

    def log_message(self, *args: object) -> None:
        pass


def test_a_giver_picks_pays_and_is_back_at_the_partners(partner_site: str, browser: Any) -> None:
    gift = gift_of(partner_site)
    PartnerPages.provider_url = gift.page
    browser.open(f"{partner_site}/")
    if HAS_CHROMIUM:
        browser.press("Chip in")
    else:
        browser.open(gift.page)
    assert "Your gift for A bicycle for Anna" in browser.text
    assert "20.00 USD" in browser.text
    browser.send(outcome="Stripe")
    assert "/sandbox/checkout/" in browser.address
    assert "Stripe (simulated)" in browser.text
    browser.send(outcome="approve")
    assert browser.address == f"{partner_site}/thanks?Id={gift.id}"
    assert "Welcome back, and thank you" in browser.text
    assert (gift.value("Status"), gift.value("ProviderName")) == ("Settled", "Stripe")
    browser.open(gift.page)
    assert "Already given: thank you, Uncle Bob!" in browser.text
    if HAS_CHROMIUM:
        assert browser.complaints() == []


@pytest.mark.parametrize(("pressed", "provider"), [(["cancel"], None), (["PayPal", "cancel"], "PayPal")])
def test_who_says_no_here_or_there_is_back_at_the_partners(
    partner_site: str, browser: Any, pressed: list[str], provider: str | None
) -> None:
    gift = gift_of(partner_site)
    browser.open(gift.page)
    for outcome in pressed:
        browser.send(outcome=outcome)
    assert browser.address == f"{partner_site}/pity?Id={gift.id}"
    assert (gift.value("Status"), gift.value("ProviderName")) == ("Canceled", provider)


@pytest.mark.skipif(not HAS_CHROMIUM, reason="keys and focus are a browser's")
def test_the_page_works_by_keyboard_and_without_scripts(partner_site: str, browser: Any) -> None:
    """The page can be used with the keyboard alone and without scripts."""
    from selenium.webdriver.common.keys import Keys

    gift = gift_of(partner_site)
    browser.open(gift.page)
    driver = browser.driver
    assert driver.execute_script("return document.scripts.length") == 0
    reached = []
    for _ in range(4):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        focused = driver.switch_to.active_element
        reached.append(focused.text)
        outline = focused.value_of_css_property("outline-style"), focused.value_of_css_property("outline-width")
        assert outline == ("solid", "3px"), "where one is can be seen"
    assert reached == ["Pay with PayPal", "Pay with Amazon Pay", "Pay by card (Stripe)", "Do not give now"]
    names = [(one.aria_role, one.accessible_name) for one in driver.find_elements("css selector", "fieldset, button")]
    assert names[0] == ("group", "How would you like to pay?")
    assert names[1:] == [("button", name) for name in reached]


@pytest.mark.skipif(not HAS_CHROMIUM, reason="sizes are a browser's")
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_fits_the_screen_and_its_buttons_a_thumb(partner_site: str, browser: Any, width: int) -> None:
    gift = gift_of(partner_site)
    browser.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500}
    )
    browser.open(gift.page)
    assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= width
    sizes = [button.size for button in browser.driver.find_elements("css selector", "button")]
    assert [size for size in sizes if size["height"] < 44 or size["width"] < 200] == []
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
