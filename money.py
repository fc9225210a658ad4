"""Amounts: whole minor units of an ISO 4217 currency, never a float.

How many decimals a currency has comes from the `iso4217` package (the maintenance agency's list).
"""

import re
from types import MappingProxyType

from iso4217 import Currency as _Iso4217

MAX_WHOLE_DIGITS = 12
"""Digits before the point that an amount in a request may have (the wire contract's limit)."""

DECIMALS = MappingProxyType({c.code: c.exponent for c in _Iso4217 if c.exponent is not None})
"""Decimals of every currency that money can be given in: {"JPY": 0, "USD": 2, "KWD": 3, ...}.

Metals, funds and test codes (XAU, XDR, XTS, ...) have no minor unit in ISO 4217 and are left out.
"""

_PLAIN_DECIMAL = re.compile(r"([0-9]+)(?:\.([0-9]+))?")


class UnknownCurrency(ValueError):
    """Not the code of an active ISO 4217 currency with a minor unit."""


class BadAmount(ValueError):
    """Not a plain decimal that the currency can carry; the message says what would be right."""


def decimals_of(currency: str) -> int:
    """How many digits the currency has after the point. Raises UnknownCurrency."""
    try:
        return DECIMALS[currency]
    except KeyError:
        raise UnknownCurrency("must be the three-letter code of an active ISO 4217 currency, such as USD, EUR or JPY") from None


def parse(text: str, currency: str) -> int:
    """Minor units of a plain ASCII decimal: parse("100.5", "USD") is 10050.

    Raises BadAmount for signs, exponents, separators, blanks and for more digits than the
    contract (12 before the point) or the currency (after it) has; UnknownCurrency.
    """
    decimals = decimals_of(currency)
    found = _PLAIN_DECIMAL.fullmatch(text)
    if found is None:
        raise BadAmount(f"must be a plain decimal such as {example(currency)}: digits and at most one point")
    whole, fraction = found[1], found[2] or ""
    if len(whole) > MAX_WHOLE_DIGITS:
        raise BadAmount(f"must have at most {MAX_WHOLE_DIGITS} digits before the point")
    if len(fraction) > decimals:
        raise BadAmount(
            f"must have at most {decimals} digits after the point in {currency}"
            if decimals
            else f"must be a whole number: {currency} has no decimals"
        )
    return int(whole + fraction.ljust(decimals, "0"))


def text_of(minor: int, currency: str) -> str:
    """The amount with exactly the currency's decimals: text_of(10050, "USD") is "100.50"."""
    decimals = decimals_of(currency)
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(decimals + 1, "0")
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def example(currency: str) -> str:
    """An amount that is right in this currency, for error messages."""
    return text_of(100 * 10 ** decimals_of(currency), currency)
