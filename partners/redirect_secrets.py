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

from django.db.models import F, QuerySet

import clock
import encryption
from bigint import bigint
from partners.models import Partner

PREFIX = "rsec_"
SECRET_BYTES = 32
SIGNED_NAMES = frozenset({"id", "status", "time", "signature"})
"""The names of the query of a signed redirect, in lower case."""


class HasSecret(Exception):
    """The partner has a redirect secret already."""


class NoRedirectSecret(LookupError):
    """The partner has none: its redirects are not signed."""


class StaleRedirectSecret(Exception):
    """The secret was changed at this moment by another request."""


def has_secret(partner: Partner) -> bool:
    """Whether its redirects are signed."""
    return bool(partner.redirect_secret_encrypted)


def create(partner: Partner) -> str:
    """Sign its redirects from now on; returns the secret, which is shown once. Raises HasSecret."""
    none = Partner.objects.filter(pk=partner.pk, redirect_secret_encrypted="")
    secret = _write(partner, none)
    if not secret:
        raise HasSecret("You have a redirect secret already: POST /api/RedirectSecret/Rotate makes a new one.")
    return secret


def rotate(partner: Partner) -> str:
    """A new secret in the place of the one that there is, from this moment; it is shown once.

    Raises NoRedirectSecret, StaleRedirectSecret.
    """
    if not has_secret(partner):
        raise NoRedirectSecret("You have no redirect secret: POST /api/RedirectSecret makes one.")
    secret = _write(partner, _as_read(partner))
    if not secret:
        raise StaleRedirectSecret("The redirect secret was changed at this moment: read it again.")
    return secret


def remove(partner: Partner) -> None:
    """Sign nothing any more, and forget the secret. Raises NoRedirectSecret, StaleRedirectSecret."""
    if not has_secret(partner):
        raise NoRedirectSecret("You have no redirect secret: nothing is signed.")
    if not _as_read(partner).update(redirect_secret_encrypted="", redirect_secret_at=None):
        raise StaleRedirectSecret("The redirect secret was changed at this moment: read it again.")
    partner.refresh_from_db()


def _as_read(partner: Partner) -> QuerySet[Partner]:
    as_read = {"redirect_secret_version": partner.redirect_secret_version}
    return Partner.objects.filter(pk=partner.pk, **as_read).exclude(redirect_secret_encrypted="")


def _write(partner: Partner, wanted: QuerySet[Partner]) -> str:
    """The new secret; empty where the row is not among the `wanted` ones any more."""
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    written = wanted.update(
        redirect_secret_encrypted=encryption.encrypt(secret),
        redirect_secret_version=F("redirect_secret_version") + bigint(1),
        redirect_secret_at=clock.now(),
    )
    if written:
        partner.refresh_from_db()
    return secret if written else ""


# --- Signing ----------------------------------------------------------------------------------------------------------


def signature(secret: str, public_id: str, status: str, unix_seconds: int) -> str:
    """HMAC-SHA256 of `Id.Status.Time` in base64url without padding. The key is the secret's text, prefix and all, as UTF-8."""
    signed = f"{public_id}.{status}.{unix_seconds}".encode()
    return base64.urlsafe_b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode().rstrip("=")


def signed_query(partner: Partner, query: str, public_id: str, status: str, at: datetime) -> str:
    """The query of a URL with `Id`, `Status`, `Time` and `Signature` at its end, and nothing else of these names in it.

    A name that stood there already would be read by some programs in the place of ours. Everything else of the query stays
    as it is, byte for byte. Raises UnreadableSecret.
    """
    secret, seconds = encryption.decrypt(partner.redirect_secret_encrypted), int(at.timestamp())
    others = [pair for pair in query.split("&") if pair and not _is_one_of_ours(pair)]
    signed = signature(secret, public_id, status, seconds)
    return "&".join([*others, f"Id={public_id}", f"Status={status}", f"Time={seconds}", f"Signature={signed}"])


def _is_one_of_ours(pair: str) -> bool:
    return unquote_plus(pair.partition("=")[0]).strip().lower() in SIGNED_NAMES
