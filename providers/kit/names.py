"""Names as they may stand at a provider and on a bank's statement: one line, an alphabet, cut between characters."""

import unicodedata
from collections.abc import Callable

_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Control and format characters (directions, joiners), halves of characters, and what Unicode has not assigned."""


def one_line(text: str) -> str:
    """Without what cannot be seen, blanks as one space. A name of nothing else is empty."""
    seen = "".join(" " if character.isspace() else character for character in text)
    return " ".join("".join(one for one in seen if one == " " or unicodedata.category(one) not in _UNSEEN).split())


def cut(text: str, longest: int, *, size: Callable[[str], int] = len) -> str:
    """As many whole characters as fit, with the marks that belong to them; `size`: how the provider counts them."""
    if size(text) <= longest:
        return text
    end = len(text)
    while end and (size(text[:end]) > longest or unicodedata.combining(text[end : end + 1] or " ")):
        end -= 1
    return text[:end].rstrip()


def utf16_units(text: str) -> int:
    """How long JavaScript and Java say it is: a character beyond the basic plane is two."""
    return len(text.encode("utf-16-le", errors="replace")) // 2


def latin(text: str, alphabet: frozenset[str]) -> str:
    """In letters without marks and the other characters of `alphabet`: latin("Änna's", ...) is "Annas". Empty where none is."""
    plain = unicodedata.normalize("NFKD", one_line(text))
    return " ".join("".join(one for one in plain if one == " " or one in alphabet).split())
