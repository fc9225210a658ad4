"""Parts and late ends at Stripe: what was done in its dashboard or by a giver's bank is booked as that part."""

import itertools

import pytest

from contributions.models import Attention
from tests.providers.parts import look, seen
from tests.providers.stripe.gift import StripeGift, hear, refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(gift: StripeGift) -> StripeGift:
    gift.comes_back()
    gift.hear_everything()
    return gift


def in_the_dashboard(gift: StripeGift, amount: int) -> None:
    gift.stripe.books.refund({"payment_intent": gift.intent.id, "amount": str(amount)})


def test_a_part_captured_in_the_dashboard_is_that_part(held):
    held.stripe.books.capture(held.intent, 1500)
    held.hear_everything()
    assert seen(held) == ("Settled", "15.00", "15.00", "0.00", None)
    assert refund(held, "15.01").status == 409
    assert refund(held).value("Status") == "Completed"
    assert seen(held) == ("Refunded", "0.00", "15.00", "15.00", None)


@pytest.mark.parametrize(("amount", "left"), [("", "20.00"), ("8.00", "20.00")])
def test_a_refund_that_fails_after_it_was_done(settled, amount, left):
    refund(settled, amount)
    settled.stripe.books.end_refund(settled.intent.refunds[0], "failed")
    for _ in range(2):
        settled.hear_everything()
    assert seen(settled) == ("Settled", left, None, "0.00", None)
    assert list(Attention.objects.values_list("kind", flat=True)) == ["refund_undone"]


@pytest.mark.parametrize(
    ("amount", "lost"),
    [
        (500, ("Settled", "15.00", None, "0.00", "5.00")),
        (2000, ("Reversed", "0.00", None, "0.00", "20.00")),
    ],
)
def test_a_dispute_is_lost_and_won_by_its_amount(settled, amount, lost):
    dispute = settled.stripe.books.dispute(settled.intent, amount=amount)
    settled.hear_everything()
    settled.stripe.books.end_dispute(dispute, "lost")
    settled.hear_everything()
    assert seen(settled) == lost
    settled.stripe.books.end_dispute(dispute, "won")
    settled.hear_everything()
    assert seen(settled) == ("Settled", "20.00", None, "0.00", None)


@pytest.mark.parametrize("order", [*itertools.permutations(range(3)), ()])
def test_a_refund_and_a_dispute_in_any_order(settled, order):
    """8.00 given back in the dashboard, then 12.00 lost; each webhook once, in any order, or none at all."""
    in_the_dashboard(settled, 800)
    dispute = settled.stripe.books.dispute(settled.intent, amount=1200)
    settled.stripe.books.end_dispute(dispute, "lost")
    reports = settled.stripe.webhooks_of(settled.session_id)[-3:]
    for number in order:
        assert hear(reports[number]) == 200
    look(settled)
    assert seen(settled) == ("Reversed", "0.00", None, "8.00", "12.00")
