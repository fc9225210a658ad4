"""API keys: issued once in full, kept only as a hash, recognised, revoked."""

import hashlib
from datetime import datetime

from django.db.models import Q

import clock
from partners import key_text
from partners.models import ApiKey, Partner

STORED_PREFIX = 16
"""What of a key is kept in clear, to name it; anything longer than that is compared as a whole key, by its hash."""


class NoSuchKey(LookupError):
    """No live key starts like that."""


class AmbiguousPrefix(LookupError):
    """More than one live key starts like that, or the text is too short to tell."""


def issue(partner: Partner, *, expires_at: datetime | None = None) -> str:
    """Store a new key and return it; nobody can ever read it again. It is a test key where the partner is in test."""
    key = key_text.new_key(is_test=partner.is_test)
    ApiKey.objects.create(partner=partner, prefix=key[:STORED_PREFIX], digest=_digest(key), expires_at=expires_at)
    return key


def partner_of(key: str) -> Partner | None:
    """Whose key it is; None for unknown, revoked and expired ones alike.

    The look-up is by SHA-256, so its timing says nothing about how much of a guess was right.
    """
    found = (
        ApiKey.objects.select_related("partner")
        .filter(Q(expires_at=None) | Q(expires_at__gt=clock.now()), digest=_digest(key), revoked_at=None)
        .first()
    )
    return found.partner if found else None


def revoke(prefix: str) -> ApiKey:
    """Revoke the one live key that starts with `prefix` (12 characters or more, or the whole key).

    Of a prefix only the first 16 characters can be compared; a whole key is compared as a whole.
    Raises AmbiguousPrefix and NoSuchKey.
    """
    if len(prefix) < key_text.SHORTEST_PREFIX:
        raise AmbiguousPrefix(f"give at least the first {key_text.SHORTEST_PREFIX} characters of the key")
    matches = list(ApiKey.objects.filter(prefix__startswith=prefix[:STORED_PREFIX], revoked_at=None))
    matches = [key for key in matches if key.prefix.startswith(prefix[:STORED_PREFIX])]  # SQLite's LIKE ignores case
    if key_text.is_whole(prefix):
        matches = [key for key in matches if key.digest == _digest(prefix)]
    if not matches:
        raise NoSuchKey("no live key starts like that")
    if len(matches) > 1:
        raise AmbiguousPrefix(f"{len(matches)} live keys start like that: give more of the key")
    key = matches[0]
    key.revoked_at = clock.now()
    key.save(update_fields=["revoked_at"])
    return key


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
