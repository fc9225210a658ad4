"""Card numbers in texts: found so that they can be refused or masked. Nothing here keeps or logs one.

A card number is 13 to 19 digits with a right check digit (ISO/IEC 7812-1, Annex B) that begin as one network's numbers do and
are as many as it uses. Of random numbers of 16 digits that is one in fifty. The prefixes are those that the networks publish;
https://en.wikipedia.org/wiki/Payment_card_number lists them in one place (read in November 2026).
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_plus

FEWEST, MOST = 13, 19
MOST_BETWEEN = 3
"""So many characters may stand between two digits of one number: ` - `, or an emoji's selector and frame."""

LONGEST_PHONE_NUMBER = 15
"""Digits after a plus sign (ITU-T E.164)."""

_FROM_16 = frozenset({16, 17, 18, 19})
_NETWORKS: tuple[tuple[str, str, frozenset[int]], ...] = (
    ("4", "4", frozenset({13, 16, 19})),  # Visa
    ("51", "55", frozenset({16})),  # Mastercard, and the next
    ("2221", "2720", frozenset({16})),
    ("34", "34", frozenset({15})),  # American Express, and the next
    ("37", "37", frozenset({15})),
    ("300", "305", frozenset({14, 16})),  # Diners Club, and the next three
    ("3095", "3095", frozenset({14, 16})),
    ("36", "36", frozenset({14, 16})),
    ("38", "39", frozenset({14, 16})),
    ("3528", "3589", _FROM_16),  # JCB
    ("6011", "6011", _FROM_16),  # Discover, and the next
    ("644", "659", _FROM_16),
    ("62", "62", _FROM_16),  # UnionPay, and the next
    ("81", "81", _FROM_16),
    ("5018", "5020", _FROM_16),  # Maestro, Dankort, and the next five
    ("5038", "5038", _FROM_16),
    ("5612", "5612", _FROM_16),
    ("5893", "5893", _FROM_16),
    ("6304", "6304", _FROM_16),
    ("6759", "6763", _FROM_16),
    ("2200", "2204", _FROM_16),  # Mir
    ("508", "508", frozenset({16})),  # RuPay, and the next two
    ("60", "60", frozenset({16})),
    ("82", "82", frozenset({16})),
    ("506", "507", _FROM_16),  # Verve, Elo, and the next two
    ("509", "509", frozenset({16})),
    ("636", "639", frozenset({16})),
    ("9792", "9792", frozenset({16})),  # Troy
)
"""The first prefix, the last one, and how many digits such a number has."""

_FIRST_DIGITS = frozenset(first[0] for first, _, _ in _NETWORKS)
_DOUBLED = str.maketrans("0123456789", "0246813579")
"""Twice the digit, the two digits of that added up."""

_BETWEEN = frozenset({"Zs", "Zl", "Zp", "Pd", "Pc", "Cf", "Mn", "Me"})
"""Categories of Unicode: blanks, dashes, ties, what is not seen, what stands on or round the digit before it."""

_ALSO_BETWEEN = frozenset("\t\n\r./,*|\u00b7\u2022\u2212")


@dataclass(frozen=True)
class _Group:
    """Digits without anything between them: where they stand, and what they are in ASCII."""

    start: int
    end: int
    digits: str


def holds_one(text: str) -> bool:
    """Whether a card number stands in what somebody wrote, in whatever script, between whatever words."""
    return next(_found(text), None) is not None


def masked(text: str) -> str:
    """The text with all but the last four digits of each card number made to asterisks; nothing else is changed."""
    characters = list(text)
    for groups in _found(text):
        places = [at for group in groups for at in range(group.start, group.end)]
        for at in places[:-4]:
            characters[at] = "*"
    return "".join(characters)


def is_one_in_an_id(text: str) -> bool:
    """Whether a text that a program made, such as an order's number, holds what can only be a card number.

    That stands between blanks: where anything is joined to it (`order-4000...`), it is a part of an id. And it has no 13
    digits, as articles have (GTIN-13), and no card any more.
    """
    for groups in _found(text, fewest=FEWEST + 1):
        before, after = text[: groups[0].start], text[groups[-1].end :]
        if (not before or before[-1].isspace()) and (not after or after[0].isspace()):
            return True
    return False


def is_one_in_an_address(url: str) -> bool:
    """Whether a card number stands in a URL as people write it, in groups. Digits in one piece are an id there."""
    return any(len(groups) > 1 for groups in _found(unquote_plus(url), fewest=FEWEST + 1))


def _found(text: str, *, fewest: int = FEWEST) -> Iterator[tuple[_Group, ...]]:
    """The groups of digits that are a card number together, the first and longest of those that overlap."""
    for run in _runs(text):
        first = 0
        while first < len(run):
            found = _card_from(run, first, text, fewest)
            yield from [found] if found else []
            first += len(found) or 1


def _card_from(run: list[_Group], first: int, text: str, fewest: int) -> tuple[_Group, ...]:
    """The longest card number that begins with this group; empty where none does."""
    longest: tuple[_Group, ...] = ()
    digits = ""
    for last in range(first, len(run)):
        digits += run[last].digits
        if len(digits) > MOST:
            break
        if len(digits) >= fewest and _is_card_number(digits) and not _is_phone_number(text, run[first], digits):
            groups = tuple(run[first : last + 1])
            longest = groups if _is_written_so(groups) else longest
    return longest


def _is_written_so(groups: tuple[_Group, ...]) -> bool:
    """Nobody writes a card number in groups of one, two and five digits: such are lists of numbers, and dates."""
    sizes = {len(group.digits) for group in groups}
    return len(sizes) == 1 or min(sizes) >= 3


def _is_phone_number(text: str, group: _Group, digits: str) -> bool:
    return text.startswith("+", max(group.start - 1, 0)) and len(digits) <= LONGEST_PHONE_NUMBER


def _is_card_number(digits: str) -> bool:
    return digits[0] in _FIRST_DIGITS and _luhn(digits) and _is_of_a_network(digits)


def _luhn(digits: str) -> bool:
    even = digits[-2::-2].translate(_DOUBLED)
    return sum(map(int, digits[::-2])) % 10 == -sum(map(int, even)) % 10


def _is_of_a_network(digits: str) -> bool:
    return any(len(digits) in lengths and first <= digits[: len(first)] <= last for first, last, lengths in _NETWORKS)


def _runs(text: str) -> Iterator[list[_Group]]:
    """Groups of digits with little between them, in their order."""
    if sum(map(str.isdigit, text)) < FEWEST:
        return
    run: list[_Group] = []
    for group in _groups(text):
        if run and not _is_between(text[run[-1].end : group.start]):
            yield run
            run = []
        run.append(group)
    yield run


def _is_between(text: str) -> bool:
    return len(text) <= MOST_BETWEEN and all(
        character in _ALSO_BETWEEN or unicodedata.category(character) in _BETWEEN for character in text
    )


def _groups(text: str) -> Iterator[_Group]:
    start, digits = 0, ""
    for at, character in enumerate(text + " "):
        if character.isdigit():
            start = at if not digits else start
            digits += str(unicodedata.digit(character))
        elif digits:
            yield _Group(start, at, digits)
            digits = ""
