"""POST of a gift: by the service, and by a plain Django view that does the same work."""

from collections.abc import Callable
from contextlib import ExitStack

from benchmarks import load, servers
from benchmarks.fill import GIFT
from benchmarks.load import Load
from benchmarks.measured import Measured, ratio
from benchmarks.stage import Effort, Kind, Stage, interleaved, stage


def measure(kind: Kind, effort: Effort) -> list[Measured]:
    with stage(kind, partners=10, goals=10, settled=1000) as there, ExitStack() as stack:
        service = stack.enter_context(servers.service(there.environment(), there.folder))
        plain = stack.enter_context(servers.peer("plain_django", there.environment(), there.folder))
        samples = {name: posts(there, one.port, effort.seconds) for name, one in (("service", service), ("plain", plain))}
        interleaved(1, {name: posts(there, one.port, 0.5) for name, one in (("service", service), ("plain", plain))})
        found = interleaved(effort.rounds, samples)
    rates = {name: [one.rate for one in loads] for name, loads in found.items()}
    note = load.note(found["service"] + found["plain"])
    title = "POST gift / a plain view that does the same work"
    return [ratio("post/plain", title, kind.name, rates["service"], rates["plain"], ("service", "plain view", "gifts/s"), note)]


def posts(there: Stage, port: int, seconds: float) -> Callable[[], Load]:
    """A sample of gifts to every goal in turn."""
    requests = []
    for partner, goals in enumerate(there.told["goals"]):
        headers = there.headers(partner, **{"Content-Type": "application/xml"})
        requests += [load.request("POST", f"/api/SavingGoal/{goal}/Contributions", headers, GIFT) for goal in goals]
    return lambda: load.send(port, requests, seconds=seconds, status=201)
