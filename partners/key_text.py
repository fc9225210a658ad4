"""What a key looks like: how one is made, and how one is blotted out wherever text of strangers is repeated."""

import re
import secrets
import string

_LETTERS = string.ascii_letters + string.digits
_RANDOM_LETTERS = 43  # 256 bits
LENGTH = len("wr_") + _RANDOM_LETTERS
SHORTEST_PREFIX = 12
"""How much of a key names it to an operator; as much or more of one is never repeated to anybody."""

_KEY = re.compile(rf"wr_[A-Za-z0-9]{{{SHORTEST_PREFIX - len('wr_')},}}")


def new_key() -> str:
    """A key that nobody has had before."""
    return "wr_" + "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM_LETTERS))


def without_keys(text: str) -> str:
    """The text with wr_*** in the place of every key, whole or cut short: clients put them where they do not belong."""
    return _KEY.sub("wr_***", text)
