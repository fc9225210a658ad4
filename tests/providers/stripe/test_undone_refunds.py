"""What the payee has at Stripe follows refunds that failed after all, and refunds of what was sent to it again."""

from decimal import Decimal

import pytest

from tests.providers.parts import seen
from tests.providers.stripe.gift import StripeGift, refund, work
from tests.providers.stripe.test_lost_disputes import ends, lost, orders, paid, payee_has, when_due  # noqa: F401

pytestmark = pytest.mark.django_db


def undone(gift, status="failed"):
    gift.stripe.books.end_refund(gift.intent.refunds[0], status)
    gift.hear_everything()
    work()


@pytest.mark.parametrize("status", ["failed", "canceled"])
@pytest.mark.parametrize(("amount", "left"), [("", "20.00"), ("8.00", "20.00")])
def test_what_a_failed_refund_took_from_the_payee_is_sent_again(paid, status, amount, left):  # noqa: F811
    refund(paid, amount)
    undone(paid, status)
    assert (seen(paid)[:2], payee_has(paid)) == (("Settled", left), 2000)
    work()
    assert len(paid.stripe.calls_of("send")) == 1


def test_what_is_reversed_by_hand_is_not_sent_again(paid):  # noqa: F811
    """The operator has a reason; no refund and no dispute has moved it."""
    transfer_id = f"tr_{paid.intent.charge_id[3:]}"
    paid.stripe.books.reverse(transfer_id, {"amount": "500"})
    work()
    assert (payee_has(paid), orders(paid)) == (1500, [])


def test_a_refund_after_a_won_dispute_is_pulled_back(paid):  # noqa: F811
    """The payment's own transfer was reversed whole: a refund cannot reverse it a second time."""
    dispute = lost(paid)
    ends(paid, dispute, "won")
    assert payee_has(paid) == 2000
    for amount, left in (("5.00", 1500), ("", 0)):
        assert refund(paid, amount).value("Status") == "Completed"
        paid.hear_the_last()
        assert payee_has(paid) == left
    assert seen(paid) == ("Refunded", "0.00", None, "20.00", None)


def test_a_refund_after_a_part_was_won_takes_what_there_is(paid):  # noqa: F811
    dispute = lost(paid, 700)
    ends(paid, dispute, "won")
    assert refund(paid, "15.00").value("Status") == "Completed"
    paid.hear_the_last()
    assert payee_has(paid) == 1300
    when_due(paid)
    assert payee_has(paid) == 500


@pytest.mark.parametrize("given_back", [True, False])
def test_the_operators_fee_is_the_same_after_all(service, stripe, shop, giver, settings, given_back):
    """4 % of 20.00 are kept, whatever was given back and sent again meanwhile."""
    settings.PLATFORM_FEE_PERCENT, settings.PLATFORM_FEE_REFUND = Decimal(4), given_back
    gift = StripeGift(stripe, shop, giver)
    gift.comes_back()
    refund(gift, "5.00")
    undone(gift)
    [again] = gift.intent.sent_again
    payee_net = gift.intent.received - 80 + gift.intent.application_fee_back - 500 + again.amount
    assert payee_net == 1920


def test_in_three_decimals_what_is_sent_again_ends_in_0(service, stripe, shop, giver, settings):
    """A share of the fee need not be an amount that Stripe takes in KWD: 0.400 of 10.010, of a part of 3.330."""
    settings.PLATFORM_FEE_PERCENT, settings.PLATFORM_FEE_REFUND = Decimal(4), True
    gift = StripeGift(stripe, shop, giver, "10.010", Currency="KWD")
    gift.comes_back()
    refund(gift, "3.330")
    undone(gift)
    assert [one.amount for one in gift.intent.sent_again] == [3190]  # 3.330 less 0.133 of the fee
    work()
    assert (seen(gift)[:2], len(stripe.calls_of("send"))) == (("Settled", "10.010"), 1)
    assert refund(gift, "1.110").value("Status") == "Completed"
    work()
    assert seen(gift)[:2] == ("Settled", "8.900")


def test_where_the_fee_was_all_of_it_nothing_is_sent_again(service, stripe, shop, giver, settings):
    """The payee never had anything of the gift: Stripe refuses a transfer of 0, and is not asked for one."""
    settings.PLATFORM_FEE_PERCENT, settings.PLATFORM_FEE_REFUND = Decimal(100), True
    gift = StripeGift(stripe, shop, giver)
    gift.comes_back()
    refund(gift, "5.00")
    undone(gift)
    work()
    assert (seen(gift)[:2], stripe.calls_of("send")) == (("Settled", "20.00"), [])


def test_of_a_part_that_was_taken_the_fee_is_a_part_too(service, stripe, shop, giver, settings):
    """20.00 were approved and 10.00 taken: of a refund of 5.00 half of the fee goes back, and comes again."""
    settings.PLATFORM_FEE_PERCENT, settings.PLATFORM_FEE_REFUND = Decimal(4), True
    gift = StripeGift(stripe, shop, giver, CapturePolicy="Manual")
    gift.comes_back()
    stripe.books.capture(gift.intent, 1000)
    gift.hear_everything()
    work()
    refund(gift, "5.00")
    undone(gift)
    kept = gift.intent.application_fee
    [again] = gift.intent.sent_again
    assert (kept, again.amount) == (80, 460)
