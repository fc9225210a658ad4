"""A provider's settings, for live records or for test records: the latter have TEST in their names."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings

PREFIXES = ("PAYPAL_", "STRIPE_", "AMAZON_PAY_", "GOOGLE_PAY_")


def test_name(name: str) -> str:
    """test_name("PAYPAL_CLIENT_ID") is "PAYPAL_TEST_CLIENT_ID"."""
    prefix = next(prefix for prefix in PREFIXES if name.startswith(prefix))
    return f"{prefix}TEST_{name.removeprefix(prefix)}"


def named(name: str, *, is_test: bool) -> str:
    """The name of the setting for live records, or for test records."""
    return test_name(name) if is_test else name


def missing(names: Iterable[str], *, is_test: bool) -> list[str]:
    """Those that are not set, by the names under which they are to be."""
    return [named(name, is_test=is_test) for name in names if not setting(name, is_test=is_test)]


def setting(name: str, *, is_test: bool) -> Any:
    """Its value."""
    return getattr(settings, named(name, is_test=is_test))
