"""The whole story as a visitor sees it, in headless Chromium; over plain HTTP where that is missing."""

from typing import Any

import pytest
from whipround import Client, PaymentProvider

from contributions.worker import sync_all_due
from tests.conftest import register
from tests.demo.conftest import SomethingElse, serving
from tests.demo.visitors import HAS_CHROMIUM, Visitor

pytestmark = pytest.mark.browser


def test_a_visitor_chips_in_and_sees_the_gift_on_the_wall(site: str, browser: Any) -> None:
    browser.open(f"{site}/demo/")
    assert "A bicycle for Anna" in browser.text
    assert "0.00 of 250.00 USD" in browser.text
    assert "Nobody yet: be the first." in browser.text
    browser.send(name="Uncle Bob", message="Ride well, <b>Anna</b> & co!", amount="20.00")
    assert "/sandbox/checkout/" in browser.address
    assert "20.00 USD" in browser.text
    browser.send(outcome="approve")
    assert browser.address.startswith(f"{site}/demo/thanks?Id=")
    assert "Thank you, Uncle Bob!" in browser.text
    browser.open(f"{site}/demo/")
    assert "20.00 of 250.00 USD" in browser.text
    assert "8 % of the goal is reached." in browser.text
    assert "Ride well, <b>Anna</b> & co!" in browser.text
    if HAS_CHROMIUM:
        assert browser.complaints() == []


def test_a_pending_gift_is_marked_until_the_worker_knows(site: str, browser: Visitor) -> None:
    browser.open(f"{site}/demo/")
    browser.send(name="Grandma", amount="5")
    browser.send(outcome="pending")
    assert browser.address.startswith(f"{site}/demo/thanks?Id=")
    thanks = browser.address
    assert "PayPal is still confirming your gift" in browser.text
    browser.open(f"{site}/demo/")
    assert "being confirmed" in browser.text
    assert "0.00 of 250.00 USD" in browser.text
    browser.open(thanks)
    sync_all_due(whether_due_or_not=True)
    browser.waits_to_read("has arrived")
    browser.open(f"{site}/demo/")
    assert "being confirmed" not in browser.text
    assert "5.00 of 250.00 USD" in browser.text


def test_who_is_remembered_gives_again_without_leaving(site: str, browser: Any) -> None:
    """The giver agrees once, with a PIN; the second gift is there at once, and above the limit there is one more step."""
    browser.open(f"{site}/demo/remember")
    browser.send(name="Ann", new_pin="4711")
    assert "/sandbox/permission/" in browser.address
    browser.send(outcome="agree")
    assert browser.address.startswith(f"{site}/demo/remembered?Id=")
    assert "We know you again, Ann" in browser.text
    browser.open(f"{site}/demo/")
    browser.send(amount="20.00", pin="4711")
    assert browser.address.startswith(f"{site}/demo/thanks?Id=")
    assert "has arrived" in browser.text
    browser.open(f"{site}/demo/")
    assert "20.00 of 250.00 USD" in browser.text
    browser.send(amount="50.01", pin="4711")
    assert "One more step" in browser.text
    if HAS_CHROMIUM:
        browser.press("Go on and pay")
        assert "/sandbox/checkout/" in browser.address
        assert browser.complaints() == []


def test_shop_provider_and_partner_may_be_of_three_origins(site: str, browser: Visitor) -> None:
    shop_elsewhere = site.replace("localhost", "127.0.0.1")
    assert shop_elsewhere != site
    browser.open(f"{shop_elsewhere}/demo/")
    browser.send(name="Uncle Bob", amount="20.00")
    assert browser.address.startswith(f"{site}/sandbox/checkout/")
    with serving(SomethingElse) as elsewhere, Client(site, register("Elsewhere").api_key) as partner:
        goal = partner.create_goal(
            external_item_id="1",
            name="A goal",
            goal_amount="10",
            payment_providers=[PaymentProvider(provider_name="PayPal", credentials="a@example.org")],
            confirmation_url=f"{elsewhere}/welcome?from=us",
        )
        gift = partner.create_contribution(goal.id, amount="1", contributor="Bob")
        browser.open(gift.provider_url)
        browser.send(outcome="approve")
        assert browser.address == f"{elsewhere}/welcome?from=us&Id={gift.id}"
        assert "Welcome!" in browser.text
