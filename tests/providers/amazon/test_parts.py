"""Parts and late ends at Amazon Pay: what was done in Seller Central or by a giver's bank is booked as that part."""

import itertools

import pytest

from contributions.models import Attention
from contributions.worker import sync_all_due
from tests.providers.amazon.gift import AmazonGift, hear
from tests.providers.parts import seen
from tests.providers.stripe.gift import refund, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(gift: AmazonGift) -> AmazonGift:
    gift.comes_back()
    gift.hear_everything()
    return gift


def last(gift: AmazonGift) -> None:
    assert hear(*gift.amazon.notifications()[-1]) == 200


@pytest.mark.parametrize("end", ["Declined"])
def test_a_refund_that_fails_after_it_was_done(settled, end):
    refund(settled, "8.00")
    [made] = settled.amazon.refunds.values()
    settled.amazon.books.end_refund(made)
    last(settled)
    assert seen(settled) == ("Settled", "12.00", None, "8.00", None)
    settled.amazon.books.end_refund(made, end)
    for _ in range(2):
        last(settled)
    assert seen(settled) == ("Settled", "20.00", None, "0.00", None)
    assert list(Attention.objects.values_list("kind", flat=True)) == ["refund_undone"]


@pytest.mark.parametrize(
    ("amount", "lost"),
    [
        ("5.00", ("Settled", "15.00", None, "0.00", "5.00")),
        ("20.00", ("Reversed", "0.00", None, "0.00", "20.00")),
    ],
)
def test_a_dispute_is_lost_and_won_by_its_amount(settled, amount, lost):
    dispute = settled.amazon.books.dispute(settled.charge, amount)
    last(settled)
    settled.amazon.books.end_dispute(dispute)
    last(settled)
    assert seen(settled) == lost
    settled.amazon.books.end_dispute(dispute, "Closed", "MerchantWon")
    last(settled)
    assert seen(settled) == ("Settled", "20.00", None, "0.00", None)


def test_parts_of_two_disputes_add_up(settled):
    for amount in ("5.00", "3.00"):
        settled.amazon.books.end_dispute(settled.amazon.books.dispute(settled.charge, amount))
    settled.hear_everything()
    assert seen(settled) == ("Settled", "12.00", None, "0.00", "8.00")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_refund_and_a_dispute_in_any_order(settled, order, later):
    """8.00 given back in Seller Central, then 12.00 lost: the notifications in any order."""
    before = len(settled.amazon.notifications())
    settled.refund_in_seller_central("8.00")
    settled.amazon.books.end_dispute(settled.amazon.books.dispute(settled.charge, "12.00"))
    told = settled.amazon.notifications()[before:]
    for number in order:
        assert hear(*told[number]) == 200
    work()
    later(days=2)
    sync_all_due()
    assert seen(settled) == ("Reversed", "0.00", None, "8.00", "12.00")


def test_a_refund_booked_by_its_sum_fails_after_all(settled, later):
    """Made in Seller Central, learnt from what the charge says, and named only when it is over."""
    settled.refund_in_seller_central("8.00")
    later(days=2)
    sync_all_due()
    assert seen(settled) == ("Settled", "12.00", None, "8.00", None)
    [made] = settled.amazon.refunds.values()
    settled.amazon.books.end_refund(made, "Declined")
    for _ in range(2):
        last(settled)
    assert seen(settled) == ("Settled", "20.00", None, "0.00", None)
