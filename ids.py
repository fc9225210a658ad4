"""Public ids: unguessable, safe in a URL, in no order that tells when or how many."""

import re

import shortuuid

_SHAPE = re.compile(r"[2-9A-HJ-NP-Za-km-z]{22}")


def new_id() -> str:
    """22 characters that carry the 122 random bits of a version 4 UUID (base 57, nothing that looks alike)."""
    return shortuuid.uuid()


def is_id(text: str) -> bool:
    """Whether new_id() could have made it; what fails here never reaches the database."""
    return _SHAPE.fullmatch(text) is not None
