"""Clients that wait: the others' p99, with nobody waiting and with 200 whose gifts arrive, two a second; the log is on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks import load, servers
from benchmarks.load import Load
from benchmarks.measured import Measured, ratio
from benchmarks.servers import Server
from benchmarks.stage import Effort, Kind, Stage, interleaved, stage

CLIENTS = 200
SETTLED_A_SECOND = 2
SECONDS_TO_COME_IN = 2.0
LONGER = 3
"""Samples are so much longer here: a p99 needs many answers, and settlements come twice a second."""


def measure(kind: Kind, effort: Effort) -> list[Measured]:
    seconds = effort.seconds * LONGER
    settled = round((seconds + SECONDS_TO_COME_IN + 1) * SETTLED_A_SECOND)
    number = (settled + CLIENTS) * effort.rounds
    with (
        stage(kind, partners=4, goals=5, settled=200, approved=number) as there,
        servers.service(there.environment(), there.folder) as service,
    ):
        gifts = iter(there.told["approved"])
        polls = polls_of(there, service, seconds)
        polls()

        def beside_who_wait() -> Load:
            with _waiting(there, service, [next(gifts) for _ in range(settled + CLIENTS)], settled, seconds):
                return polls()

        found = interleaved(effort.rounds, {"undisturbed": polls, "200 wait": beside_who_wait})
    p99 = {name: [one.p99 * 1000 for one in loads] for name, loads in found.items()}
    title = "others' p99, 200 wait and two gifts a second arrive / nobody waits"
    return [ratio("p99/waiting", title, kind.name, p99["200 wait"], p99["undisturbed"], ("200 wait", "nobody waits", "ms"))]


def polls_of(there: Stage, service: Server, seconds: float) -> Callable[[], Load]:
    gift = there.told["settled"][0]
    path, headers = f"/api/Contribution/{gift['id']}", there.headers(gift["partner"])
    return lambda: load.get(service.port, path, headers, seconds)


@contextmanager
def _waiting(there: Stage, service: Server, gifts: list[dict[str, str]], settled: int, seconds: float) -> Iterator[None]:
    """Each waits for a gift; those that are settled are among the first ones, and whoever has news waits for another gift."""
    asked = []
    for gift in gifts:
        headers = there.headers(int(gift["partner"]), **{"If-None-Match": '"1x"'})
        asked.append(load.request("GET", f"/api/Contribution/{gift['id']}?wait=30", headers))
    returns = [load.request("GET", gift["return"], {}) for gift in gifts[:settled]]
    longest = seconds + SECONDS_TO_COME_IN
    waiting = load.sending(service.port, asked, seconds=longest, connections=CLIENTS, once=True, patience=0)
    every = {"once": True, "every_seconds": 1 / SETTLED_A_SECOND, "patience": 1}
    with waiting as clients, load.sending(service.port, returns, seconds=longest, connections=1, **every) as settling:
        time.sleep(SECONDS_TO_COME_IN)
        yield
        for name, told, wanted in (("returns", settling.result(), 303), ("news", clients.result(), 200)):
            if set(told.statuses) - {wanted, 0} or not told.statuses.get(wanted):
                raise load.Unexpected(f"{name}: {told.statuses}")
