"""A giver's bank takes the money back: Amazon's notification names the dispute, and Amazon's answer about it decides."""

import pytest

from contributions.audit import faults_in_the_books
from contributions.models import Dispute, LedgerEntry
from contributions.worker import sync_all_due
from tests.conftest import Giver, PartnerClient
from tests.providers.amazon.books import FakeDispute
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.gift import AmazonGift, hear

SETTLED, REVERSED = (("Settled", None), "20.00"), (("Reversed", "chargeback"), "0.00")


@pytest.fixture
def given(gift: AmazonGift) -> AmazonGift:
    gift.comes_back()
    gift.hear_everything()
    assert stands(gift) == SETTLED
    return gift


def stands(gift: AmazonGift) -> tuple[tuple[str | None, str | None], str | None]:
    return gift.status, gift.current_amount


def disputed(gift: AmazonGift, amount: str = "") -> FakeDispute:
    return gift.amazon.books.dispute(gift.charge, amount)


def ended(gift: AmazonGift, dispute: FakeDispute, *how: str | None) -> None:
    gift.amazon.books.end_dispute(dispute, *how)
    hear_the_last(gift)


def hear_the_last(gift: AmazonGift) -> None:
    assert hear(*gift.amazon.notifications()[-1]) == 200


def kinds() -> list[str]:
    return list(LedgerEntry.objects.order_by("id").values_list("kind", flat=True))


def for_a_person(caplog) -> list[tuple[str, str]]:
    told = [record for record in caplog.records if record.message == "a chargeback waits for a person"]
    return [(record.record, record.error) for record in told]


@pytest.mark.parametrize("state", ["Resolved", "Closed"])
def test_a_chargeback_that_the_bank_has_won_counts_once(state, given, caplog):
    ended(given, disputed(given), state, "BuyerWon")
    given.hear_everything()
    sync_all_due(whether_due_or_not=True)
    assert (stands(given), kinds()) == (REVERSED, ["capture", "reversal"])
    assert for_a_person(caplog) == []


def test_the_money_stays_until_a_dispute_is_decided(given, caplog):
    """And who has to answer it is told, once."""
    dispute = disputed(given)
    hear_the_last(given)
    ended(given, dispute, "UnderReview", None)
    assert stands(given) == SETTLED
    assert for_a_person(caplog) == [(dispute.id, "it is to be answered in Seller Central")]
    ended(given, dispute, "Resolved", "MerchantWon")
    assert (stands(given), kinds()) == (SETTLED, ["capture"])


def test_a_dispute_that_is_won_in_the_end_returns_the_money(given):
    dispute = disputed(given)
    ended(given, dispute)
    ended(given, dispute, "UnderReview", None)
    assert stands(given) == REVERSED
    ended(given, dispute, "Closed", "MerchantWon")
    assert (stands(given), kinds()) == (SETTLED, ["capture", "reversal", "reversal_won"])


def test_of_two_disputes_the_lost_one_counts(given):
    won, lost = disputed(given), disputed(given)
    given.hear_everything()
    ended(given, lost)
    ended(given, won, "Resolved", "MerchantWon")
    assert stands(given) == REVERSED
    assert Dispute.objects.count() == 2


def test_what_was_refunded_before_is_not_taken_twice(given):
    given.shop.post(f"/api/Contribution/{given.id}/Refunds", "<Refund><Amount>7.00</Amount></Refund>")
    given.amazon.books.end_refund(next(iter(given.amazon.refunds.values())))
    given.hear_everything()
    ended(given, disputed(given, "13.00"))
    assert stands(given) == REVERSED
    assert LedgerEntry.objects.get(kind="reversal").amount_minor == 1300


def test_a_known_dispute_is_asked_about_at_the_next_look(given, later):
    """Where the notification of how it ended was lost."""
    dispute = disputed(given)
    hear_the_last(given)
    given.amazon.books.end_dispute(dispute)
    later(days=2)
    sync_all_due()
    assert stands(given) == REVERSED


def test_a_silent_amazon_is_asked_to_call_again(given):
    given.amazon.books.end_dispute(disputed(given))
    given.amazon.next("get_dispute", "error_503", times=9)
    assert hear(*given.amazon.notifications()[-1]) == 503
    assert stands(given) == SETTLED
    given.amazon.no_more_faults()
    hear_the_last(given)
    assert stands(given) == REVERSED


OTHER_AMOUNT = "it is over another amount than what is left of the gift"


@pytest.mark.parametrize(
    ("amount", "how", "fault", "why"),
    [
        ("", ("Resolved", "NoFault"), "", "Amazon says Resolved NoFault"),
        ("", ("Simmering", "BuyerWon"), "", "Amazon says Simmering BuyerWon"),
        ("5.00", (), "", OTHER_AMOUNT),
        ("", (), "other_charge", "it is about another charge"),
        ("", (), "other_currency", OTHER_AMOUNT),
        ("", (), "amount_number", "it is over an amount that cannot be read"),
        ("", (), "no_status_details", "Amazon says  "),
        ("", (), "403 UnauthorizedAccess", "Amazon does not tell of it: 403 UnauthorizedAccess"),
    ],
)
def test_what_cannot_be_entered_waits_for_a_person(amount, how, fault, why, given, caplog):
    dispute = disputed(given, amount)
    if fault:
        given.amazon.next("get_dispute", fault)
    ended(given, dispute, *how)
    assert (stands(given), kinds()) == (SETTLED, ["capture"])
    assert for_a_person(caplog) == [(dispute.id, why)]


def test_the_dispute_of_one_gift_does_not_touch_another(given, shop: PartnerClient, giver: Giver, amazon: FakeAmazon):
    other = AmazonGift(amazon, shop, giver)
    other.comes_back()
    [_, charge] = amazon.charges.values()
    amazon.books.end_dispute(amazon.books.dispute(charge))
    for report in amazon.notifications():
        assert hear(*report) == 200
    assert (stands(given), stands(other)) == (SETTLED, REVERSED)
    assert list(faults_in_the_books()) == []


def test_a_chargeback_of_no_gift_of_ours_is_told_to_a_person(service, amazon, db, caplog):
    nobodys = "S01-7654321-7654321"
    assert hear(*amazon.notification("CHARGEBACK", f"{nobodys}-B000001", nobodys)) == 200
    assert for_a_person(caplog) == [(f"{nobodys}-B000001", "Amazon does not say which gift it is about")]
