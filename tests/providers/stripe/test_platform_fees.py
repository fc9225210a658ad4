"""The operator's fee at Stripe: asked for once, kept as Stripe says, given back with a refund as configured."""

from decimal import Decimal

import pytest

from contributions.audit import faults_in_the_books
from contributions.models import Contribution, LedgerEntry
from partners.models import Partner
from tests.providers.stripe.gift import StripeGift, refund, work


@pytest.fixture
def fees(settings):
    settings.PLATFORM_FEE_PERCENT, settings.PLATFORM_FEE_FIXED = Decimal("2.5"), Decimal("0.30")


@pytest.fixture
def charged(fees, gift):
    """A gift of 20.00 of which the operator keeps 0.80, paid."""
    gift.comes_back()
    assert gift.status == ("Settled", None)
    return gift


def entries(gift):
    """(kind, provider's fee, payee's net, operator's fee) of each."""
    of_it = LedgerEntry.objects.filter(contribution=gift.row).order_by("pk")
    return list(of_it.values_list("kind", "fee_minor", "net_minor", "platform_fee_minor"))


def test_the_fee_is_asked_for_and_booked_as_kept(charged):
    assert charged.intent.asked["application_fee_amount"] == "80"
    assert charged.checkout.platform_fee_minor == 80
    assert entries(charged) == [("capture", 88, 1920, 80)]


def test_a_fee_agreed_later_changes_no_open_gift(fees, gift, settings):
    settings.PLATFORM_FEE_PERCENT = Decimal(50)
    gift.comes_back()
    assert entries(gift) == [("capture", 88, 1920, 80)]


def test_a_partner_has_a_fee_of_its_own(fees, service, stripe, shop, giver):
    Partner.objects.update(fee_percent=Decimal(0), fee_fixed=Decimal("0.1"))
    gift = StripeGift(stripe, shop, giver)
    gift.comes_back()
    assert entries(gift) == [("capture", 88, 1990, 10)]


def test_without_a_fee_none_is_asked_for(gift):
    gift.comes_back()
    assert "application_fee_amount" not in gift.intent.asked
    assert entries(gift) == [("capture", 88, 2000, 0)]
    assert refund(gift, "5.00").status == 201


@pytest.mark.parametrize(("given_back", "of_each"), [(True, (20, 60)), (False, (0, 0))])
def test_the_fee_goes_back_with_refunds_as_configured(charged, settings, given_back, of_each):
    settings.PLATFORM_FEE_REFUND = given_back
    for amount in ("5.00", ""):
        assert refund(charged, amount).value("Status") == "Completed"
    assert [fee for *_, fee in entries(charged)[1:]] == list(of_each)
    assert charged.intent.application_fee_back == sum(of_each)


@pytest.mark.parametrize(
    ("amount", "ours", "fee"), [("500", "5.00", None), ("400", "5.00", None), ("25", "5.00", None), ("25", "0.01", 0)]
)
def test_of_two_refunds_at_once_none_has_the_others_fee(charged, monkeypatch, amount, ours, fee):
    """Stripe tells only the sum of what went back of its fee, and another refund came between the question and the answer.

    However little the other one gave back. Where none was to go back with ours, none did.
    """
    books, refund_at_stripe = charged.stripe.books, charged.stripe.books.refund

    def after_another(asked, *more):
        monkeypatch.setattr(books, "refund", refund_at_stripe)
        refund_at_stripe(asked | {"amount": amount, "metadata": {}, "refund_application_fee": "true"})
        return refund_at_stripe(asked, *more)

    monkeypatch.setattr(books, "refund", after_another)
    refund(charged, ours)
    assert [booked for kind, *_, booked in entries(charged) if kind == "refund"] == [fee]
    assert list(faults_in_the_books()) == []


def test_a_refund_sent_again_says_the_same_of_the_fee(charged, settings):
    """Under the same request id Stripe takes nothing else."""
    charged.stripe.next("refund", "error_500")
    refund(charged, "5.00")
    settings.PLATFORM_FEE_REFUND = False
    work()
    assert charged.value("RefundedAmount") == "5.00"
    assert charged.intent.application_fee_back == 20


def test_of_a_part_no_more_than_stripe_kept_is_booked(fees, service, stripe, shop, giver):
    """The fee is capped at what is taken, and is the fee of what was held."""
    gift = StripeGift(stripe, shop, giver, amount="1.00", CapturePolicy="Manual")
    gift.comes_back()
    stripe.books.capture(gift.intent, 20)
    work()
    assert gift.value("SettledAmount") == "0.20"
    assert entries(gift)[1:] == [("capture", 31, 0, 20)]
    assert list(faults_in_the_books()) == []


@pytest.mark.usefixtures("books_can_be_forged")
def test_the_audit_tells_of_shares_that_do_not_fit(charged):
    capture, says = LedgerEntry.objects.filter(kind="capture"), Contribution.objects.all()
    for both in (capture, says):
        both.update(net_minor=1832)  # as where the payee bears the provider's fee
    assert list(faults_in_the_books()) == []
    for both in (capture, says):
        both.update(net_minor=1921)
    told = "capture of 20.00 USD, but 19.21 for the payee, 0.80 for the operator and 0.88 for the provider"
    assert list(faults_in_the_books()) == [f"contribution {charged.id}: {told}"]
    for both in (capture, says):
        both.update(net_minor=1920)
