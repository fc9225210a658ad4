"""Places for who waits for a provider: per gift, partner and process, given back whatever happens."""

import os
import subprocess
import sys
import threading
from contextlib import ExitStack

import pytest
from django.test import RequestFactory

from tests.eventually import SECONDS, join
from web import places
from web.made_anew import HOLD, Hold
from web.places import NoPlace, PlaceWanted, place

HOLDS_A_PLACE = """
import sys
import config.wsgi
from django.test import RequestFactory
from web.places import place

with place(RequestFactory().get("/"), 1, "shared"):
    print("here", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def request_to(settings):
    """A request, as it comes from a WSGI server; five places in all, three for one partner."""
    settings.PROVIDER_PLACES, settings.PROVIDER_PLACES_FOR_A_PARTNER = 5, 3
    return RequestFactory().get("/")


def taken(request, *wanted):
    """How many of these (partner, gift) have found a place, one after the other; all of them are given back."""
    with ExitStack() as held:
        found = 0
        for one in wanted:
            try:
                held.enter_context(place(request, *one))
                found += 1
            except NoPlace:
                pass
        return found


def test_two_for_one_gift_three_for_a_partner_five_in_all(request_to):
    for _ in range(2):  # given back, they are there again
        assert taken(request_to, *[(1, "gift")] * 5) == 2
        assert taken(request_to, *[(1, f"gift {number}") for number in range(9)]) == 3
        assert taken(request_to, *[(number, "") for number in range(9)]) == 5
        assert taken(request_to, *[(number, "gift") for number in range(4)]) == 4, "another partner's gift is another"


def test_a_crash_gives_the_place_back(request_to):
    for _ in range(9):
        with pytest.raises(ZeroDivisionError), place(request_to, 1, "gift"):
            raise ZeroDivisionError
    assert taken(request_to, *[(1, "gift")] * 3) == 2


def test_behind_the_front_door_one_waits_without_a_thread(request_to):
    request_to.META[HOLD] = Hold()
    with place(request_to, 1, "gift"), place(request_to, 1, "gift"):
        with pytest.raises(PlaceWanted) as wanted, place(request_to, 1, "gift"):
            pass
        assert wanted.value.seconds == places.SECONDS_AT_A_FULL_GIFT
        request_to.META[HOLD].may_queue = False
        with pytest.raises(NoPlace), place(request_to, 1, "gift"):
            pass


def test_two_processes_share_the_two_places_of_a_gift(request_to, settings):
    """The other process is killed with its place, and the place is free all the same."""
    another = subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_PLACE], cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"DATABASE_URL": settings.DATABASE_URL},
    )  # fmt: skip
    try:
        assert another.stdout.readline() == "here\n"
        assert taken(request_to, *[(1, "shared")] * 3) == 1
    finally:
        another.kill()
        another.communicate(timeout=SECONDS)
    assert taken(request_to, *[(1, "shared")] * 3) == 2


def test_without_a_file_each_process_counts_for_itself(request_to, monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(places, "_path", lambda: tmp_path / "nowhere" / "places")
    monkeypatch.setattr(places, "_places", places._Places())
    assert taken(request_to, *[(1, "gift")] * 5) == 2
    assert [record.message for record in caplog.records] == ["places not shared"]


def test_many_threads_never_have_more_than_there_are(request_to):
    inside, most, lock = 0, 0, threading.Lock()

    def come(number):
        nonlocal inside, most
        for _ in range(200):
            try:
                with place(request_to, number % 3, str(number % 2)):
                    with lock:
                        inside += 1
                        most = max(most, inside)
                    with lock:
                        inside -= 1
            except NoPlace:
                pass

    threads = [threading.Thread(target=come, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    join(*threads)
    assert 1 <= most <= 5
    assert taken(request_to, *[(number, "") for number in range(9)]) == 5
