"""The operator's fee as people write it, in the environment and in a command."""

import re
from dataclasses import dataclass
from decimal import Decimal

_PLAIN = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,4})?")


class BadFee(ValueError):
    """Not a fee; the message says what would be right."""


def percent(text: str, name: str) -> Decimal | None:
    """percent("2.5", ...) is Decimal("2.5"); None for an empty text. Raises BadFee."""
    value = fixed(text, name)
    if value is not None and value > 100:
        raise BadFee(f"{name} must be at most 100, not {text[:50]!r}")
    return value


def fixed(text: str, name: str) -> Decimal | None:
    """fixed("0.30", ...) is Decimal("0.30"), in whole units of whichever currency; None for an empty text. Raises BadFee."""
    told = text.strip()
    if not told:
        return None
    if not _PLAIN.fullmatch(told):
        raise BadFee(f"{name} must be a plain number such as 2.5, with at most four decimals, not {told[:50]!r}")
    return Decimal(told)


@dataclass(frozen=True)
class FeeRule:
    """`percent` of the amount, and `fixed` in whole units of the gift's currency, whichever that is: 0.30 is 30 cents."""

    percent: Decimal
    fixed: Decimal
