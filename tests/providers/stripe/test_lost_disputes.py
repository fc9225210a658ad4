"""What a dispute takes from the operator is pulled back from the payee who has it, and sent again once the dispute is won."""

from decimal import Decimal

import pytest

import clock
from contributions.models import Attention, Checkout, ProviderRequest
from contributions.worker import sync_all_due
from tests.providers.stripe.gift import StripeGift, hear, refund, work
from tests.providers.stripe.transfers import transfer_reversed

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(gift):
    gift.comes_back()
    return gift


def lost(gift, amount=None, status="needs_response"):
    """The giver's bank disputes so much of it, and we hear of it."""
    dispute = gift.stripe.books.dispute(gift.intent, status, amount)
    gift.hear_the_last()
    return dispute


def ends(gift, dispute, status):
    gift.stripe.books.end_dispute(dispute, status)
    gift.hear_the_last()


def when_due(gift):
    """The worker comes by as soon as it is time."""
    assert gift.checkout.due_at is not None
    Checkout.objects.filter(pk=gift.checkout.pk).update(due_at=clock.now())
    sync_all_due()


def payee_has(gift):
    """Of the payment, in Stripe's units, before fees."""
    again = sum(one.amount - one.reversed for one in gift.intent.sent_again)
    return gift.intent.received - transfer_reversed(gift.intent) + again


def orders(gift):
    kept = ProviderRequest.objects.filter(contribution=gift.row, operation__regex="pull_back|send_again").order_by("pk")
    return list(kept.values_list("operation", "outcome"))


def test_a_dispute_is_pulled_back_from_the_payee(paid):
    lost(paid)
    assert (paid.status[0], payee_has(paid)) == ("Reversed", 0)
    assert orders(paid) == [("pull_back:0:2000", "answered")]


def test_a_part_is_pulled_back_in_proportion(paid):
    refund(paid, "8.00")
    lost(paid, 700)
    assert (payee_has(paid), paid.value("ReversedAmount")) == (500, "7.00")
    work()
    assert len(paid.stripe.calls_of("reverse")) == 1


def test_a_won_dispute_is_sent_again_and_may_be_lost_again(paid):
    dispute = lost(paid)
    ends(paid, dispute, "won")
    assert (paid.status[0], payee_has(paid)) == ("Settled", 2000)
    work()
    assert [name for name, _ in orders(paid)] == ["pull_back:0:2000", "send_again:1:2000"]
    ends(paid, dispute, "lost")
    assert (paid.status[0], payee_has(paid)) == ("Reversed", 0)
    work()
    assert [name for name, _ in orders(paid)][2:] == ["pull_back:2:2000"]


def test_an_inquiry_pulls_nothing(paid):
    lost(paid, status="warning_needs_response")
    assert (orders(paid), payee_has(paid)) == ([], 2000)


@pytest.mark.parametrize("fault", ["do_then_drop", "error_500", "drop"])
def test_an_order_without_an_answer_is_given_once(paid, fault):
    paid.stripe.next("reverse", fault, times=9)
    lost(paid)
    paid.stripe.no_more_faults()
    if fault != "do_then_drop":
        when_due(paid)
    assert payee_has(paid) == 0
    assert len({call.headers["idempotency-key"] for call in paid.stripe.calls_of("reverse")}) == 1


def test_another_order_of_the_same_sum_has_another_key(service, stripe, shop, giver, settings):
    """The answer to the first was lost, and what goes back of the fee is decided otherwise by the time of the second."""
    settings.PLATFORM_FEE_PERCENT, settings.PLATFORM_FEE_REFUND = Decimal(4), False
    gift = StripeGift(stripe, shop, giver)
    gift.comes_back()
    stripe.next("reverse", "do_then_drop", times=9)
    lost(gift, 700)
    stripe.no_more_faults()
    settings.PLATFORM_FEE_REFUND = True
    lost(gift, 700)
    assert payee_has(gift) == 600
    assert set(Attention.objects.values_list("kind", flat=True)) <= {"dispute_to_answer"}


def test_a_payee_who_cannot_be_sent_to_is_told_to_a_person(paid):
    dispute = lost(paid)
    paid.stripe.books.balance_is_empty = True
    ends(paid, dispute, "won")
    assert [one.kind for one in Attention.objects.all()] == ["payee_is_owed"]
    when_due(paid)
    assert Attention.objects.count() == 1
    paid.stripe.books.balance_is_empty = False
    when_due(paid)
    assert (Attention.objects.count(), payee_has(paid)) == (0, 2000)


@pytest.mark.parametrize(("given_back", "fee_back", "sent"), [(True, 80, 1920), (False, 0, 2000)])
def test_the_fee_goes_as_configured(service, stripe, shop, giver, settings, given_back, fee_back, sent):
    settings.PLATFORM_FEE_PERCENT, settings.PLATFORM_FEE_REFUND = Decimal(4), given_back
    gift = StripeGift(stripe, shop, giver)
    gift.comes_back()
    dispute = lost(gift)
    assert gift.intent.application_fee_back == fee_back
    ends(gift, dispute, "won")
    work()
    assert [one.amount for one in gift.intent.sent_again] == [sent]
    ends(gift, dispute, "lost")
    work()
    assert payee_has(gift) == 0


def test_reports_in_any_order_pull_back_once(paid):
    dispute = paid.stripe.books.dispute(paid.intent, amount=1200)
    paid.stripe.books.end_dispute(dispute, "lost")
    for report in reversed(paid.stripe.webhooks_of(paid.session_id)):
        assert hear(report) == 200
    assert (payee_has(paid), [name for name, _ in orders(paid)]) == (800, ["pull_back:0:1200"])
