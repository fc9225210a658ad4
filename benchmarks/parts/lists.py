"""The savings list: 50 goals with their newest gifts, against a plain view; and how many statements it takes."""

from collections.abc import Callable
from contextlib import ExitStack

from benchmarks import load, servers
from benchmarks.measured import Measured, ratio
from benchmarks.processor_time import Meter
from benchmarks.servers import Server
from benchmarks.stage import Effort, Kind, Stage, interleaved, stage

PATH = "/api/savings?limit=50"


def measure(kind: Kind, effort: Effort) -> list[Measured]:
    with stage(kind, goals=60, settled=600) as there, ExitStack() as stack:
        statements = there.python("benchmarks.statements", {"key": there.told["keys"][0], "path": PATH})["statements"]
        variables = there.environment()
        service = stack.enter_context(servers.service(variables, there.folder))
        plain = stack.enter_context(servers.peer("plain_django", variables, there.folder))
        samples = {"service": _list(there, service, effort), "plain": _list(there, plain, effort)}
        interleaved(1, samples)
        found = interleaved(effort.rounds, samples)
    parts = ("plain Django", "service", "ms of processor")
    return [
        ratio("savings/plain", "list of 50 goals / plain Django, by CPU", kind.name, found["plain"], found["service"], parts),
        Measured("savings statements", "statements of a list of 50 goals", kind.name, [float(statements)], "statements"),
    ]


def _list(there: Stage, server: Server, effort: Effort) -> Callable[[], float]:
    request = load.request("GET", PATH, there.headers())

    def sample() -> float:
        meter = Meter(server, there.kind.data)
        return meter.ms_a_request(load.send(server.port, [request] * max(8, effort.few // 4), once=True))

    return sample
