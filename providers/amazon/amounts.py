"""Amounts as Amazon Pay writes them, and which currencies an account of each region is paid in."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from money import decimals_of, text_of
from providers.base import AmountRefused

LEDGER_CURRENCIES: Mapping[str, tuple[str, ...]] = MappingProxyType({"NA": ("USD",), "EU": ("EUR", "GBP"), "JP": ("JPY",)})
"""What the account of a region is kept in: a European one in the first or in the second."""

MOST_MINOR: Mapping[str, int] = MappingProxyType({"USD": 15_000_000, "EUR": 15_000_000, "GBP": 15_000_000, "JPY": 10_000_000})
"""The largest charge, https://developer.amazon.com/docs/amazon-pay-api-v2/charge.html"""

_VALUE = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,6}))?")


def check_currency(currency: str, region: str) -> None:
    """Raises AmountRefused where an account of this region is not paid in it."""
    if currency not in LEDGER_CURRENCIES[region]:
        taken = " and ".join(LEDGER_CURRENCIES[region])
        raise AmountRefused(f"Amazon takes no {currency[:3]} here; it takes {taken}.")


def check_amount(amount_minor: int, currency: str, region: str) -> None:
    """Raises AmountRefused where Amazon Pay cannot carry so many minor units of the currency."""
    check_currency(currency, region)
    most = MOST_MINOR[currency]
    if amount_minor > most:
        raise AmountRefused(f"The amount must be at most {text_of(most, currency)}: Amazon takes no more {currency} at once.")


def price(amount_minor: int, currency: str) -> dict[str, str]:
    """Amazon's price object: price(2500, "USD") is {"amount": "25.00", "currencyCode": "USD"}."""
    return {"amount": text_of(amount_minor, currency), "currencyCode": currency}


def minor_of(value: object, currency: object) -> int:
    """Minor units of Amazon's text, whatever decimals it writes: minor_of("25", "USD") is 2500. Raises ValueError."""
    found = _VALUE.fullmatch(value) if isinstance(value, str) and value.isascii() else None
    if found is None or not isinstance(currency, str):
        raise ValueError("not an amount")
    decimals, fraction = decimals_of(currency), (found[2] or "").rstrip("0")
    if len(fraction) > decimals:
        raise ValueError("more decimals than the currency has")
    return int(found[1] + fraction.ljust(decimals, "0"))
