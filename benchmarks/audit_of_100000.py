"""How much memory and time the audit of 100,000 contributions takes.

    python -m benchmarks.audit_of_100000

On the database that DATABASE_URL names, which must be an empty one; without it, on a SQLite file in a temporary folder.
"""

import os
import subprocess
import sys
import tempfile
import time

from benchmarks.stage import run_module

CONTRIBUTIONS, GOALS = 100_000, 500


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = {"DATABASE_URL": f"sqlite:///{folder}/books.sqlite3", **os.environ, "SANDBOX": "1"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], env=environment, check=True)
        run_module("benchmarks.fill", environment, {"goals": GOALS, "settled": CONTRIBUTIONS, "lean": True})
        started = time.monotonic()
        audit = subprocess.Popen([sys.executable, "manage.py", "audit"], env=environment)
        _, status, used = os.wait4(audit.pid, 0)
        seconds = time.monotonic() - started
    print(f"audit of {CONTRIBUTIONS:,} contributions: {seconds:.1f} s, {used.ru_maxrss // 1024} MiB at most, status {status}")


if __name__ == "__main__":
    main()
