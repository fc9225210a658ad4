"""The giver's return, which settles a gift: against pgbench with the core of that transaction, spread over goals and at one.

pgbench asks no payment company, so the service asks the one of instant_provider.py, which takes no time.
"""

import re
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import load, servers
from benchmarks.load import CONNECTIONS, Load
from benchmarks.measured import Measured
from benchmarks.processor_time import Metered, compared, metered, of_database
from benchmarks.stage import Effort, Kind, Stage, interleaved, stage

PGBENCH_SHARE = 20
"""How many times as many gifts as the service pgbench is given in a round: it must not run out of them."""


def measure(kind: Kind, effort: Effort) -> list[Measured]:
    number = effort.few * (effort.rounds + 1)
    with_pgbench = kind.name == "PostgreSQL" and shutil.which("pgbench") is not None
    order = {"partners": 10, "goals": 10, "settled": 1000, "approved": number, "hot": number}
    with (
        stage(kind, **order) as there,
        servers.service(there.environment(), there.folder, application=servers.WITHOUT_PROVIDER) as service,
    ):
        samples: dict[str, Callable[[], Metered]] = {}
        for name, gifts in (("spread", "approved"), ("hot", "hot")):
            send = returns(service.port, shares(there.told[gifts], effort.few))
            samples[name] = metered(service, kind.data, send)
        for name in ("spread", "hot"):
            samples[name]()  # what is built once is built
        if with_pgbench:
            scripts = {name: PgBench(there, name, effort) for name in ("pgbench spread", "pgbench hot")}
            samples |= {name: script.run for name, script in scripts.items()}
        found = interleaved(effort.rounds, samples)
    return _told(kind.name, found)


def _told(database: str, found: dict[str, list[Metered]]) -> list[Measured]:
    parts = ("hot", "spread", "returns/s")
    title = "return, one hot goal / spread over 100 goals"
    lines = compared("return hot/spread", title, database, found["hot"], found["spread"], parts)[:1]
    for name in ("spread", "hot"):
        if f"pgbench {name}" in found:
            parts = ("service", "pgbench", "settled/s")
            title = f"return / pgbench with the core transaction, {name}"
            lines += compared(f"return/pgbench {name}", title, database, found[name], found[f"pgbench {name}"], parts)
    return lines


def shares(gifts: list[dict[str, Any]], few: int) -> Iterator[list[str]]:
    """The requests of a round: each gift is returned to once."""
    for first in range(0, len(gifts), few):
        yield [load.request("GET", gift["return"], {}) for gift in gifts[first : first + few]]


def returns(port: int, rounds: Iterator[list[str]]) -> Callable[[], Load]:
    """A sample of returns; each round has gifts of its own."""
    return lambda: load.send(port, next(rounds), status=303, once=True)


class PgBench:
    """pgbench on the same database: the statements of the move alone, as few as can be, prepared."""

    def __init__(self, there: Stage, name: str, effort: Effort) -> None:
        self.there, self.seconds = there, effort.seconds
        told = there.python("benchmarks.core_transaction", {"hot": name.endswith("hot"), "gifts": effort.few * PGBENCH_SHARE})
        self.script = Path(there.folder) / f"{name.replace(' ', '-')}.sql"
        self.script.write_text(told["script"])
        self.first, self.gifts = told["first"], told["gifts"]

    def run(self) -> Metered:
        """Transactions a second, and what one cost: PostgreSQL and pgbench itself."""
        share = self.gifts // CONNECTIONS
        values = {"first": self.first, "share": share, "n": 0}
        told = [word for name, value in values.items() for word in ("-D", f"{name}={value}")]
        how = ["pgbench", "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2", "-T", str(max(1, round(self.seconds)))]
        began = _used(self.there)
        done = subprocess.run(
            [*how, *told, "-f", str(self.script), self.there.url], capture_output=True, text=True, check=False
        )
        rate = re.findall(r"tps = ([\d.]+) \(without", done.stdout)
        if done.returncode or not rate or "ERROR" in done.stderr:
            raise RuntimeError(f"pgbench: {done.stdout[-1000:]}{done.stderr[-1000:]}")
        number = int(re.findall(r"actually processed: (\d+)", done.stdout)[0])
        nothing = float("nan")
        return Metered(Load(float(rate[0]), nothing, nothing, nothing, number), 1000 * (_used(self.there) - began) / number)


def _used(there: Stage) -> float:
    """Seconds of processor time, by PostgreSQL and by what this process has started and waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return of_database(there.kind.data) + children.ru_utime + children.ru_stime
