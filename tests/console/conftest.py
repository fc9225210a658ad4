"""What the security log was told."""

import logging
from collections.abc import Iterator

import pytest

from config import cef


@pytest.fixture
def told() -> Iterator[list[tuple[str, str]]]:
    """Name of the event and the whole line, for each that is told."""
    lines: list[tuple[str, str]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append((record.security_event.name, self.format(record)))  # type: ignore[attr-defined]

    handler, log = Kept(), logging.getLogger("security")
    before = log.level
    log.setLevel(logging.INFO)
    handler.setFormatter(cef.CommonEventFormat("1"))
    log.addHandler(handler)
    yield lines
    log.removeHandler(handler)
    log.setLevel(before)
