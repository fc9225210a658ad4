"""after=latest: the feed from now on, without the past and without a gap."""

import threading
import time

import pytest
from django.db import connection

from tests.conftest import PartnerClient, register
from tests.eventually import join


@pytest.mark.django_db
def test_latest_is_an_empty_list_whose_next_is_the_position(shop, giver):
    goal = shop.new_goal()
    before = shop.get("/api/Events?after=latest&limit=7")
    assert (before.status, len(before.xml)) == (200, 0)
    assert before.xml.get("Next") == "http://give.example.test/api/Events?limit=7"  # nothing yet: from the very beginning
    first = shop.new_contribution(goal).value("Id")
    now = shop.get("/api/Events?after=latest")
    assert len(now.xml) == 0
    assert now.headers["Link"] == f'<{now.xml.get("Next")}>; rel="next"'
    second = shop.new_contribution(goal).value("Id")
    assert [one.findtext("Contribution/Id") for one in shop.get(now.xml.get("Next")).xml] == [second]
    assert [one.findtext("Contribution/Id") for one in shop.get(before.xml.get("Next")).xml] == [first, second]


@pytest.mark.django_db
def test_latest_with_wait_says_where_it_is_when_time_is_over(shop):
    shop.new_contribution(shop.new_goal())
    answer = shop.get("/api/Events?after=latest&wait=1")
    assert (answer.status, len(answer.xml)) == (200, 0)
    assert answer.xml.get("Next").endswith("&wait=1")
    assert "after=evt_000000000001_" in answer.xml.get("Next")


@pytest.mark.django_db
def test_where_there_is_no_room_latest_still_gives_the_position(shop, settings):
    settings.WAITING_REQUESTS = 0
    shop.new_contribution(shop.new_goal())
    answer = shop.get("/api/Events?after=latest&wait=20")
    assert (answer.status, answer.headers["Retry-After"]) == (200, "2")
    assert "after=evt_000000000001_" in answer.xml.get("Next")


@pytest.mark.django_db(transaction=True)
def test_latest_with_wait_is_held_until_something_happens():
    shop = PartnerClient(register("Shop").api_key)
    goal = shop.new_goal()
    shop.new_contribution(goal)
    made = []

    def give():
        time.sleep(0.5)
        made.append(shop.new_contribution(goal).value("Id"))
        connection.close()

    giving = threading.Thread(target=give)
    giving.start()
    answer = shop.get("/api/Events?after=latest&wait=20")
    join(giving)
    assert [one.findtext("Contribution/Id") for one in answer.xml] == made
