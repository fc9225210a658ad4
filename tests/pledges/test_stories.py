"""What becomes of pledges: gifts that fail, workers that sleep or die, and all the ways in which a pledge pauses and ends."""

import json

import pytest
from django.db import IntegrityError

from contributions.models import Contribution
from givers.models import Permission
from pledges import due, knowing, steps
from pledges.models import PledgedGift
from pledges.story import BECAUSE
from providers.sandbox.models import SandboxPermission
from tests.console.running import run

pytestmark = pytest.mark.django_db

WEEKLY = {"Every": "Week", "StartDate": "2027-01-05"}


def play(scenario: str) -> None:
    """What the simulator makes of every charge from now on."""
    SandboxPermission.objects.update(scenario=scenario, trouble_made=False)


def test_a_partner_sees_of_which_pledge_a_gift_is(pledging):
    pledge_id = pledging.pledge(StartDate="2027-01-05", Contributor="Ann M.", Message="Every month", Reference="club-7")
    pledging.work("2027-01-05T09:00:00")
    gift = Contribution.objects.get()
    shown = pledging.ann.shop.get(f"/api/Contribution/{gift.public_id}")
    assert [shown.value(name) for name in ("PledgeId", "GiverId", "Contributor", "Message", "Reference", "Amount")] == [
        pledge_id, pledging.ann.id, "Ann M.", "Every month", "club-7", "20.00",
    ]  # fmt: skip
    assert pledging.get(pledge_id).value("GiftsMade") == "1"


def test_a_worker_that_slept_for_a_month_makes_one_gift(pledging):
    pledge_id = pledging.pledge(**WEEKLY)
    pledging.work("2027-01-05T09:00:00")
    pledging.work("2027-02-04T12:00:00")
    assert pledging.gifts() == [("2027-01-05", "Settled"), ("2027-02-04", "Settled")]
    assert pledging.told() == ["made", "gift_made", "gifts_skipped", "gift_made"]
    now = pledging.get(pledge_id)
    assert (now.value("GiftsMade"), now.value("GiftsSkipped"), now.value("NextNumber")) == ("2", "3", "6")
    assert now.value("NextDate") == "2027-02-09T09:00:00Z"


def test_a_worker_that_slept_after_a_gift_makes_one_more(pledging):
    """It died before it had heard what came of the first: that one is not taken for the one of today."""
    pledging.pledge(**WEEKLY)
    pledging.at("2027-01-05T09:00:00")
    due.follow_all_due()
    pledging.work("2027-02-04T12:00:00")
    assert [day for day, _ in pledging.gifts()] == ["2027-01-05", "2027-02-04"]


def test_a_failed_gift_is_tried_again_and_then_it_pauses(pledging):
    pledge_id = pledging.pledge(StartDate="2027-01-05")
    play("declined")
    retries = []
    pledging.work("2027-01-05T09:00:00")
    for moment in ("2027-01-06T09:01:00", "2027-01-08T09:01:00"):
        retries.append(pledging.get(pledge_id).value("NextDate"))
        pledging.work(moment)
    assert retries == ["2027-01-06T09:00:00Z", "2027-01-08T09:00:00Z"]
    waiting = pledging.get(pledge_id)
    assert (waiting.value("State"), waiting.value("FailedTries")) == ("Active", "3")
    assert (waiting.value("NextDate"), waiting.value("FailureReason")) == ("2027-01-12T09:00:00Z", "instrument_declined")
    pledging.work("2027-01-12T09:01:00")
    paused = pledging.get(pledge_id)
    assert (paused.value("State"), paused.value("StateReason")) == ("Paused", "instrument_declined")
    pledging.work("2027-04-01T09:00:00")
    assert pledging.told() == ["made", *["gift_failed"] * 4, "paused"]
    assert pledging.gifts() == [("2027-01-05", "Failed")]
    assert Contribution.objects.get().checkouts.count() == 4
    assert Permission.objects.get().used_minor == 0


