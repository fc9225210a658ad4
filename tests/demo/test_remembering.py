"""A visitor whom the shop remembers, and who gives again without being sent anywhere."""

from typing import Any

import pytest
from django.http import HttpResponse

from contributions.models import Contribution
from demo import known
from givers.models import Giver as StoredGiver
from givers.models import Permission
from tests.conftest import Giver
from tests.demo.remembered import Visitor
from tests.demo.visitors import Page


@pytest.fixture
def visitor(site: str, giver: Giver) -> Visitor:
    return Visitor()


def test_a_second_gift_is_settled_without_a_redirect(visitor: Visitor, site: str, giver: Giver) -> None:
    """The first one leads to the provider; then the giver agrees there; the second one is there at once."""
    first = visitor.send("chip-in", name="Ann", amount="5.00").headers["Location"]
    giver.client.defaults["SERVER_NAME"] = "testserver"
    giver.pay(first)
    assert "We know you again, Ann" in visitor.agree()
    assert 'value="Ann"' in visitor.look("/demo/")
    made = visitor.give_now(message="Again!")
    assert made.status_code == 303
    assert made.headers["Location"].startswith("thanks?Id=")
    assert "has arrived" in visitor.look(f"/demo/{made.headers['Location']}")
    assert "25.00 of 250.00 USD" in Page(visitor.look("/demo/")).text
    assert [gift.giver is not None for gift in Contribution.objects.order_by("created_at")] == [False, True]


def test_a_gift_above_what_was_agreed_leads_on_and_says_why(visitor: Visitor) -> None:
    visitor.agree(maximum="10.00")
    page = visitor.give_now(amount="10.01")
    text = page.content.decode()
    assert page.status_code == 200
    assert "more than the permission&#x27;s MaximumAmount" in text
    assert f'/pay/{Contribution.objects.get().public_id}">Go on and pay</a>' in text


def test_a_pin_is_asked_for_each_time(visitor: Visitor) -> None:
    """Without it, and with a wrong one, nothing is made; the wrong ones are counted by the service."""
    visitor.agree(new_pin="4711")
    missing, wrong = visitor.give_now(), visitor.give_now(pin="0000")
    assert (missing.status_code, wrong.status_code) == (403, 403)
    assert 'id="pin-fault" role="alert">Your PIN is needed.' in missing.content.decode()
    assert 'role="alert">This is not your PIN. Tries before it is locked: 4.' in wrong.content.decode()
    assert "0000" not in wrong.content.decode()
    assert not Contribution.objects.exists()
    assert visitor.give_now(pin="4711").headers["Location"].startswith("thanks?Id=")


def test_what_is_wrong_with_the_form_stands_at_its_field(visitor: Visitor) -> None:
    """What was made before the fault was found is used by the next try: there is one giver."""
    page = visitor.send("remember", name="Ann", maximum="much", new_pin="12")
    assert page.status_code == 400
    assert 'id="new_pin-fault" role="alert">The PIN' in page.content.decode()
    page = visitor.send("remember", name="Ann", maximum="much")
    assert 'id="maximum-fault" role="alert">The most for one gift' in page.content.decode()
    assert "We know you again, Ann" in visitor.agree()
    assert StoredGiver.objects.count() == 1


@pytest.mark.parametrize(("outcome", "words"), [("cancel", "Agree at PayPal"), ("decline", "nothing can be taken")])
def test_who_does_not_agree_is_asked_the_old_way(visitor: Visitor, outcome: str, words: str) -> None:
    assert words in visitor.agree(outcome)
    assert "Give now" not in visitor.look("/demo/")
    assert visitor.give_now().status_code == 403


def test_nobody_else_sends_a_form_in_a_visitors_name(visitor: Visitor) -> None:
    """A form without the token of the page, or with another visitor's, does nothing."""
    visitor.agree()
    other = Visitor()
    of_another = Page(other.look("/demo/remember")).fields["token"]
    for token in ("", of_another, "é"):
        assert visitor.give_now(token=token).status_code == 403
        assert visitor.browser.post("/demo/remember", {"token": token, "maximum": "9"}).status_code == 403
        visitor.send("forget", token=token)
    assert Permission.objects.get().state == "Active"
    assert not Contribution.objects.exists()
    assert "Give now" not in other.look("/demo/")


def test_who_wants_to_be_forgotten_is_erased(visitor: Visitor) -> None:
    visitor.agree()
    assert visitor.send("forget").headers["Location"] == "./"
    assert StoredGiver.objects.get().erased_at is not None
    assert not visitor.browser.cookies["demo_visitor"].value
    assert "Remember me for next time" in visitor.look("/demo/")


def test_the_cookie_is_the_shops_own(visitor: Visitor, settings: Any) -> None:
    """Scripts do not see it, other sites' forms do not carry it, and the service is not told it."""
    visitor.look("/demo/")
    assert not visitor.browser.cookies
    visitor.look("/demo/remember")
    cookie = visitor.browser.cookies["demo_visitor"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "Lax", "", "")
    visitor.agree()
    giver = StoredGiver.objects.get()
    assert cookie.value not in giver.external_id
    settings.PUBLIC_BASE_URL = "https://give.example.org"
    page = HttpResponse()
    known.give_cookie(page, known.new_visitor())
    assert page.cookies["demo_visitor"]["secure"] is True
