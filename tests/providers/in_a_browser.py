"""What the browser tests of all providers share: a partner's site, a Chromium, and a giver who goes from page to page."""

from collections.abc import Iterator
from html import escape
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.demo.conftest import serving
from tests.demo.visitors import HAS_CHROMIUM, Chromium

IN_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not HAS_CHROMIUM, reason="Chromium is missing. On Debian and Ubuntu: apt-get install chromium chromium-driver"
    ),
]

PHONE, DESK = (390, 844), (1280, 900)
"""How many pixels they are wide and high."""


class PartnerSite(BaseHTTPRequestHandler):
    """A partner's pages, on an origin of their own: `/?to=ADDRESS` links to it, and givers are welcomed back on two others."""

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        link = escape(parse_qs(asked.query).get("to", [""])[0])
        says = {
            "/": f'<h1>Anna wants a bicycle</h1><a href="{link}">Chip in</a>',
            "/thanks": "<h1>Thank you from Anna</h1>",
            "/pity": "<h1>Nothing was paid</h1>",
        }
        body = says.get(asked.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>Anna's Shop</title><body>{body}".encode())

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="session")
def partner_site() -> Iterator[str]:
    """The address of a partner's site."""
    with serving(PartnerSite) as address:
        yield address


def on_a_screen_of(browser: Chromium, size: tuple[int, int]) -> None:
    """From the next page on. A window cannot be made as narrow as a phone; what a page takes for its screen can."""
    screen = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)


def width_of_the_page(browser: Chromium) -> int:
    """In pixels; more than the screen's where one would have to scroll to the side."""
    return int(browser.driver.execute_script("return document.documentElement.scrollWidth"))


class Way:
    """A giver on the way from a partner's page over a provider's and back."""

    def __init__(self, browser: Chromium, partner_site: str, provider_url: str) -> None:
        self.browser, self.driver = browser, browser.driver
        self.partner_site, self.provider_url = partner_site, provider_url

    def from_the_partners_page(self) -> None:
        self.browser.open(f"{self.partner_site}/?to={quote(self.provider_url, safe='')}")
        self.browser.press("Chip in")

    @property
    def ended_at(self) -> str:
        """The path and query at the partner's, where the giver is welcomed back."""
        assert self.browser.address.startswith(f"{self.partner_site}/")
        return self.browser.address.removeprefix(self.partner_site)
