"""Signing keys: with one a partner signs each request, and sends no secret. Rows of ApiKey, named by `kid`.

HS256: a secret that the partner and the service share; it is shown once and kept encrypted. EdDSA: the partner keeps its
private key, the service knows the public one and could sign nothing with it.
"""

import secrets
import string
from collections.abc import Iterable
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

import encryption
from partners import keys, scopes
from partners.models import ApiKey, Partner

HS256, EDDSA = "HS256", "EdDSA"
SECRET_PREFIX = "rqsec_"  # noqa: S105 - how one begins
_LETTERS = string.ascii_letters + string.digits
_LETTERS_IN_KID = 7


class BadPublicKey(ValueError):
    """No public key of Ed25519 in PEM; the message says what would be right."""


def issue_secret(
    partner: Partner, *, expires_at: datetime | None = None, name: str = "", may: Iterable[str] = scopes.ALL
) -> tuple[str, str]:
    """A new key for HS256: (kid, secret). The secret is shown this once. Raises BadKeyName, BadScope."""
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    return _store(partner, HS256, secret, expires_at=expires_at, name=name, may=may), secret


def register_public_key(
    partner: Partner, pem: str, *, expires_at: datetime | None = None, name: str = "", may: Iterable[str] = scopes.ALL
) -> str:
    """The kid of a partner's own key for EdDSA. Raises BadPublicKey, BadKeyName, BadScope."""
    wanted = "give the public key of Ed25519 in PEM: openssl pkey -in private.pem -pubout"
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise BadPublicKey(wanted) from None
    if not isinstance(key, Ed25519PublicKey):
        raise BadPublicKey(wanted)
    text = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return _store(partner, EDDSA, text, expires_at=expires_at, name=name, may=may)


def recognise(kid: str, algorithm: str) -> ApiKey | None:
    """The live signing key of this name and algorithm, with its partner; None for unknown, revoked and expired ones alike."""
    return keys.live(kid, algorithm=algorithm) if algorithm else None


def verifier_of(key: ApiKey) -> str:
    """What its signatures are checked with: the secret, or the public key in PEM. Raises UnreadableSecret."""
    return encryption.decrypt(key.verifier_encrypted)


def _store(
    partner: Partner, algorithm: str, verifier: str, *, expires_at: datetime | None, name: str, may: Iterable[str]
) -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LETTERS_IN_KID))
    kid = f"sig_{'test' if partner.is_test else 'live'}_{letters}"
    keys.store(
        partner,
        kid,
        keys.digest_of(kid),
        expires_at=expires_at,
        name=name,
        may=may,
        algorithm=algorithm,
        verifier_encrypted=encryption.encrypt(verifier),
    )
    return kid
