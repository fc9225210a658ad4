"""From a laptop to 10,000 gifts a second, calculated: `python -m benchmarks.scale_model` prints the tables of docs/scale.md.

It multiplies what benchmarks/scale_inputs.py has measured; each column says how. What was not measured is an assumption, and
stands in Assumptions. A test holds the page to what is printed here.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

_FOUND = json.loads((Path(__file__).parent / "scale_inputs.json").read_text())
MEASURED: dict[str, float] = _FOUND["medians"]
RATES = (1, 10, 100, 1_000, 10_000)
"""Gifts a second."""


@dataclass(frozen=True)
class Assumptions:
    """What the figures stand on beside what was measured."""

    polls_per_gift: int = 20
    """Polls, lists and pages of the feed for each gift, each as dear as a poll of a contribution."""
    busy: float = 0.5
    """How much of its processors a machine uses at the busiest second: the rest is for surprises, and a machine less."""
    service_cores: int = 16
    database_cores: int = 32
    peak: float = 5.0
    """The busiest second of a year against its average one: what is kept grows with the average."""
    sqlite_commits: int = 11
    """For each gift (decision 0020); each waits for the disk by itself, as SQLite has one writer."""
    disk_ms: float = 4.0
    """Until a commit is on a disk of the ordinary kind."""
    provider_seconds: float = 0.6
    """How long a provider keeps a request waiting in a gift's life: opened, found, captured."""
    places: int = 16
    """PROVIDER_PLACES: so many requests of a process wait for providers at once."""
    processes: int = 8
    """Of a machine of the service."""


@dataclass(frozen=True)
class Step:
    """What a rate of gifts needs."""

    rate: int
    service_cores: float
    primary_alone: float
    """Its processors where it answers every read."""
    primary_cores: float
    """The same where the replica answers them."""
    replica_cores: float
    wal_mb: float
    """Megabytes of log a second."""
    terabytes: float
    """A year."""
    waiting: float
    """Requests that wait for providers at one time."""
    service_machines: int
    shards: int
    """Primaries, each with its standbys: one whose reads a replica answers, or else several that answer all of their own."""


def step(rate: int, measured: dict[str, float] = MEASURED, given: Assumptions = Assumptions()) -> Step:
    """A rate's figures: milliseconds of a processor for each gift, times gifts a second, are thousandths of processors."""
    polls = given.polls_per_gift

    def cores(gift: str, poll: str) -> float:
        return rate * (measured[gift] + polls * measured[poll]) / 1000

    service = cores("gift_service_ms", "replica_poll_service_ms")
    primary = cores("gift_primary_ms", "replica_poll_primary_ms")
    replica = cores("gift_standby_ms", "replica_poll_standby_ms")
    alone, able = cores("gift_primary_ms", "poll_primary_ms"), given.busy * given.database_cores
    waiting = rate * given.provider_seconds
    by_processor = service / given.busy / given.service_cores
    by_places = waiting / given.busy / given.places / given.processes
    return Step(
        rate,
        service,
        alone,
        primary,
        replica,
        rate * measured["gift_wal_bytes"] / 1e6,
        rate / given.peak * measured["gift_disk_bytes"] * 365 * 86400 / 1e12,
        waiting,
        math.ceil(max(by_processor, by_places)),
        1 if max(primary, replica) <= able else math.ceil(alone / able),
    )


def sqlite_rate(given: Assumptions = Assumptions()) -> float:
    """Gifts a second that one disk lets SQLite's one writer commit."""
    return 1000 / (given.sqlite_commits * given.disk_ms)


def one_primary(given: Assumptions = Assumptions()) -> tuple[float, float]:
    """Gifts a second that one primary bears: answering all reads, and with a replica for them."""
    able, one = given.busy * given.database_cores, step(1)
    return able / one.primary_alone, able / max(one.primary_cores, one.replica_cores)


def figure(number: float) -> str:
    """Two digits that mean something."""
    if number == 0 or number >= 1000:
        return f"{number:,.0f}"
    digits = max(0, 1 - math.floor(math.log10(abs(number))))
    return f"{number:,.{digits}f}"


def table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def measured_table() -> str:
    """What a gift and a poll cost."""
    rows = [
        ["a gift, from the POST to the giver's return", *_three("gift_service_ms", "gift_primary_ms", "gift_standby_ms")],
        ["a poll that the primary answers", *_three("poll_service_ms", "poll_primary_ms", "")],
        [
            "a poll that the replica answers",
            *_three("replica_poll_service_ms", "replica_poll_primary_ms", "replica_poll_standby_ms"),
        ],
    ]
    return table(["Milliseconds of a processor", "service", "primary", "standby"], rows)


def _three(*names: str) -> list[str]:
    return [figure(MEASURED[name]) if name else "" for name in names]


def where() -> str:
    """When and on what it was measured."""
    machine = _FOUND["machine"]
    return f"on {_FOUND['date']}, on {machine['cores']} processors with other work on them (load {machine['load']:.0f})"


def bytes_of_a_gift() -> str:
    log, kept, transactions = (MEASURED[f"gift_{name}"] for name in ("wal_bytes", "disk_bytes", "commits"))
    return (
        f"A gift takes {figure(transactions)} transactions, most of them reads, writes {figure(log / 1000)} KB of log"
        f" and leaves {figure(kept / 1000)} KB in tables and indexes"
    )


def steps_table() -> str:
    """Each rate with what it needs."""
    heads = ["Gifts a second", "service", "primary alone", "primary", "replica", "log, MB/s", "kept, TB a year", "waiting"]
    rows = [
        [f"{one.rate:,}", *map(figure, (one.service_cores, one.primary_alone, one.primary_cores, one.replica_cores)),
         *map(figure, (one.wal_mb, one.terabytes, one.waiting))]
        for one in map(step, RATES)
    ]  # fmt: skip
    return table(heads, rows)


def machines_table() -> str:
    """Each rate with how many machines bear it."""
    rows = [[f"{one.rate:,}", f"{one.service_machines:,}", f"{one.shards:,}"] for one in map(step, RATES)]
    given = Assumptions()
    heads = [f"machines of the service ({given.service_cores} processors)", f"primaries ({given.database_cores} processors)"]
    return table(["Gifts a second", *heads], rows)


def limits() -> str:
    """Where the first steps end."""
    alone, with_replica = one_primary()
    return "\n".join(
        [
            f"- SQLite on one disk: 1000 / ({Assumptions.sqlite_commits} commits x {Assumptions.disk_ms:g} ms)"
            f" = {figure(sqlite_rate())} gifts a second.",
            f"- One primary of {Assumptions.database_cores} processors, half of them used, with all reads:"
            f" {figure(alone)} gifts a second.",
            f"- The same with a replica that answers them: {figure(with_replica)} gifts a second.",
        ]
    )


def main() -> None:
    print("\n\n".join([where(), measured_table(), bytes_of_a_gift(), limits(), steps_table(), machines_table()]))


if __name__ == "__main__":
    main()
