"""Starts the service and its worker as processes of their own, waits until they serve, and stops them again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import requests

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
HTTP_1_ONLY = ("--http", "1", "--no-ws", "--http1-buffer-size", "65536")
MANY_CONNECTIONS = ("--backlog", "4096", "--backpressure", "4096")
SERVER = ("-m", "config.serve", "--interface", "asgi", *HTTP_1_ONLY, *MANY_CONNECTIONS)
"""Its options for the protocols that are spoken and for how many may be connected; docs/operators.md says why."""

WORKERS = 2

SECONDS_TO_START, SECONDS_TO_STOP = 30.0, 8.0
LAST_LINES = 12


class DidNotStart(Exception):
    """The server has ended, or does not get ready; the message says which."""


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of this machine."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what has ended a minute ago is not in the way
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def start_server(port: int, environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """The service on 127.0.0.1, at once; wait_until_ready says when it serves. Its log file starts anew."""
    size = ["--workers", str(WORKERS), "--workers-kill-timeout", "3"]
    return _start([*SERVER, "--host", HOST, "--port", str(port), *size, "config.asgi:application"], environment, log)


def start_worker(environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """`manage.py work`, which finds out about open contributions every few seconds."""
    return _start(["manage.py", "work"], environment, log)


def manage(environment: Mapping[str, str], *command: str) -> str:
    """Run one of manage.py's commands to its end and return what it printed. Raises CalledProcessError."""
    done = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def wait_until_ready(
    port: int, server: subprocess.Popen[bytes], *, address: str, given_up: Callable[[], bool] = lambda: False
) -> None:
    """Until /readyz says so, or `given_up` does; `address` is the PUBLIC_BASE_URL that the server was given.

    Raises DidNotStart.
    """
    until = time.monotonic() + SECONDS_TO_START
    while not given_up():
        if server.poll() is not None:
            raise DidNotStart(f"the server ended with status {server.returncode}")
        status = status_of("/readyz", port, address=address)
        if status == 200:
            return
        if time.monotonic() > until:
            answer = f"/readyz answers {status}" if status else "nobody answers"
            raise DidNotStart(f"the server is not ready after {SECONDS_TO_START:.0f} seconds: {answer}")
        time.sleep(0.05)


def status_of(path: str, port: int, *, address: str) -> int | None:
    """What the server on this port answers to GET; None where it does not."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            # The server answers to its own name only, wherever it is reached.
            headers = {"Host": urlsplit(address).netloc}
            return session.get(f"http://{HOST}:{port}{path}", headers=headers, timeout=15, allow_redirects=False).status_code
        except requests.RequestException:
            return None


def stop(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """Ask all of them to end, wait for them, and end by force who does not; safe for those that have ended."""
    waiting = [process for process in processes if process.poll() is None]
    for process in waiting:
        process.terminate()
    until = time.monotonic() + SECONDS_TO_STOP
    for process in waiting:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def end_of(log: Path) -> str:
    """The last lines of a log, to be shown where its process has ended."""
    return "\n".join(f"  {line}" for line in log.read_text(errors="replace").splitlines()[-LAST_LINES:])


def _start(command: list[str], environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    # In a session of its own, so that Ctrl-C reaches whoever started it, who then stops it in good order.
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own commands
            [sys.executable, *command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
