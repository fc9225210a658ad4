"""The memory of a process of the server: after so many requests, and after as many again."""

from benchmarks import load, servers
from benchmarks.measured import Measured
from benchmarks.servers import Server
from benchmarks.stage import Effort, Kind, stage


def measure(kind: Kind, effort: Effort) -> list[Measured]:
    with stage(kind, partners=4, goals=5, settled=200) as there, servers.service(there.environment(), there.folder) as service:
        requests = []
        for gift in there.told["settled"]:
            headers = there.headers(gift["partner"])
            requests.append(load.request("GET", f"/api/Contribution/{gift['id']}", headers))
        seen = []
        for _ in range(3):
            seen.append(_after(service, requests, effort.requests))
    title = f"memory after {3 * effort.requests:,} requests / after {effort.requests:,}"
    parts = ("later", "sooner", "MiB")
    return [Measured("memory", title, kind.name, [seen[2] / seen[0]], "x", [seen[2]], [seen[0]], parts)]


def _after(service: Server, requests: list[str], number: int) -> float:
    """MiB of the larger process, after so many requests more."""
    load.send(service.port, [requests[place % len(requests)] for place in range(number)], once=True)
    return service.memory_mib()
