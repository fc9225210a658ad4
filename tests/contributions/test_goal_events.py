"""Events of a goal: reached as often as it is, ended once, each in the transaction of the change."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

import clock
from api.records import goal as goal_record
from contributions import goal_events
from contributions.goal_content import goal_content
from contributions.worker import sync_all_due
from goals.models import SavingGoal
from goals.rules import live_accounts
from goals.state import NOTHING, standing_of
from notifications.models import Event
from tests.at_once import all_at_once
from tests.conftest import Giver, PartnerClient, register
from tests.xml_schemas.answers import check_fits_both_schemas

DAY = timedelta(days=1)


def told(kind="goal."):
    return list(Event.objects.filter(type__startswith=kind).order_by("position").values_list("type", flat=True))


def pay(client, goal, amount="100.00", outcome="approve"):
    gift = client.new_contribution(goal, Amount=amount)
    Giver().pay(gift.value("ProviderURL"), outcome)
    return gift.value("Id")


@pytest.mark.django_db
def test_a_goal_is_reached_by_the_gift_that_takes_it_there(shop):
    """And told again when a refund has taken it below, and another gift there."""
    goal = shop.new_goal(GoalAmount="100.00")
    pay(shop, goal, "60.00")
    assert told() == []
    last = pay(shop, goal, "40.00")
    assert told() == ["goal.reached"]
    pay(shop, goal, "5.00")
    assert told() == ["goal.reached"]
    assert shop.post(f"/api/Contribution/{last}/Refunds", "<Refund/>").status == 201
    pay(shop, goal, "40.00")
    assert told() == ["goal.reached"] * 2


@pytest.mark.django_db
def test_a_goal_event_shows_the_goal_as_get_does(shop):
    goal = shop.new_goal(GoalAmount="100.00", EndDate="2099-12-31", ConfirmationURL="https://shop.example/thanks")
    pay(shop, goal)
    feed = shop.get("/api/Events")
    check_fits_both_schemas(feed.body)
    shown = shop.get("/api/Events?format=json").json["Event"][-1]
    got = shop.get(f"/api/SavingGoal/{goal}", Accept="application/json").json
    assert (shown["Type"], feed.xml[-1].findtext("SavingGoal/CurrentAmount")) == ("goal.reached", "100.00")
    assert list(shown) == ["Id", "Type", "Date", "SavingGoal"]
    assert list((got | {"Contributions": {"Contribution": []}}).items()) == list(shown["SavingGoal"].items())


@pytest.mark.django_db
def test_goal_content_has_every_element_of_the_record(shop):
    goal = SavingGoal.objects.get(public_id=shop.new_goal(EndDate="2099-12-31", CancelURL="https://shop.example/"))
    standing = standing_of(goal, NOTHING, now=clock.now())
    assert goal_content(goal) == goal_record.content(
        goal_record.View(goal, standing, goal_record.Lists(live_accounts(goal), []))
    )


@pytest.mark.django_db
def test_what_is_held_reaches_a_goal_that_waits_for_all(shop):
    goal = shop.new_goal(GoalAmount="100.00", CapturePolicy="OnGoalReached")
    pay(shop, goal)
    assert told() == ["goal.reached"]
    sync_all_due()
    assert told("contribution.")[-1] == "contribution.settled"
    assert told() == ["goal.reached"]  # taking what was held takes it nowhere


@pytest.mark.django_db
def test_a_client_that_lowers_the_amount_is_told_too(shop):
    goal = shop.new_goal(GoalAmount="100.00")
    pay(shop, goal, "60.00")
    edited = shop.patch(
        f"/api/SavingGoal/{goal}",
        "<SavingGoal><GoalAmount>50</GoalAmount><RecordVersionNumber>1</RecordVersionNumber></SavingGoal>",
    )
    assert (edited.status, told()) == (200, ["goal.reached"])
    assert edited.headers["ETag"] == shop.get(f"/api/SavingGoal/{goal}").headers["ETag"]
    higher = "<SavingGoal><GoalAmount>70</GoalAmount><RecordVersionNumber>2</RecordVersionNumber></SavingGoal>"
    assert shop.patch(f"/api/SavingGoal/{goal}", higher).status == 200
    pay(shop, goal, "10.00")
    assert told() == ["goal.reached"] * 2


@pytest.mark.django_db(transaction=True)
def test_of_gifts_at_once_exactly_one_reaches_the_goal():
    shop = PartnerClient(register("Shop").api_key)
    goal = shop.new_goal(GoalAmount="50.00")
    pages = [shop.new_contribution(goal, Amount="10.00").value("ProviderURL") for _ in range(8)]
    all_at_once(8, lambda index: Giver().pay(pages[index]))
    (reached,) = Event.objects.filter(type="goal.reached")
    assert json.loads(reached.content)["CurrentAmount"] == "50.00"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("policy", "expected"), [("Immediate", "goal.ended"), ("Manual", "goal.ended"), ("OnGoalReached", "goal.missed")]
)
def test_an_end_is_told_once_and_anew_for_another_end(shop, moved_clock, policy, expected):
    ends = (timezone.now() + DAY).isoformat()
    goal = shop.new_goal(EndDate=ends, CapturePolicy=policy)
    shop.new_goal()
    sync_all_due()
    assert told() == []
    moved_clock(clock.now() + 2 * DAY)
    assert (goal_events.tell_what_has_ended(), goal_events.tell_what_has_ended()) == (1, 0)
    assert told() == [expected]
    again = (timezone.now() + 3 * DAY).isoformat()
    body = f"<SavingGoal><EndDate>{again}</EndDate><RecordVersionNumber>1</RecordVersionNumber></SavingGoal>"
    assert shop.patch(f"/api/SavingGoal/{goal}", body).status == 200
    sync_all_due()
    assert told() == [expected]
    moved_clock(clock.now() + 5 * DAY)
    sync_all_due()
    assert told() == [expected] * 2


@pytest.mark.django_db
def test_a_goal_is_missed_only_once_nothing_is_pending(shop, moved_clock):
    goal = shop.new_goal(GoalAmount="100.00", EndDate=(timezone.now() + DAY).isoformat(), CapturePolicy="OnGoalReached")
    pay(shop, goal, "60.00", "pending")
    moved_clock(clock.now() + 2 * DAY)
    assert (goal_events.tell_what_has_ended(), told()) == (0, [])
    sync_all_due(whether_due_or_not=True)
    assert told() == ["goal.missed"]


@pytest.mark.django_db
def test_a_reached_goal_ends_and_a_deleted_one_does_not(shop, moved_clock):
    ends = (timezone.now() + DAY).isoformat()
    goal, deleted = shop.new_goal(GoalAmount="100.00", EndDate=ends, CapturePolicy="OnGoalReached"), shop.new_goal(EndDate=ends)
    pay(shop, goal)
    assert shop.delete(f"/api/SavingGoal/{deleted}").status == 204
    moved_clock(clock.now() + 2 * DAY)
    goal_events.tell_what_has_ended()
    assert told() == ["goal.reached", "goal.ended"]
