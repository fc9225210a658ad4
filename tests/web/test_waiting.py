"""`wait`: held until there is news, never longer than asked, and never so many that nobody else is served."""

import threading

import pytest
from django.db import connection

from partners.registration import register
from tests.conftest import Giver, PartnerClient
from tests.eventually import eventually, join
from web import waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def open_gift():
    """(client, Id, ProviderURL) of a gift that nobody has paid yet."""
    client = PartnerClient(register("Waiting Shop").api_key)
    gift = client.new_contribution(client.new_goal())
    return client, gift.value("Id"), gift.value("ProviderURL")


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
    answer = answers_while(lambda: client.get("/api/Events?wait=30"), lambda: Giver().pay(page))
    assert [one.findtext("Contribution/Id") for one in answer.xml] == [gift]


def test_a_contribution_is_answered_when_it_changes(open_gift):
    client, gift, page = open_gift
    tag = client.get(f"/api/Contribution/{gift}").headers["ETag"]
    answer = answers_while(
        lambda: client.get(f"/api/Contribution/{gift}?wait=30", If_None_Match=tag), lambda: Giver().pay(page)
    )
    assert (answer.status, answer.value("Status")) == (200, "Settled")


def test_a_contribution_that_is_deleted_meanwhile_is_404(open_gift):
    client, gift, _ = open_gift
    tag = client.get(f"/api/Contribution/{gift}").headers["ETag"]
    answer = answers_while(
        lambda: client.get(f"/api/Contribution/{gift}?wait=30", If_None_Match=tag),
        lambda: client.delete(f"/api/Contribution/{gift}"),
    )
    assert answer.status == 404


def test_when_nothing_happens_the_time_runs_out(open_gift):
    client, gift, _ = open_gift
    tag = client.get(f"/api/Contribution/{gift}").headers["ETag"]
    assert client.get(f"/api/Contribution/{gift}?wait=1", If_None_Match=tag).status == 304
    answer = client.get("/api/Events?wait=1")
    assert (answer.status, len(answer.xml), answer.headers.get("Retry-After")) == (200, 0, None)


def test_who_names_nothing_that_it_has_is_answered_at_once(open_gift, settings):
    client, gift, _ = open_gift
    settings.WAITING_REQUESTS = 0
    answer = client.get(f"/api/Contribution/{gift}?wait=30")
    assert (answer.status, answer.headers.get("Retry-After")) == (200, None)


def test_without_room_to_wait_the_answer_comes_at_once(open_gift, settings):
    """Where there is no room to wait the answer comes at once and says when to ask again."""
    client, gift, _ = open_gift
    settings.WAITING_REQUESTS = 0
    feed = client.get("/api/Events?wait=30")
    assert (feed.status, feed.headers["Retry-After"]) == (200, "2")
    tag = client.get(f"/api/Contribution/{gift}").headers["ETag"]
    same = client.get(f"/api/Contribution/{gift}?wait=30", If_None_Match=tag)
    assert (same.status, same.headers["Retry-After"]) == (304, "2")


def test_a_place_is_free_again_when_somebody_leaves(open_gift, settings):
    client, _, _ = open_gift
    settings.WAITING_REQUESTS = 1
    for _ in range(2):
        assert client.get("/api/Events?wait=1").headers.get("Retry-After") is None
    assert waiting._room._inside == 0


@pytest.mark.parametrize("wait", ["31", "-1", "x", ""])
def test_a_time_that_is_none(open_gift, wait):
    client, gift, _ = open_gift
    answer = client.get(f"/api/Contribution/{gift}?wait={wait}")
    assert (answer.status, answer.value("code")) == (400, "invalid_argument")
