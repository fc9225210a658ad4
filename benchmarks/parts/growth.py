"""What grows with the number of gifts, and what must not: the page of an old popular goal, the worker's round, its idling."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

from benchmarks import load, servers
from benchmarks.load import Load
from benchmarks.measured import Measured, ratio
from benchmarks.servers import Server
from benchmarks.stage import Effort, Kind, Stage, interleaved, stage

POPULAR = 20
"""In both databases the popular goal has one in so many of the gifts of the small one, and these are the oldest."""
GOALS = 50
WORKER_WARMS_UP_SECONDS = 8
IDLE_SECONDS_PER_ROUND = 5


def measure(kind: Kind, effort: Effort) -> list[Measured]:
    with ExitStack() as stack:
        stages = {number: stack.enter_context(_filled(kind, effort, number)) for number in (effort.small, effort.large)}
        return [*_pages(kind, effort, stages), *_rounds(kind, effort, stages), _idle(kind, effort, stages[effort.large])]


def _filled(kind: Kind, effort: Effort, number: int) -> AbstractContextManager[Stage]:
    popular = max(1, effort.small // POPULAR)
    return stage(kind, partners=10, goals=GOALS // 10, popular=popular, settled=number - popular, lean=True)


def _pages(kind: Kind, effort: Effort, stages: dict[int, Stage]) -> list[Measured]:
    """The first page of 50, by what the fastest tenth of the requests takes: what else the machine does hardly shows in it."""
    with ExitStack() as stack:
        samples: dict[str, Callable[[], float]] = {}
        for number, there in stages.items():
            service = stack.enter_context(servers.service(there.environment(), there.folder))
            samples[str(number)] = _page(there, service, effort.seconds)
        interleaved(1, samples)
        found = interleaved(effort.rounds, samples)
    names = _names(effort)
    title = f"first page of an old popular goal, {names[0]} gifts / {names[1]}"
    large, small = found[str(effort.large)], found[str(effort.small)]
    return [ratio("goal page/growth", title, kind.name, large, small, (*names, "ms, fastest tenth"))]


def _page(there: Stage, service: Server, seconds: float) -> Callable[[], float]:
    path = f"/api/SavingGoal/{there.told['goals'][0][0]}/Contributions?limit=50"
    request = load.request("GET", path, there.headers())

    def sample() -> float:
        found: Load = load.send(service.port, [request], seconds=seconds, connections=1, processes=1)
        return found.p10 * 1000

    return sample


def _rounds(kind: Kind, effort: Effort, stages: dict[int, Stage]) -> list[Measured]:
    """A round of the worker in which nothing is due, and the longest that it can have kept a writer waiting."""
    order = {"rounds": max(3, round(effort.seconds * 2))}
    samples = {
        str(number): lambda there=there: there.python("benchmarks.worker_rounds", order) for number, there in stages.items()
    }  # type: ignore[misc]
    found = interleaved(effort.rounds, samples)
    names = _names(effort)
    large, small = (found[str(number)] for number in (effort.large, effort.small))
    title = f"worker's round, {names[0]} gifts / {names[1]}"
    parts = (*names, "ms, fastest")
    rounds = ratio("worker round/growth", title, kind.name, *([one["ms"] for one in told] for told in (large, small)), parts)  # type: ignore[misc]
    held = Measured(
        "worker hold",
        f"longest hold of a writer by the worker, {names[0]} gifts",
        kind.name,
        [one["held"] for one in large],
        "ms",
    )
    return [rounds, held]


def _idle(kind: Kind, effort: Effort, there: Stage) -> Measured:
    """The share of a processor that a worker uses, its threads included, while nothing is due."""
    shares = []
    with servers.worker(there.environment(), there.folder) as worker:
        time.sleep(WORKER_WARMS_UP_SECONDS)
        for _ in range(effort.rounds):
            used, began = worker.cpu_seconds(), time.monotonic()
            time.sleep(IDLE_SECONDS_PER_ROUND)
            shares.append(100 * (worker.cpu_seconds() - used) / (time.monotonic() - began))
    return Measured("worker idle", f"an idle worker, {_names(effort)[0]} gifts", kind.name, shares, "% of a core")


def _names(effort: Effort) -> tuple[str, str]:
    return f"{effort.large:,}", f"{effort.small:,}"
