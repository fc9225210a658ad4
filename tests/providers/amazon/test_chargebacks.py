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
def test_chargeback_that_bank_has_won_is_out_of_books_once(state, given, caplog):
    """A chargeback that the bank has won is out of the books once."""
    dispute = disputed(given)
    ended(given, dispute, state, "BuyerWon")
    assert stands(given) == REVERSED
    given.hear_everything()
    sync_all_due(whether_due_or_not=True)
    assert (stands(given), kinds()) == (REVERSED, ["capture", "reversal"])
    assert for_a_person(caplog) == []


def test_until_it_is_decided_money_stays(given, caplog):
    """Until it is decided the money stays where it is and who has to answer is told."""
    dispute = disputed(given)
    hear_the_last(given)
    assert stands(given) == SETTLED
    assert for_a_person(caplog) == [(dispute.id, "it is to be answered in Seller Central")]
    ended(given, dispute, "UnderReview", None)
    assert stands(given) == SETTLED
    assert len(for_a_person(caplog)) == 1
    ended(given, dispute, "Resolved", "MerchantWon")
    assert (stands(given), kinds()) == (SETTLED, ["capture"])


def test_dispute_that_is_lost_and_then_won_brings_money_back(given):
    """A dispute that is lost and then won brings the money back."""
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


def test_webhook_that_is_lost_is_made_up_for_by_next_look_once(given, later):
    """A webhook that is lost is made up for by the next look once the dispute is known."""
    dispute = disputed(given)
    hear_the_last(given)
    given.amazon.books.end_dispute(dispute)
    later(days=2)
    sync_all_due()
    assert stands(given) == REVERSED


def test_amazon_is_asked_to_call_again_while_it_does_not_tell(given):
    """Amazon is asked to call again while it does not tell of the dispute."""
    given.amazon.books.end_dispute(disputed(given))
    given.amazon.next("get_dispute", "error_503", times=9)
    assert hear(*given.amazon.notifications()[-1]) == 503
    assert stands(given) == SETTLED
    given.amazon.no_more_faults()
    hear_the_last(given)
    assert stands(given) == REVERSED


@pytest.mark.parametrize(
    ("amount", "how", "why"),
    [
        ("", ("Resolved", "NoFault"), "Amazon says Resolved NoFault"),
        ("", ("Resolved", None), "Amazon says Resolved "),
        ("", ("Simmering", "BuyerWon"), "Amazon says Simmering BuyerWon"),
        ("5.00", ("Resolved", "BuyerWon"), "it is over another amount than what is left of the gift"),
    ],
)
def test_what_cannot_be_entered_moves_no_money_and_waits(amount, how, why, given, caplog):
    """What cannot be entered moves no money and waits for a person."""
    dispute = disputed(given, amount)
    ended(given, dispute, *how)
    assert (stands(given), kinds()) == (SETTLED, ["capture"])
    assert for_a_person(caplog) == [(dispute.id, why)]


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("other_charge", "it is about another charge"),
        ("other_currency", "it is over another amount than what is left of the gift"),
        ("amount_number", "it is over an amount that cannot be read"),
        ("no_status_details", "Amazon says  "),
        ("404 ResourceNotFound", "Amazon does not tell of it: 404 ResourceNotFound"),
        ("403 UnauthorizedAccess", "Amazon does not tell of it: 403 UnauthorizedAccess"),
    ],
)
def test_answer_that_does_not_fit_moves_no_money_and_waits(fault, why, given, caplog):
    """An answer that does not fit moves no money and waits for a person."""
    dispute = disputed(given)
    given.amazon.books.end_dispute(dispute)
    given.amazon.next("get_dispute", fault)
    hear_the_last(given)
    assert stands(given) == SETTLED
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


def test_chargeback_of_what_is_no_gift_of_ours_is_told_to_person(service, amazon, db, caplog):
    """A chargeback of what is no gift of ours is told to a person."""
    nobodys = "S01-7654321-7654321"
    assert hear(*amazon.notification("CHARGEBACK", f"{nobodys}-B000001", nobodys)) == 200
    assert for_a_person(caplog) == [(f"{nobodys}-B000001", "Amazon does not say which gift it is about")]
