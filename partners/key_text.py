"""What a key looks like: how one is made, and how one is blotted out wherever text of strangers is repeated."""

import re
import secrets
import string

LIVE, TEST = "wr_live_", "wr_test_"
"""How keys begin. Older ones begin with wr_ alone, and are what their partner is."""

_LETTERS = string.ascii_letters + string.digits
_RANDOM_LETTERS = 43  # 256 bits
SHORTEST_PREFIX = 12
"""How much of a key names it to an operator; as much or more of one is never repeated to anybody."""

_KEY = re.compile(
    rf"wr_(?:(?:live|test)_[A-Za-z0-9]{{{SHORTEST_PREFIX - len(LIVE)},}}|[A-Za-z0-9]{{{SHORTEST_PREFIX - len('wr_')},}})"
)


def new_key(*, is_test: bool = False) -> str:
    """A key that nobody has had before."""
    return (TEST if is_test else LIVE) + "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM_LETTERS))


def is_whole(text: str) -> bool:
    """Whether it has at least as many characters as a key: shorter ones are prefixes of one."""
    beginning = LIVE if text.startswith((LIVE, TEST)) else "wr_"
    return len(text) >= len(beginning) + _RANDOM_LETTERS


def without_keys(text: str) -> str:
    """The text with wr_*** in the place of every key, whole or cut short: clients put them where they do not belong."""
    return _KEY.sub("wr_***", text)
