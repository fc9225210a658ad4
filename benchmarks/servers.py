"""What is measured, as processes: the service by its production command, its worker, and the peers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import requests

from demo.serving import HTTP_1_ONLY, MANY_CONNECTIONS, SERVER, free_port

ROOT = Path(__file__).resolve().parent.parent
PEERS_PYTHON = ROOT / "var" / "bench" / "bin" / "python"
"""`make bench` installs there what the peers and the pictures need."""

WITHOUT_PROVIDER = "benchmarks.instant_service:application"
"""In the place of config.asgi: the payment company takes no time."""

PROCESSES = 2
PEER_THREADS = 8
"""Of each process of a WSGI server: as many as there are connections, so that no peer waits for a thread."""

SECONDS_TO_START = 60
DJANGO_PEERS = ("plain_django", "drf", "ninja")
PEERS = (*DJANGO_PEERS, "fastapi_sqlalchemy")


class Server:
    """A process with its children, and the port that it answers on."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.process, self.port = process, port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def everybody(self) -> list[psutil.Process]:
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """What it and its children have used so far."""
        times = [one.cpu_times() for one in self.everybody()]
        return sum(one.user + one.system for one in times)

    def memory_mib(self) -> float:
        """Of its largest process: what is its own."""
        return max(one.memory_full_info().uss for one in self.everybody()) / 1024**2


def environment(database_url: str, base_url: str) -> dict[str, str]:
    """Of the service: as in production with the log on, but with the simulator, and with limits that nobody reaches."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("HTTP_", "LOG_LEVEL", "RATE_LIMIT"))}
    limits = {"RATE_LIMIT_KEY": "10000000", "RATE_LIMIT_ADDRESS": "10000000", "RATE_LIMIT_CHANGES": "100000000"}
    return mine | limits | {"DATABASE_URL": database_url, "SANDBOX": "1", "PUBLIC_BASE_URL": base_url}


@contextmanager
def service(
    variables: Mapping[str, str], folder: Path, root: Path = ROOT, *, application: str = "config.asgi:application"
) -> Iterator[Server]:
    """The service on a free port, serving; `root`: the checkout that it is started in."""
    port = free_port()
    command = [*SERVER, "--host", "127.0.0.1", "--port", str(port), "--workers", str(PROCESSES), application]
    with _started([sys.executable, *command], variables, folder / f"service-{port}.log", port, root) as server:
        _wait_for(server, "/readyz")
        yield server


@contextmanager
def wsgi_service(variables: Mapping[str, str], folder: Path) -> Iterator[Server]:
    """The service at a WSGI server of as many processes with eight threads each, to be compared with."""
    port = free_port()
    size = ["--port", str(port), "--workers", str(PROCESSES), "--blocking-threads", "8"]
    command = ["-m", "granian", *HTTP_1_ONLY, *MANY_CONNECTIONS, "--interface", "wsgi", "--host", "127.0.0.1", *size]
    application = "config.wsgi:application"
    with _started([sys.executable, *command, application], variables, folder / f"wsgi-{port}.log", port, ROOT) as server:
        _wait_for(server, "/readyz")
        yield server


@contextmanager
def worker(variables: Mapping[str, str], folder: Path) -> Iterator[Server]:
    """`manage.py work`."""
    with _started([sys.executable, "manage.py", "work"], variables, folder / "worker.log", 0, ROOT) as started:
        yield started


@contextmanager
def peer(name: str, variables: Mapping[str, str], folder: Path) -> Iterator[Server]:
    """One of PEERS, under the same server as the service."""
    port = free_port()
    python = str(PEERS_PYTHON) if PEERS_PYTHON.exists() else sys.executable
    if name in DJANGO_PEERS:
        runs = ["--interface", "wsgi", "--blocking-threads", str(PEER_THREADS), "benchmarks.peers.wsgi:application"]
    else:
        runs = ["--interface", "asgi", f"benchmarks.peers.{name}:app"]
    where = ["-m", "granian", "--http", "1", "--no-ws", "--host", "127.0.0.1", "--port", str(port), "--workers", str(PROCESSES)]
    settings = {"BENCHMARK_PEER": name, "DJANGO_SETTINGS_MODULE": "benchmarks.peers.django_settings"}
    with _started([python, *where, *runs], {**variables, **settings}, folder / f"{name}-{port}.log", port, ROOT) as server:
        _wait_for(server, "/")
        yield server


@contextmanager
def _started(command: list[str], variables: Mapping[str, str], log: Path, port: int, root: Path) -> Iterator[Server]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=root, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield Server(process, port)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(server: Server, path: str) -> None:
    until = time.monotonic() + SECONDS_TO_START
    with requests.Session() as session:
        session.trust_env = False
        while time.monotonic() < until and server.process.poll() is None:
            with suppress(requests.RequestException):
                if session.get(server.url + path, timeout=5).status_code != 503:
                    return
            time.sleep(0.05)
    raise RuntimeError(f"{server.process.args!r} does not serve")
