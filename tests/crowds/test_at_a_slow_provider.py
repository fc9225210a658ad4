"""PayPal hangs, as the simulator plays it; the documented server, with few places: whom does it harm?"""

import asyncio
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.serving import running_server
from tests.crowds import nuisances
from tests.crowds.visitors import Shop, Visitor, all_at_once
from web.places import SECONDS_TO_MOVE

HANGING = 24
"""Givers who come back to PayPal: in each process more than its places, wherever they arrive."""

HANGS_SECONDS = 30
"""As tests/crowds/hanging.py."""

AT_ONCE_SECONDS = 8.0
"""What does not wait for PayPal takes no longer, on a busy machine; where it does, it is over 20 s."""


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    places = {"PROVIDER_PLACES": "6", "PROVIDER_PLACES_FOR_A_PARTNER": "6", "PROVIDER_PLACES_FOR_A_PROVIDER": "3"}
    folder = tmp_path_factory.mktemp("slow")
    with running_server(folder, application="tests.crowds.hanging:application", REQUEST_THREADS="8", **places) as server:
        yield server


@pytest.fixture(scope="module")
def shop(door):
    return Shop(f"http://127.0.0.1:{door.port}", door.key)


def made(shop, provider, scenario=""):
    """A gift to a new goal that takes gifts at this provider's."""
    goal = {
        "ExternalItemId": "slow", "Name": "Slow", "GoalAmount": "1000",
        "PaymentProviders": {"PaymentProvider": [{"ProviderName": provider, "Credentials": "anna@example.org"}]},
        "ConfirmationURL": "https://shop.example/thanks", "CancelURL": "https://shop.example/pity",
    }  # fmt: skip
    goal_id = shop.ask("POST", "/api/savings", json=goal).json()["Id"]
    headers = {"Authorization": f"Bearer {shop.key}", "Accept": "application/json"}
    headers |= {"Sandbox-Scenario": scenario} if scenario else {}
    gift = {"Amount": "20.00", "Contributor": "Somebody"}
    answer = shop.ask("POST", f"/api/SavingGoal/{goal_id}/Contributions", json=gift, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def approved(shop, provider, scenario=""):
    """(its Id, where its giver comes back to, the provider's page) of a gift whose giver has agreed."""
    gift = made(shop, provider, scenario)
    page = shop.checkout(gift["ProviderURL"])
    return gift["Id"], shop.choose(page, "approve").headers["Location"], page


def seconds_of(answer):
    return answer.elapsed.total_seconds()


@pytest.fixture(scope="module")
def story(door, shop):
    """What everybody was told while PayPal hung; asked for once, since it takes as long as a call may."""
    at_paypal = [approved(shop, "PayPal") for _ in range(3)]
    backs = [approved(shop, "PayPal", "slow")[1] for _ in range(HANGING)]

    async def come_back():
        return await asyncio.gather(*(nuisances.asked(door.port, back.removeprefix(shop.base_url)) for back in backs))

    with ThreadPoolExecutor(1) as pool:
        returns = pool.submit(asyncio.run, come_back())
        time.sleep(SECONDS_TO_MOVE + 1.5)  # from now on it is known to hang
        told = {"at_paypal": at_paypal}
        told["others"] = all_at_once([lambda: paid(shop.another(), "Stripe") for _ in range(6)])
        told["healthy"] = [asyncio.run(nuisances.asked(door.port, "/api/savings?limit=1", door.key)) for _ in range(10)]
        told["giver"] = Visitor(shop.base_url).ask("GET", at_paypal[0][1])
        told["check"] = shop.ask("POST", f"/api/Contribution/{at_paypal[1][0]}/Check")
        told["asked_at"] = time.monotonic()
        told["webhook"] = Visitor(shop.base_url).report(at_paypal[2][2], 1)
        told["new"] = shop.give(shop.new_goal(), "5.00")
        told["new_pay"] = Visitor(shop.base_url).ask("GET", told["new"].json()["ProviderURL"])
        told["hung_on"] = not returns.done()
        told["returns"] = returns.result(90)
    return told


def paid(shop, provider):
    """How long a gift takes at this provider's, from the first request to the giver's return; and that it is paid."""
    began = time.monotonic()
    gift, back, _ = approved(shop, provider)
    answer = shop.ask("GET", back)
    return answer.status_code, time.monotonic() - began, shop.read(f"/api/Contribution/{gift}")["Status"]


def test_the_others_gifts_are_paid_as_ever(story):
    assert story["hung_on"], "PayPal must hang for as long as all of this takes"
    assert {(status, state) for status, _, state in story["others"]} == {(303, "Settled")}
    assert max(seconds for _, seconds, _ in story["others"]) < AT_ONCE_SECONDS
    assert {status for status, _ in story["healthy"]} == {200}
    assert max(seconds for _, seconds in story["healthy"]) < AT_ONCE_SECONDS


def test_who_found_no_place_at_paypal_was_told(story):
    """Three in each process were let in, and heard in the end; nobody else was kept until then."""
    ends = [(status, seconds) for status, seconds in story["returns"]]
    assert sorted(status for status, _ in ends) == [303] * 6 + [503] * (HANGING - 6)
    assert max(seconds for status, seconds in ends if status == 503) < SECONDS_TO_MOVE + AT_ONCE_SECONDS


def test_a_giver_sees_one_moment_at_once(story):
    page = story["giver"]
    assert (page.status_code, "One moment, please" in page.text) == (503, True)
    assert "PayPal answers slowly at this moment" in page.text
    refresh = int(re.search(r'http-equiv="refresh" content="(\d+)', page.text).group(1))
    assert 1 <= int(page.headers["Retry-After"]) <= refresh <= HANGS_SECONDS
    assert seconds_of(page) < AT_ONCE_SECONDS


def test_a_client_and_paypal_itself_are_told_when(story, shop):
    """The Retry-After is true: who comes then is let in. A webhook comes again by itself."""
    check = story["check"]
    assert (check.status_code, check.json()["code"]) == (503, "provider_busy")
    wait = int(check.headers["Retry-After"])
    assert 1 <= wait <= HANGS_SECONDS
    assert story["webhook"].status_code == 503
    assert 1 <= int(story["webhook"].headers["Retry-After"]) <= HANGS_SECONDS
    time.sleep(max(0.0, story["asked_at"] + wait - time.monotonic()))
    again = shop.ask("POST", f"/api/Contribution/{story['at_paypal'][1][0]}/Check")
    assert (again.status_code, again.json()["Status"]) == (200, "Settled")


def test_a_new_gift_is_made_and_opened_later(story, shop):
    """It is stored without asking PayPal; its giver is asked for patience, and pays once PayPal is well."""
    new, gift = story["new"], story["new"].json()
    assert (new.status_code, seconds_of(new) < AT_ONCE_SECONDS) == (201, True)
    assert story["new_pay"].status_code == 503
    assert "PayPal answers slowly at this moment" in story["new_pay"].text
    back = shop.choose(shop.checkout(gift["ProviderURL"]), "approve").headers["Location"]
    assert shop.ask("GET", back).status_code == 303
    assert shop.read(f"/api/Contribution/{gift['Id']}")["Status"] == "Settled"


def test_nothing_is_lost_for_who_was_told_to_wait(story, shop):
    for gift, back, page in story["at_paypal"]:
        assert Visitor(shop.base_url).come_back(back).status_code == 303
        assert Visitor(shop.base_url).report(page, 2).status_code == 200
        assert shop.read(f"/api/Contribution/{gift}")["Status"] == "Settled"
