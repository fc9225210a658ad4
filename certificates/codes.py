"""The code by which a certificate is claimed. Whoever has it has the money, so it is made, kept and compared as a secret.

20 characters in groups of four: 18 of 90 random bits, in letters and digits of which no two look alike (Crockford's base 32),
and two that check them. The check finds every single wrong character and every two neighbours that were swapped, so that a
slip is told from a code of nobody's. Found by the digest alone: of so many random bits nobody guesses one from it.
"""

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_CHARACTERS, CHECK_CHARACTERS = 18, 2
LENGTH = RANDOM_CHARACTERS + CHECK_CHARACTERS
_MODULUS = 1021  # the largest prime of two characters: no slip of one, and no swap of two neighbours, is a multiple of it
_LOOK_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_GROUP = 4
LONGEST_TYPED = 64
"""With all the blanks and dashes that a person may put in between."""


class NotACode(ValueError):
    """It was mistyped: nobody has such a code."""


def new_code() -> str:
    """As it is printed: K7QM-9ZT4-0XWD-H2BN-5C8P."""
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return printed(random + _check_of(random))


def normalized(typed: str) -> str:
    """The code as it is compared: without blanks and dashes, in capitals, with what looks alike read alike. Raises NotACode."""
    code = "".join(typed.split()).replace("-", "").upper().translate(_LOOK_ALIKE) if len(typed) <= LONGEST_TYPED else ""
    if len(code) != LENGTH or any(character not in ALPHABET for character in code):
        raise NotACode(f"a code has {LENGTH} letters and digits")
    if _check_of(code[:RANDOM_CHARACTERS]) != code[RANDOM_CHARACTERS:]:
        raise NotACode("its check does not fit: a character is wrong")
    return code


def printed(code: str) -> str:
    """In groups, as a person reads it out."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def lookup_of(typed: str) -> str:
    """The digest by which a certificate is found. Raises NotACode."""
    return hashlib.sha256(f"whipround certificate\0{normalized(typed)}".encode()).hexdigest()


def _check_of(random: str) -> str:
    value = 0
    for character in random:
        value = (value * len(ALPHABET) + ALPHABET.index(character)) % _MODULUS
    high, low = divmod(value, len(ALPHABET))
    return ALPHABET[high] + ALPHABET[low]
