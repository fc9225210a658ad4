"""Which characters XML 1.0 can carry (https://www.w3.org/TR/xml/#charsets)."""

import re

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def first_illegal(text: str) -> str | None:
    """The first character that no XML 1.0 document can carry, as U+0000; None where all can be carried."""
    found = _ILLEGAL.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def printable(text: str, most: int = 200) -> str:
    """The text as it may be echoed in an error: cut, and with U+FFFD for what XML cannot carry."""
    return _ILLEGAL.sub("\ufffd", text[:most])
