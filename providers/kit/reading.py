"""Reading what a provider wrote: every reader takes anything at all, and gives what is safe to go on with."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from money import decimals_of
from providers.base import ProviderUnavailable

Json = Mapping[str, Any]

OUR_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""Our own public ids of contributions and refunds."""

_UNPRINTABLE = re.compile(r"[^A-Za-z0-9._:-]")
_DECIMAL = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,6}))?")


def json_of(body: bytes) -> dict[str, Any] | None:
    """The JSON object; None for anything else."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def code(value: object, longest: int = 80) -> str:
    """A provider's code, fit for a log line: other characters are left out. Empty for anything but text."""
    return _UNPRINTABLE.sub("", value)[:longest] if isinstance(value, str) else ""


def text(value: object) -> str:
    """The text; empty for anything else."""
    return value if isinstance(value, str) else ""


def matching(pattern: re.Pattern[str], value: object) -> str:
    """The text where all of it matches, such as an id; empty for anything else."""
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def an_object(value: object) -> dict[str, Any]:
    """The JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[dict[str, Any]]:
    """The objects in a JSON array; none for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def time_of_epoch(seconds: object) -> datetime | None:
    """A moment in whole seconds since 1970; None for anything else."""
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds < 10**11:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def time_of_rfc3339(value: object) -> datetime | None:
    """A moment such as 2026-11-21T02:00:00Z; None for anything else."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def time_of_compact(value: object) -> datetime | None:
    """A moment such as 20201024T211909Z; None for anything else."""
    try:
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if isinstance(value, str) else None
    except ValueError:
        return None


def minor_of_decimal(value: object, currency: object) -> int:
    """Minor units of a decimal in text, whatever decimals it has: minor_of_decimal("2500", "HUF") is 250000.

    Raises ValueError where it is no amount, or has more decimals than the currency.
    """
    found = _DECIMAL.fullmatch(value) if isinstance(value, str) and value.isascii() else None
    if found is None or not isinstance(currency, str):
        raise ValueError("not an amount")
    decimals, fraction = decimals_of(currency), (found[2] or "").rstrip("0")
    if len(fraction) > decimals:
        raise ValueError("more decimals than the currency has")
    return int(found[1] + fraction.ljust(decimals, "0"))


def amount_of(price: object, what: str, *, value: str, currency: str) -> tuple[int, str]:
    """Minor units and currency of an object with these two members. Raises ProviderUnavailable, naming `what`."""
    members = an_object(price)
    try:
        return minor_of_decimal(members.get(value), members.get(currency)), text(members.get(currency))
    except ValueError:
        raise ProviderUnavailable(f"{what} without an amount that can be read") from None
