"""Load on a server, and what came of it: by wrk where it is installed, else by client processes of our own."""

import json
import re
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.servers import ROOT

CONNECTIONS = 8
BUSY = 0.85
"""A client process that used more of a processor than this may have measured itself."""

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True)
class Load:
    """What clients saw; p10, p50 and p99 in seconds."""

    rate: float
    p10: float
    p50: float
    p99: float
    number: int
    statuses: dict[int, int] = field(default_factory=dict)
    client_cpu: float = 0.0
    """The share of a processor that the busiest client process used."""

    @property
    def client_was_the_limit(self) -> bool:
        return self.client_cpu > BUSY


class Unexpected(RuntimeError):
    """Answers with another status than was wanted: there is nothing to measure."""


def percentile(values: Sequence[float], part: float) -> float:
    """The value that `part` percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * part // 100).__int__() - 1)] if ordered else 0.0


def get(port: int, path: str, headers: dict[str, str], seconds: float, *, status: int = 200) -> Load:
    """The same GET again and again on CONNECTIONS connections. Raises Unexpected."""
    if shutil.which("wrk"):
        send(port, [request("GET", path, headers)], seconds=10, status=status, connections=1, processes=1, once=True)
        return _wrk(port, path, headers, seconds, status)
    return send(port, [request("GET", path, headers)], seconds=seconds, status=status)


def request(verb: str, path: str, headers: dict[str, str], body: str = "") -> str:
    """As text, for `send`."""
    lines = {"Host": "127.0.0.1", **headers}
    if body:
        lines["Content-Length"] = str(len(body.encode()))
    return f"{verb} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n" + body


def send(
    port: int,
    requests: Sequence[str],
    *,
    seconds: float = 600,
    status: int | None = 200,
    connections: int = CONNECTIONS,
    processes: int = 2,
    **task: Any,
) -> Load:
    """These requests, by client processes of our own. Raises Unexpected."""
    with sending(port, requests, seconds=seconds, connections=connections, processes=processes, **task) as clients:
        load = clients.result()
    _check(load.statuses, status)
    if load.client_was_the_limit:
        print(f"  the client was the limit: {load.client_cpu:.2f} of a processor", file=sys.stderr)
    return load


@contextmanager
def sending(
    port: int, requests: Sequence[str], *, seconds: float, connections: int, processes: int = 1, **task: Any
) -> Iterator["Clients"]:
    """The same meanwhile: what happens inside is disturbed by it."""
    clients = Clients(port, requests, seconds, connections, processes, task)
    try:
        clients.begin()
        yield clients
    finally:
        clients.kill()


class Clients:
    """Client processes, each with its share of the connections; with `once`, of the requests too."""

    def __init__(
        self, port: int, requests: Sequence[str], seconds: float, connections: int, processes: int, task: dict[str, Any]
    ) -> None:
        self.told: Load | None = None
        command = [sys.executable, "-m", "benchmarks.client"]
        self.processes = []
        for place in range(processes):
            mine = list(requests[place::processes]) if task.get("once") else list(requests)
            share = len(range(place, connections, processes))
            process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.processes.append(process)
            whole = {"port": port, "requests": mine, "seconds": seconds, "connections": share, **task}
            print(json.dumps(whole), file=process.stdin, flush=True)
        for process in self.processes:
            assert process.stdout is not None  # noqa: S101 - a pipe
            process.stdout.readline()

    def begin(self) -> None:
        for process in self.processes:
            print("go", file=process.stdin, flush=True)

    def result(self) -> Load:
        """Wait for the end, and say what they saw."""
        if self.told is None:
            every = [json.loads(process.communicate()[0]) for process in self.processes]
            took = [one for told in every for one in told["seconds"]]
            statuses: Counter[int] = Counter()
            for told in every:
                statuses.update({int(status): count for status, count in told["statuses"].items()})
                statuses[0] += told["unanswered"]
            wall = max(told["wall"] for told in every)
            cpu = max(told["cpu"] / told["wall"] for told in every)
            parts = [percentile(took, part) for part in (10, 50, 99)]
            self.told = Load(len(took) / wall, *parts, len(took), {k: v for k, v in statuses.items() if v}, cpu)
        return self.told

    def kill(self) -> None:
        for process in self.processes:
            process.kill()
            process.communicate()


def note(loads: Iterable[Load]) -> str:
    """What a line has to say of the clients."""
    return "limited by the client" if any(one.client_was_the_limit for one in loads) else ""


def _wrk(port: int, path: str, headers: dict[str, str], seconds: float, status: int) -> Load:
    told = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    how = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "--latency", *told]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([*how, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True)
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime) / max(1, round(seconds))
    rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", done.stdout)[0])
    number = int(re.findall(r"(\d+) requests in", done.stdout)[0])
    wrong = re.findall(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", done.stdout)
    if wrong or not number:
        raise Unexpected(f"{path}: wrk says {wrong or 'no answer'}")
    half = _latency(done.stdout, "50%")
    return Load(rate, half, half, _latency(done.stdout, "99%"), number, {status: number}, cpu)  # it does not tell the tenth


def _latency(printed: str, part: str) -> float:
    number, unit = re.findall(rf"{part}\s+([\d.]+)(us|ms|s|m)\b", printed)[0]
    return float(number) * _UNITS[unit]


def _check(statuses: dict[int, int], wanted: int | None) -> None:
    if wanted is not None and set(statuses) - {wanted}:
        raise Unexpected(f"answers: {statuses}, wanted {wanted}")
