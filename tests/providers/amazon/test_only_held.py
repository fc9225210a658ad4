"""Amazon may only hold what it was to take at once. It is taken, or else let go: nobody's card stays blocked for nothing."""

import pytest

from contributions.models import LedgerEntry
from contributions.worker import sync_all_due
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.gift import AmazonGift
from tests.providers.gift import PITY, THANKS
from tests.providers.stripe.gift import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def only_held(gift: AmazonGift, amazon: FakeAmazon) -> AmazonGift:
    """Amazon holds it, and nobody was told what came of the order to take it."""
    amazon.next("capture", "error_503", times=9)
    gift.comes_back("only_held")
    amazon.no_more_faults()
    assert (gift.status, gift.charge.state) == (("Pending", "provider_unreachable"), "Authorized")
    return gift


@pytest.fixture
def refused(gift: AmazonGift, amazon: FakeAmazon) -> AmazonGift:
    """Amazon holds it and has said no to taking it: the gift has failed, and its giver may try again."""
    amazon.next("capture", "422 SoftDeclined", times=9)
    assert gift.comes_back("only_held") == f"{PITY}?Id={gift.id}"
    assert (gift.status, gift.charge.state) == (("Failed", "instrument_declined"), "Authorized")
    return gift


def at_amazons(gift: AmazonGift) -> tuple[list[str], int]:
    """The charges as they are at Amazon, and how many entries there are."""
    return [charge.state for charge in gift.amazon.charges.values()], LedgerEntry.objects.count()


@pytest.mark.parametrize("fault", ["", "error_500", "do_then_drop"])
def test_what_is_only_held_is_let_go_with_its_goal(fault, only_held):
    """However Amazon answers: what it does not answer is asked for again."""
    assert only_held.shop.delete(f"/api/SavingGoal/{only_held.goal_id}").status == 204
    if fault:
        only_held.amazon.next("cancel", fault, times=9)
        work()
        assert only_held.row.status == "Pending"
    only_held.amazon.no_more_faults()
    work()
    assert (only_held.row.status, only_held.row.status_reason) == ("Canceled", "goal_deleted")
    assert at_amazons(only_held) == (["Canceled"], 0)


def test_what_is_taken_before_it_is_let_go_goes_back(only_held):
    """In Seller Central, in the same moment: the order to let it go is refused."""
    assert only_held.shop.delete(f"/api/SavingGoal/{only_held.goal_id}").status == 204
    price = {"amount": "20.00", "currencyCode": "USD"}
    only_held.amazon.next("cancel", "422 InvalidChargeStatus")
    work()
    only_held.amazon.books.capture(only_held.charge, {"captureAmount": price})
    work()
    only_held.amazon.books.end_refund(next(iter(only_held.amazon.refunds.values())))
    work()
    assert (only_held.row.status, only_held.charge.given_back) == ("Refunded", 20)
    assert list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True)) == ["capture", "refund"]


def test_what_is_only_held_is_let_go_once_another_one_pays(refused, later):
    """The giver pays in another session: of the first one nothing is taken, and nothing stays blocked."""
    refused.giver.visit(refused.provider_url)
    refused.amazon.no_more_faults()
    assert refused.comes_back() == f"{THANKS}?Id={refused.id}"
    later(hours=7)
    sync_all_due()
    assert refused.status == ("Settled", None)
    assert at_amazons(refused) == (["Canceled", "Captured"], 1)


def test_what_cannot_be_taken_in_time_is_at_amazons(refused, later):
    """It is tried for as long as the giver may pay, and the hold does not outlive that."""
    later(hours=73)
    refused.amazon.no_more_faults()
    sync_all_due()
    work()
    assert refused.status == ("Failed", "instrument_declined")
    assert at_amazons(refused) == (["Canceled"], 0)


def test_what_is_held_too_late_and_refused_is_let_go(gift, amazon, later):
    """The giver agrees long after the gift was given up: the next question tells that the money is held all the same."""
    later(hours=71)
    session = gift.press_button()
    later(hours=2)
    sync_all_due()
    assert gift.status == ("Failed", "checkout_expired")
    amazon.next("capture", "422 SoftDeclined", times=9)
    gift.lands_at(amazon.approve(session, "only_held"))
    assert at_amazons(gift) == (["Authorized"], 0)
    amazon.no_more_faults()
    later(hours=7)
    sync_all_due()
    assert (gift.status, at_amazons(gift)) == (("Failed", "checkout_expired"), (["Canceled"], 0))


def test_what_was_refused_and_deleted_is_let_go(refused):
    refused.amazon.no_more_faults()
    assert refused.shop.delete(f"/api/Contribution/{refused.id}").status == 204
    work()
    assert (refused.row.status, at_amazons(refused)) == ("Failed", (["Canceled"], 0))


def test_what_can_be_taken_after_all_in_time_is_taken(refused, later):
    refused.amazon.no_more_faults()
    later(hours=7)
    sync_all_due()
    assert refused.status == ("Settled", None)
    assert at_amazons(refused) == (["Captured"], 1)
