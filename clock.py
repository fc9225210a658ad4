"""What time it is. One place, so that a test or a simulation can move it."""

from collections.abc import Callable
from datetime import UTC, datetime

_source: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731


def now() -> datetime:
    """This moment, UTC."""
    return _source()


def use(source: Callable[[], datetime] | None) -> None:
    """Take the time from `source` from now on, or from the machine again (None). For tests and simulations."""
    global _source
    _source = source or (lambda: datetime.now(UTC))


def utc_text(moment: datetime) -> str:
    """RFC 3339, UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
