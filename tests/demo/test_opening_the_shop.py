"""The shop's key and goal: made on first use, once, and made again when they are lost."""

import threading
from typing import Any

import pytest
from django.db import connections

import encryption
from demo import shop
from demo.models import PARTNER_NAME, DemoShop
from demo.shop import WrongService, open_shop
from demo.whipround_client import Problem, WhiproundClient
from goals.models import SavingGoal
from partners import keys
from partners.models import ApiKey, Partner
from partners.registration import register
from tests.eventually import SECONDS, join


def the_goal_id() -> str:
    with open_shop() as (_, goal):
        return goal.id


def test_the_first_look_registers_a_partner_and_makes_its_goal(site: str) -> None:
    with open_shop() as (_, goal):
        assert (goal.name, goal.current_amount, goal.goal_amount) == ("A bicycle for Anna", "0.00", "250.00")
        assert (goal.confirmation_url, goal.cancel_url) == (f"{site}/demo/thanks", f"{site}/demo/cancelled")
    assert SavingGoal.objects.get().partner.name == "Whipround demo shop"


def test_the_next_look_finds_the_same_goal(site: str) -> None:
    assert the_goal_id() == the_goal_id()
    assert (Partner.objects.count(), ApiKey.objects.count(), SavingGoal.objects.count()) == (1, 1, 1)


def test_the_key_is_kept_encrypted(site: str) -> None:
    the_goal_id()
    stored = DemoShop.objects.get()
    assert stored.api_key.startswith("wr_")
    assert stored.api_key not in stored.api_key_encrypted


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
    assert looks_at_once(6) == [SavingGoal.objects.get().public_id] * 6
    assert (Partner.objects.count(), ApiKey.objects.count()) == (1, 1)


def test_many_looks_at_once_without_a_key_make_one_new_key(site: str) -> None:
    goal_id = the_goal_id()
    DemoShop.objects.update(api_key_encrypted="")
    assert looks_at_once(6) == [goal_id] * 6
    assert (Partner.objects.count(), ApiKey.objects.count()) == (1, 2)


def test_a_partner_of_that_name_that_is_there_already_gets_a_further_key(site: str) -> None:
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


def test_a_revoked_key_is_replaced(site: str) -> None:
    goal_id = the_goal_id()
    keys.revoke(DemoShop.objects.get().api_key)
    assert the_goal_id() == goal_id
    assert Partner.objects.count() == 1


def test_a_key_that_no_credentials_key_can_read_is_replaced(site: str, settings: Any) -> None:
    goal_id = the_goal_id()
    settings.CREDENTIALS_KEYS = ["another one"]
    assert DemoShop.objects.get().api_key == ""
    assert the_goal_id() == goal_id


def test_a_deleted_goal_is_made_anew(site: str) -> None:
    goal_id = the_goal_id()
    with WhiproundClient(site, DemoShop.objects.get().api_key) as client:
        client.session.delete(f"{site}/api/SavingGoal/{goal_id}", timeout=10).raise_for_status()
    assert the_goal_id() not in {"", goal_id}
    assert SavingGoal.objects.filter(deleted_at=None).count() == 1


@pytest.mark.parametrize("lost", ["", "2222222222222222222222"])
def test_a_goal_id_that_leads_nowhere_is_forgotten(site: str, lost: str) -> None:
    the_goal_id()
    DemoShop.objects.update(goal_id=lost, goal_idempotency_key="never-used-before-" + lost)
    assert SavingGoal.objects.filter(public_id=the_goal_id()).exists()
    assert SavingGoal.objects.count() == 2


def test_a_goal_that_has_become_another_partners_is_left_to_them(site: str) -> None:
    goal_id = the_goal_id()
    DemoShop.objects.update(api_key_encrypted=encryption.encrypt(register("Somebody else").api_key))
    assert the_goal_id() != goal_id


def test_a_shop_that_died_before_it_noted_its_goal_finds_the_one_it_made(site: str) -> None:
    goal_id = the_goal_id()
    DemoShop.objects.update(goal_id="")
    assert the_goal_id() == goal_id
    assert SavingGoal.objects.count() == 1


def test_a_shop_that_died_before_it_noted_its_goal_and_then_moved_makes_another(site: str, settings: Any) -> None:
    goal_id = the_goal_id()
    DemoShop.objects.update(goal_id="")
    settings.PUBLIC_BASE_URL = site.replace("localhost", "127.0.0.1")
    assert the_goal_id() != goal_id


def test_a_service_that_has_moved_sends_givers_to_its_new_address(site: str, settings: Any) -> None:
    goal_id = the_goal_id()
    moved = settings.PUBLIC_BASE_URL = site.replace("localhost", "127.0.0.1")
    with open_shop() as (_, goal):
        assert goal.id == goal_id
        assert (goal.confirmation_url, goal.cancel_url) == (f"{moved}/demo/thanks", f"{moved}/demo/cancelled")
    assert SavingGoal.objects.get().version == 2


def test_a_change_that_somebody_else_made_first_is_read_again(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    the_goal_id()
    SavingGoal.objects.update(cancel_url="http://elsewhere.example/")
    read = WhiproundClient.goal

    def read_and_be_overtaken(client: WhiproundClient, goal_id: str) -> Any:
        goal = read(client, goal_id)
        monkeypatch.setattr(WhiproundClient, "goal", read)
        client.send_givers_to(goal, confirmation_url=goal.confirmation_url, cancel_url="http://other.example/")
        return goal

    monkeypatch.setattr(WhiproundClient, "goal", read_and_be_overtaken)
    with open_shop() as (_, goal):
        assert goal.cancel_url == f"{site}/demo/cancelled"


def test_a_key_that_is_good_here_but_unknown_there_means_another_service(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    the_goal_id()

    def unknown(*args: object) -> None:
        raise Problem(401, "no_valid_key", "Send a valid API key.", [])

    monkeypatch.setattr(WhiproundClient, "goal", unknown)
    with pytest.raises(WrongService), open_shop():
        pass
    assert ApiKey.objects.count() == 1


def test_a_shop_that_cannot_be_mended_gives_up(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def gone(client: WhiproundClient, goal_id: str) -> None:
        asked.append(goal_id)
        raise Problem(404, "no_such_record", "There is no saving goal with this Id.", [])

    monkeypatch.setattr(WhiproundClient, "goal", gone)
    with pytest.raises(Problem, match="no_such_record"), open_shop():
        pass
    assert len(asked) == shop.TRIES
