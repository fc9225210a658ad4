"""A gift by PayPal as a giver sees it: in Chromium, from a partner's page to PayPal's and back through the running service."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from demo.serving import HTTP_1_ONLY
from demo.whipround_client import Contribution, SavingGoal, WhiproundClient
from tests.api.serving import PATIENCE_SECONDS, ROOT, Server, database_of_its_own, free_port, manage, wait_until_it_listens
from tests.demo.visitors import Chromium
from tests.providers.in_a_browser import IN_CHROMIUM, PHONE, Way, on_a_screen_of, width_of_the_page
from tests.providers.paypal.fake import FakePayPal

pytestmark = IN_CHROMIUM


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
        command = ["granian", "--interface", "wsgi", "--blocking-threads", "8", *HTTP_1_ONLY, "--host", "127.0.0.1",
                   "--port", str(port), "config.wsgi:application"]  # fmt: skip
        process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_until_it_listens(Server(port, folder / "log", {}), process)
            with WhiproundClient(address, key) as client:
                yield client
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


@pytest.fixture(autouse=True)
def _on_a_phone(browser: Chromium) -> None:
    on_a_screen_of(browser, PHONE)


class Gift:
    """A gift whose giver stands at PayPal's page, having followed the link on the partner's."""

    def __init__(
        self, whipround: WhiproundClient, partner_site: str, browser: Chromium, *, payee: str = "anna@example.org"
    ) -> None:
        self._whipround = whipround
        self._goal = whipround.make_goal(
            item_id="bike-7",
            name="A bicycle for Anna",
            amount="250.00",
            payee=payee,
            confirmation_url=f"{partner_site}/thanks?from=us",
            cancel_url=f"{partner_site}/pity",
        )
        made = whipround.contribute(self._goal.id, amount="20.00", contributor="Uncle Bob")
        self.id, self.way = made.id, Way(browser, partner_site, made.provider_url)
        self.way.from_the_partners_page()

    @property
    def now(self) -> Contribution:
        return self._whipround.contribution(self.id)

    @property
    def goal(self) -> SavingGoal:
        return self._whipround.goal(self._goal.id)


@pytest.fixture
def gift(whipround: WhiproundClient, partner_site: str, browser: Chromium) -> Iterator[Gift]:
    yield Gift(whipround, partner_site, browser)
    assert browser.complaints() == []


def test_a_giver_approves_and_is_thanked_by_the_partner(gift, browser, paypal):
    assert browser.address.startswith(f"{paypal.base_url}/checkoutnow?token=")
    for told in ("20.00 USD", "anna@example.org", "Gift for A bicycle for Anna"):
        assert told in browser.text
    assert gift.now.status == "Submitted"
    browser.press("Approve")
    assert gift.way.ended_at == f"/thanks?from=us&Id={gift.id}"
    assert browser.text == "Thank you from Anna"
    assert (gift.now.status, gift.goal.current_amount) == ("Settled", "20.00")


def test_a_giver_cancels_and_hears_that_nothing_was_paid(gift, browser):
    browser.press("Cancel")
    assert gift.way.ended_at == f"/pity?Id={gift.id}"
    assert browser.text == "Nothing was paid"
    assert (gift.now.status, gift.now.reason, gift.goal.current_amount) == ("Canceled", "giver_cancelled", "0.00")


def test_a_declined_giver_is_back_at_paypals_and_pays(gift, browser):
    """With another card."""
    at_paypals = browser.address
    browser.press("Card declined, then try again")
    assert browser.address == at_paypals
    assert (gift.now.status, gift.goal.current_amount) == ("Submitted", "0.00")
    browser.press("Approve")
    assert gift.way.ended_at == f"/thanks?from=us&Id={gift.id}"
    assert (gift.now.status, gift.goal.current_amount) == ("Settled", "20.00")


def test_paypals_page_fits_a_phone(whipround, partner_site, browser):
    """However long the payee's address is."""
    payee = f"{'anna' * 15}@{'bike' * 15}.example.org"
    Gift(whipround, partner_site, browser, payee=payee)
    assert payee in browser.text
    assert width_of_the_page(browser) == PHONE[0]
