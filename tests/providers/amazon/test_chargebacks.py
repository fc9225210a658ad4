"""A giver's bank takes the money back: Amazon's notification names the dispute, and Amazon's answer about it decides."""

import pytest

from contributions.audit import faults_in_the_books
from contributions.models import Attention, Dispute, LedgerEntry
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


def for_a_person() -> list[str]:
    return list(Attention.objects.values_list("kind", flat=True))


def errors(caplog) -> list[str]:
    return [record.message for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("state", ["Resolved", "Closed"])
def test_a_chargeback_that_the_bank_has_won_counts_once(state, given):
    ended(given, disputed(given), state, "BuyerWon")
    given.hear_everything()
    sync_all_due(whether_due_or_not=True)
    assert (stands(given), kinds()) == (REVERSED, ["capture", "reversal"])
    assert for_a_person() == []


def test_the_money_stays_until_a_dispute_is_decided(given, caplog):
    """And who has to answer it is told, once."""
    dispute = disputed(given)
    for _ in range(3):
        hear_the_last(given)
    assert (for_a_person(), errors(caplog)) == (["dispute_to_answer"], ["a dispute waits for an answer"])
    ended(given, dispute, "UnderReview", None)
    assert (stands(given), for_a_person()) == (SETTLED, [])
    ended(given, dispute, "Resolved", "MerchantWon")
    assert (stands(given), kinds()) == (SETTLED, ["capture"])


def test_a_dispute_that_is_won_in_the_end_returns_the_money(given):
    dispute = disputed(given)
    ended(given, dispute)
    ended(given, dispute, "UnderReview", None)
    assert stands(given) == REVERSED
    ended(given, dispute, "Closed", "MerchantWon")
    assert (stands(given), kinds()) == (SETTLED, ["capture", "reversal", "reversal_won"])


@pytest.mark.parametrize("first", ["the dispute", "the capture"])
def test_a_dispute_hides_no_capture(first, service, amazon, shop, giver):
    """Held, taken in Seller Central, and disputed: whichever is heard of first, what was taken is in the books."""
    held = AmazonGift(amazon, shop, giver, CapturePolicy="Manual")
    held.comes_back()
    amazon.books.capture(held.charge, {"captureAmount": {"amount": "15.00", "currencyCode": "USD"}})
    dispute = disputed(held)
    told = amazon.notifications()[-2:]
    for report in told if first == "the capture" else reversed(told):
        assert hear(*report) == 200
    assert (stands(held), kinds()) == ((("Settled", None), "15.00"), ["authorization", "capture"])
    assert for_a_person() == ["dispute_to_answer"]
    ended(held, dispute)
    assert (stands(held), kinds()[2:]) == (REVERSED, ["reversal"])


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


@pytest.mark.parametrize(
    ("how", "fault"),
    [
        (("Resolved", "NoFault"), ""),
        (("Simmering", "BuyerWon"), ""),
        ((), "other_charge"),
        ((), "other_currency"),
        ((), "amount_number"),
        ((), "no_status_details"),
        ((), "403 UnauthorizedAccess"),
    ],
)
def test_what_cannot_be_entered_waits_for_a_person(how, fault, given, caplog):
    """Told once, however often it is asked about; solved once Amazon says how it ended."""
    dispute = disputed(given)
    given.amazon.books.end_dispute(dispute, *how)
    for _ in range(3):
        if fault:
            given.amazon.next("get_dispute", fault)
        hear_the_last(given)
    assert (stands(given), kinds()) == (SETTLED, ["capture"])
    assert (for_a_person(), errors(caplog)) == (["dispute_unclear"], ["a chargeback waits for a person"])
    ended(given, dispute, "Resolved", "BuyerWon")
    assert (stands(given), for_a_person()) == (REVERSED, [])


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
    [told] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert (told.message, told.record) == ("a chargeback waits for a person", f"{nobodys}-B000001")
