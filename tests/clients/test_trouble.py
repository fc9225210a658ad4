"""When the wire is bad or the house is full: what is tried again, under which key, how often, and what is told in the end."""

import json
import time
from email.utils import formatdate

import pytest

from tests.clients.conftest import Partner
from tests.clients.driving import Driver, Refused
from tests.clients.troublesome_wire import Instead, LoseTheAnswer, Silence

pytestmark = pytest.mark.one_database


def problem(status: int, code: str, **headers: str) -> Instead:
    body = json.dumps({"type": "t", "title": "t", "status": status, "code": code, "detail": "Not now."})
    return Instead(
        status, body, {"Content-Type": "application/problem+json"} | {n.replace("_", "-"): v for n, v in headers.items()}
    )


def posts(partner: Partner) -> list[str]:
    """The key of each POST of a contribution that went out."""
    return [one.headers["idempotency-key"] for one in partner.wire.heard if one.path.endswith("/Contributions") and one.body]


def test_a_lost_answer_makes_no_second_gift(partner: Partner) -> None:
    """Twice the service makes or has made the gift, and nobody hears of it: the third try gets the first one's answer."""
    goal = partner.new_goal()
    partner.wire.trouble(LoseTheAnswer(), LoseTheAnswer())
    gift = partner.new_gift(goal["id"])
    assert [one["id"] for one in partner("listContributions", goalId=goal["id"])] == [gift["id"]]
    keys = posts(partner)
    assert (len(keys), len(set(keys))) == (3, 1)
    partner.wire.trouble(LoseTheAnswer())
    again = partner.new_gift(goal["id"], idempotencyKey="order-4711")
    assert partner.new_gift(goal["id"], idempotencyKey="order-4711")["id"] == again["id"]
    assert posts(partner)[3:] == ["order-4711"] * 3


def test_a_full_house_is_asked_again_when_it_says(partner: Partner) -> None:
    goal = partner.new_goal()
    later = formatdate(time.time() + 4, usegmt=True)  # in whole seconds
    partner.wire.trouble(problem(503, "busy", Retry_After="1"), problem(429, "too_many", Retry_After=later))
    started = time.monotonic()
    partner.new_gift(goal["id"])
    assert time.monotonic() - started >= 2.5
    keys = posts(partner)
    assert (len(keys), len(set(keys))) == (3, 1)
    partner.wire.trouble(problem(429, "too_many", Retry_After="3600"))
    with pytest.raises(Refused) as told:
        partner.new_gift(goal["id"])
    assert (told.value.kind, told.value["retryAfter"]) == ("TooManyRequests", 3600), "what is too long to wait is told at once"
    assert told.value["idempotencyKey"] == posts(partner)[3]


def test_the_first_try_that_still_runs_is_waited_for(partner: Partner) -> None:
    goal = partner.new_goal()
    partner.wire.trouble(problem(409, "idempotency_key_in_use"), problem(409, "idempotency_key_in_use"))
    assert partner.new_gift(goal["id"])["status"] == "Submitted"
    assert len(set(posts(partner))) == 1
    partner.wire.trouble(problem(409, "goal_has_ended"))
    with pytest.raises(Refused, match="goal_has_ended") as told:
        partner.new_gift(goal["id"])
    assert (told.value.kind, len(posts(partner))) == ("Conflict", 4), "another conflict is told at once"


def test_a_proxys_page_is_not_taken_for_the_service(partner: Partner) -> None:
    goal = partner.new_goal()
    partner.wire.trouble(Instead(502, "<h1>Bad gateway</h1>", {"Content-Type": "text/html"}))
    assert partner("getGoal", goalId=goal["id"])["id"] == goal["id"]
    for nonsense in (Instead(200, "<html>Welcome"), Instead(200, "{}"), Instead(200, "[]"), Instead(404, "Not found"),
                     Instead(302, "", {"Location": "/elsewhere"})):  # fmt: skip
        partner.wire.trouble(nonsense)
        before = len(partner.wire.heard)
        with pytest.raises(Refused, match="UnexpectedAnswer"):
            partner("getGoal", goalId=goal["id"])
        assert len(partner.wire.heard) == before + 1, "it is neither tried again nor followed"


def test_what_a_provider_refuses_is_told_and_not_tried_again(partner: Partner) -> None:
    goal = partner.new_goal()
    before = len(posts(partner))
    told = {"status": 502, "code": "checkout_refused", "detail": "No.", "Id": "gift", "StatusReason": "payee_cannot_receive"}
    partner.wire.trouble(Instead(502, json.dumps(told)))
    with pytest.raises(Refused, match="ProviderRefused") as refused:
        partner.new_gift(goal["id"])
    assert (refused.value["contributionId"], refused.value["reason"]) == ("gift", "payee_cannot_receive")
    assert len(posts(partner)) == before + 1


def test_a_change_whose_answer_got_lost_is_told_apart(partner: Partner) -> None:
    goal = partner.new_goal()
    partner.wire.trouble(LoseTheAnswer())
    with pytest.raises(Refused, match="VersionConflict") as stale:
        partner("updateGoal", goalId=goal["id"], version=1, name="A red one")
    assert (stale.value["afterLostAnswer"], stale.value["currentVersion"]) == (True, 2)
    assert partner("getGoal", goalId=goal["id"])["name"] == "A red one"
    partner.wire.trouble(LoseTheAnswer())
    partner("deleteGoal", goalId=goal["id"])
    with pytest.raises(Refused, match="NotFound"):
        partner("deleteGoal", goalId=goal["id"])


def test_nobody_there_is_told_within_the_deadline(driver: Driver) -> None:
    driver("open", address="http://127.0.0.1:9", apiKey="wr_secret", deadlineSeconds=2)
    started = time.monotonic()
    with pytest.raises(Refused, match="ServiceUnreachable") as told:
        driver("createContribution", goalId="x", amount="1", contributor="Bob", idempotencyKey="order-1")
    assert time.monotonic() - started < 10
    assert told.value["idempotencyKey"] == "order-1"
    assert "wr_secret" not in json.dumps(told.value.told)


def test_silence_is_given_up_and_tried_again(partner: Partner) -> None:
    """A service that takes the request and says nothing; what it did is not done twice."""
    goal = partner.new_goal()
    partner.driver("open", address=partner.wire.address, apiKey=partner.key, readSeconds=1, deadlineSeconds=30)
    partner.wire.trouble(Silence(3))
    gift = partner.new_gift(goal["id"])
    assert [one["id"] for one in partner("listContributions", goalId=goal["id"])] == [gift["id"]]
    assert len(set(posts(partner))) == 1
    assert len(posts(partner)) >= 2
