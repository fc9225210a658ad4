"""Amounts as Stripe counts them: its own minor units, which are not always ISO 4217's, and what it takes at all.

https://docs.stripe.com/currencies
"""

from collections.abc import Mapping
from types import MappingProxyType

from money import decimals_of, text_of
from providers.base import AmountTooLarge, AmountTooSmall, CurrencyRefused, DecimalsRefused

ZERO_DECIMAL = frozenset({
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
})  # fmt: skip
THREE_DECIMAL = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
"""The last of the three has to be 0."""

TWO_DECIMAL = frozenset({
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BMD", "BND", "BOB", "BRL", "BSD",
    "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CNY", "COP", "CRC", "CVE", "CZK", "DKK", "DOP", "DZD", "EGP", "ETB", "EUR",
    "FJD", "FKP", "GBP", "GEL", "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "ISK", "JMD",
    "KES", "KGS", "KHR", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MKD", "MMK", "MNT", "MOP", "MUR",
    "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN",
    "QAR", "RON", "RSD", "RUB", "SAR", "SBD", "SCR", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SZL", "THB", "TJS", "TOP",
    "TRY", "TTD", "TWD", "TZS", "UAH", "USD", "UYU", "UZS", "WST", "XCD", "XCG", "YER", "ZAR", "ZMW",
})  # fmt: skip
"""ISK has no decimals any more, but Stripe goes on writing two. UGX is not here: Stripe's page tells it in two ways."""

DECIMALS: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(ZERO_DECIMAL, 0) | dict.fromkeys(TWO_DECIMAL, 2) | dict.fromkeys(THREE_DECIMAL, 3)
)

LEAST: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(("ARS", "AUD", "BRL", "CAD", "CHF", "COP", "EUR", "IDR", "ILS", "INR", "NZD", "PHP", "RUB", "SGD", "USD"), 50)
    | {"AED": 200, "CZK": 1500, "DKK": 250, "GBP": 30, "HKD": 400, "HUF": 17_500, "JPY": 50, "KRW": 50, "MXN": 1000}
    | {"MYR": 200, "NOK": 300, "PLN": 200, "RON": 200, "SEK": 300, "THB": 1000, "ZAR": 50}
)
"""The smallest payment in a currency that an account can be paid in, in Stripe's minor units. Of others Stripe decides.

https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, read in November 2026, as all that follows.
"""

MOST = 99_999_999
"""The largest payment in Stripe's minor units, where MOST_OF names no other: eight digits."""

MOST_OF: Mapping[str, int] = MappingProxyType({
    "COP": 999_999_999_999, "HUF": 999_999_999_999, "IDR": 999_999_999_999, "LBP": 999_999_999_999,
    "INR": 999_999_999, "JPY": 9_999_999_999,
})  # fmt: skip
"""Twelve digits for IDR, nine for INR; and what cards can be charged where a million is little: ten digits before the point for
COP, HUF and JPY, and of LBP the twelve digits that a card can carry. Whether a giver's card or bank takes so much Stripe tells.
"""


def check_currency(currency: str) -> None:
    """Raises AmountRefused where Stripe does not take it."""
    if currency not in DECIMALS:
        raise CurrencyRefused(f"Stripe takes no {currency[:3]}: https://docs.stripe.com/currencies lists what it takes.")


def check_amount(amount_minor: int, currency: str) -> None:
    """Raises AmountRefused where Stripe takes no payment of so many minor units of the currency."""
    units = units_of(amount_minor, currency)
    least = minor_of(LEAST.get(currency, 1), currency) if currency in LEAST else 1
    most_units = MOST_OF.get(currency, MOST)
    most = minor_of(most_units - most_units % _units_per_step(currency), currency)
    if units < LEAST.get(currency, 1):
        raise AmountTooSmall(f"The amount must be at least {text_of(least, currency)}: Stripe takes no less in {currency}.")
    if units > most_units:
        raise AmountTooLarge(f"The amount must be at most {text_of(most, currency)}: Stripe takes no more in {currency}.")


def units_of(amount_minor: int, currency: str) -> int:
    """Stripe's units: units_of(2500, "USD") is 2500, units_of(5, "ISK") is 500. Raises AmountRefused."""
    check_currency(currency)
    theirs, ours = DECIMALS[currency], decimals_of(currency)
    if theirs == 3 and amount_minor % 10:
        raise DecimalsRefused(f"The amount must end in 0: Stripe takes only two of the three decimals of {currency}.")
    if theirs >= ours:
        return int(amount_minor * 10 ** (theirs - ours))
    units, rest = divmod(amount_minor, 10 ** (ours - theirs))
    if rest:
        raise DecimalsRefused(f"The amount must be a whole number: Stripe takes no decimals in {currency}.")
    return int(units)


def minor_of(units: object, currency: str) -> int:
    """Our minor units of Stripe's: minor_of(500, "ISK") is 5. Raises ValueError where these are no such units."""
    if not isinstance(units, int) or isinstance(units, bool) or units < 0 or currency not in DECIMALS:
        raise ValueError("not an amount")
    theirs, ours = DECIMALS[currency], decimals_of(currency)
    if theirs <= ours:
        return int(units * 10 ** (ours - theirs))
    minor, rest = divmod(units, 10 ** (theirs - ours))
    if rest:
        raise ValueError("more decimals than the currency has")
    return int(minor)


def step_minor(currency: str) -> int:
    """By how many of our minor units one amount that Stripe takes differs from the next: 1 for USD, 10 for KWD."""
    return max(minor_of(_units_per_step(currency), currency), 1)


def carried_minor(amount_minor: int, currency: str) -> int:
    """So much of an amount as Stripe can carry, rounded towards zero: of 4817 in KWD 4810."""
    step = step_minor(currency)
    return amount_minor // step * step if amount_minor >= 0 else -(-amount_minor // step * step)


def _units_per_step(currency: str) -> int:
    """By how much, in Stripe's units, one amount differs from the next."""
    theirs = DECIMALS[currency]
    return 10 if theirs == 3 else int(10 ** max(0, theirs - decimals_of(currency)))
