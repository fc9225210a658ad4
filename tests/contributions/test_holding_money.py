"""Capture policies that hold the money first, and what becomes of held money."""

import pytest

from contributions.worker import sync_all_due
from tests.contributions.conftest import Gift

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["Manual", "OnGoalReached"])
def held_gift(request, provider, shop, giver):
    gift = Gift(shop, giver, CapturePolicy=request.param)
    gift.first_page = gift.page()
    assert gift.pay("approve", at=gift.first_page) == "https://shop.example/thanks"
    return gift


def test_money_under_such_a_policy_is_held_once_and_not_taken(held_gift, provider):
    held_gift.pay("approve", at=held_gift.first_page)
    assert (held_gift.status, held_gift.totals()) == ("Authorized", ("0.00", "20.00"))
    assert (provider.calls["authorize"], provider.calls["capture"]) == (1, 0)


@pytest.mark.parametrize("trouble", [None, "drops_the_call", "drops_the_answer"])
def test_a_held_gift_that_is_deleted_is_let_go(held_gift, shop, provider, trouble):
    """Later, where the provider is silent at its deletion."""
    if trouble:
        getattr(provider, trouble)("void")
    assert held_gift.delete().status == 204
    assert shop.get(f"/api/Contribution/{held_gift.id}").status == 404
    assert held_gift.totals() == ("0.00", "20.00" if trouble else "0.00")
    sync_all_due(whether_due_or_not=True)
    row = held_gift.row
    assert (row.status, row.status_reason, held_gift.totals()) == ("Canceled", "client_deleted", ("0.00", "0.00"))
    assert held_gift.entries("kind", "authorized_delta_minor") == [("authorization", 2000), ("void", -2000)]
    assert len(set(provider.request_ids["void"])) == 1


def test_the_policy_of_the_day_of_the_checkout_counts(provider, shop, giver):
    gift = Gift(shop, giver, CapturePolicy="Manual")
    changed = shop.patch(
        f"/api/SavingGoal/{gift.goal_id}",
        "<SavingGoal><CapturePolicy>Immediate</CapturePolicy><RecordVersionNumber>1</RecordVersionNumber></SavingGoal>",
    )
    assert changed.status == 200
    gift.pay("approve")
    assert gift.status == "Authorized"


def test_a_gift_under_review_is_held_when_that_is_over(provider, shop, giver):
    gift = Gift(shop, giver, CapturePolicy="Manual")
    gift.pay("pending")
    assert gift.status == "Pending"
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.totals()) == ("Authorized", ("0.00", "20.00"))
