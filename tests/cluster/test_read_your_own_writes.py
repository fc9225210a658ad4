"""Whoever was told something finds it in the next answer, however far behind the replica is that answers."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from tests.cluster.conftest import ClusteredService
from tests.cluster.servers import Cluster
from tests.crowds.visitors import Shop, all_at_once
from tests.eventually import eventually

pytestmark = [pytest.mark.full, pytest.mark.one_database, pytest.mark.timeout(400)]

SHOPS, GIFTS = 4, 5


class Reader:
    """A shop with two connections: what it is told on one it looks for on the other, which another process may answer."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.goal = shop, shop.new_goal()
        self.given, self.seen = 0, ""
        self.missed: list[str] = []

    def give_and_look(self) -> None:
        """Gifts one after the other: each is looked for when it was made and when its giver has come back."""
        for _ in range(GIFTS):
            looks = self.shop.another()
            made = self.shop.give(self.goal, "10.00")
            assert made.status_code == 201, made.text
            gift, tag = made.json()["Id"], made.headers["ETag"]
            self._look(f"{gift} after the POST", looks, f"/api/Contribution/{gift}", lambda now: now["Status"] == "Submitted")
            listed = f"/api/SavingGoal/{self.goal}/Contributions"
            self._look(f"{gift} in its list", looks, listed, partial(_has, "Contribution", gift))
            page = self.shop.checkout(made.json()["ProviderURL"])
            assert self.shop.come_back(self.shop.choose(page, "approve").headers["Location"]).status_code == 303
            self.given += 10
            self._look(
                f"{gift} after the return", looks, f"/api/Contribution/{gift}", lambda now: now["Status"] == "Settled", tag
            )
            self._look(f"{gift} in its goal's sum", looks, f"/api/SavingGoal/{self.goal}", self._has_all)
            self._look(f"{gift} in the feed", looks, "/api/Events" + self.seen, partial(self._feed_has, gift))

    def _look(self, what: str, looks: Shop, path: str, is_right: Callable[[Any], bool], tag: str = "") -> None:
        headers = {"Authorization": f"Bearer {looks.key}", "Accept": "application/json"} | (
            {"If-None-Match": tag} if tag else {}
        )
        answer = looks.ask("GET", path, headers=headers)
        if answer.status_code != 200 or not is_right(answer.json()):
            self.missed.append(f"{what}: {answer.status_code} {answer.text[-300:]}")

    def _has_all(self, goal: Any) -> bool:
        return float(goal["CurrentAmount"]) == self.given

    def _feed_has(self, gift: str, feed: Any) -> bool:
        found = feed.get("Event", [])
        if found:
            self.seen = f"?limit=100&after={found[-1]['Id']}"
        return any(gift in str(event) and "Settled" in str(event) for event in found)


def _has(name: str, wanted: str, document: Any) -> bool:
    return wanted in [one["Id"] for one in document.get(name, [])]


@contextmanager
def healthy(cluster: Cluster) -> Iterator[None]:
    yield


@contextmanager
def paused(cluster: Cluster) -> Iterator[None]:
    """It gets everything, and replays nothing."""
    cluster.standby.ask("SELECT pg_wal_replay_pause()")
    eventually(lambda: cluster.standby.ask("SELECT pg_get_wal_replay_pause_state()") == ["paused"], "the pause")
    yield
    cluster.standby.ask("SELECT pg_wal_replay_resume()")


@contextmanager
def late(cluster: Cluster) -> Iterator[None]:
    """It replays each commit half a second after it was made."""
    cluster.standby.set("recovery_min_apply_delay", "500ms")
    yield
    cluster.standby.set("recovery_min_apply_delay", "0")


@contextmanager
def gone(cluster: Cluster) -> Iterator[None]:
    """It is killed, after the primary was told not to wait for it."""
    cluster.primary.set("synchronous_standby_names", "")
    cluster.standby.kill()
    yield
    cluster.standby.start()
    cluster.be_synchronous()


def is_read(service: ClusteredService, reader: Reader) -> bool:
    """Whether the replica answers one of two polls, which two processes may get: each leaves it alone for a while."""
    before = service.reads()
    for _ in range(2):
        reader.shop.another().read(f"/api/SavingGoal/{reader.goal}")
    return service.reads()["replica"] > before["replica"]


def test_what_was_told_is_found_in_the_next_answer(cluster, tmp_path):
    """With a replica that is well, paused, late, gone, and well again; through two processes of the server, and no restart."""
    service = ClusteredService(cluster, tmp_path)
    came_of: dict[str, Counter[str]] = {}
    try:
        service.start_server()
        service.start_worker()
        readers = [Reader(Shop(service.base_url, service.new_partner(f"Shop {number}"))) for number in range(SHOPS)]
        for name, state in (("well", healthy), ("paused", paused), ("late", late), ("gone", gone), ("back", healthy)):
            with state(cluster):
                if state is healthy:
                    eventually(lambda: is_read(service, readers[0]), "a read at the replica", every=0.2)
                before = service.reads()
                all_at_once([reader.give_and_look for reader in readers])
            came_of[name] = service.reads() - before
        missed = [missed for reader in readers for missed in reader.missed]
        assert missed == [], came_of
        audit = service.manage("audit")
        assert audit.returncode == 0, audit.stdout
    finally:
        service.kill_everything()
    assert came_of["well"]["replica"] > 0, came_of
    assert came_of["back"]["replica"] > 0, came_of
    assert came_of["paused"]["behind"] > 0, came_of
    assert came_of["late"]["behind"] > 0, came_of
    assert came_of["gone"]["gone"] > 0, came_of
    assert all(came["primary_silent"] == 0 for came in came_of.values()), came_of