@pytest.mark.parametrize("trouble", ["declined", "authentication_required", "open_refused"])
def test_a_try_that_goes_well_ends_the_retries(pledging, trouble):
    pledge_id = pledging.pledge(StartDate="2027-01-05")
    play(trouble)
    pledging.work("2027-01-05T09:00:00")
    assert pledging.gifts() == [("2027-01-05", "Failed")]
    play("")
    pledging.work("2027-01-06T09:00:00")
    assert pledging.gifts() == [("2027-01-05", "Settled")]
    now = pledging.get(pledge_id)
    assert (now.value("NextDate"), now.value("FailedTries"), now.value("NextNumber")) == ("2027-02-05T09:00:00Z", None, "2")


def test_a_weekly_gift_that_is_late_takes_the_next_ones_place(pledging):
    """Its last try falls on the day of the next one: Ann pays once on that day."""
    pledge_id = pledging.pledge(**WEEKLY)
    play("declined")
    for moment in ("2027-01-05T09:00:00", "2027-01-06T09:00:10", "2027-01-08T09:00:20"):
        pledging.work(moment)
    play("")
    pledging.work("2027-01-12T09:00:30")
    assert pledging.gifts() == [("2027-01-05", "Settled")]
    assert (pledging.get(pledge_id).value("NextDate"), pledging.get(pledge_id).value("GiftsSkipped")) == (
        "2027-01-19T09:00:00Z",
        "1",
    )


def test_an_unknown_outcome_is_waited_for(pledging):
    pledge_id = pledging.pledge(**WEEKLY)
    play("open_silent")
    for moment in ("2027-01-05T09:00:00", "2027-01-06T09:00:00", "2027-01-12T09:00:00"):
        pledging.work(moment)
    assert pledging.gifts() == [("2027-01-05", "Pending")]
    play("")
    pledging.work("2027-01-14T09:00:00")
    assert pledging.gifts() == [("2027-01-05", "Settled"), ("2027-01-14", "Settled")]
    assert pledging.get(pledge_id).value("NextDate") == "2027-01-19T09:00:00Z"


def test_room_is_looked_for_again_where_the_permission_has_none(pledging):
    pledge_id = pledging.pledge(StartDate="2027-01-05")
    Permission.objects.update(total_minor=1000)
    pledging.work("2027-01-05T09:00:00")
    assert (pledging.gifts(), pledging.get(pledge_id).value("FailureReason")) == ([], "permission_used_up")
    Permission.objects.update(total_minor=None)
    pledging.work("2027-01-06T09:00:00")
    assert pledging.gifts() == [("2027-01-06", "Settled")]


def test_a_giver_pays_a_failed_gift_by_hand(pledging):
    pledge_id = pledging.pledge(StartDate="2027-01-05")
    play("declined")
    pledging.work("2027-01-05T09:00:00")
    pledging.at("2027-01-05T20:00:00")
    pledging.ann.browser.pay(Contribution.objects.get().pay_url)
    assert pledging.gifts() == [("2027-01-05", "Settled")]
    pledging.work("2027-01-06T09:00:00")
    assert (len(pledging.gifts()), pledging.get(pledge_id).value("GiftsMade")) == (1, "1")


def test_a_pause_and_its_end(pledging):
    pledge_id = pledging.pledge(**WEEKLY)
    shop = pledging.ann.shop
    pledging.work("2027-01-05T09:00:00")
    paused = shop.post(f"/api/Pledge/{pledge_id}/Pause", "")
    assert (paused.status, paused.value("State"), paused.value("StateReason")) == (200, "Paused", "client_paused")
    pledging.work("2027-01-20T09:00:00")
    assert len(pledging.gifts()) == 1
    resumed = shop.post(f"/api/Pledge/{pledge_id}/Resume", "")
    assert (resumed.value("State"), resumed.value("NextDate")) == ("Active", "2027-01-26T09:00:00Z")
    pledging.work("2027-01-26T09:00:00")
    assert len(pledging.gifts()) == 2
    assert shop.delete(f"/api/Pledge/{pledge_id}").status == 204
    assert shop.post(f"/api/Pledge/{pledge_id}/Resume", "").status == 409
    pledging.work("2027-02-03T09:00:00")
    assert len(pledging.gifts()) == 2
    assert pledging.told() == ["made", "gift_made", "paused", "resumed", "gift_made", "ended"]


