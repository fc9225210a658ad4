"""Blots out of any text what no log may hold: keys, tokens, passwords, card numbers, e-mail addresses, rows of the database.

It is the second line of defence: code names what it logs, and names no secrets. What comes here by accident is inside of an
error's own words, an address that a stranger sent, or a library's line.
"""

import functools
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

import card_numbers
from partners.key_text import without_keys

BLOT = "***"
SHORTEST_SECRET = 8
"""Settings that are shorter are no secrets, and would blot out words."""

HIDDEN_FIELDS = frozenset(
    {
        *("authorization", "password", "secret", "secrets", "token", "tokens", "credentials", "cookie", "body", "headers"),
        *("contributor", "recipient", "giver", "name", "message", "email"),
    }
)
"""Fields of a log line whose values are never written, whatever they are."""

_SECRET_SETTING = re.compile(r"SECRET|PASSWORD|PRIVATE_KEY(?!_ID)|TOKEN|CREDENTIALS_KEYS|PROXY_KEYS")

_PATTERNS = re.compile(
    r"""
      (?P<stripe>\b[sr]k_(?:live|test)_[A-Za-z0-9]{4,})
    | (?P<hooks>\b(?:whsec|rqsec|rsec|whsk)_[A-Za-z0-9+/=_-]{8,})
    | (?P<pem>-----BEGIN\ [A-Z ]*PRIVATE\ KEY-----(?:.*?-----END\ [A-Z ]*PRIVATE\ KEY-----|.*))
    | (?P<scheme>\b(?i:Bearer|Basic|ApiKey)[ ]+)[A-Za-z0-9+/=._~-]{8,}
    | (?P<jwt>\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)
    | (?P<paypal>\bA21AA[A-Za-z0-9_-]{8,})
    | (?P<argument>(?i:api_?key|access_token|client_secret|token|password|passwd|secret)["']?\s?[=:]\s?["']?)[^\s&"',;})]+
    | (?P<user>://)[^\s/@:]*:[^\s/@]*@
    | (?P<email>[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)
    | (?P<row>\bDETAIL:\s+)[^\n]*
    """,
    re.VERBOSE | re.DOTALL,
)
_DIGITS_OF_A_CARD = re.compile(r"(?:\d\D{0,3}){13}")
_MAYBE = re.compile(r"[ @=:_-]|eyJ|A21AA")
"""What every one of them needs: most of what is logged is a word or a path, and has none of it."""

_KEPT = ("scheme", "argument", "user", "row")


def without_secrets(text: str) -> str:
    """The text with *** in the place of whatever is or looks like a secret, or a person's address or card."""
    if len(text) < SHORTEST_SECRET and "@" not in text:
        return text
    known = _known_secrets()
    if known is not None:
        text = known.sub(BLOT, text)
    if _DIGITS_OF_A_CARD.search(text):
        text = card_numbers.masked(text)
    if not _MAYBE.search(text):
        return text
    return _PATTERNS.sub(_blotted, without_keys(text))


def cleaned(value: Any, field: str = "") -> Any:
    """A value of a log line as it may be written: text without secrets, whatever stands inside of lists and mappings too."""
    if field.lower() in HIDDEN_FIELDS:
        return BLOT
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): cleaned(inner, str(name)) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [cleaned(inner) for inner in value]
    return without_secrets(str(value))


def _blotted(found: re.Match[str]) -> str:
    kind = found.lastgroup or ""
    return (found[kind] if kind in _KEPT else "") + BLOT


@functools.cache
def _known_secrets() -> re.Pattern[str] | None:
    """The settings that are secrets, by their very text."""
    try:
        names = [name for name in dir(settings) if _SECRET_SETTING.search(name)]
    except ImproperlyConfigured:  # a line from before the settings are there; not remembered
        _known_secrets.cache_clear()
        return None
    held: set[str] = {str(database.get("PASSWORD", "")) for database in settings.DATABASES.values()}
    for name in names:
        held |= set(_texts_in(getattr(settings, name)))
    long_enough = sorted((text for text in held if len(text) >= SHORTEST_SECRET), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, long_enough))) if long_enough else None


def _texts_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in _texts_in(inner)]
    return [text for inner in value for text in _texts_in(inner)] if isinstance(value, list | tuple) else []
