"""What is read by one statement is answered as if each record had been looked up by itself: same bytes, same headers."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import clock
from api import hot_reads
from partners import keys
from partners.models import Partner
from tests.api.hot_records import NOW, fill
from tests.conftest import PartnerClient, contribution_xml, register
from tests.tiers import amount

pytestmark = pytest.mark.django_db

MANY = {"goals": 40, "events": 60}
FEW = {"goals": 12, "gifts": 60, "events": 9}
OF_THE_REQUEST = {"RateLimit"}
MEDIA = ("application/xml", "application/json", "text/xml", "*/*", "text/html")


def stocked(*, is_test, seed, number):
    """A partner's client, its goals, gifts and events."""
    made = register("Anna's Shop", is_test=is_test)
    return PartnerClient(made.api_key), *fill(made.partner, seed=seed, **number)


@pytest.fixture
def records(moved_clock):
    """A few of a test partner's, and of a live one's of the same name."""
    moved_clock(NOW)
    return [stocked(is_test=is_test, seed=seed, number=FEW) for is_test, seed in ((True, 1), (False, 2))]


@pytest.fixture
def both_ways(monkeypatch):
    """An answer as it is given, and as it is where nothing is read ahead."""
    read = []

    def taken(request, take=hot_reads.taken):
        record = take(request)
        read.append(record is not None)
        return record

    monkeypatch.setattr(hot_reads, "taken", taken)

    def ask(client, verb, path, body="", **headers):
        answers = []
        for offer in (hot_reads.offer, lambda *_: None):
            with monkeypatch.context() as patch:
                patch.setattr(hot_reads, "offer", offer)
                answer = client.call(verb, path, body, Request_Id="twice", **headers)
            told = {name: value for name, value in answer.headers.items() if name not in OF_THE_REQUEST}
            answers.append((answer.status, told, answer.body))
        assert answers[0] == answers[1], path
        return answers[0]

    ask.read = read
    return ask


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("is_test", "seed"), [(True, 3), (False, 4), (True, 5)])
def test_answers_are_the_same_to_the_byte_and_the_header(moved_clock, both_ways, is_test, seed, pytestconfig):
    moved_clock(NOW)
    number = MANY | {"gifts": amount(pytestconfig, "gifts read in two ways")}
    client, goals, gifts, events = stocked(is_test=is_test, seed=seed, number=number)
    chance, statuses = random.Random(seed), set()
    paths = [f"/api/SavingGoal/{goal.public_id}" for goal in goals]
    paths += [f"/api/Contribution/{gift.public_id}" for gift in gifts]
    paths += [f"/api/Events?after={event.public_id}{chance.choice(['', '&limit=3', '&wait=0'])}" for event in events]
    for path in paths:
        media = chance.choice(MEDIA)
        status, headers, _ = both_ways(client, "GET", path, Accept=media)
        statuses.add(status)
        if chance.random() < 0.3:
            tags = [headers.get("ETag", '"1x"'), f"W/{headers.get('ETag', '')}", '"0.0.Open.y.0x"', "*"]
            verb, tag = chance.choice(["GET", "HEAD"]), chance.choice(tags)
            statuses.add(both_ways(client, verb, path, Accept=media, If_None_Match=tag)[0])
    assert statuses == {200, 304, 404, 406}
    assert sum(both_ways.read) > 0.4 * len(both_ways.read)  # the other half was not to be read so


@pytest.mark.parametrize(("is_test", "seed"), [(True, 6), (False, 7)])
def test_a_gift_is_judged_alike_whichever_way_its_goal_is_read(moved_clock, both_ways, is_test, seed):
    moved_clock(NOW)
    client, goals, *_ = stocked(is_test=is_test, seed=seed, number=FEW | {"goals": 60})
    rival, statuses = PartnerClient(register("Rival Shop", is_test=is_test).api_key), set()
    paths = [f"/api/SavingGoal/{goal}/Contributions?ValidateOnly=1" for goal in (*(one.public_id for one in goals), "none")]
    for path in paths:
        for changes in ({}, {"ProviderName": "PayPal"}, {"ProviderName": "Stripe", "Amount": "0.001"}):
            statuses.add(both_ways(client, "POST", path, contribution_xml(**changes))[0])
    assert statuses == ({200} if is_test else set()) | {400, 404, 409}  # live, this operator has no payment company
    assert {both_ways(rival, "POST", path, contribution_xml())[0] for path in paths} == {403, 404}


def test_refusals_are_the_same(records, both_ways):
    (test, goals, gifts, events), (live, *_) = records
    rival = PartnerClient(register("Rival Shop").api_key)
    paths = [f"/api/SavingGoal/{goals[0].public_id}", f"/api/Contribution/{gifts[0].public_id}", "/api/Contribution/none"]
    paths += [f"/api/Events?after={events[5].public_id}", "/api/Events?after=evt_000000000001_x", "/api/SavingGoal/%00"]
    asked = [
        f"{path}{'&' if '?' in path else '?'}{more}" for path in paths for more in ("", "color=red", "limit=1000", "wait=99")
    ]
    asked += [f"/api/Events?after={events[5].public_id}&{more}" for more in ("limit=0", "limit=²", "Limit=2", "after=latest")]
    statuses = set()
    for client in (test, live, rival, PartnerClient("no key"), PartnerClient(None)):
        statuses |= {both_ways(client, "GET", path)[0] for path in asked}
    assert statuses == {200, 400, 401, 403, 404}


def test_a_key_that_is_over_opens_nothing(records, moved_clock, both_ways):
    client, goals, *_ = records[0]
    path = f"/api/SavingGoal/{goals[0].public_id}"
    short = PartnerClient(keys.issue(Partner.objects.get(is_test=True), expires_at=clock.now()))
    assert both_ways(short, "GET", path)[0] == 401
    keys.revoke(client.key)
    assert both_ways(client, "GET", path)[0] == 401


def test_each_hot_read_is_one_statement(records):
    """The poll and its 304, of contribution and goal, and the feed."""
    client, goals, gifts, events = records[0]
    goal = next(goal for goal in goals if goal.overfunding == "Never" and not goal.deleted_at)
    gift = next(gift for gift in gifts if not gift.deleted_at)
    client.get("/api/savings?limit=1")  # the use of the key is written down
    for path in (
        f"/api/SavingGoal/{goal.public_id}",
        f"/api/Contribution/{gift.public_id}",
        f"/api/Events?after={events[0].public_id}",
    ):
        tag = client.get(path).headers["ETag"]
        for headers, status in (({}, 200), ({"If_None_Match": tag}, 304)):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(path, **headers).status == status
            assert len(asked) == 1, [one["sql"] for one in asked]


def test_a_list_of_goals_takes_six_statements_at_most(records):
    client = records[0][0]
    client.get("/api/savings?limit=1")
    counts = set()
    for limit in (1, 3, 5):
        first = client.get(f"/api/savings?limit={limit}")
        with CaptureQueriesContext(connection) as asked:
            second = client.get(first.xml.get("Next"))
        counts.add(len(asked))
    assert second.xml.findall(".//Contribution")
    assert counts == {5}  # the key, where the page begins, its goals, their accounts, their contributions
