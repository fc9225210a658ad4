"""The service as it runs in production: the server and the worker as processes, on a database of their own, to be killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import requests

from demo.serving import SERVER
from tests.eventually import eventually
from tests.migrated import new_database
from tests.on_both_databases import TEST_DATABASES

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCTION = ("config.asgi:application", ["manage.py"])
"""What the server serves, and what runs the commands."""
SHORT_LEASES = ("tests.crashes.short_leases:application", ["-m", "tests.crashes.short_leases"])
"""The same with leases that are over in seconds, for whoever kills it all the time."""

LEASE_SECONDS = 4
LONGEST_REQUEST_SECONDS = 6
"""Of the short kind; a request is longer than the lease, as in production."""

PATIENCE_SECONDS = 60
"""How long a start, a command or an answer may take on a machine that has other things to do."""


SECONDS_TO_DIE = 10
"""What a killed process may take until the system has taken it away."""


class Service:
    """One server and one worker, each in a process group of its own. What they write goes to `log`."""

    def __init__(self, database_url: str, folder: Path, flavour: tuple[str, list[str]] = PRODUCTION) -> None:
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "service.log"
        self.application, self.command = flavour
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("HTTP_", "LOG_LEVEL"))}
        # Some workers live two days ahead of the servers, whose keys have to be there in the end.
        self.environment |= {"RETAIN_IDEMPOTENCY_DAYS": "366"}
        self.environment |= {"DATABASE_URL": database_url, "SANDBOX": "1", "PUBLIC_BASE_URL": self.base_url}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.groups: list[int] = []
        """Every process group that was ever started."""
        self.logged_before: dict[int, int] = {}
        """How much was in the log, in bytes, when a process was started."""

    def start_server(self) -> None:
        """Start it and wait until it answers."""
        where = ["--host", "127.0.0.1", "--port", str(self.port)]
        size = ["--workers", "2", "--workers-kill-timeout", "30"]
        self._start("server", [*SERVER, *where, *size, self.application])
        eventually(self._answers_or_has_ended, self._end_of_the_log, seconds=PATIENCE_SECONDS, every=0.02)
        if self.processes["server"].poll() is not None:
            raise RuntimeError(f"the server did not start:\n{self._end_of_the_log()}")

    def _answers_or_has_ended(self) -> bool:
        return self.answers() or self.processes["server"].poll() is not None

    def _end_of_the_log(self) -> str:
        return self.log.read_text()[-4000:]

    def answers(self) -> bool:
        with requests.Session() as session, suppress(requests.RequestException):
            session.trust_env = False
            return session.get(f"{self.base_url}/healthz", timeout=PATIENCE_SECONDS).ok
        return False

    def start_worker(self) -> None:
        self._start("worker", [*self.command, "work"])

    def _start(self, name: str, arguments: list[str]) -> None:
        if name in self.processes:
            raise RuntimeError(f"there is a {name} already")
        with self.log.open("ab") as log:
            logged_before = log.tell()
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a group of its own: nobody of it survives kill()
            )
        self.logged_before[self.processes[name].pid] = logged_before
        self.groups.append(self.processes[name].pid)

    def kill(self, name: str) -> None:
        """SIGKILL for the "server" with all its processes, or the "worker", if it is running."""
        process = self.processes.pop(name, None)
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE_SECONDS)
            # its children die a moment later
            eventually(lambda: not self.alive([process.pid]), f"the end of the killed {name}", seconds=PATIENCE_SECONDS)

    def stop(self, name: str) -> str:
        """SIGTERM, as a deployment does; returns what was wrong with how it ended, empty where it ended in good order."""
        process = self.processes[name]
        process.terminate()
        try:
            status = process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            status = None
        left = self.alive([process.pid])
        self.kill(name)
        if status == -signal.SIGTERM and not self._had_begun(name, process.pid):
            return ""
        if status is None:
            return f"the {name} did not end within {PATIENCE_SECONDS} s of SIGTERM"
        if left:
            return f"the {name} ended after SIGTERM and left processes behind: {left}"
        return f"the {name} ended with status {status} after SIGTERM" if status else ""

    def _had_begun(self, name: str, pid: int) -> bool:
        """Whether it came so far that it can be expected to end in good order."""
        with self.log.open("rb") as log:
            log.seek(self.logged_before[pid])
            return name != "worker" or b'"worker started"' in log.read()

    def alive(self, groups: list[int] | None = None) -> list[int]:
        """The processes of these groups, or of all that were ever started, that still run."""
        wanted, found = set(self.groups if groups is None else groups), []
        for process in psutil.process_iter():
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                if os.getpgid(process.pid) in wanted and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process.pid)
        return found

    def still_there(self) -> list[int]:
        """The processes that go on living after the last kill, which takes effect a moment after it was sent."""
        with suppress(AssertionError):
            eventually(lambda: not self.alive(), "the end of what was killed", seconds=SECONDS_TO_DIE)
        return self.alive()

    def kill_everything(self) -> None:
        for name in list(self.processes):
            self.kill(name)

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end; its exit status is the caller's to judge."""
        return self.python(*self.command, *arguments)

    def python(self, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        """Run Python on the service's database."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=10 * PATIENCE_SECONDS,
            check=False,
        )

    def new_partner(self, name: str) -> str:
        """Its test key: the simulator pays its gifts."""
        done = self.manage("create_partner", name, "--json")
        if done.returncode:
            raise RuntimeError(done.stderr)
        key: str = json.loads(done.stdout)["test_api_key"]
        return key

    def logged(self) -> Iterator[dict[str, object]]:
        """Every whole line that the processes have logged; one that a kill cut short is left out."""
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                with suppress(ValueError):
                    said = json.loads(line)
                    if isinstance(said, dict):
                        yield said


@contextmanager
def new_service(folder: Path, configured_url: str, flavour: tuple[str, list[str]] = PRODUCTION) -> Iterator[Service]:
    """A service that is ready to be started, on a new database of the same kind as the configured one.

    Whatever happens, none of its processes and no database of its own on a database server is left behind.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    name = f"{TEST_DATABASES}{run}_{uuid.uuid4().hex[:8]}"
    with new_database(configured_url, name, folder) as database_url:
        service = Service(database_url, folder, flavour)
        try:
            yield service
        finally:
            service.kill_everything()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
