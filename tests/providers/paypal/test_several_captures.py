"""A payee has captured in several parts, in PayPal's dashboard: what is given back goes to a capture that has it left."""

import pytest

from contributions.models import Attention
from tests.providers.parts import look, seen
from tests.providers.paypal.gift import PayPalGift
from tests.providers.stripe.gift import work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


@pytest.fixture
def in_parts(held: PayPalGift) -> PayPalGift:
    """6.00 of 20.00, and then the rest."""
    for amount in ("6.00", "14.00"):
        asked = {"amount": {"currency_code": "USD", "value": amount}, "final_capture": amount == "14.00"}
        held.paypal.books.capture_authorization(held.order.authorizations[0], asked)
    look(held)
    assert seen(held) == ("Settled", "20.00", None, "0.00", None)
    return held


def given_back(gift: PayPalGift) -> list[int]:
    return [int(capture.given_back.value) for capture in gift.order.captures]


@pytest.mark.parametrize("fault", ["", "do_then_drop", "error_500"])
def test_a_refund_goes_to_the_capture_that_has_it_left(in_parts, fault):
    """The first capture is refused; a lost answer to the second makes no second refund."""
    assert in_parts.refund("5.00").value("Status") == "Completed"
    if fault:
        in_parts.paypal.next("refund", "REFUND_AMOUNT_EXCEEDED")
        in_parts.paypal.next("refund", fault, times=3)
    in_parts.refund("7.00")
    in_parts.paypal.no_more_faults()
    work()
    assert (given_back(in_parts), in_parts.value("RefundedAmount")) == ([5, 7], "12.00")


def test_a_refund_of_another_capture_is_followed_to_its_end(in_parts):
    in_parts.refund("6.00")
    in_parts.paypal.next("refund", "REFUND_AMOUNT_EXCEEDED")
    in_parts.paypal.next("refund", "pending")
    assert in_parts.refund("14.00").value("Status") == "Pending"
    in_parts.paypal.end_refund(in_parts.order.captures[1].refunds[0].id, "COMPLETED")
    work()
    assert seen(in_parts) == ("Refunded", "0.00", None, "20.00", None)


def test_a_refund_of_the_rest_goes_capture_by_capture(in_parts):
    """One refund is of one capture: the answer says how much goes back now, and the next one gives back what is left."""
    first = in_parts.refund()
    assert [first.value(name) for name in ("Status", "Amount")] == ["Completed", "14.00"]
    assert seen(in_parts) == ("Settled", "6.00", None, "14.00", None)
    second = in_parts.refund()
    assert [second.value(name) for name in ("Status", "Amount")] == ["Completed", "6.00"]
    assert (seen(in_parts), given_back(in_parts)) == (("Refunded", "0.00", None, "20.00", None), [6, 14])


def test_what_nobody_wants_goes_back_from_every_capture(held):
    """A gift that was to be let go, and that the payee has captured in parts meanwhile."""
    held.paypal.next("void", "error_500", times=3)
    held.shop.delete(f"/api/Contribution/{held.id}")
    for amount in ("6.00", "14.00"):
        asked = {"amount": {"currency_code": "USD", "value": amount}, "final_capture": amount == "14.00"}
        held.paypal.books.capture_authorization(held.order.authorizations[0], asked)
    held.paypal.no_more_faults()
    for _ in range(3):
        work()
    assert given_back(held) == [6, 14]
    assert not Attention.objects.exists()


def test_more_than_any_capture_has_left_is_refused(in_parts):
    """Who names an amount gets that or nothing."""
    refused = in_parts.refund("15.00")
    assert (refused.value("Status"), given_back(in_parts)) == ("Failed", [0, 0])
    assert seen(in_parts) == ("Settled", "20.00", None, "0.00", None)
