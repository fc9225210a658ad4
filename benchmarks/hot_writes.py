"""What a POST of a gift and a giver's return cost a processor: now, as it was before, and what is compared with them.

    python -m benchmarks.hot_writes [--rounds 9] [--requests 100] [--database SQLite|PostgreSQL] [--profile tottime]

Each in a process of its own without a server, in turns, with the payment company of instant_provider.py; what is compared is
processor time, of the process and of its PostgreSQL connection, so that it says something on a busy machine too.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.bench import DATA
from benchmarks.parts.before import checkout_of
from benchmarks.servers import ROOT
from benchmarks.stage import Kind, stage
from benchmarks.targets import BEFORE
from tests.on_both_databases import postgres_url

ORDER = {"partners": 10, "goals": 10, "settled": 1000}


class Child:
    """A process of hot_writes_child.py."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def tell(self, line: str) -> Any:
        """What it says to a line. Raises RuntimeError where it has ended."""
        assert self.process.stdin is not None  # noqa: S101 - a pipe
        assert self.process.stdout is not None  # noqa: S101 - a pipe
        print(line, file=self.process.stdin, flush=True)
        told = self.process.stdout.readline()
        if not told:
            raise RuntimeError(f"it has ended with {self.process.wait()}")
        return json.loads(told)


@contextmanager
def child(kind: Kind, root: Path) -> Iterator[Child]:
    """One on a new database of its own, of this checkout."""
    with ExitStack() as stack:
        there = stack.enter_context(stage(kind, root=root, **ORDER))
        command = [sys.executable, "-m", "benchmarks.hot_writes_child"]
        environment = there.environment() | {"DJANGO_SETTINGS_MODULE": "config.settings", "BENCHMARK_PEER": "plain_django"}
        errors = stack.enter_context((there.folder / "child.log").open("w+"))
        process = subprocess.Popen(
            command, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            print(json.dumps(there.told), file=process.stdin, flush=True)
            yield Child(process)
        finally:
            process.kill()
            process.communicate()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hot_writes")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--database", choices=("SQLite", "PostgreSQL"))
    parser.add_argument("--profile", choices=("tottime", "cumulative"))
    asked = parser.parse_args()
    with ExitStack() as stack:
        kinds = []
        if asked.database != "PostgreSQL":
            kinds.append(Kind("SQLite", "sqlite:///"))
        if asked.database != "SQLite":
            kinds.append(Kind("PostgreSQL", stack.enter_context(postgres_url(DATA)), DATA))
        for kind in kinds:
            if asked.profile:
                _profile(kind, asked)
            else:
                _compare(kind, asked)


def _profile(kind: Kind, asked: Any) -> None:
    with child(kind, ROOT) as now:
        for what in ("post", "back"):
            now.tell(f"{what} 30")
            print(kind.name, what, now.tell(f"{what} {asked.requests} {asked.profile}")["profile"])


def _compare(kind: Kind, asked: Any) -> None:
    with child(kind, ROOT) as now, checkout_of(BEFORE) as root, child(kind, root) as before:
        everything = [("now", now, "post"), ("before", before, "post"), ("plain", now, "plain")]
        everything += [("now", now, "back"), ("before", before, "back"), ("now", now, "floor"), ("now", now, "floor_of_post")]
        found: dict[tuple[str, str], list[float]] = {(name, what): [] for name, _, what in everything}
        parts: dict[tuple[str, str], list[float]] = {(name, what): [] for name, _, what in everything}
        for number in range(asked.rounds + 1):
            for name, one, what in everything if number % 2 else reversed(everything):
                told = one.tell(f"{what} {asked.requests}")
                if number:  # what is built once is built
                    found[name, what].append(told["process"] + told["database"])
                    parts[name, what].append(told["database"])
    for key, seconds in found.items():
        median, database = (statistics.median(values) * 1000 for values in (seconds, parts[key]))
        print(f"{kind.name:10} {key[0]:>7} {key[1]:13} {median:6.2f} ms, of which PostgreSQL {database:5.2f}")
    for above, below in (
        (("before", "post"), ("now", "post")),
        (("plain", "plain"), ("now", "post")),
        (("before", "back"), ("now", "back")),
        (("now", "post"), ("now", "floor_of_post")),
        (("now", "back"), ("now", "floor")),
    ):
        ratio = statistics.median(one / other for one, other in zip(found[above], found[below], strict=True))
        print(f"{kind.name:10} {' '.join(above)} / {' '.join(below)}: {ratio:.2f}")
    print(f"load: {' '.join(f'{one:.1f}' for one in os.getloadavg())}")


if __name__ == "__main__":
    main()
