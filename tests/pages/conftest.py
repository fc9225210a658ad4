"""The givers' pages are tried with the same provider that goes wrong on demand."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.contributions.conftest import provider

__all__ = ["provider"]


@pytest.fixture
def later(moved_clock):
    """later(hours=1): from now on it is so much later."""
    return lambda **by: moved_clock(datetime.now(UTC) + timedelta(**by))
