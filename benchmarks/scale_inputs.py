"""What a gift and a poll cost, by processor time and bytes: what benchmarks/scale_model.py calculates with.

    .venv/bin/python -m benchmarks.scale_inputs           # needs Debian's postgresql and pgbouncer; writes scale_inputs.json

Processor time and not requests a second, so that other work on the machine spoils it less. The service runs as in production
with two processes, behind PgBouncer, on a primary with a synchronous standby. The simulator plays the provider, in the
service's own processes and on its database: a gift costs less with a real one.
"""

import json
import os
import platform
import statistics
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
import psutil

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from tests.cluster.conftest import ClusteredService  # noqa: E402 - the visitors know the simulator, whose models want Django
from tests.cluster.servers import Cluster, new_cluster  # noqa: E402
from tests.crowds.visitors import Shop, all_at_once  # noqa: E402

WRITTEN = Path(__file__).parent / "scale_inputs.json"
ROUNDS, CLIENTS, GIFTS, POLLS = 3, 4, 30, 250
"""Gifts and polls of each client in a round."""


class Meter:
    """Processor seconds since it was made, of the service, the primary and the standby; the primary's bytes and commits."""

    def __init__(self, service: ClusteredService, cluster: Cluster) -> None:
        self.service, self.cluster = service, cluster
        self.before = self._now()

    def since(self) -> dict[str, float]:
        return {name: value - self.before[name] for name, value in self._now().items()}

    def _now(self) -> dict[str, float]:
        primary, standby = (one.process.pid for one in (self.cluster.primary, self.cluster.standby) if one.process)
        ask = self.cluster.primary.ask
        [wal] = ask("SELECT pg_current_wal_insert_lsn() - '0/0'")
        [size] = ask("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND oid >= 16384")
        [commits] = ask("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
        return {
            "service_s": sum(seconds_of(process.pid) for process in self.service.processes.values()),
            "primary_s": seconds_of(primary),
            "standby_s": seconds_of(standby),
            "wal_bytes": float(wal),
            "disk_bytes": float(size),
            "commits": float(commits),
        }


def seconds_of(pid: int) -> float:
    """Processor seconds of a process and all below it, also of those that have ended."""
    first = psutil.Process(pid)
    total = 0.0
    for process in (first, *first.children(recursive=True)):
        times = process.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


def give(shop: Shop, goal: str) -> None:
    """A gift, from the POST to the return."""
    made = shop.give(goal, "10.00")
    page = shop.checkout(made.json()["ProviderURL"])
    shop.come_back(shop.choose(page, "approve").headers["Location"])


def a_gift_of(shop: Shop, goal: str) -> str:
    """The Id of one of its gifts. Raises RuntimeError where not all of them were settled."""
    collected = shop.read(f"/api/SavingGoal/{goal}")["CurrentAmount"]
    if float(collected) != 10 * GIFTS:
        raise RuntimeError(f"{collected} of {10 * GIFTS} was settled")
    return str(shop.read(f"/api/SavingGoal/{goal}/Contributions")["Contribution"][0]["Id"])


def measure(service: ClusteredService, cluster: Cluster) -> dict[str, float]:
    """A round."""
    shops = [Shop(service.base_url, key) for key in _keys(service)]
    goals = [shop.new_goal() for shop in shops]

    def giving(shop: Shop, goal: str) -> Callable[[], Any]:
        return lambda: [give(shop, goal) for _ in range(GIFTS)]

    def polling(shop: Shop, gift: str) -> Callable[[], Any]:
        return lambda: [shop.read(f"/api/Contribution/{gift}") for _ in range(POLLS)]

    def metered(deeds: list[Callable[[], Any]], number: int) -> dict[str, float]:
        meter = Meter(service, cluster)
        all_at_once(deeds)
        return {name: value / (number * CLIENTS) for name, value in meter.since().items()}

    theirs = list(zip(shops, goals, strict=True))
    gift = metered([giving(*one) for one in theirs], GIFTS)
    polls = [polling(shop, a_gift_of(shop, goal)) for shop, goal in theirs]
    at_replica = metered(polls, POLLS)
    with paused(cluster):
        at_primary = metered(polls, POLLS)
    return told(gift, at_primary, at_replica)


def told(gift: dict[str, float], at_primary: dict[str, float], at_replica: dict[str, float]) -> dict[str, float]:
    """Milliseconds of a processor, and bytes."""
    return {
        "gift_service_ms": 1000 * gift["service_s"],
        "gift_primary_ms": 1000 * gift["primary_s"],
        "gift_standby_ms": 1000 * gift["standby_s"],
        "gift_wal_bytes": gift["wal_bytes"],
        "gift_disk_bytes": gift["disk_bytes"],
        "gift_commits": gift["commits"],
        "poll_service_ms": 1000 * at_primary["service_s"],
        "poll_primary_ms": 1000 * at_primary["primary_s"],
        "replica_poll_service_ms": 1000 * at_replica["service_s"],
        "replica_poll_primary_ms": 1000 * at_replica["primary_s"],
        "replica_poll_standby_ms": 1000 * at_replica["standby_s"],
    }


@contextmanager
def paused(cluster: Cluster) -> Any:
    """The replica is behind, so the primary answers."""
    cluster.standby.ask("SELECT pg_wal_replay_pause()")
    cluster.primary.ask("CREATE TABLE IF NOT EXISTS written_while_paused ()")
    cluster.primary.ask("DROP TABLE written_while_paused")
    try:
        yield
    finally:
        cluster.standby.ask("SELECT pg_wal_replay_resume()")


_made: list[str] = []


def _keys(service: ClusteredService) -> list[str]:
    while len(_made) < CLIENTS:
        _made.append(service.new_partner(f"Shop {len(_made)}"))
    return _made


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, new_cluster() as cluster:
        service = ClusteredService(cluster, Path(folder))
        try:
            service.start_server()
            service.start_worker()
            rounds = [measure(service, cluster) for _ in range(ROUNDS + 1)][1:]  # the first one warms up
        finally:
            service.kill_everything()
    found = {name: round(statistics.median(one[name] for one in rounds), 3) for name in rounds[0]}
    spread = {name: [round(pick(one[name] for one in rounds), 3) for pick in (min, max)] for name in rounds[0]}
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "load": round(os.getloadavg()[0], 1)}
    text = json.dumps(
        {"date": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine, "medians": found, "spread": spread}, indent=2
    )
    WRITTEN.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
