"""The shop's key and goal: made on first use, once, and made again when they are lost."""

import threading
from typing import Any

import pytest
from django.db import connections
from whipround import Client, Problem

import encryption
from demo import shop
from demo.models import PARTNER_NAME, DemoShop
from demo.shop import open_shop
from goals.models import SavingGoal
from partners import keys
from partners.models import ApiKey, Partner
from tests.conftest import register
from tests.eventually import SECONDS, join


def the_goal_id() -> str:
    with open_shop() as (_, goal):
        return goal.id


def test_the_first_look_registers_a_partner_and_makes_its_goal(site: str) -> None:
    with open_shop() as (_, goal):
        assert (goal.name, str(goal.current_amount), str(goal.goal_amount)) == ("A bicycle for Anna", "0.00", "250.00")
        assert (goal.confirmation_url, goal.cancel_url) == (f"{site}/demo/thanks", f"{site}/demo/cancelled")
    assert SavingGoal.objects.get().partner.name == "Whipround demo shop"
    stored = DemoShop.objects.get()
    assert stored.api_key.startswith("wr_")
    assert stored.api_key not in stored.api_key_encrypted
    assert the_goal_id() == goal.id
    assert (Partner.objects.count(), ApiKey.objects.count(), SavingGoal.objects.count()) == (1, 1, 1)


def looks_at_once(number: int) -> list[str]:
    """The goal's Id as each of so many finds it who look at the same moment."""
    together, found = threading.Barrier(number), []

    def look() -> None:
        try:
            together.wait(SECONDS)
            found.append(the_goal_id())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(number)]
    for thread in threads:
        thread.start()
    join(*threads)
    return found


def test_many_first_looks_at_once_make_one_partner_and_one_goal(site: str) -> None:
    (goal_id,) = set(looks_at_once(6))
    assert goal_id == SavingGoal.objects.get().public_id
    assert (Partner.objects.count(), ApiKey.objects.count()) == (1, 1)
    DemoShop.objects.update(api_key_encrypted="")
    assert looks_at_once(6) == [goal_id] * 6
    assert (Partner.objects.count(), ApiKey.objects.count()) == (1, 2)


def test_a_partner_of_that_name_gets_a_further_key(site: str) -> None:
    register(PARTNER_NAME)
    the_goal_id()
    assert (Partner.objects.count(), ApiKey.objects.count()) == (1, 2)


@pytest.mark.usefixtures("db")
def test_who_is_overtaken_leaves_what_the_faster_one_wrote() -> None:
    DemoShop.objects.create(pk=1, api_key_encrypted="first")
    faster, slower = DemoShop.objects.get(), DemoShop.objects.get()
    faster.start_goal("goal of the faster one")
    slower.start_goal("goal of the slower one")
    assert slower.goal_idempotency_key == "goal of the faster one"
    faster.start_goal("yet another goal")
    slower.remember_goal("too late")
    assert (slower.goal_id, slower.goal_idempotency_key) == ("", "yet another goal")
    DemoShop.objects.update(api_key_encrypted="second")
    slower.api_key_encrypted = "first"
    slower.forget_key()
    assert DemoShop.objects.get().api_key_encrypted == "second"


def delete_the_goal(site: str, settings: Any) -> None:
    with Client(site, DemoShop.objects.get().api_key) as client:
        client.delete_goal(DemoShop.objects.get().goal_id)


def die_before_it_is_noted_and_move(site: str, settings: Any) -> None:
    DemoShop.objects.update(goal_id="")
    settings.PUBLIC_BASE_URL = site.replace("localhost", "127.0.0.1")


LOST = {
    "a revoked key": (lambda site, settings: keys.revoke(DemoShop.objects.get().api_key), True),
    "a key that nobody can read": (lambda site, settings: setattr(settings, "CREDENTIALS_KEYS", ["another one"]), True),
    "a death before the goal is noted": (lambda site, settings: DemoShop.objects.update(goal_id=""), True),
    "such a death, and another address": (die_before_it_is_noted_and_move, False),
    "a deleted goal": (delete_the_goal, False),
    "no goal": (lambda site, settings: DemoShop.objects.update(goal_id="", goal_idempotency_key="new"), False),
    "a goal of nobody": (lambda site, settings: DemoShop.objects.update(goal_id="2" * 22, goal_idempotency_key="new"), False),
    "a goal that is another partner's": (
        lambda site, settings: DemoShop.objects.update(api_key_encrypted=encryption.encrypt(register("Somebody else").api_key)),
        False,
    ),
}
"""What can be lost, and whether the shop then finds its goal again, or makes another."""


@pytest.mark.parametrize("what", LOST)
def test_what_is_lost_is_found_again_or_made_anew(site: str, settings: Any, what: str) -> None:
    lose, found_again = LOST[what]
    goal_id = the_goal_id()
    lose(site, settings)
    now = the_goal_id()
    assert (now == goal_id) is found_again
    assert SavingGoal.objects.filter(public_id=now, deleted_at=None).exists()
    assert Partner.objects.filter(name=PARTNER_NAME).count() == 1


def test_a_moved_service_sends_givers_to_its_new_address(site: str, settings: Any) -> None:
    goal_id = the_goal_id()
    moved = settings.PUBLIC_BASE_URL = site.replace("localhost", "127.0.0.1")
    with open_shop() as (_, goal):
        assert goal.id == goal_id
        assert (goal.confirmation_url, goal.cancel_url) == (f"{moved}/demo/thanks", f"{moved}/demo/cancelled")
    assert SavingGoal.objects.get().version == 2


def test_a_change_that_somebody_else_made_first_is_read_again(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    the_goal_id()
    SavingGoal.objects.update(cancel_url="http://elsewhere.example/")
    read = Client.get_goal

    def read_and_be_overtaken(client: Client, goal_id: str) -> Any:
        goal = read(client, goal_id)
        monkeypatch.setattr(Client, "get_goal", read)
        client.update_goal(goal.id, goal.version, cancel_url="http://other.example/")
        return goal

    monkeypatch.setattr(Client, "get_goal", read_and_be_overtaken)
    with open_shop() as (_, goal):
        assert goal.cancel_url == f"{site}/demo/cancelled"


def test_a_shop_that_cannot_be_mended_gives_up(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def gone(client: Client, goal_id: str) -> None:
        asked.append(goal_id)
        raise Problem(404, "no_such_record", "There is no saving goal with this Id.")

    monkeypatch.setattr(Client, "get_goal", gone)
    with pytest.raises(Problem, match="no_such_record"), open_shop():
        pass
    assert len(asked) == shop.TRIES
