"""The partner's name, and what is paid for, at PayPal.

https://developer.paypal.com/docs/api/orders/v2/, read in November 2026
"""

import string

from providers.kit.names import cut, latin, one_line, utf16_units

LONGEST_BRAND, LONGEST_DESCRIPTOR, LONGEST_DESCRIPTION, LONGEST_SAVED = 127, 22, 127, 128
_ALPHABET = frozenset(string.ascii_letters + string.digits + "-. ")
"""An asterisk is allowed as well, but it stands between the parts of a statement."""


def brand_name(name: str) -> str:
    """experience_context.brand_name; empty where nothing of the name can be seen."""
    return cut(one_line(name), LONGEST_BRAND, size=utf16_units)


def soft_descriptor(name: str) -> str:
    """purchase_units[0].soft_descriptor, of which the statement shows what is left beside the payee's own; perhaps empty."""
    return cut(latin(name, _ALPHABET), LONGEST_DESCRIPTOR)


_SAVED = frozenset(string.ascii_letters + string.digits + "_'-., :;!?\"")


def saved_for(text: str) -> str:
    """description of a wallet that is to be saved, on the page where the giver agrees; never empty.

    https://developer.paypal.com/api/payment-tokens/v3 (2026-11)
    """
    return cut(latin(text, _SAVED), LONGEST_SAVED) or "Gifts"


def description(text: str) -> str:
    """purchase_units[0].description, on PayPal's page and in the giver's account; never empty."""
    return cut(one_line(text), LONGEST_DESCRIPTION, size=utf16_units) or "Gift"
