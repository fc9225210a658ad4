"""The givers' pages are tried with the same provider that goes wrong on demand."""

from tests.contributions.conftest import provider

__all__ = ["provider"]
