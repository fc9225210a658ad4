"""The partners' guide, followed to the letter, page after page."""

import pytest
from django.test import Client

from tests.docs.comparison import Memory
from tests.docs.examples import steps_of
from tests.docs.pages_and_code import STORY
from tests.docs.running import HOST, Reader
from tests.picking import token_in


@pytest.fixture(autouse=True)
def _the_address_that_the_guide_uses(settings):
    settings.PUBLIC_BASE_URL = f"https://{HOST}"
    settings.ALLOWED_HOSTS = [HOST]


def _aunt_eve_picks_paypal(memory: Memory) -> None:
    browser, page = Client(SERVER_NAME=HOST), memory.fill("/pay/{sled-gift}")
    token = token_in(browser.get(page).content.decode())
    assert browser.post(page, {"choosing": "1", "token": token, "outcome": "PayPal"}).status_code == 303


BEFORE = {"When the giver has picked": _aunt_eve_picks_paypal}


@pytest.mark.django_db
def test_every_example_of_the_partners_guide_is_what_happens():
    Reader().follow([step for page in STORY for step in steps_of(page)], before=BEFORE)
