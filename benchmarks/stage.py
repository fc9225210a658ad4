"""Where a part of the benchmark plays: a new database of one kind, filled, and how much effort the run makes."""

import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from benchmarks import servers
from benchmarks.servers import ROOT
from tests.migrated import new_database

DATABASES = ("SQLite", "PostgreSQL")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Effort:
    """How long and how often is measured."""

    rounds: int
    seconds: float
    """Of one sample."""
    few: int
    """How many of what takes long: returns, gifts."""
    small: int
    large: int
    """How many gifts the two databases hold between which growth is measured."""
    requests: int
    """For how many requests the memory of a process is watched, after as many to warm it up."""


FULL = Effort(rounds=7, seconds=5, few=400, small=60_000, large=300_000, requests=50_000)
QUICK = Effort(rounds=3, seconds=2, few=48, small=4_000, large=20_000, requests=3_000)
SMOKE = Effort(rounds=1, seconds=0.3, few=4, small=10, large=20, requests=50)


@dataclass(frozen=True)
class Kind:
    """A kind of database, and where new ones are made."""

    name: str
    configured_url: str
    data: Path | None = None
    """Of PostgreSQL's, where it is one that we have started."""


@dataclass(frozen=True)
class Stage:
    """One new database."""

    kind: Kind
    url: str
    folder: Path
    told: dict[str, Any]
    """What fill.py made."""
    root: Path = ROOT
    """The checkout whose database it is."""

    def environment(self) -> dict[str, str]:
        """For processes on it. Addresses are the same for all of them, whatever port they answer on."""
        return servers.environment(self.url, BASE_URL)

    def headers(self, partner: int = 0, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.told['keys'][partner]}", **more}

    def python(self, module: str, order: dict[str, Any] | None = None) -> Any:
        """Run a module on the database, with an order as JSON; what it says as JSON."""
        return run_module(module, self.environment(), order, self.root)


BASE_URL = "http://127.0.0.1:8000"


@contextmanager
def stage(kind: Kind, *, root: Path = ROOT, **order: Any) -> Iterator[Stage]:
    """A new database that fill.py has filled by this order."""
    with tempfile.TemporaryDirectory(prefix="whipround-benchmark-", dir=_folder()) as folder:
        name = f"whipround_benchmark_{uuid.uuid4().hex[:8]}"
        with new_database(kind.configured_url, name, Path(folder), is_empty=root != ROOT) as url:
            environment = servers.environment(url, BASE_URL)
            if root != ROOT:
                subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=root, env=environment, check=True)
            told = run_module("benchmarks.fill", environment, order, root)
            yield Stage(kind, url, Path(folder), told, root)


def _folder() -> str | None:
    """On the disk, where production has its database; the smoke test says where else."""
    return os.environ.get("BENCHMARK_FOLDER")


def run_module(module: str, environment: dict[str, str], order: dict[str, Any] | None = None, root: Path = ROOT) -> Any:
    """Raises RuntimeError with what the module complained of."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=root,
        env=environment | {"LOG_LEVEL": "ERROR"},
        input=json.dumps(order or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-4000:])
    return json.loads(done.stdout)


def interleaved(rounds: int, samples: dict[str, Callable[[], Result]]) -> dict[str, list[Result]]:
    """Each sample once a round, forwards and backwards in turn, so that none always comes first."""
    found: dict[str, list[Result]] = {name: [] for name in samples}
    for number in range(rounds):
        order = list(samples) if number % 2 == 0 else list(reversed(samples))
        for name in order:
            found[name].append(samples[name]())
    return found
