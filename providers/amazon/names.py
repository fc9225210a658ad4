"""The partner's name, and what is paid for, at Amazon Pay.

https://developer.amazon.com/docs/amazon-pay-api-v2/checkout-session.html (2026-11)
"""

import string

from providers.kit.names import cut, latin, one_line, utf16_units

LONGEST_STORE_NAME, LONGEST_DESCRIPTOR, LONGEST_NOTE = 50, 16, 255
_ALPHABET = frozenset(string.ascii_letters + string.digits + " .-")


def store_name(name: str) -> str:
    """merchantMetadata.merchantStoreName, in Amazon's e-mails and the giver's account; perhaps empty."""
    return cut(one_line(name), LONGEST_STORE_NAME, size=utf16_units)


def soft_descriptor(name: str) -> str:
    """paymentDetails.softDescriptor, on the giver's statement; perhaps empty."""
    return cut(latin(name, _ALPHABET), LONGEST_DESCRIPTOR)


def note_to_buyer(text: str) -> str:
    """merchantMetadata.noteToBuyer, in Amazon's e-mails; never empty. Amazon's limit is one of bytes."""
    return cut(one_line(text), LONGEST_NOTE, size=lambda told: len(told.encode(errors="replace"))) or "Gift"


def merchant_metadata(reference: str, brand: str, description: str) -> dict[str, str]:
    """What a session or a charge repeats: our own id of what it is for, and who asks for it."""
    return {
        "merchantReferenceId": reference,
        **({"merchantStoreName": store} if (store := store_name(brand)) else {}),
        "noteToBuyer": note_to_buyer(description),
    }
