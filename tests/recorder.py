"""What the product sends to PostgreSQL while the suite runs is held against tests/statements.py: each kind of statement once.

A test that makes the product send one that a database spread by partner would refuse, or ask every machine about, fails.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.db.backends.signals import connection_created

ROOT = Path(__file__).resolve().parent.parent
_ON_THE_WAY = (
    *("ownership.py", "lookups.py", "leases.py", "filling.py"),
    *("compiled.py", "prepared.py", "prepared_models.py", "returning.py"),
)
"""Who passes on what others ask."""

MAY_ASK_EVERY_MACHINE = (
    *("tests/", "benchmarks/", "console/"),
    *(f"contributions/{name}.py" for name in ("attention", "search", "everything_kept")),
)
"""Tests, and what an operator asks for now and then: by its number what a person has seen to, a gift by any word, all that is
kept of a partner. So may migrations."""

_seen: set[str] = set()
_found: list[str] = []


def look_at(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
    """For connection.execute_wrapper()."""
    if sql not in _seen:
        from tests.statements import faults  # the apps are ready by now

        wrong = faults(sql) if isinstance(sql, str) else []
        sender = _sender() if wrong else ""
        if not sender.startswith(MAY_ASK_EVERY_MACHINE) and "/migrations/" not in sender:
            _seen.add(sql)
            _found.extend(f"{sender}: {what}: {sql}" for what in wrong)
    return execute(sql, parameters, many, context)


def _sender() -> str:
    """The innermost file of the project that has asked for the statement, and the line."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and ".venv" not in path.parts and path.name not in _ON_THE_WAY:
            return f"{path.relative_to(ROOT).as_posix()}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def _listen(sender: Any, connection: Any, **_: Any) -> None:
    if connection.vendor == "postgresql" and look_at not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, look_at)


connection_created.connect(_listen)


@pytest.fixture(autouse=True)
def _nothing_was_asked_of_every_machine() -> Iterator[None]:
    yield
    found = _found.copy()
    _found.clear()
    assert found == []
