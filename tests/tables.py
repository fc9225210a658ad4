"""How a file is named in the tables of tiers.py and shares.py: plugins of pytest both, which must not import each other."""

from collections.abc import Sequence
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent


def inside(item: pytest.Item) -> str:
    """The test's file, as it is named in the tables."""
    return item.path.relative_to(TESTS).as_posix() if item.path.is_relative_to(TESTS) else ""


def is_in(table: Sequence[str], name: str) -> bool:
    """Whether the file, or a folder that it lies in, is named there."""
    return any(name == one or name.startswith(f"{one}/") for one in table)
