"""Polls: 200 and 304 of a gift, by the service and by each peer in turn."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from benchmarks import load, servers
from benchmarks.load import Load
from benchmarks.measured import Measured, ratio
from benchmarks.processor_time import Meter
from benchmarks.servers import PEERS, Server
from benchmarks.stage import Effort, Kind, Stage, interleaved, stage

NAMES = {
    "plain_django": "plain Django",
    "drf": "Django REST framework",
    "ninja": "django-ninja",
    "fastapi_sqlalchemy": "FastAPI with SQLAlchemy",
}
GIFTS = 2000
Sample = tuple[Load, float]


def measure(kind: Kind, effort: Effort) -> list[Measured]:
    with stage(kind, partners=5, goals=10, settled=GIFTS) as there, ExitStack() as stack:
        peers = {"service": stack.enter_context(servers.service(there.environment(), there.folder))}
        for name in PEERS:
            peers[name] = stack.enter_context(servers.peer(name, there.environment(), there.folder))
        interleaved(1, _samples(there, peers, min(1.0, effort.seconds)))  # what is built once is built
        found = interleaved(effort.rounds, _samples(there, peers, effort.seconds))
    rates = {name: [seen.rate for seen, _ in one] for name, one in found.items()}
    note = load.note(seen for one in found.values() for seen, _ in one)
    by_rate = [replace(line, note=note) for line in _by_rate(kind.name, rates)]
    return [*by_rate, *_by_cpu(kind.name, {name: [ms for _, ms in one] for name, one in found.items()})]


def _samples(there: Stage, running: dict[str, Server], seconds: float) -> dict[str, Callable[[], Sample]]:
    """Of each: what clients saw, and ms of processor time that a request cost."""
    gift = there.told["settled"][GIFTS // 2 % len(there.told["settled"])]
    path, headers = f"/api/Contribution/{gift['id']}", there.headers(gift["partner"])
    known = headers | {"If-None-Match": '"2x"'}

    def sample(name: str, sent: dict[str, str], status: int) -> Callable[[], Sample]:
        def measured() -> Sample:
            meter = Meter(running[name], there.kind.data)
            found = load.get(running[name].port, path, sent, seconds, status=status)
            return found, meter.ms_a_request(found)

        return measured

    samples = {name: sample(name, headers, 200) for name in running}
    return samples | {f"{name} 304": sample(name, known, 304) for name in ("service", "plain_django")}


def _by_cpu(database: str, cost: dict[str, list[float]]) -> list[Measured]:
    """How much more a peer's 200 costs than ours, and our 200 than our 304."""
    unit = "ms of processor"
    plain, ours = cost["plain_django"], cost["service"]
    title = "the same by CPU: plain Django's 200 / poll 200"
    lines = [ratio("poll/plain by CPU", title, database, plain, ours, ("plain Django", "service", unit))]
    return [
        *lines,
        ratio("304/200 by CPU", "the same by CPU: 200 / 304", database, ours, cost["service 304"], ("200", "304", unit)),
    ]


def _by_rate(database: str, rates: dict[str, list[float]]) -> list[Measured]:
    service = rates["service"]
    lines = [
        ratio(
            f"poll/{name}", f"poll 200 / {NAMES[name]}", database, service, rates[name], ("service", NAMES[name], "requests/s")
        )
        for name in PEERS
    ]
    parts = ("304", "200", "requests/s")
    lines.append(ratio("304/200", "304 / 200", database, rates["service 304"], service, parts))
    parts = ("service", "plain Django", "requests/s")
    plain = rates["plain_django 304"]
    lines.append(ratio("304/plain 304", "304 / plain Django's 304", database, rates["service 304"], plain, parts))
    lines.append(
        ratio("304/plain 200", "304 / plain Django's 200", database, rates["service 304"], rates["plain_django"], parts)
    )
    return lines
