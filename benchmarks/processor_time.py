"""Processor time that a request costs: of the server's processes and, on PostgreSQL, of the database's.

What else the machine does hardly changes it, so it can be compared also where requests a second cannot.
"""

from pathlib import Path

import psutil

from benchmarks.load import Load
from benchmarks.servers import Server


def of_database(data: Path | None) -> float:
    """Seconds that PostgreSQL's processes have used so far; 0 where there is none of ours."""
    file = data / "postmaster.pid" if data else None
    if file is None or not file.exists():
        return 0.0
    top = psutil.Process(int(file.read_text().split("\n")[0]))
    return sum(_own(one) for one in (top, *top.children(recursive=True)))


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

    def ms_a_request(self, load: Load) -> float:
        return 1000 * (self._now() - self.began) / load.number
