"""Secrets at rest: encrypted with the newest of CREDENTIALS_KEYS, readable with any of them.

Any text is a key here; the Fernet key (AES-128-CBC with HMAC-SHA-256) is derived from it, so that an
operator can paste the output of any generator. Rotation: put a new key in front, keep the old ones.
"""

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UnreadableSecret(Exception):
    """Encrypted with a key that CREDENTIALS_KEYS no longer holds: put that key back at the end of the list."""


@lru_cache(maxsize=8)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    derived = (hashlib.sha256(b"whipround credentials\0" + key.encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


def encrypt(secret: str) -> str:
    """Text that only decrypt() can read; a different one each time."""
    return _cipher(tuple(settings.CREDENTIALS_KEYS)).encrypt(secret.encode()).decode()


def is_under_newest_key(token: str) -> bool:
    """Whether the newest of CREDENTIALS_KEYS alone can read it."""
    try:
        _cipher(tuple(settings.CREDENTIALS_KEYS[:1])).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def decrypt(token: str) -> str:
    """What encrypt() was given. Raises UnreadableSecret."""
    try:
        return _cipher(tuple(settings.CREDENTIALS_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken:
        raise UnreadableSecret("no key in CREDENTIALS_KEYS can read a stored secret") from None
