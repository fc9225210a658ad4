"""State, AcceptsGifts and RemainingAmount: what follows from a goal's totals, its rules, and what time it is."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

import clock
from goals.models import CapturePolicy, Overfunding, SavingGoal
from goals.state import NOTHING, Reserved, State, accepts_gifts, in_state, reached_in_sql, standing_of, state_of
from tests.conftest import goal_xml

NOW = datetime(2031, 5, 1, 12, tzinfo=UTC)


def a_goal(**columns):
    return SavingGoal(goal_minor=10_000, currency="USD", **columns)


def every_goal():
    """Each choice of closed or not, of end dates, policies and totals."""
    ends = (None, NOW - timedelta(seconds=1), NOW, NOW + timedelta(seconds=1))
    totals = ((0, 0), (9_999, 0), (10_000, 0), (0, 10_000), (6_000, 4_000), (12_000, 0), (-500, 0))
    for closed_at, ends_at, policy, (collected, held) in itertools.product((None, NOW), ends, CapturePolicy.values, totals):
        yield a_goal(
            closed_at=closed_at, ends_at=ends_at, capture_policy=policy, collected_minor=collected, authorized_minor=held
        )


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({}, State.OPEN),
        ({"ends_at": NOW}, State.OPEN),
        ({"ends_at": NOW - timedelta(seconds=1)}, State.ENDED),
        ({"ends_at": NOW - timedelta(seconds=1), "capture_policy": "OnGoalReached"}, State.MISSED),
        ({"ends_at": NOW - timedelta(seconds=1), "collected_minor": 10_000}, State.REACHED),
        ({"starting_minor": 4_000, "collected_minor": 6_000}, State.REACHED),
        ({"authorized_minor": 10_000}, State.OPEN),
        ({"authorized_minor": 10_000, "capture_policy": "Manual"}, State.OPEN),
        ({"authorized_minor": 10_000, "capture_policy": "OnGoalReached"}, State.REACHED),
        ({"collected_minor": 10_000, "closed_at": NOW}, State.CLOSED),
    ],
)
def test_state_is_the_first_that_is_true(columns, state):
    assert state_of(a_goal(**columns), now=NOW) is state


@pytest.mark.django_db
def test_the_states_filter_says_the_same_as_the_state(partner):
    for number, goal in enumerate(every_goal()):
        goal.partner, goal.public_id = partner, f"goal{number}"
        goal.save()
    goals = SavingGoal.objects.alias(reached_minor=reached_in_sql())
    for state in State:
        found = set(goals.filter(in_state(state, now=NOW)).values_list("public_id", flat=True))
        assert found == {goal.public_id for goal in SavingGoal.objects.all() if state_of(goal, now=NOW) is state}
        assert found


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("overfunding", "collected", "reserved", "accepts", "remaining"),
    [
        ("Allowed", 0, 10_000, True, 10_000),
        ("Allowed", 12_000, 0, True, 0),
        ("LastGift", 9_999, 0, True, 1),
        ("LastGift", 9_000, 1_000, False, 0),
        ("LastGift", 12_000, 0, False, 0),
        ("Never", 9_000, 900, True, 100),
        ("Never", 9_000, 1_000, False, 0),
        ("Never", 10_000, 0, False, 0),
    ],
)
def test_accepts_gifts_says_whether_one_can_be_made(overfunding, collected, reserved, accepts, remaining):
    goal = a_goal(overfunding=overfunding, collected_minor=collected)
    standing = standing_of(goal, Reserved(reserved), now=NOW)
    assert (standing.accepts_gifts, standing.remaining_minor) == (accepts, remaining)


@pytest.mark.no_database
def test_a_goal_that_is_over_accepts_nothing():
    for goal in every_goal():
        for goal.overfunding in Overfunding.values:
            over = state_of(goal, now=NOW) in {State.CLOSED, State.MISSED, State.ENDED}
            assert not (over and accepts_gifts(goal, NOTHING, now=NOW))


# --- Over the wire ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_savings_are_filtered_by_state(shop):
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    goals = {
        "Open": shop.new_goal(EndDate="2099-01-01"),
        "Ended": shop.new_goal(EndDate=past),
        "Missed": shop.new_goal(EndDate=past, CapturePolicy="OnGoalReached"),
        "Reached": shop.new_goal(StartingAmount="250.00"),
        "Closed": shop.new_goal(),
    }
    assert shop.post(f"/api/SavingGoal/{goals['Closed']}/Close").status == 200
    for state, goal_id in goals.items():
        found = shop.get(f"/api/savings?State={state}").xml
        assert [(goal.findtext("Id"), goal.findtext("State")) for goal in found] == [(goal_id, state)]
    refused = shop.get("/api/savings?State=closed")
    assert (refused.status, refused.value("detail")) == (400, "State must be one of Closed, Reached, Missed, Ended, Open.")


@pytest.mark.django_db
def test_the_next_page_keeps_the_state(shop):
    for _ in range(3):
        shop.new_goal()
    page = shop.get("/api/savings?State=Open&limit=2").xml
    assert "State=Open" in page.get("Next")
    assert len(shop.get(page.get("Next")).xml) == 1


@pytest.mark.django_db
def test_the_etag_changes_when_end_date_passes(shop, moved_clock):
    """Nobody has written anything: what can be seen has changed all the same."""
    path = f"/api/SavingGoal/{shop.new_goal(EndDate='2099-06-30T12:00:00Z')}"
    tag = shop.get(path).headers["ETag"]
    assert shop.get(path, If_None_Match=tag).status == 304
    moved_clock(datetime(2099, 6, 30, 12, 0, 1, tzinfo=UTC))
    again = shop.get(path, If_None_Match=tag)
    assert (again.status, again.value("State"), again.value("AcceptsGifts")) == (200, "Ended", "false")
    assert again.headers["ETag"] != tag
    body = goal_xml(EndDate="2099-06-30T12:00:00Z")
    assert shop.put(path, body, If_Match=tag).status == 412
    assert shop.put(path, body, If_Match=again.headers["ETag"]).status == 200


@pytest.mark.django_db
def test_the_etag_changes_when_a_reservation_ends(shop, moved_clock):
    goal_id = shop.new_goal(Overfunding="Never")
    shop.new_contribution(goal_id)
    path = f"/api/SavingGoal/{goal_id}"
    first = shop.get(path)
    assert (first.value("RemainingAmount"), shop.get(path, If_None_Match=first.headers["ETag"]).status) == ("230.00", 304)
    moved_clock(clock.now() + timedelta(minutes=31))
    again = shop.get(path, If_None_Match=first.headers["ETag"])
    assert (again.status, again.value("RemainingAmount")) == (200, "250.00")


@pytest.mark.django_db
def test_a_goal_is_read_without_further_statements(shop, django_assert_num_queries):
    """What is reserved comes with the goal itself: a goal that limits its gifts takes no statement more."""
    counts = []
    for overfunding in Overfunding.values:
        goal_id = shop.new_goal(Overfunding=overfunding)
        shop.new_contribution(goal_id)
        with django_assert_num_queries(4, exact=False) as queries:
            assert shop.get(f"/api/SavingGoal/{goal_id}").status == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1


# --- Close and Reopen -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_closed_goal_takes_no_new_gifts_and_open_ones_go_on(shop, giver):
    goal_id = shop.new_goal()
    gift = shop.new_contribution(goal_id)
    closed = shop.post(f"/api/SavingGoal/{goal_id}/Close")
    assert (closed.status, closed.value("State"), closed.value("AcceptsGifts")) == (200, "Closed", "false")
    assert closed.value("RecordVersionNumber") == "2"
    refused = shop.post(
        f"/api/SavingGoal/{goal_id}/Contributions",
        "<Contribution><Amount>1</Amount><Contributor>B</Contributor></Contribution>",
    )
    assert (refused.status, refused.value("code")) == (409, "goal_closed")
    giver.pay(gift.value("ProviderURL"))
    assert shop.get(f"/api/SavingGoal/{goal_id}").value("CurrentAmount") == "20.00"
    assert shop.post(f"/api/SavingGoal/{goal_id}/Reopen").value("State") == "Open"
    assert shop.new_contribution(goal_id).status == 201


@pytest.mark.django_db
def test_closing_twice_closes_once(shop):
    path = f"/api/SavingGoal/{shop.new_goal()}"
    first, second = shop.post(f"{path}/Close"), shop.post(f"{path}/Close/")
    assert (first.body, second.status, second.headers["ETag"]) == (second.body, 200, first.headers["ETag"])
    assert shop.get(path).headers["ETag"] == first.headers["ETag"]
    again, more = shop.post(f"{path}/Reopen"), shop.post(f"{path}/Reopen")
    assert (again.value("RecordVersionNumber"), again.body) == ("3", more.body)
    assert shop.put(path, goal_xml(RecordVersionNumber="2")).status == 409


@pytest.mark.django_db
def test_each_closing_is_told_once(shop):
    """As goal.closed, with the goal as it is then; opening it again is no event."""
    path = f"/api/SavingGoal/{shop.new_goal()}"
    for action in ("Close", "Close", "Reopen", "Reopen", "Close"):
        assert shop.post(f"{path}/{action}").status == 200
    told = shop.get("/api/Events?format=json").json["Event"]
    assert [one["Type"] for one in told] == ["goal.closed", "goal.closed"]
    shown = [one["SavingGoal"] for one in told]
    assert [(goal["State"], goal["RecordVersionNumber"]) for goal in shown] == [("Closed", 2), ("Closed", 4)]


@pytest.mark.django_db
def test_closing_honours_whose_goal_it_is_and_if_match(shop, rival):
    goal_id = shop.new_goal()
    path = f"/api/SavingGoal/{goal_id}"
    assert rival.post(f"{path}/Close").status == 403
    assert shop.post(f"{path}/Close", If_Match='"stale"').status == 412
    assert shop.post(f"{path}/Close", "<SavingGoal/>").status == 400
    assert shop.get(f"{path}/Close").status == 405
    assert shop.get(path).value("State") == "Open"
    assert shop.delete(path).status == 204
    assert shop.post(f"{path}/Close").status == 404
