"""Requests that are signed instead of carrying a key: a JSON Web Token (RFC 7519) made for one request.

    Authorization: Bearer HEADER.CLAIMS.SIGNATURE
    header  {"alg": "HS256" or "EdDSA", "kid": ...}
    claims  {"method": "POST", "uri": "/api/savings?limit=1", "body_sha256": ..., "iat": ..., "exp": ..., "jti": ...}

What stands in the header decides nothing: the algorithm is the one that the key was made for. docs/guide/signed_requests.md.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import jwt
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from jwt.types import Options

import clock
from api.models import UsedToken
from api.read_only import LARGEST_BODY_SENT_BACK
from api.request_errors import SignedRequestRefused, SignedRequestReplayed
from partners import signing
from partners.models import ApiKey
from web import made_anew
from web.negotiation import body_of

LONGEST_LIFE_SECONDS = 300
CLOCKS_DIFFER_SECONDS = 60
LATEST_MOMENT = 2**33
LOOKS_LIKE_ONE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_JTI = re.compile(r"[\x21-\x7e]{1,128}")
_SWEPT_WITH = "00"
"""With one new row in 256 the rows that are over are taken away: those whose digest begins like that."""

_NOTHING_BUT_THE_SIGNATURE: Options = {
    "verify_signature": True, "verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False,
    "verify_iss": False, "verify_sub": False, "verify_jti": False,
}  # fmt: skip
"""The claims are ours to check: in our words, and by the service's clock."""


@dataclass(frozen=True)
class SignedRequest:
    """A request whose signature is right: its key, and what makes it one that comes once."""

    key: ApiKey
    jti: str
    expires_at: datetime


def verify(request: HttpRequest, token: str) -> SignedRequest | None:
    """None where the signature is nobody's: unknown, revoked and expired keys alike. Raises SignedRequestRefused, which tells
    whoever could sign what does not fit; BodyTooLarge, UnreadablePostError."""
    key = _signer(token)
    claims = _claims(token, key) if key else None
    if key is None or claims is None:
        return None
    expires = _check_time(request, claims)
    _check_fits(request, claims)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not _JTI.fullmatch(jti):
        raise SignedRequestRefused("The claim jti must be 1 to 128 visible ASCII characters, others for each request.")
    return SignedRequest(key, jti, expires)


def use_up(request: HttpRequest, signed: SignedRequest) -> None:
    """From now on the token is no good. Raises SignedRequestReplayed where it was used before, also at this moment."""
    made_anew.once(request, "token", lambda: _use_up(signed))


def _use_up(signed: SignedRequest) -> None:
    digest = hashlib.sha256(f"{signed.key.pk} {signed.jti}".encode()).hexdigest()
    if digest.startswith(_SWEPT_WITH):
        UsedToken.objects.filter(expires_at__lt=clock.now()).delete()
    try:
        with transaction.atomic():
            UsedToken.objects.create(partner_id=signed.key.partner_id, digest=digest, expires_at=signed.expires_at)
    except IntegrityError:
        raise SignedRequestReplayed("This token was used before: make a new one, with another jti, for each request.") from None


def _signer(token: str) -> ApiKey | None:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        return None
    kid, algorithm = header.get("kid"), header.get("alg")
    if not isinstance(kid, str) or not kid.isascii() or algorithm not in (signing.HS256, signing.EDDSA):
        return None
    return signing.recognise(kid, algorithm)


def _claims(token: str, key: ApiKey) -> dict[str, Any] | None:
    try:
        claims: dict[str, Any] = jwt.decode(
            token, signing.verifier_of(key), algorithms=[key.algorithm], options=_NOTHING_BUT_THE_SIGNATURE
        )
    except jwt.PyJWTError:
        return None
    return claims


def _check_time(request: HttpRequest, claims: dict[str, Any]) -> datetime:
    """When the token can be forgotten. A request that was held is as old as when it came. Raises SignedRequestRefused."""
    issued, expires = _moment(claims, "iat"), _moment(claims, "exp")
    if not 0 < expires - issued <= LONGEST_LIFE_SECONDS:
        raise SignedRequestRefused(f"exp must be after iat, and at most {LONGEST_LIFE_SECONDS} s after it.")
    now = made_anew.once(request, "came at", lambda: clock.now().timestamp())
    if not issued - CLOCKS_DIFFER_SECONDS <= now < expires + CLOCKS_DIFFER_SECONDS:
        when = datetime.fromtimestamp(int(now), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        raise SignedRequestRefused(f"The token is not good at this time: iat and exp must lie around {when}, our time.")
    if claims.get("aud", settings.PUBLIC_BASE_URL) != settings.PUBLIC_BASE_URL:
        raise SignedRequestRefused(f"The claim aud, where there is one, must be {settings.PUBLIC_BASE_URL}.")
    return datetime.fromtimestamp(expires + CLOCKS_DIFFER_SECONDS, UTC)


def _check_fits(request: HttpRequest, claims: dict[str, Any]) -> None:
    """Raises SignedRequestRefused, BodyTooLarge, UnreadablePostError."""
    if claims.get("method") != request.method:
        raise SignedRequestRefused(f"The claim method must be the request's: {request.method}.")
    if not _is_address(request, claims.get("uri")):
        raise SignedRequestRefused("The claim uri must be the request's path and query, as they are sent.")
    told = claims.get("body_sha256", hashlib.sha256(b"").hexdigest())
    body = body_of(request, LARGEST_BODY_SENT_BACK)
    if not isinstance(told, str) or not hmac.compare_digest(_bytes(told), hashlib.sha256(body).hexdigest().encode()):
        raise SignedRequestRefused("The claim body_sha256 must be the SHA-256 of the body's bytes, in hexadecimal.")


def _is_address(request: HttpRequest, uri: object) -> bool:
    """The query as it is, to the byte; the path as it reads, since a proxy may escape other characters than the client did."""
    if not isinstance(uri, str) or "#" in uri or not uri.startswith("/"):
        return False
    path, _, query = uri.partition("?")
    base = urlsplit(settings.PUBLIC_BASE_URL).path
    told = unquote_to_bytes(_bytes(path))
    path_sent = request.path.encode()
    return query == request.META.get("QUERY_STRING", "") and told in {path_sent, base.encode() + path_sent}


def _bytes(text: str) -> bytes:
    """Of any text that JSON can hold, also of halves of characters, which no request has."""
    return text.encode("utf-8", "surrogatepass")


def _moment(claims: dict[str, Any], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int) or not 0 <= value < LATEST_MOMENT:
        raise SignedRequestRefused("The claims iat and exp must be seconds since 1970, whole numbers.")
    return value
