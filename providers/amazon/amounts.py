"""Amounts as Amazon Pay writes them, and which currencies an account charges."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from money import text_of
from providers.base import AmountTooLarge, CurrencyRefused

MOST_MINOR: Mapping[str, int] = MappingProxyType({"USD": 15_000_000, "EUR": 15_000_000, "GBP": 15_000_000, "JPY": 10_000_000})
"""The largest charge, https://developer.amazon.com/docs/amazon-pay-api-v2/charge.html. Of other currencies Amazon decides."""


def check_currency(currency: str, charged: Sequence[str], *, by_others: Sequence[str] = ()) -> None:
    """Raises AmountRefused where the account does not charge it. `charged`: what it charges, what it is kept in first;
    `by_others`: what other accounts of the operator's do."""
    if currency in charged:
        return
    told = " and ".join(charged) if len(charged) < 3 else f"{', '.join(charged[:-1])} and {charged[-1]}"
    sentence = f"Amazon takes no {currency[:3]} here; it takes {told}."
    if currency in by_others:
        sentence += f" Another merchant ID of this service takes {currency}: its operator knows it."
    raise CurrencyRefused(sentence)


def check_amount(amount_minor: int, currency: str) -> None:
    """Raises AmountRefused where Amazon takes or gives back no so many minor units of the currency."""
    most = MOST_MINOR.get(currency)
    if most is not None and amount_minor > most:
        raise AmountTooLarge(f"The amount must be at most {text_of(most, currency)}: Amazon takes no more {currency} at once.")


def price(amount_minor: int, currency: str) -> dict[str, str]:
    """Amazon's price object: price(2500, "USD") is {"amount": "25.00", "currencyCode": "USD"}."""
    return {"amount": text_of(amount_minor, currency), "currencyCode": currency}
