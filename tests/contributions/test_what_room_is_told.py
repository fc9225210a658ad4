"""A gift that a goal has no room for is refused with what is so: the same sum as GET tells, and held is not reached."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from tests.contributions.conftest import PITY, THANKS, Gift
from tests.contributions.test_overfunding import NEVER, gives, seen, told

pytestmark = pytest.mark.django_db


def test_a_refusal_says_what_get_says_remains(shop, provider, giver):
    """Also of a gift that would be too large whatever becomes of what others have reserved."""
    first = Gift(shop, giver, **NEVER)
    refused = gives(shop, first.goal_id, "35.00")
    assert told(refused) == (409, "goal_is_full", "10.00")
    assert seen(shop, first.goal_id) == ("Open", "true", "10.00")
    assert "Only 30.00 USD is missing to GoalAmount, of which open checkouts have reserved 20.00" in refused.value("detail")
    assert told(gives(shop, first.goal_id, "15.00")) == (409, "goal_is_reserved", "10.00")
    assert gives(shop, first.goal_id, "10.00").status == 201
    assert told(gives(shop, first.goal_id, "35.00")) == (409, "goal_is_full", "0.00")


def test_what_is_only_held_is_not_called_reached(shop, provider, giver):
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00", "CapturePolicy": "Manual"})
    second = Gift(shop, giver, shop.new_goal(**NEVER | {"GoalAmount": "25.00", "CapturePolicy": "Manual"}))
    for one in (gift, second):
        one.pay()
    assert seen(shop, gift.goal_id) == ("Open", "false", "0.00")
    refused = gives(shop, gift.goal_id, "1.00")
    assert told(refused) == (409, "goal_is_full", "0.00")
    assert "reached" not in refused.value("detail")
    assert "held and not yet taken (20.00 USD)" in refused.value("detail")
    refused = gives(shop, second.goal_id, "6.00")
    assert "Only 5.00 USD is missing to GoalAmount beside what is held" in refused.value("detail")
    assert shop.post(f"/api/Contribution/{gift.id}/Capture").status == 200
    assert "The goal is reached" in gives(shop, gift.goal_id, "1.00").value("detail")


def test_a_second_try_is_told_that_all_is_held(shop, provider, giver):
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00", "CapturePolicy": "Manual"})
    gift.pay("decline")
    giver.pay(gives(shop, gift.goal_id).value("ProviderURL"))
    said = giver.visit(gift.provider_url).text
    assert "The goal is reached" not in said
    assert "has been promised by others" in said


def test_who_is_paying_when_a_limit_comes_still_can(shop, provider, giver, moved_clock):
    """They were let in by the rule of that moment, and have half an hour. Nobody new is, and who comes later finds no room."""
    first = Gift(shop, giver, GoalAmount="30.00")
    second, late = (Gift(shop, giver, first.goal_id) for _ in range(2))
    limited = "<SavingGoal><Overfunding>Never</Overfunding><RecordVersionNumber>1</RecordVersionNumber></SavingGoal>"
    assert shop.patch(f"/api/SavingGoal/{first.goal_id}", limited).status == 200
    assert seen(shop, first.goal_id) == ("Open", "false", "0.00")
    assert told(gives(shop, first.goal_id, "1.00")) == (409, "goal_is_reserved", "0.00")
    assert [gift.pay() for gift in (first, second)] == [THANKS, THANKS]
    assert (seen(shop, first.goal_id), first.totals()) == (("Reached", "false", "0.00"), ("40.00", "0.00"))
    page = late.page()
    moved_clock(datetime.now(UTC) + timedelta(minutes=settings.RESERVATION_MINUTES + 1))
    assert late.pay(at=page) == PITY
    assert (late.status, late.reason, first.totals()) == ("Canceled", "goal_is_full", ("40.00", "0.00"))
