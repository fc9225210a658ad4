"""How long a crowd waits: many givers at once, each making gift after gift to one and the same goal and paying it.

    python -m benchmarks.crowd [--threads 64] [--gifts 20]

On SQLite and on PostgreSQL, each with the server and the worker as processes, as production runs them. The givers live in
client processes of their own, so that what is measured is the service and not one busy Python.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.crashes.processes import Service, new_service
from tests.on_both_databases import postgres_url

CLIENT_PROCESSES = 4
POLLS_ALONE = 500
KINDS = ("make", "lead on", "pay", "return", "poll")
"""POST of a contribution, GET of its ProviderURL, POST of the simulator's form, GET of the return address, then of the gift."""

TIMEOUT_SECONDS = 120
AMOUNT = "12.50"

Sample = tuple[str, float, int]
"""The kind of a request, how many seconds its answer took, and its status; 0 where there was none."""


# --- A client process -----------------------------------------------------------------------------------------------


class Giver:
    """One giver with one connection, as fast as the service answers."""

    def __init__(self, task: dict[str, Any]) -> None:
        self.host, self.goal = urlsplit(task["base_url"]).netloc, task["goal"]
        self.key = {"Authorization": f"Bearer {task['key']}", "Accept": "application/json"}
        self.connection = HTTPConnection(self.host, timeout=TIMEOUT_SECONDS)
        self.samples: list[Sample] = []

    def ask(self, kind: str, verb: str, address: str, body: str | None = None, **headers: str) -> tuple[str, bytes]:
        """The Location and the body of the answer."""
        parts, started, status = urlsplit(address), time.perf_counter(), 0
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            self.connection.request(verb, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = self.connection.getresponse()
            content, status = answer.read(), answer.status
            return answer.headers.get("Location", ""), content
        except (OSError, HTTPException):
            self.connection.close()
            return "", b""
        finally:
            self.samples.append((kind, time.perf_counter() - started, status))

    def give(self) -> None:
        wish = json.dumps({"Amount": AMOUNT, "Contributor": "Somebody of many"})
        where = f"/api/SavingGoal/{self.goal}/Contributions"
        made, content = self.ask("make", "POST", where, wish, Content_Type="application/json", **self.key)
        if not made:
            return
        page, _ = self.ask("lead on", "GET", json.loads(content)["ProviderURL"])
        if not page:
            return
        back, _ = self.ask("pay", "POST", page, "outcome=approve", Content_Type="application/x-www-form-urlencoded")
        if back:
            self.ask("return", "GET", back)
            self.poll(made)

    def poll(self, contribution: str) -> None:
        self.ask("poll", "GET", contribution, **self.key)


def be_clients() -> None:
    """Read the task from the first line of stdin, begin at the second, print the samples."""
    task = json.loads(sys.stdin.readline())
    givers = [Giver(task) for _ in range(task["threads"])]
    threads = [threading.Thread(target=lambda one=one: [one.give() for _ in range(task["gifts"])]) for one in givers]
    print("ready", flush=True)
    sys.stdin.readline()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    used = resource.getrusage(resource.RUSAGE_SELF)
    json.dump({"samples": [s for one in givers for s in one.samples], "cpu": used.ru_utime + used.ru_stime}, sys.stdout)


# --- One measurement ------------------------------------------------------------------------------------------------


def measure(service: Service, threads: int, gifts: int) -> None:
    """Let the crowd in, and print how long it waited."""
    key = service.new_partner("Shop of the crowd")
    service.start_server()
    service.start_worker()
    task = {"base_url": service.base_url, "key": key, "goal": _new_goal(service, key), "gifts": gifts}
    alone = _alone(task)
    with _clients(task, threads) as clients:
        started = time.perf_counter()
        for client in clients:
            print("go", file=client.stdin, flush=True)
        told = [json.loads(client.stdout.read()) for client in clients]
        seconds = time.perf_counter() - started
    samples = [tuple(sample) for one in told for sample in one["samples"]]
    _show(samples, alone, seconds)
    print(f"  the clients used {sum(one['cpu'] for one in told) / seconds:.2f} processors")
    audit = service.manage("audit")
    collected = Giver(task)
    _, goal = collected.ask("poll", "GET", f"/api/SavingGoal/{task['goal']}", **collected.key)
    print(f"  CurrentAmount {json.loads(goal)['CurrentAmount']}, audit: {audit.stdout.strip().splitlines()[-1]}")


def _new_goal(service: Service, key: str) -> str:
    shop = Giver({"base_url": service.base_url, "key": key, "goal": ""})
    account = {"ProviderName": "PayPal", "Credentials": "anna@example.org"}
    goal = {
        "ExternalItemId": "crowd",
        "Name": "A goal that everybody wants",
        "GoalAmount": "1000000",
        "PaymentProviders": {"PaymentProvider": [account]},
    }
    _, content = shop.ask("goal", "POST", "/api/savings", json.dumps(goal), Content_Type="application/json", **shop.key)
    goal_id: str = json.loads(content)["Id"]
    return goal_id


def _alone(task: dict[str, Any]) -> list[float]:
    """Seconds of each poll by a client that has the service to itself, after a gift of its own."""
    giver = Giver(task)
    giver.give()
    contribution = json.loads(giver.ask("list", "GET", f"/api/SavingGoal/{task['goal']}/Contributions", **giver.key)[1])
    giver.samples.clear()
    for _ in range(POLLS_ALONE):
        giver.poll(f"/api/Contribution/{contribution['Contribution'][0]['Id']}")
    return [seconds for _, seconds, _ in giver.samples]


@contextmanager
def _clients(task: dict[str, Any], threads: int) -> Iterator[list[Any]]:
    shares = [len(range(first, threads, CLIENT_PROCESSES)) for first in range(CLIENT_PROCESSES)]
    command = [sys.executable, "-m", "benchmarks.crowd", "--as-clients"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    clients = [subprocess.Popen(command, **pipes) for _ in shares]
    try:
        for client, share in zip(clients, shares, strict=True):
            print(json.dumps(task | {"threads": share}), file=client.stdin, flush=True)
            client.stdout.readline()
        yield clients
    finally:
        for client in clients:
            client.kill()
            client.communicate()


def _show(samples: list[Sample], alone: list[float], seconds: float) -> None:
    by_kind = defaultdict(list)
    for kind, took, _ in samples:
        by_kind[kind].append(took)
    statuses = [status for _, _, status in samples]
    print(f"  {len(by_kind['return']) / seconds:.1f} gifts a second, {len(samples):,} requests: ", end="")
    print(f"{sum(status >= 500 for status in statuses)} answered 5xx, ", end="")
    print(f"{sum(400 <= status < 500 for status in statuses)} answered 4xx, {statuses.count(0)} not answered")
    for kind in KINDS:
        took = by_kind[kind]
        figures = [f"{name} {percentile(took, part):6.3f}" for name, part in (("p50", 50), ("p95", 95), ("p99", 99))]
        print(f"  {kind:7}{'  '.join(figures)}  max {max(took):6.3f} s")
    crowded, quiet = percentile(by_kind["poll"], 99), percentile(alone, 99)
    print(f"  p99 of a poll: {1000 * quiet:.1f} ms alone, {crowded / quiet:.0f} times that in the crowd")


def percentile(values: list[float], part: int) -> float:
    """The value that `part` percent of the values do not exceed."""
    return sorted(values)[max(0, -(-len(values) * part // 100) - 1)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd", description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=64)
    parser.add_argument("--gifts", type=int, default=20, help="of each thread")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="only this one")
    parser.add_argument("--as-clients", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.as_clients:
        be_clients()
        return
    if asked.database != "postgresql":
        _measure_on("SQLite", "sqlite:///", asked)
    if asked.database != "sqlite":
        with postgres_url() as url:
            _measure_on("PostgreSQL", url, asked)


def _measure_on(name: str, configured_url: str, asked: argparse.Namespace) -> None:
    print(f"{name}: {asked.threads} threads, {asked.gifts} gifts each", flush=True)
    with tempfile.TemporaryDirectory() as folder, new_service(Path(folder), configured_url) as service:
        measure(service, asked.threads, asked.gifts)


if __name__ == "__main__":
    main()
