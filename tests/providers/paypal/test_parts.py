"""Parts, late ends and old holds at PayPal: what was done in its dashboard or by a giver's bank is booked as that part."""

import pytest

from contributions.models import Attention
from tests.providers.parts import look, seen
from tests.providers.paypal.gift import PayPalGift

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


@pytest.fixture
def settled(gift: PayPalGift) -> PayPalGift:
    gift.comes_back()
    return gift


def takes(gift: PayPalGift, amount: str, *, final: bool = False) -> None:
    """The payee, in PayPal's dashboard."""
    asked = {"amount": {"currency_code": "USD", "value": amount}, "final_capture": final}
    gift.paypal.books.capture_authorization(gift.order.authorizations[0], asked | {"invoice_id": f"by hand {amount}"})


@pytest.mark.parametrize("final", [True, False])
def test_a_part_captured_in_the_dashboard_is_that_part(held, final):
    """Whether or not the authorization is only PARTIALLY_CAPTURED and could be captured again."""
    takes(held, "15.00", final=final)
    held.hear_everything()
    look(held)
    assert seen(held) == ("Settled", "15.00", "15.00", "0.00", None)


def test_a_part_that_was_taken_is_taken_back_whole(held):
    """Heard of both at once."""
    takes(held, "15.00", final=True)
    held.paypal.reverse(held.order.captures[0].id)
    look(held)
    assert seen(held) == ("Reversed", "0.00", "15.00", "0.00", "15.00")


def test_a_second_part_captured_later_is_added(held):
    for amount in ("15.00", "5.00"):
        takes(held, amount)
        look(held)
    assert seen(held) == ("Settled", "20.00", None, "0.00", None)


@pytest.mark.parametrize("end", ["FAILED", "CANCELLED"])
def test_a_refund_that_fails_after_it_was_done(settled, end):
    """CANCELLED has no webhook event: the order tells of it."""
    settled.refund()
    assert seen(settled) == ("Refunded", "0.00", None, "20.00", None)
    [made] = settled.paypal.refunds.values()
    made.status = "PENDING"  # PayPal thinks about it again
    settled.paypal.end_refund(made.id, end)
    if end == "FAILED":
        settled.hear_the_last()
    look(settled)
    assert seen(settled) == ("Settled", "20.00", None, "0.00", None)
    assert list(Attention.objects.values_list("kind", flat=True)) == ["refund_undone"]


@pytest.mark.parametrize("heard", ["both", "the last", "none"])
def test_a_refund_and_a_chargeback_in_any_order(settled, heard):
    """8.00 given back in the dashboard, then the rest taken back by PayPal."""
    [capture] = settled.order.captures
    settled.paypal.dashboard_refund(capture.id, "8.00")
    if heard == "both":
        settled.hear_the_last()
    settled.paypal.reverse(capture.id)
    if heard != "none":
        settled.hear_the_last()
    look(settled)
    assert seen(settled) == ("Reversed", "0.00", None, "8.00", "12.00")


def test_of_two_captures_one_taken_back_one_given_back(held):
    """PayPal lists a refund of both: the one that took back is no refund of anybody's."""
    for amount in ("12.00", "8.00"):
        takes(held, amount)
    first, second = held.order.captures
    held.paypal.reverse(first.id)
    held.paypal.dashboard_refund(second.id, "8.00")
    look(held)
    assert seen(held)[1:] == ("0.00", None, "8.00", "12.00")
    assert [refund.amount_minor for refund in held.row.refunds.all()] == [800]


@pytest.mark.parametrize("heard", ["both", "the last"])
def test_of_two_captures_one_given_back_in_part_is_taken_back(held, heard):
    """PayPal takes back what is left of the first: what had gone back of it before is lost to nobody twice."""
    for amount in ("12.00", "8.00"):
        takes(held, amount)
    [first, _] = held.order.captures
    held.paypal.dashboard_refund(first.id, "11.00")
    if heard == "both":
        look(held)
    held.paypal.reverse(first.id)
    look(held)
    assert seen(held) == ("Settled", "8.00", None, "11.00", "1.00")


def test_an_old_hold_is_reauthorized_and_that_one_is_taken(held, later):
    """PayPal vouches for a hold for three days, and for three more once it is renewed: B19."""
    later(days=20)
    assert held.shop.post(f"/api/Contribution/{held.id}/Capture", "").value("Status") == "Settled"
    [old, new] = held.order.authorizations
    assert (new.parent, [one.authorization for one in held.order.captures]) == (old, [new])
    assert seen(held) == ("Settled", "20.00", None, "0.00", None)


def test_a_link_opened_after_four_hours_leads_to_a_fresh_order(gift, later):
    """PayPal's own page of an order that was not paid within hours is an error: B13."""
    later(hours=4)
    fresh = gift.order_now()
    assert fresh != gift.order_id
    gift.comes_back(order_id=fresh)
    assert seen(gift) == ("Settled", "20.00", None, "0.00", None)
