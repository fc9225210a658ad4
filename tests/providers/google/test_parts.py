"""Parts and late ends by Google Pay, where Stripe takes the money: the same rules as at Stripe."""

import pytest

from tests.providers.google.gift import GoogleGift
from tests.providers.parts import seen
from tests.providers.stripe.gift import refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(gift: GoogleGift) -> GoogleGift:
    gift.gives()
    gift.hear_everything()
    return gift


def test_a_part_captured_in_the_dashboard_is_that_part(service, google, shop, giver):
    held = GoogleGift(google, shop, giver, CapturePolicy="Manual")
    held.gives()
    held.google.books.capture(held.intent, 1500)
    held.hear_everything()
    assert seen(held) == ("Settled", "15.00", "15.00", "0.00", None)


def test_a_refund_that_fails_after_it_was_done(settled):
    refund(settled)
    settled.google.books.end_refund(settled.intent.refunds[0], "failed")
    settled.hear_everything()
    assert seen(settled) == ("Settled", "20.00", None, "0.00", None)


def test_a_part_is_lost_and_won(settled):
    dispute = settled.google.books.dispute(settled.intent, amount=500)
    for status, after in (
        ("lost", ("Settled", "15.00", None, "0.00", "5.00")),
        ("won", ("Settled", "20.00", None, "0.00", None)),
    ):
        settled.google.books.end_dispute(dispute, status)
        settled.hear_everything()
        assert seen(settled) == after


def test_a_refund_and_a_dispute_heard_at_once(settled):
    settled.google.books.refund({"payment_intent": settled.intent.id, "amount": "800"})
    settled.google.books.end_dispute(settled.google.books.dispute(settled.intent, amount=1200), "lost")
    settled.hear_everything()
    assert seen(settled) == ("Reversed", "0.00", None, "8.00", "12.00")
