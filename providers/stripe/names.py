"""The partner's name, and what is paid for, at Stripe.

https://docs.stripe.com/get-started/account/statement-descriptors, read in November 2026

A statement has 22 characters: the account's prefix (up to 10), an asterisk and a space, and our suffix. Both need a letter.
"""

import string

from providers.kit.names import cut, latin, one_line, utf16_units

LONGEST_DESCRIPTION = 250
LONGEST_SUFFIX = 22 - len("* ") - 10
_ALPHABET = frozenset(string.ascii_letters + string.digits + " .,&+-/#!?@_:;()=%$")
"""Latin characters but for < > \\ ' \" *"""


def statement_suffix(name: str) -> str:
    """statement_descriptor_suffix; empty where the name has no Latin letter."""
    suffix = cut(latin(name, _ALPHABET), LONGEST_SUFFIX)
    return suffix if any(character in string.ascii_letters for character in suffix) else ""


def description(text: str) -> str:
    """Of a payment, and the name of what is bought on Stripe's page; never empty.

    A product's name has 250 characters: https://docs.stripe.com/api/products/object (2026-11).
    """
    return cut(one_line(text), LONGEST_DESCRIPTION, size=utf16_units) or "Gift"
