"""API keys: issued once in full, kept only as a hash, recognised, revoked."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

import clock
from lookups import one_or_none
from partners import audit_log, key_text, scopes
from partners.models import ApiKey, Partner

STORED_PREFIX = 16
"""What of a key is kept in clear, to name it; anything longer than that is compared as a whole key, by its hash."""


LAST_USE_WITHIN = timedelta(minutes=10)
"""How far behind a key's last use may be: so seldom is it written."""

MOST_KEYS_KNOWN = 10_000
"""So many keys does a process remember the partners of: some megabytes at most."""

_partner_ids: dict[str, int] = {}
"""By the digests of keys."""

LONGEST_NAME = 100
"""Of what the operator calls a key."""


class BadKeyName(ValueError):
    """Not a name for a key; the message says what would be right."""


class NoSuchKey(LookupError):
    """No live key starts like that."""


class AmbiguousPrefix(LookupError):
    """More than one live key starts like that, or the text is too short to tell."""


def issue(partner: Partner, *, expires_at: datetime | None = None, name: str = "", may: Iterable[str] = scopes.ALL) -> str:
    """Store a new key and return it; nobody can ever read it again. It is a test key where the partner is in test.

    `name`: what the operator calls it; `may`: the scopes that it has. Raises BadKeyName, BadScope.
    """
    key = key_text.new_key(is_test=partner.is_test)
    store(partner, key[:STORED_PREFIX], digest_of(key), expires_at=expires_at, name=name, may=may)
    return key


def store(
    partner: Partner,
    prefix: str,
    digest: str,
    *,
    expires_at: datetime | None,
    name: str,
    may: Iterable[str],
    algorithm: str = "",
    verifier_encrypted: str = "",
) -> ApiKey:
    """The row of a new key, plain or signing, and its entry in the audit log. Raises BadKeyName, BadScope."""
    _check_name(name)
    with transaction.atomic():
        made = ApiKey.objects.create(
            partner=partner,
            prefix=prefix,
            digest=digest,
            expires_at=expires_at,
            name=name,
            scopes=scopes.stored(may),
            algorithm=algorithm,
            verifier_encrypted=verifier_encrypted,
        )
        audit_log.record("api_key.made", str(made), partner=partner, after=_told(made))
    return made


def recognise(key: str) -> ApiKey | None:
    """The live key, with its partner; None for unknown, revoked and expired ones alike.

    The look-up is by SHA-256, so its timing says nothing about how much of a guess was right.
    """
    return live(key, algorithm="")


def live(name: str, *, algorithm: str) -> ApiKey | None:
    """The key of this kind that is neither revoked nor expired, with its partner. `name`: a plain key, or a kid."""
    lives = Q(expires_at=None) | Q(expires_at__gt=clock.now())
    named = ApiKey.objects.select_related("partner").filter(lives, digest=digest_of(name), algorithm=algorithm, revoked_at=None)
    found = one_or_none(named)
    if found is not None:
        _remember(found)
    return found


def partner_id_of(digest: str) -> int | None:
    """The number of the partner whose key has this digest, where this process has recognised it before: it never changes.

    Whether the key still holds is another question.
    """
    return _partner_ids.get(digest)


def _remember(key: ApiKey) -> None:
    if len(_partner_ids) >= MOST_KEYS_KNOWN:
        _partner_ids.clear()
    _partner_ids[key.digest] = key.partner_id


def partner_of(key: str) -> Partner | None:
    """Whose live key it is; None for unknown, revoked and expired ones alike."""
    found = recognise(key)
    return found.partner if found else None


def listed(partner: Partner | None = None) -> list[ApiKey]:
    """All keys that ever were, of one partner or of all, by partner and age."""
    every = ApiKey.objects.select_related("partner").order_by("partner__name", "partner__is_test", "pk")
    return list(every if partner is None else every.filter(partner=partner))


def note_use(key: ApiKey) -> None:
    """Write down that it was used, if that is news: in a statement of its own, once in LAST_USE_WITHIN."""
    now = clock.now()
    if key.last_used_at is not None and key.last_used_at > now - LAST_USE_WITHIN:
        return
    ApiKey.objects.filter(pk=key.pk, last_used_at=key.last_used_at).update(last_used_at=now)


def revoke(prefix: str) -> ApiKey:
    """Revoke the one live key that starts with `prefix`, as `find` does. Raises AmbiguousPrefix and NoSuchKey."""
    key = find(prefix)
    with transaction.atomic():
        if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=clock.now()):
            raise NoSuchKey("the key was revoked at this moment")
        before = _told(key)
        key.refresh_from_db()
        audit_log.record("api_key.revoked", str(key), partner=key.partner, before=before, after=_told(key))
    return key


def rename(prefix: str, name: str) -> ApiKey:
    """Call the one live key that starts with `prefix` by this name. Raises AmbiguousPrefix, NoSuchKey, BadKeyName."""
    _check_name(name)
    key = find(prefix)
    with transaction.atomic():
        ApiKey.objects.filter(pk=key.pk).update(name=name)
        audit_log.record("api_key.renamed", str(key), partner=key.partner, before={"name": key.name}, after={"name": name})
    key.name = name
    return key


def find(prefix: str) -> ApiKey:
    """The one live key that starts with `prefix` (12 characters or more, or the whole key).

    Of a prefix only the first 16 characters can be compared; a whole key is compared as a whole.
    Raises AmbiguousPrefix and NoSuchKey.
    """
    if len(prefix) < key_text.SHORTEST_PREFIX:
        raise AmbiguousPrefix(f"give at least the first {key_text.SHORTEST_PREFIX} characters of the key")
    matches = list(ApiKey.objects.select_related("partner").filter(prefix__startswith=prefix[:STORED_PREFIX], revoked_at=None))
    matches = [key for key in matches if key.prefix.startswith(prefix[:STORED_PREFIX])]  # SQLite's LIKE ignores case
    if key_text.is_whole(prefix):
        matches = [key for key in matches if key.digest == digest_of(prefix)]
    if not matches:
        raise NoSuchKey("no live key starts like that")
    if len(matches) > 1:
        raise AmbiguousPrefix(f"{len(matches)} live keys start like that: give more of the key")
    return matches[0]


def _told(key: ApiKey) -> dict[str, str | None]:
    """The key as the audit log tells of it."""
    moments = {"expires": key.expires_at, "revoked": key.revoked_at}
    words = {"name": key.name, "scopes": key.scopes, "algorithm": key.algorithm}
    return words | {name: at.isoformat() if at else None for name, at in moments.items()}


def _check_name(name: str) -> None:
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise BadKeyName(f"a key's name has at most {LONGEST_NAME} characters, all of which can be printed on one line")


def digest_of(key: str) -> str:
    """What a key, or a signing key's kid, is stored as."""
    return hashlib.sha256(key.encode()).hexdigest()
