"""Public ids: unguessable, safe in a URL, in no order that tells when or how many.

Where PARTNER_IN_IDS says so an id ends with its partner's tag, which leads to the partner without a look at the tables that
grow (partners/tags.py).
"""

import re

import shortuuid

TAG_LETTERS = 5
_LETTER = "[2-9A-HJ-NP-Za-km-z]"
_RANDOM_LETTERS = 22
_SHAPE = re.compile(rf"{_LETTER}{{{_RANDOM_LETTERS}}}(?:{_LETTER}{{{TAG_LETTERS}}})?")


def new_id(tag: str = "") -> str:
    """22 characters that carry the 122 random bits of a version 4 UUID (base 57, nothing that looks alike), and the tag."""
    return shortuuid.uuid() + tag


def new_tag() -> str:
    """Of 600 million, in no order either."""
    return shortuuid.random(length=TAG_LETTERS)


def tag_of(public_id: str) -> str:
    """The tag at the end of an id; empty where it has none."""
    return public_id[_RANDOM_LETTERS:]


def is_id(text: str) -> bool:
    """Whether new_id() could have made it; what fails here never reaches the database."""
    return _SHAPE.fullmatch(text) is not None
