"""Processor time that a request costs: of the server's processes and, on PostgreSQL, of the database's.

What else the machine does hardly changes it, so it can be compared also where requests a second cannot.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import load
from benchmarks.load import Load
from benchmarks.measured import Measured, ratio
from benchmarks.servers import Server


def of_database(data: Path | None) -> float:
    """Seconds that PostgreSQL's processes have used so far; 0 where there is none of ours."""
    file = data / "postmaster.pid" if data else None
    if file is None or not file.exists():
        return 0.0
    top = psutil.Process(int(file.read_text().split("\n")[0]))
    times = top.cpu_times()
    ended = times.children_user + times.children_system  # of connections that are closed
    return float(ended) + sum(_own(one) for one in (top, *top.children(recursive=True)))


def _own(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


class Meter:
    """Before and after a load."""

    def __init__(self, server: Server, data: Path | None) -> None:
        self.server, self.data = server, data
        self.began = self._now()

    def _now(self) -> float:
        return self.server.cpu_seconds() + of_database(self.data)

    def ms_a_request(self, seen: Load) -> float:
        return 1000 * (self._now() - self.began) / seen.number


@dataclass(frozen=True)
class Metered:
    """What came of a load, and what a request of it cost a processor in milliseconds."""

    load: Load
    ms: float


def metered(server: Server, data: Path | None, send: Callable[[], Load]) -> Callable[[], Metered]:
    """The same sample, with what it cost."""

    def sample() -> Metered:
        meter = Meter(server, data)
        seen = send()
        return Metered(seen, meter.ms_a_request(seen))

    return sample


def compared(
    key: str, title: str, database: str, above: Sequence[Metered], below: Sequence[Metered], parts: tuple[str, str, str]
) -> list[Measured]:
    """Above / below by requests a second, and by what they cost, where twice as cheap is 2 too. `parts`: as Measured has it."""
    rates = [[one.load.rate for one in loads] for loads in (above, below)]
    costs = [[one.ms for one in loads] for loads in (below, above)]
    note = load.note([one.load for one in (*above, *below)])
    by_cpu = (parts[1], parts[0], "ms of processor")
    return [
        ratio(key, title, database, *rates, parts, note),
        ratio(f"{key} by CPU", f"{title}, by CPU", database, *costs, by_cpu),
    ]
