"""`wait`: held until there is news, never longer than asked, and never so many that nobody else is served."""

import threading

import pytest
from django.db import connection

from tests.conftest import Giver
from tests.eventually import eventually, join
from web import waiting

pytestmark = pytest.mark.django_db(transaction=True)


def answers_while(ask, act):
    """What `ask()` answers, where `act()` is done as soon as somebody waits."""
    answers = []

    def run():
        answers.append(ask())
        connection.close()

    asking = threading.Thread(target=run)
    asking.start()
    eventually(lambda: waiting._room._inside or not asking.is_alive(), "somebody who waits", every=0.005)
    assert asking.is_alive(), "it did not wait"
    act()
    join(asking)
    return answers[0]


def test_the_feed_is_answered_when_something_happens(open_gift):
    client, gift, page = open_gift
    answer = answers_while(lambda: client.get("/api/Events?after=latest&wait=30"), lambda: Giver().pay(page))
    assert [one.findtext("Contribution/Id") for one in answer.xml] == [gift]


@pytest.mark.parametrize("status", [200, 404])
def test_a_contribution_is_answered_when_it_changes_or_goes(open_gift, status):
    client, gift, page = open_gift
    path = f"/api/Contribution/{gift}"
    tag = client.get(path).headers["ETag"]
    change = (lambda: Giver().pay(page)) if status == 200 else (lambda: client.delete(path))
    answer = answers_while(lambda: client.get(f"{path}?wait=30", If_None_Match=tag), change)
    assert answer.status == status
    assert status == 404 or answer.value("Status") == "Settled"


def test_when_nothing_happens_the_time_runs_out(open_gift, settings):
    """And the place is free again for the next."""
    client, gift, _ = open_gift
    settings.WAITING_REQUESTS = 1
    tag = client.get(f"/api/Contribution/{gift}").headers["ETag"]
    same = client.get(f"/api/Contribution/{gift}?wait=1", If_None_Match=tag)
    assert (same.status, same.headers.get("Retry-After")) == (304, None)
    answer = client.get("/api/Events?after=latest&wait=1")
    assert (answer.status, len(answer.xml), answer.headers.get("Retry-After")) == (200, 0, None)
    assert waiting._room._inside == 0


def test_without_room_to_wait_the_answer_comes_at_once(open_gift, settings):
    """Where there is no room to wait the answer comes at once and says when to ask again."""
    client, gift, _ = open_gift
    settings.WAITING_REQUESTS = 0
    named_nothing = client.get(f"/api/Contribution/{gift}?wait=30")
    assert (named_nothing.status, named_nothing.headers.get("Retry-After")) == (200, None), "it has nothing to wait for"
    feed = client.get("/api/Events?after=latest&wait=30")
    assert (feed.status, feed.headers["Retry-After"]) == (200, "2")
    tag = client.get(f"/api/Contribution/{gift}").headers["ETag"]
    same = client.get(f"/api/Contribution/{gift}?wait=30", If_None_Match=tag)
    assert (same.status, same.headers["Retry-After"]) == (304, "2")


def test_a_time_that_is_none(open_gift):
    client, gift, _ = open_gift
    for wait in ("31", "-1", "x", ""):
        answer = client.get(f"/api/Contribution/{gift}?wait={wait}")
        assert (answer.status, answer.value("code")) == (400, "invalid_argument")
