"""A visitor who gives every week or month, and ends it."""

import pytest

from contributions.models import Contribution
from pledges.models import Pledge
from tests.demo.remembered import Visitor
from tests.demo.visitors import Page


@pytest.fixture
def visitor(site: str) -> Visitor:
    return Visitor()


def test_a_pledge_says_when_the_next_gift_is_and_ends(visitor: Visitor) -> None:
    visitor.agree()
    assert visitor.send("pledge", amount="12.00", every="Month").headers["Location"] == "pledge"
    made = Pledge.objects.get()
    assert (made.amount_minor, made.every) == (1200, "Month")
    page = Page(visitor.look("/demo/pledge")).text
    assert "12.00 USD every month" in page
    assert made.due_at is not None
    assert f"The next gift: {made.due_at:%-d %B %Y}" in page
    visitor.send("end-pledge", pledge=made.public_id)
    assert Pledge.objects.get().state == "Ended"
    assert "The next gift" not in visitor.look("/demo/pledge")


def test_a_pledge_takes_a_permission_that_covers_it(visitor: Visitor) -> None:
    """Who is not remembered is shown the way there; too much, or no amount, is told on the form."""
    assert "Remember me for next time" in visitor.look("/demo/pledge")
    visitor.agree(maximum="10.00", new_pin="4711")
    too_much = visitor.send("pledge", amount="10.01", every="Week", pin="4711")
    assert (too_much.status_code, 'role="alert"' in too_much.content.decode()) == (409, True)
    no_amount = visitor.send("pledge", amount="ten", every="Week", pin="4711")
    assert 'id="amount-fault" role="alert">The amount must be' in no_amount.content.decode()
    wrong_pin = visitor.send("pledge", amount="10.00", every="Week", pin="0000")
    assert 'id="pin-fault"' in wrong_pin.content.decode()
    assert not Pledge.objects.exists()
    assert visitor.send("pledge", amount="10.00", every="Week", pin="4711").status_code == 303
    assert Pledge.objects.get().every == "Week"


def test_a_form_for_a_pledge_makes_one_and_is_the_givers(visitor: Visitor) -> None:
    """Sent twice it makes one; without the token of the page none is made, and none is ended."""
    visitor.agree()
    key = Page(visitor.look("/demo/pledge")).fields["idempotency_key"]
    for _ in range(2):
        assert visitor.send("pledge", amount="5", every="Week", idempotency_key=key).status_code == 303
    made = Pledge.objects.get()
    assert visitor.send("pledge", amount="5", every="Week", token="").status_code == 403
    visitor.send("end-pledge", token="")
    other = Visitor()
    other.agree(name="Ben")
    other.send("pledge", amount="6", every="Week")
    other.send("end-pledge", pledge=made.public_id)
    assert list(Pledge.objects.values_list("state", flat=True)) == ["Active", "Active"]
    assert not Contribution.objects.exists(), "the worker makes the gifts"
