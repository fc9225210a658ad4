"""Signed redirects: what a giver brings back to a partner's site can be believed without a question to us.

A partner has one secret at most, live and in test each its own, and every redirect is signed with the one that it has at
that moment.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import unquote_plus

from django.db import transaction
from django.db.models import F, QuerySet

import clock
import encryption
from bigint import bigint
from partners import audit_log
from partners.models import Partner

PREFIX = "rsec_"
SECRET_BYTES = 32
SIGNED_NAMES = frozenset({"id", "status", "time", "signature"})
"""The names of the query of a signed redirect, in lower case."""


class HasSecret(Exception):
    """The partner has a redirect secret already."""


class StaleRedirectSecret(Exception):
    """The secret was changed or removed at this moment by another request."""


def new_secret() -> str:
    """256 random bits in base64url, after a prefix that says what it is."""
    return PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def has_secret(partner: Partner) -> bool:
    """Whether its redirects are signed."""
    return bool(partner.redirect_secret_encrypted)


def create(partner: Partner) -> str:
    """Sign its redirects from now on; returns the secret, which is shown once. Raises HasSecret."""
    none = Partner.objects.filter(pk=partner.pk, redirect_secret_encrypted="")
    secret = _write(partner, none)
    if not secret:
        raise _has_secret()
    return secret


def check_has_none(partner: Partner) -> None:
    """Whether create() would make one, as things are. Raises HasSecret."""
    if has_secret(partner):
        raise _has_secret()


def _has_secret() -> HasSecret:
    return HasSecret("You have a redirect secret already: POST /api/RedirectSecret/Rotate makes a new one.")


def rotate(partner: Partner) -> str:
    """A new secret in the place of the one that there is, from this moment; it is shown once.

    Raises StaleRedirectSecret.
    """
    secret = _write(partner, _as_read(partner))
    if not secret:
        raise StaleRedirectSecret
    return secret


def remove(partner: Partner) -> None:
    """Sign nothing any more, and forget the secret. Raises StaleRedirectSecret."""
    before = _told(partner)
    with transaction.atomic():
        if not _as_read(partner).update(redirect_secret_encrypted="", redirect_secret_at=None):
            raise StaleRedirectSecret
        audit_log.record("redirect_secret.removed", partner.name, partner=partner, before=before)
    partner.refresh_from_db()


def _as_read(partner: Partner) -> QuerySet[Partner]:
    as_read = {"redirect_secret_version": partner.redirect_secret_version}
    return Partner.objects.filter(pk=partner.pk, **as_read).exclude(redirect_secret_encrypted="")


def _write(partner: Partner, wanted: QuerySet[Partner]) -> str:
    """The new secret; empty where the row is not among the `wanted` ones any more."""
    secret, before = new_secret(), _told(partner)
    with transaction.atomic():
        written = wanted.update(
            redirect_secret_encrypted=encryption.encrypt(secret),
            redirect_secret_version=F("redirect_secret_version") + bigint(1),
            redirect_secret_at=clock.now(),
        )
        if written:
            action = "redirect_secret.rotated" if before else "redirect_secret.made"
            after = {"secret": audit_log.fingerprint(secret)}
            audit_log.record(action, partner.name, partner=partner, before=before, after=after)
    if written:
        partner.refresh_from_db()
    return secret if written else ""


def _told(partner: Partner) -> dict[str, str] | None:
    """The secret as the audit log tells of it: None where there is none."""
    if not has_secret(partner):
        return None
    try:
        return {"secret": audit_log.fingerprint(encryption.decrypt(partner.redirect_secret_encrypted))}
    except encryption.UnreadableSecret:
        return {"secret": audit_log.fingerprint(None)}


# --- Signing ----------------------------------------------------------------------------------------------------------


def signature(secret: str, public_id: str, status: str, unix_seconds: int) -> str:
    """HMAC-SHA256 of `Id.Status.Time` in base64url without padding. The key is the secret's text, prefix and all, as UTF-8."""
    signed = f"{public_id}.{status}.{unix_seconds}".encode()
    return base64.urlsafe_b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode().rstrip("=")


def query_for(partner: Partner, query: str, public_id: str, status: str, *, at: datetime, secret: str = "") -> str:
    """The query of a partner's URL for a giver who goes there: with `Id` added, and signed where the partner wants that.

    A signed one has `Id`, `Status`, `Time` and `Signature` at its end, and nothing else of these names in it: that would be
    read by some programs in the place of ours. Everything else of the query stays as it is, byte for byte. `secret`, where
    it is given, signs in the place of the partner's own. Raises UnreadableSecret.
    """
    if not secret and not has_secret(partner):
        return with_id(query, public_id)
    secret = secret or encryption.decrypt(partner.redirect_secret_encrypted)
    seconds = int(at.timestamp())
    others = [pair for pair in query.split("&") if pair and not _is_one_of_ours(pair)]
    signed = signature(secret, public_id, status, seconds)
    return "&".join([*others, f"Id={public_id}", f"Status={status}", f"Time={seconds}", f"Signature={signed}"])


def with_id(query: str, public_id: str) -> str:
    """The query with `Id` added."""
    return f"{query}&Id={public_id}" if query else f"Id={public_id}"


def _is_one_of_ours(pair: str) -> bool:
    return unquote_plus(pair.partition("=")[0]).strip().lower() in SIGNED_NAMES
