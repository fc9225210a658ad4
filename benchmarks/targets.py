"""What the measured ratios have to be: the one table of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.measured import Measured

BEFORE = "ca8ea09"
"""The commit that the service is compared with: the last one before what is asked most often got paths of its own."""

AT_LEAST, AT_MOST = "at least", "at most"


@dataclass(frozen=True)
class Target:
    """A bound on the median of what was measured under this key, on one database or on each."""

    key: str
    bound: str
    value: float
    database: str = ""

    def is_met(self, measured: Measured) -> bool:
        return measured.median >= self.value if self.bound == AT_LEAST else measured.median <= self.value

    def told(self, measured: Measured) -> str:
        """As the table shows it."""
        return f"{self.bound} {self.value:g}{'' if measured.unit == 'x' else ' ' + measured.unit}"


TARGETS = (
    Target("poll/plain_django", AT_LEAST, 4.0, "SQLite"),
    Target("poll/plain_django", AT_LEAST, 3.0, "PostgreSQL"),
    Target("304/200", AT_LEAST, 1.0),
    Target("before/304", AT_LEAST, 4.0),
    Target("post/plain", AT_LEAST, 0.9),
    Target("before/return", AT_LEAST, 2.5),
    Target("return/pgbench spread", AT_LEAST, 0.12, "PostgreSQL"),
    Target("return hot/spread", AT_LEAST, 0.8),
    Target("p99/slow provider", AT_MOST, 2.0),
    Target("p99/waiting", AT_MOST, 2.0),
    Target("goal page/growth", AT_MOST, 1.3),
    Target("worker round/growth", AT_MOST, 2.0),
    Target("worker hold", AT_MOST, 20.0),
    Target("worker idle", AT_MOST, 3.0),
    Target("savings statements", AT_MOST, 6.0),
    Target("memory", AT_MOST, 1.05),
)
"""`memory`: flat, to within what a measurement of it can say."""


def target_of(measured: Measured) -> Target | None:
    return next((one for one in TARGETS if one.key == measured.key and one.database in {"", measured.database}), None)


def missed(lines: Iterable[Measured]) -> list[str]:
    """What is not met, and what was not measured at all, a sentence each."""
    lines = list(lines)
    told = []
    for line in lines:
        target = target_of(line)
        if target and not target.is_met(line):
            told.append(f"{line.database}: {line.title} is {line.median:.3g}, wanted {target.told(line)}")
    measured = {line.key for line in lines}
    return told + [f"{key} was not measured" for key in dict.fromkeys(one.key for one in TARGETS) if key not in measured]
