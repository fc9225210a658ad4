"""Healthy clients beside 780 hostile connections, and the ASGI server beside a WSGI one.

    python -m benchmarks.front_door [--seconds 3] [--rounds 3]

Starts the server as production does, and a WSGI server of as many processes with eight threads each, on ports of this machine
and on one SQLite database. Measures, in turns, GETs of a goal by four clients: at either server with nobody else there, then at
the server with everything of tests/crowds/nuisances.py. The last line is what can be compared between machines.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import servers
from benchmarks.servers import ROOT
from tests.crowds.nuisances import asked, everything_at_once

CLIENTS = 4
Took = list[float]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="whipround-benchmark-")
    environment = {"DATABASE_URL": f"sqlite:///{folder}/benchmark.sqlite3", "SANDBOX": "1", "LOG_LEVEL": "ERROR"} | os.environ
    key, goal = _a_goal(environment)
    with servers.service(environment, Path(folder)) as asgi, servers.wsgi_service(environment, Path(folder)) as wsgi:
        measured = _measured(asgi.port, wsgi.port, f"/api/SavingGoal/{goal}", key, options.seconds, options.rounds)
        _tell(asyncio.run(measured))


async def _measured(asgi: int, wsgi: int, path: str, key: str, seconds: float, rounds: int) -> dict[str, list[Took]]:
    """By what was measured, the seconds of each request of each round."""
    found: dict[str, list[Took]] = {"WSGI, alone": [], "ASGI, alone": [], "ASGI, beside 780 others": []}
    for _ in range(rounds):
        found["WSGI, alone"].append(await _healthy(wsgi, path, key, seconds))
        found["ASGI, alone"].append(await _healthy(asgi, path, key, seconds))
        async with everything_at_once(asgi):
            found["ASGI, beside 780 others"].append(await _healthy(asgi, path, key, seconds))
    return found


async def _healthy(port: int, path: str, key: str, seconds: float) -> Took:
    took: Took = []
    until = time.monotonic() + seconds

    async def client() -> None:
        while time.monotonic() < until:
            status, one = await asked(port, path, key)
            if status != 200:
                raise SystemExit(f"a healthy client was answered {status}")
            took.append(one)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return took


def _p99(took: Took) -> float:
    return statistics.quantiles(took, n=100)[98]


def _tell(found: dict[str, list[Took]]) -> None:
    for name, rounds in found.items():
        every = [one for took in rounds for one in took]
        p50, p99 = statistics.median(every) * 1000, statistics.median(_p99(took) for took in rounds) * 1000
        print(f"{name:>24}: {len(every)} requests, p50 {p50:.1f} ms, p99 {p99:.1f} ms (median of {len(rounds)} rounds)")
    beside, alone = found["ASGI, beside 780 others"], found["ASGI, alone"]
    ratio = statistics.median(_p99(one) / _p99(other) for one, other in zip(beside, alone, strict=True))
    rate = sum(map(len, alone)) / sum(map(len, found["WSGI, alone"]))
    print(f"p99 beside 780 others / p99 alone: {ratio:.2f}; requests ASGI / WSGI: {rate:.2f}")


def _a_goal(environment: dict[str, str]) -> tuple[str, str]:
    program = (
        "import django; django.setup()\n"
        "from tests.conftest import PartnerClient\n"
        "from partners.registration import register\n"
        "from django.conf import settings; settings.ALLOWED_HOSTS.append('give.example.test')\n"
        "client = PartnerClient(register('Benchmark', is_test=True).api_key)\n"
        "print(client.key, client.new_goal())"
    )
    environment = environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=environment, check=True)
    made = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    key, goal = made.stdout.split()
    return key, goal


if __name__ == "__main__":
    main()