def test_a_gift_that_nobody_was_asked_for_is_called_off(pledging):
    """The pledge is paused after its gift was recorded, and before anybody was asked to pay it."""
    pledge_id = pledging.pledge(**WEEKLY)
    pledging.at("2027-01-05T09:00:00")
    due.follow_all_due()
    assert pledging.gifts() == [("2027-01-05", "Submitted")]
    pledging.ann.shop.post(f"/api/Pledge/{pledge_id}/Pause", "")
    assert pledging.gifts() == [("2027-01-05", "Canceled")]
    assert Permission.objects.get().used_minor == 0
    pledging.work("2027-01-05T09:10:00")
    assert pledging.gifts() == [("2027-01-05", "Canceled")]
    pledging.ann.shop.post(f"/api/Pledge/{pledge_id}/Resume", "")
    pledging.work("2027-01-12T09:00:00")
    assert pledging.gifts() == [("2027-01-05", "Canceled"), ("2027-01-12", "Settled")]


def test_it_ends_with_its_last_day(pledging):
    pledge_id = pledging.pledge(StartDate="2027-01-31", EndDate="2027-03-31", TimeZone="Asia/Kathmandu")
    for moment in ("2027-01-31T03:15:00", "2027-02-28T03:15:00", "2027-03-31T03:15:00"):
        pledging.work(moment)
    now = pledging.get(pledge_id)
    assert (now.value("State"), now.value("StateReason"), now.value("GiftsMade")) == ("Ended", "end_date", "3")


def test_nothing_is_begun_after_the_last_day(pledging):
    pledge_id = pledging.pledge(**WEEKLY, EndDate="2027-01-12")
    pledging.work("2027-01-13T00:00:00")
    assert (pledging.gifts(), pledging.get(pledge_id).value("StateReason")) == ([], "end_date")


def test_it_ends_once_the_goal_is_reached(pledging):
    goal_id = pledging.ann.shop.new_goal(GoalAmount="30.00", StartingAmount="0.00")
    pledging.ann.goal_id = goal_id
    pledge_id = pledging.pledge(**WEEKLY)
    pledging.work("2027-01-05T09:00:00")
    pledging.work("2027-01-12T09:00:00")
    now = pledging.get(pledge_id)
    assert (now.value("State"), now.value("StateReason"), now.value("GiftsMade")) == ("Ended", "goal_reached", "2")


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("close", "goal_closed"),
        ("delete", "goal_deleted"),
        ("revoke", "permission_revoked"),
        ("expire", "permission_expired"),
        ("erase", "giver_erased"),
    ],
)
def test_it_ends_with_what_it_hangs_on(pledging, how, reason):
    pledge_id = pledging.pledge(**WEEKLY)
    ann, permission = pledging.ann, Permission.objects.get()
    if how == "close":
        ann.shop.post(f"/api/SavingGoal/{ann.goal_id}/Close", "")
    elif how == "delete":
        ann.shop.delete(f"/api/SavingGoal/{ann.goal_id}")
    elif how == "revoke":
        ann.shop.delete(f"/api/Permission/{permission.public_id}")
    elif how == "erase":
        ann.shop.delete(f"/api/Giver/{ann.id}")
    else:
        Permission.objects.update(ends_at="2027-01-05T00:00:00Z")
    pledging.work("2027-01-05T09:00:00")
    now = pledging.get(pledge_id)
    assert (now.value("State"), now.value("StateReason"), pledging.gifts()) == ("Ended", reason, [])


def test_one_number_has_one_gift(pledging):
    """The database itself refuses a second one."""
    pledging.pledge(**WEEKLY)
    pledging.work("2027-01-05T09:00:00")
    gift = PledgedGift.objects.get()
    twin = PledgedGift(pledge=gift.pledge, number=1, contribution=gift.contribution, created_at=gift.created_at)
    with pytest.raises(IntegrityError):
        twin.save(force_insert=True)


