"""Amazon's pay page of a service whose PUBLIC_BASE_URL has a path: every address on it begins with it."""

import re

import pytest

from tests.providers.amazon.gift import AmazonGift
from tests.providers.amazon.service import button_in

pytestmark = pytest.mark.django_db

BASE = "https://host.example/give"


@pytest.fixture(autouse=True)
def _under_a_path(settings):
    settings.PUBLIC_BASE_URL, settings.ALLOWED_HOSTS = BASE, ["give.example.test", "host.example"]


def test_every_address_on_amazons_pay_page_begins_with_the_base(service, amazon, shop, giver):
    gift = AmazonGift(amazon, shop, giver)
    assert gift.provider_url == f"{BASE}/pay/{gift.id}"
    page = giver.visit(f"/give/pay/{gift.id}")
    ours = f"{BASE}/providers/amazon/button.js"
    addresses = re.findall(r'\b(?:href|src|action)="([^"]*)"', page.text)
    assert ours in addresses
    assert [
        one for one in addresses if one.startswith("/") or not one.startswith((BASE, amazon.base_url, "https://", "?"))
    ] == []
    assert ours in page.headers["Content-Security-Policy"]
    payload = button_in(page.text)["createCheckoutSessionConfig"]["payloadJSON"]
    told = re.findall(r"https://host\.example[^\"\\]*", payload)
    assert len(told) >= 2, "where Amazon sends the giver back to"
    assert [one for one in told if not one.startswith(f"{BASE}/")] == []
    assert giver.visit("/give/providers/amazon/button.js").status == 200
