"""POST of a gift: by the service, and by a plain Django view that does the same work.

Both ask the payment company of instant_provider.py, so that what the simulator costs is in neither.
"""

from collections.abc import Callable
from contextlib import ExitStack

from benchmarks import load, servers
from benchmarks.fill import GIFT
from benchmarks.load import Load
from benchmarks.measured import Measured
from benchmarks.processor_time import compared, metered
from benchmarks.stage import Effort, Kind, Stage, interleaved, stage


def measure(kind: Kind, effort: Effort) -> list[Measured]:
    with stage(kind, partners=10, goals=10, settled=1000) as there, ExitStack() as stack:
        environment, folder = there.environment(), there.folder
        own = servers.service(environment, folder, application=servers.WITHOUT_PROVIDER)
        sides = {
            "service": stack.enter_context(own),
            "plain": stack.enter_context(servers.peer("plain_django", environment, folder)),
        }
        interleaved(1, {name: posts(there, one.port, 0.5) for name, one in sides.items()})
        samples = {name: metered(one, kind.data, posts(there, one.port, effort.seconds)) for name, one in sides.items()}
        found = interleaved(effort.rounds, samples)
    title = "POST gift / a plain view that does the same work"
    parts = ("service", "plain view", "gifts/s")
    return compared("post/plain", title, kind.name, found["service"], found["plain"], parts)


def posts(there: Stage, port: int, seconds: float) -> Callable[[], Load]:
    """A sample of gifts to every goal in turn."""
    requests = []
    for partner, goals in enumerate(there.told["goals"]):
        headers = there.headers(partner, **{"Content-Type": "application/xml"})
        requests += [load.request("POST", f"/api/SavingGoal/{goal}/Contributions", headers, GIFT) for goal in goals]
    return lambda: load.send(port, requests, seconds=seconds, status=201)
