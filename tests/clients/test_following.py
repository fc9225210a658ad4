"""Following the feed: each event once and in order, whatever happens to the service meanwhile."""

import json
import time

import pytest

from tests.clients.conftest import Partner, pay
from tests.clients.driving import Refused
from tests.clients.troublesome_wire import Instead, LoseTheAnswer, wire_to
from tests.crashes.processes import Service
from tests.eventually import eventually

pytestmark = pytest.mark.one_database


def settle(partner: Partner, service: Service, number: int) -> list[str]:
    """The Ids of so many new gifts, paid one after the other."""
    goal = partner.new_goal()
    gifts = [partner.new_gift(goal["id"]) for _ in range(number)]
    for gift in gifts:
        pay(service, gift["providerUrl"])
    return [gift["id"] for gift in gifts]


def settled(events: list[dict]) -> list[str]:
    return [one["contribution"]["id"] for one in events if one["type"] == "contribution.settled"]


def asked_for_events(partner: Partner) -> int:
    return sum(one.path.startswith("/api/Events") for one in partner.wire.heard)


def test_the_position_is_the_callers(partner: Partner, service: Service) -> None:
    gifts = settle(partner, service, 3)
    events = partner("events", wait=0, limit=2)
    assert settled(events) == gifts
    assert [one["id"] for one in events] == sorted(one["id"] for one in events)
    assert partner("events", after=events[1]["id"], wait=0) == events[2:]
    assert partner("events", after=events[-1]["id"], wait=0) == []


@pytest.mark.full  # it starts the server twice; docs/test_samples_on_bad_days.py has a bad day in every tier
def test_it_outlives_a_restart_and_all_that_comes_with_it(partner: Partner, service: Service) -> None:
    """A proxy's page, a busy database, a lost answer; then killed while it holds the answer, and away for a while."""
    settle(partner, service, 1)
    _, event = partner("events", wait=0, take=2)
    goal = partner.new_goal()
    gifts = [partner.new_gift(goal["id"]) for _ in range(3)]
    seen = partner("events", after=event["id"], wait=0)
    partner.wire.trouble(
        Instead(502, "<h1>Bad gateway</h1>"),
        Instead(503, json.dumps({"code": "busy", "detail": "Busy."}), {"Retry-After": "1"}),
        LoseTheAnswer(),
        Instead(500, json.dumps({"code": "internal_error", "detail": "Our fault."})),
    )
    partner.driver.begin("events", after=event["id"], wait=5, take=len(seen) + 3)
    eventually(lambda: not partner.wire.next, "it goes on asking")
    before = asked_for_events(partner)
    pay(service, gifts[0]["providerUrl"])
    eventually(lambda: asked_for_events(partner) > before, "the next question is held")
    service.kill("server")
    try:
        eventually(lambda: asked_for_events(partner) >= before + 3, "it goes on asking")
    finally:
        service.start_server()
    for gift in gifts[1:]:
        pay(service, gift["providerUrl"])
    told = partner.driver.answer()
    assert settled(told) == [gift["id"] for gift in gifts]
    assert told[: len(seen)] == seen


@pytest.mark.full  # it starts a server for itself
def test_a_full_house_is_not_asked_in_a_rush(partner: Partner, full_house: Service) -> None:
    """The service has no room to hold an answer: it comes at once, with Retry-After."""
    with wire_to(full_house.base_url) as partner.wire:
        partner.driver("open", address=partner.wire.address, apiKey=partner.key)
        gift = partner.new_gift(partner.new_goal()["id"])
        seen = partner("events", wait=0)
        before = asked_for_events(partner)
        partner.driver.begin("events", after=seen[-1]["id"] if seen else None, wait=30, take=1)
        time.sleep(3)  # a client in a rush would have asked hundreds of times
        assert asked_for_events(partner) - before <= 4
        pay(full_house, gift["providerUrl"])
        assert settled(partner.driver.answer()) == [gift["id"]]
        assert partner("waitForContribution", id=partner.new_gift(gift["savingGoalId"])["id"], seconds=2) is None


def test_what_does_not_pass_by_itself_is_told(partner: Partner) -> None:
    partner.wire.trouble(*[Instead(503, json.dumps({"code": "busy", "detail": "Busy."}))] * 50)
    with pytest.raises(Refused, match="ServiceFailed"):
        partner("events", giveUpAfter=1)
    partner.wire.next.clear()
    with pytest.raises(Refused, match="BadRequest"):
        partner("events", after="no-such-event")
    partner.driver("open", address=partner.wire.address, apiKey="wr_" + "x" * 40)
    with pytest.raises(Refused, match="Unauthorized"):
        partner("events")
