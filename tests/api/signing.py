"""A partner's program that signs its requests, for tests."""

import hashlib
import uuid

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

import clock
from partners import signing
from tests.conftest import PartnerClient

NO_KEY = PartnerClient(None)
LEAVE_OUT = object()


def pem_of(private):
    """(private key, public key), both in PEM."""
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(), public.decode()


class Signer:
    """A partner's program that signs its requests."""

    def __init__(self, kid, secret, algorithm):
        self.kid, self.secret, self.algorithm = kid, secret, algorithm

    def token(self, verb, path, body="", *, header=None, **claims):
        now = int(clock.now().timestamp())
        told = {
            "method": verb, "uri": path, "body_sha256": hashlib.sha256(body.encode()).hexdigest(),
            "iat": now, "exp": now + 60, "jti": str(uuid.uuid4()),
        } | claims  # fmt: skip
        told = {name: value for name, value in told.items() if value is not LEAVE_OUT}
        return jwt.encode(told, self.secret, self.algorithm, {"kid": self.kid} | (header or {}))

    def call(self, verb, path, body="", **claims):
        return send(verb, path, self.token(verb, path, body, **claims), body)


def send(verb, path, token, body="", scheme="Bearer"):
    return NO_KEY.call(verb, path, body, Authorization=f"{scheme} {token}", Request_Id="r-1")


def signer_of(partner, algorithm, **options):
    if algorithm == "HS256":
        return Signer(*signing.issue_secret(partner, **options), algorithm)
    private, public = pem_of(Ed25519PrivateKey.generate())
    return Signer(signing.register_public_key(partner, public, **options), private, algorithm)
