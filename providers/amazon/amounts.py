"""Amounts as Amazon Pay writes them, and which currencies an account of each region is paid in."""

from collections.abc import Mapping
from types import MappingProxyType

from money import text_of
from providers.base import AmountRefused

LEDGER_CURRENCIES: Mapping[str, tuple[str, ...]] = MappingProxyType({"NA": ("USD",), "EU": ("EUR", "GBP"), "JP": ("JPY",)})
"""What the account of a region is kept in: a European one in the first or in the second."""

MOST_MINOR: Mapping[str, int] = MappingProxyType({"USD": 15_000_000, "EUR": 15_000_000, "GBP": 15_000_000, "JPY": 10_000_000})
"""The largest charge, https://developer.amazon.com/docs/amazon-pay-api-v2/charge.html"""


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
