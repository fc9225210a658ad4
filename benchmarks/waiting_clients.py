"""200 clients that wait: how much slower is the API for everybody else?

    python -m benchmarks.waiting_clients [--clients 200] [--seconds 5] [--rounds 2]

Starts the server (two processes), and a WSGI server of two processes with eight threads each, on ports of this machine, and
measures GETs of one goal at the server: with nobody waiting, with the clients waiting there, and with the same clients asking
the WSGI server, which holds a few and answers the others at once (they come back when it says so).
"""

import argparse
import asyncio
import contextlib
import http.client
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from demo.serving import HTTP_1_ONLY, MANY_CONNECTIONS

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="whipround-benchmark-")
    environment = {"DATABASE_URL": f"sqlite:///{folder}/benchmark.sqlite3", "SANDBOX": "1", "LOG_LEVEL": "ERROR"} | os.environ
    key, goal = _a_goal(environment)
    servers = [_serve(environment, "asgi", "config.asgi:application", 8471, "--workers", "2")]
    servers.append(_serve(environment, "wsgi", "config.wsgi:application", 8472, "--blocking-threads", "8", "--workers", "2"))
    try:
        _wait_until_ready(8471)
        _wait_until_ready(8472)
        took: dict[str, list[float]] = {"nobody waits": [], "at the server": [], "at a WSGI server": []}
        for _ in range(options.rounds):
            for where, port in (("nobody waits", 0), ("at the server", 8471), ("at a WSGI server", 8472)):
                with _waiting(port, options.clients if port else 0, key) as held:
                    took[where] += _measure(key, goal, options.seconds)
                print(f"{where:>21}: {held[0]} answers to those who wait", flush=True)
        for where, seconds in took.items():
            p99 = statistics.quantiles(seconds, n=100)[98] * 1000
            rate = len(seconds) / options.seconds / options.rounds
            print(f"{where:>21}: {rate:.0f}/s, p50 {statistics.median(seconds) * 1000:.1f} ms, p99 {p99:.1f} ms")
    finally:
        for server in servers:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()


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


def _serve(environment: dict[str, str], interface: str, application: str, port: int, *size: str) -> "subprocess.Popen[bytes]":
    protocols = [*HTTP_1_ONLY, *MANY_CONNECTIONS]
    command = [sys.executable, "-m", "granian", "--interface", interface, *protocols, "--host", "127.0.0.1"]
    return subprocess.Popen(
        [*command, "--port", str(port), *size, application],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _wait_until_ready(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise SystemExit(f"nobody serves on port {port}")


@contextlib.contextmanager
def _waiting(port: int, clients: int, key: str):
    """So many clients that follow the feed; yields [how many answers they got]."""
    answers, stop, loop = [0], threading.Event(), asyncio.new_event_loop()

    async def client() -> None:
        request = (
            f"GET /api/Events?after=latest&wait=30 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
        )
        while not stop.is_set():
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
                answer = await reader.read()
                answers[0] += 1
                writer.close()
                if b"retry-after" in answer.lower():
                    await asyncio.sleep(2)

    async def everybody() -> None:
        tasks = [asyncio.ensure_future(client()) for _ in range(clients)]
        while not stop.is_set():
            await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    running = threading.Thread(target=loop.run_until_complete, args=[everybody()])
    running.start()
    time.sleep(2)
    try:
        yield answers
    finally:
        stop.set()
        running.join()
        loop.close()


def _measure(key: str, goal: str, seconds: float) -> list[float]:
    took, until = [], time.monotonic() + seconds
    connection = http.client.HTTPConnection("127.0.0.1", 8471, timeout=30)
    while time.monotonic() < until:
        began = time.monotonic()
        connection.request("GET", f"/api/SavingGoal/{goal}", headers={"Authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"the server answers {answer.status}")
        took.append(time.monotonic() - began)
    return took


if __name__ == "__main__":
    main()
