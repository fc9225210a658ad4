"""Amounts as PayPal writes them: which currencies it takes, and how many decimals it gives them."""

from collections.abc import Mapping
from types import MappingProxyType

from money import decimals_of
from providers.base import CurrencyRefused, DecimalsRefused

DECIMALS: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(
        (
            *("AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "ILS"),
            *("MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "USD"),
        ),
        2,
    )
    | {"HUF": 0, "JPY": 0, "TWD": 0}
)
"""https://developer.paypal.com/reference/currency-codes/ - BRL, CNY and MYR only between accounts in their country."""


def check_currency(currency: str) -> None:
    """Raises AmountRefused where PayPal does not take it."""
    if currency not in DECIMALS:
        raise CurrencyRefused(f"PayPal takes no {currency[:3]}; it takes {', '.join(sorted(DECIMALS))}.")


def check_amount(amount_minor: int, currency: str) -> None:
    """Raises AmountRefused where PayPal cannot carry so many minor units of the currency."""
    check_currency(currency)
    if amount_minor % _minor_per_step(currency):
        raise DecimalsRefused(f"The amount must be a whole number: PayPal takes no decimals in {currency}.")


def value_of(amount_minor: int, currency: str) -> str:
    """PayPal's text of an amount: value_of(2500, "USD") is "25.00", value_of(250000, "HUF") is "2500". Raises AmountRefused."""
    check_amount(amount_minor, currency)
    decimals = DECIMALS[currency]
    steps = amount_minor // _minor_per_step(currency)
    whole, rest = divmod(steps, 10**decimals)
    return f"{whole}.{rest:0{decimals}}" if decimals else str(whole)


def step_minor(currency: str) -> int:
    """By how many minor units one amount that PayPal can carry differs from the next."""
    return _minor_per_step(currency) if currency in DECIMALS else 1


def _minor_per_step(currency: str) -> int:
    return int(10 ** (decimals_of(currency) - DECIMALS[currency]))
