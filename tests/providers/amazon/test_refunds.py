"""Amazon makes a refund later, keeps no reference of ours with it, and tells of those in Seller Central once."""

import pytest

import leases
from contributions.audit import faults_in_the_books
from contributions.models import Refund
from contributions.worker import sync_all_due
from tests.providers.amazon.gift import hear
from tests.providers.stripe.gift import refund, work

pytestmark = pytest.mark.django_db


def test_a_refund_is_pending_until_amazon_has_made_it(gift):
    gift.comes_back()
    assert refund(gift, "7.00").value("Status") == "Pending"
    assert gift.value("RefundedAmount") == "0.00"
    [made] = gift.amazon.refunds.values()
    gift.amazon.books.end_refund(made)
    gift.hear_everything()
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("7.00", "13.00")
    refund(gift)
    gift.amazon.books.end_refund(list(gift.amazon.refunds.values())[-1])
    work()
    assert gift.status == ("Refunded", "refunded")


def test_a_refund_that_amazon_declines_moves_nothing(gift):
    gift.comes_back()
    refund(gift, "7.00")
    gift.amazon.books.end_refund(next(iter(gift.amazon.refunds.values())), "Declined")
    gift.hear_everything()
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("0.00", "20.00")
    assert Refund.objects.get().failure == "refund_denied"


def test_a_refund_whose_answer_is_lost_is_counted_once(gift):
    """Whoever tells of it first, the notification or the answer to the same request."""
    gift.comes_back()
    gift.amazon.next("refund", "do_then_drop", times=3)
    assert refund(gift, "7.00").value("Status") == "Pending"
    [made] = gift.amazon.refunds.values()
    gift.amazon.books.end_refund(made)
    gift.hear_everything()
    work()
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("7.00", "13.00")
    assert (Refund.objects.count(), len(gift.amazon.refunds)) == (1, 1)


def test_refunds_in_seller_central_reach_the_books(gift, later):
    gift.comes_back()
    for amount, status, left in (("5.00", ("Settled", None), "15.00"), ("15.00", ("Refunded", "refunded"), "0.00")):
        gift.refund_in_seller_central(amount)
        gift.hear_everything()
        assert (gift.status, gift.current_amount) == (status, left)
    later(days=2)
    sync_all_due()
    assert Refund.objects.count() == 2, "the sum that Amazon tells is theirs"


def test_a_refund_told_while_somebody_is_at_it_comes_again(gift, later):
    """Whoever was finding out about the payment has died over it, and Amazon tells of each refund once."""
    gift.amazon.next("complete", "do_then_drop", times=3)
    gift.comes_back()
    assert gift.status == ("Pending", "provider_unreachable")
    assert leases.take(gift.row.current_checkout)
    gift.refund_in_seller_central("5.00")
    assert hear(*gift.amazon.notifications()[-1]) == 503
    later(seconds=61)
    assert hear(*gift.amazon.notifications()[-1]) == 200
    assert (gift.status, gift.value("RefundedAmount"), gift.current_amount) == (("Settled", None), "5.00", "15.00")


def test_what_went_back_without_a_word_is_booked_by_its_sum(gift, later):
    """The charge tells the sum alone; the notification, should it come after all, adds nothing to it."""
    gift.comes_back()
    gift.refund_in_seller_central("5.00")
    later(days=2)
    sync_all_due()
    gift.hear_everything()
    assert (gift.status, gift.current_amount, gift.value("RefundedAmount")) == (("Settled", None), "15.00", "5.00")
    assert [(one.cause, one.status, one.amount_minor) for one in Refund.objects.all()] == [("provider", "Completed", 500)]
    assert list(faults_in_the_books()) == []
