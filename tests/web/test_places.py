"""Places for who waits for a provider: per gift, partner and process, given back whatever happens."""

import asyncio
import os
import subprocess
import sys
import threading
from contextlib import ExitStack

import pytest
from django.test import RequestFactory

from providers.kit.deadline import at_most
from tests.eventually import SECONDS, join
from web import places, slot_file
from web.made_anew import HOLD, Hold
from web.places import NoPlace, PlaceWanted, ProviderBusy, place

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
    """A request, as it comes from a WSGI server; five places in all, three for one partner, two for one provider."""
    settings.PROVIDER_PLACES, settings.PROVIDER_PLACES_FOR_A_PARTNER = 5, 3
    settings.PROVIDER_PLACES_FOR_A_PROVIDER = 2
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


def test_a_provider_has_two_places_and_the_others_the_rest(request_to):
    """PayPal's are taken by two partners' gifts: a third gift finds none there, and one at Stripe's as ever."""
    paypal = [(number, f"gift {number}", "paypal") for number in range(4)]
    assert taken(request_to, *paypal) == 2
    assert taken(request_to, *paypal, (9, "another", "stripe"), (9, "third", "stripe")) == 4
    with place(request_to, 1, "", "paypal"), place(request_to, 2, "", "paypal"), place(request_to, 3, "unpicked"):
        with pytest.raises(ProviderBusy):
            places.ask(request_to, "paypal")
        places.ask(request_to, "stripe")
        assert taken(request_to, (1, "", "stripe"), (1, "", "stripe")) == 1


def test_who_finds_no_place_is_told_when_a_call_is_over(request_to):
    """Two ask the provider, one for 7 s at most and one for 30: the first of these two moments."""
    with place(request_to, 1, "", "paypal"), at_most(30):
        asking, over = threading.Event(), threading.Event()
        another = threading.Thread(target=asks_for_seven_seconds, args=[asking, over])
        another.start()
        try:
            assert asking.wait(SECONDS)
            with pytest.raises(ProviderBusy) as busy, place(request_to, 3, "", "paypal"):
                pass
        finally:
            over.set()
            join(another)
    assert 6 <= busy.value.seconds <= 7


def asks_for_seven_seconds(asking, over):
    with place(RequestFactory().get("/"), 2, "", "paypal"), at_most(7):
        asking.set()
        over.wait(SECONDS)


def test_at_a_provider_that_hangs_nobody_waits(request_to, monkeypatch):
    """While places come and go it is worth to wait for one; where none has for a while, it is not."""
    request_to.META[HOLD] = Hold()
    with place(request_to, 1, "", "paypal"), place(request_to, 2, "", "paypal"):
        with pytest.raises(PlaceWanted) as wanted, place(request_to, 3, "", "paypal"):
            pass
        assert (wanted.value.is_free(), wanted.value.hangs()) == (False, False)
        monkeypatch.setattr(places, "SECONDS_TO_MOVE", -1)
        assert wanted.value.hangs()
        with pytest.raises(ProviderBusy), place(request_to, 3, "", "paypal"):
            pass
    assert wanted.value.is_free()


def test_a_place_goes_to_whom_it_fits(request_to):
    """The first in the queue waits for PayPal, where nothing is free yet: the place at Stripe's is the second one's."""
    request_to.META[HOLD] = Hold()

    def wanted_at(host):
        with pytest.raises(PlaceWanted) as wanted, place(request_to, 9, "", host):
            pass
        return wanted.value

    async def story(paypal, stripe, free_stripe):
        queue = places.Queue()
        waiting = [asyncio.ensure_future(queue.until_one_is_free(wanted, 10)) for wanted in (paypal, stripe)]
        await asyncio.sleep(0)
        free_stripe()
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=SECONDS)
        found = [one in done for one in waiting], [one.result() for one in done]  # deadline: they are done
        waiting[0].cancel()
        queue.close()
        return found

    with ExitStack() as at_paypal, ExitStack() as at_stripe:
        for number in range(2):
            at_paypal.enter_context(place(request_to, number, "", "paypal"))
            at_stripe.enter_context(place(request_to, number, "", "stripe"))
        told = asyncio.run(story(wanted_at("paypal"), wanted_at("stripe"), at_stripe.close))
    assert told == ([False, True], [True])


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
    monkeypatch.setattr(slot_file, "path", lambda: tmp_path / "nowhere" / "places")
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
