"""What was measured, one line of the table each: values of several rounds, or ratios within each round."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Measured:
    """`values`: of each round. Where `of` is given, they are ratios of `above` to `below`, two of each round in turn."""

    key: str
    """What targets.py knows it by."""
    title: str
    database: str
    values: Sequence[float]
    unit: str = "x"
    above: Sequence[float] = field(default_factory=tuple)
    below: Sequence[float] = field(default_factory=tuple)
    parts: tuple[str, str, str] = ("", "", "")
    """What `above` and `below` are, and in which unit."""
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def ratio(
    key: str,
    title: str,
    database: str,
    above: Sequence[float],
    below: Sequence[float],
    parts: tuple[str, str, str] = ("service", "peer", "requests/s"),
    note: str = "",
) -> Measured:
    """Above / below, round by round."""
    values = [one / other for one, other in zip(above, below, strict=True)]
    return Measured(key, title, database, values, "x", list(above), list(below), parts, note)


def from_json(told: dict[str, Any]) -> Measured:
    return Measured(**told | {"parts": tuple(told["parts"])})
