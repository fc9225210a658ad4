"""What a key may be narrowed to."""

from collections.abc import Iterable

READ, WRITE, REFUND = "read", "write", "refund"
ALL = (READ, WRITE, REFUND)
"""As they are stored and told: to read; to make and change; to refund and to capture."""


class BadScope(ValueError):
    """No such scope; the message says which there are."""


def stored(scopes: Iterable[str]) -> str:
    """The column of a key. Raises BadScope."""
    wanted = set(scopes)
    if not wanted or not wanted <= set(ALL):
        raise BadScope(f"a scope is one of {', '.join(ALL)}")
    return " ".join(scope for scope in ALL if scope in wanted)