# --- What an operator is told -----------------------------------------------------------------------------------------


def told_of(gift_id):
    """The two lines that `manage.py gift` has of the gift's pledge."""
    return [line.partition("  ")[2].strip() for line in run("gift", gift_id).lines if line.startswith(("pledge ", "then "))]


def test_an_operator_sees_of_which_pledge_a_gift_is(pledging):
    pledge_id = pledging.pledge(StartDate="2027-01-05", EndDate="2027-06-30")
    pledging.work("2027-01-05T09:00:00")
    gift = Contribution.objects.get().public_id
    which = f"{pledge_id}  this is gift 1, 2027-01-05 09:00:00  20.00 USD every Month from 2027-01-05 until 2027-06-30, UTC"
    assert told_of(gift) == [f"{which}  Active, gifts made 1, skipped 0", "gift 2, 2027-02-05 09:00:00"]
    told = json.loads(run("gift", gift, "--json").text)["pledge"]
    assert (told["id"], told["number"], told["next_number"], told["state"]) == (pledge_id, 1, 2, "Active")
    by_hand = pledging.ann.shop.new_contribution(pledging.ann.goal_id).value("Id")
    assert told_of(by_hand) == []
    assert json.loads(run("gift", by_hand, "--json").text)["pledge"] is None


def test_an_operator_sees_what_a_pledge_does_next(pledging):
    pledging.pledge(StartDate="2027-01-05")
    play("declined")
    declined = "since the giver's card or account was declined"
    pledging.at("2027-01-05T09:00:00")
    due.follow_all_due()
    gift = Contribution.objects.get().public_id
    assert told_of(gift)[1] == "gift 1 is on its way: the worker looks for its outcome, 2027-01-05 09:00:10"
    pledging.work("2027-01-05T09:01:00")
    assert told_of(gift)[1] == f"gift 1 again, 2027-01-06 09:01:00: it has failed 1 times, {declined}"
    for moment in ("2027-01-06T09:02:00", "2027-01-08T09:02:00"):
        pledging.work(moment)
    assert told_of(gift)[1] == f"gift 1 again for the last time, 2027-01-12 09:01:00: it has failed 3 times, {declined}"
    pledging.work("2027-01-12T09:02:00")
    assert told_of(gift)[1] == f"nothing before the partner resumes it: it has paused, {declined}"


def test_an_operator_sees_why_a_pledge_has_ended_or_will(pledging):
    pledge_id = pledging.pledge(StartDate="2027-01-05")
    pledging.work("2027-01-05T09:00:00")
    gift, shop = Contribution.objects.get().public_id, pledging.ann.shop
    assert shop.post(f"/api/SavingGoal/{pledging.ann.goal_id}/Close").status == 200
    assert told_of(gift)[1] == "it ends when the worker looks at it, 2027-01-06 09:00:00, since the partner has closed the goal"
    assert shop.delete(f"/api/Pledge/{pledge_id}").status == 204
    assert told_of(gift)[1] == "nothing: it has ended, since the partner has ended it"


def test_an_operator_finds_the_gifts_of_a_pledge(pledging):
    """By its Id, and by that of its giver or of the permission."""
    pledge_id = pledging.pledge(**WEEKLY)
    for moment in ("2027-01-05T09:00:00", "2027-01-12T09:00:00"):
        pledging.work(moment)
    newest = [one.public_id for one in Contribution.objects.order_by("-pk")]
    for word in (pledge_id, pledging.ann.id, Permission.objects.get().public_id):
        assert [line[:22] for line in run("gift", word).lines] == newest


def test_each_reason_of_a_pledge_is_told_in_words():
    by_hand = {"client_paused", "client_ended", "giver_ended", "giver_erased", "goal_deleted", "end_date"}
    known = {*steps.WHY_NOT.values(), *knowing.OVER_AT.values(), *knowing.OVER_WITH.values(), *by_hand}
    assert known <= BECAUSE.keys()
