"""A gift by PayPal as a giver sees it: in Chromium, from a partner's page to PayPal's and back through the running service."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from http.server import BaseHTTPRequestHandler

import pytest

from demo.whipround_client import Contribution, SavingGoal, WhiproundClient
from tests.api.test_over_sockets import (
    PATIENCE_SECONDS,
    ROOT,
    Server,
    database_of_its_own,
    free_port,
    manage,
    wait_until_it_listens,
)
from tests.demo.conftest import serving
from tests.demo.visitors import HAS_CHROMIUM, Chromium
from tests.providers.paypal.fake import FakePayPal

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not HAS_CHROMIUM, reason="Chromium is missing. On Debian and Ubuntu: apt-get install chromium chromium-driver"
    ),
]

PHONE = 390
"""How many pixels wide it is."""


@pytest.fixture(scope="module")
def paypal() -> Iterator[FakePayPal]:
    with FakePayPal() as paypal:
        yield paypal
    assert paypal.violations == []


@pytest.fixture(scope="module")
def whipround(paypal: FakePayPal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WhiproundClient]:
    """A partner's client of a service that runs on its own, with keys for the fake PayPal in its environment."""
    folder = tmp_path_factory.mktemp("whipround")
    with database_of_its_own(folder) as database_url, open(folder / "log", "wb") as log:
        address = f"http://127.0.0.1:{(port := free_port())}"
        ours = ("HTTP_", "LOG_LEVEL", "PAYPAL_", "SANDBOX")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {
            "DATABASE_URL": database_url,
            "PUBLIC_BASE_URL": address,
            "PAYPAL_API_BASE": paypal.base_url,
            "PAYPAL_CLIENT_ID": paypal.client_id,
            "PAYPAL_CLIENT_SECRET": paypal.client_secret,
            "SSL_CERT_FILE": paypal.ca_file,
        }
        manage(environment, "migrate", "-v0")
        key = json.loads(manage(environment, "create_partner", "Anna's Shop", "--json"))["api_key"]
        command = ["granian", "--interface", "wsgi", "--blocking-threads", "8", "--no-ws", "--host", "127.0.0.1",
                   "--port", str(port), "config.wsgi:application"]  # fmt: skip
        process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_until_it_listens(Server(port, folder / "log", {}), process)
            with WhiproundClient(address, key) as client:
                yield client
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    browser = Chromium(tmp_path_factory.mktemp("profile"))
    phone = {"width": PHONE, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    yield browser
    browser.close()


class PartnerSite(BaseHTTPRequestHandler):
    """A partner's page with a link to the gift's ProviderURL, and where the giver is welcomed back."""

    provider_url = ""

    def do_GET(self) -> None:
        says = {
            "/": f'<h1>Anna wants a bicycle</h1><a href="{escape(self.provider_url)}">Chip in</a>',
            "/thanks": "<h1>Thank you from Anna</h1>",
            "/pity": "<h1>Nothing was paid</h1>",
        }
        body = says.get(self.path.partition("?")[0])
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>Anna's Shop</title><body>{body}".encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[str]:
    """The address of the partner's site."""
    with serving(PartnerSite) as address:
        yield address


class Gift:
    """A gift whose giver stands at PayPal's page, having followed the link on the partner's."""

    def __init__(self, whipround: WhiproundClient, shop: str, browser: Chromium, *, payee: str = "anna@example.org") -> None:
        self._whipround = whipround
        self._goal = whipround.make_goal(
            item_id="bike-7",
            name="A bicycle for Anna",
            amount="250.00",
            payee=payee,
            confirmation_url=f"{shop}/thanks?from=us",
            cancel_url=f"{shop}/pity",
        )
        made = whipround.contribute(self._goal.id, amount="20.00", contributor="Uncle Bob")
        self.id, PartnerSite.provider_url = made.id, made.provider_url
        browser.open(f"{shop}/")
        browser.press("Chip in")

    @property
    def now(self) -> Contribution:
        return self._whipround.contribution(self.id)

    @property
    def goal(self) -> SavingGoal:
        return self._whipround.goal(self._goal.id)


@pytest.fixture
def gift(whipround: WhiproundClient, shop: str, browser: Chromium) -> Iterator[Gift]:
    yield Gift(whipround, shop, browser)
    assert browser.complaints() == []


def test_a_giver_approves_at_paypals_and_is_thanked_by_the_partner(gift, browser, shop, paypal):
    assert browser.address.startswith(f"{paypal.base_url}/checkoutnow?token=")
    for told in ("20.00 USD", "anna@example.org", "Gift for A bicycle for Anna"):
        assert told in browser.text
    assert gift.now.status == "Submitted"
    browser.press("Approve")
    assert browser.address == f"{shop}/thanks?from=us&Id={gift.id}"
    assert browser.text == "Thank you from Anna"
    assert (gift.now.status, gift.goal.current_amount) == ("Settled", "20.00")


def test_a_giver_cancels_at_paypals_and_is_told_by_the_partner_that_nothing_was_paid(gift, browser, shop):
    browser.press("Cancel")
    assert browser.address == f"{shop}/pity?Id={gift.id}"
    assert browser.text == "Nothing was paid"
    assert (gift.now.status, gift.now.reason, gift.goal.current_amount) == ("Canceled", "giver_cancelled", "0.00")


def test_a_giver_whose_card_is_declined_is_back_at_paypals_chooses_another_and_is_thanked(gift, browser, shop):
    at_paypals = browser.address
    browser.press("Card declined, then try again")
    assert browser.address == at_paypals
    assert (gift.now.status, gift.goal.current_amount) == ("Submitted", "0.00")
    browser.press("Approve")
    assert browser.address == f"{shop}/thanks?from=us&Id={gift.id}"
    assert (gift.now.status, gift.goal.current_amount) == ("Settled", "20.00")


def test_paypals_page_fits_a_phone_however_long_the_payees_address_is(whipround, shop, browser):
    payee = f"{'anna' * 15}@{'bike' * 15}.example.org"
    Gift(whipround, shop, browser, payee=payee)
    assert payee in browser.text
    assert browser.driver.execute_script("return document.documentElement.scrollWidth") == PHONE
