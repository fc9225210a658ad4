"""How Amazon Pay wants requests and buttons signed: AMZN-PAY-RSASSA-PSS-V2.

https://developer.amazon.com/docs/amazon-pay-api-v2/signing-requests.html
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qs, quote, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import clock

ALGORITHM = "AMZN-PAY-RSASSA-PSS-V2"
SALT_BYTES = 32

_UNRESERVED = "-._~"


def canonical_request(
    method: str, uri: str, parameters: Mapping[str, Iterable[str]], headers: Mapping[str, str], payload: bytes
) -> str:
    """What of a request is signed, in the one order that both sides know."""
    path = "/" + quote(urlsplit(uri).path.lstrip("/"), safe="/" + _UNRESERVED)
    pairs = sorted((name, value) for name, values in parameters.items() for value in values)
    query = "&".join(f"{quote(name, safe=_UNRESERVED)}={quote(value, safe=_UNRESERVED)}" for name, value in pairs)
    by_name = sorted((name.lower(), " ".join(value.split())) for name, value in headers.items())
    lines = [f"{name}:{value}" for name, value in by_name]
    names = ";".join(name for name, _ in by_name)
    return "\n".join([method, path, query, *lines, "", names, hashlib.sha256(payload).hexdigest()])


def string_to_sign(text: str, algorithm: str = ALGORITHM) -> str:
    """The text that the signature is over: of a canonical request, or of a button's payload."""
    return f"{algorithm}\n{hashlib.sha256(text.encode()).hexdigest()}"


class Signer:
    """Signs in the name of one key pair. Thread-safe. `private_key`: PEM; empty where the service has none."""

    def __init__(self, public_key_id: str, private_key: str, *, region: str) -> None:
        self.public_key_id = public_key_id
        self._region = region.lower()
        self._key: RSAPrivateKey | None = None
        if private_key:
            key = load_pem_private_key(private_key.encode(), password=None)
            if not isinstance(key, RSAPrivateKey):
                raise ValueError("Amazon Pay signs with an RSA key")
            self._key = key

    @property
    def can_sign(self) -> bool:
        return bool(self.public_key_id) and self._key is not None

    def sign(self, text: str) -> str:
        """Base64 over string_to_sign(text)."""
        if self._key is None:
            raise ValueError("there is no key to sign with")
        padding = PSS(mgf=MGF1(SHA256()), salt_length=SALT_BYTES)
        return base64.b64encode(self._key.sign(string_to_sign(text).encode(), padding, SHA256())).decode()

    def headers(self, method: str, url: str, payload: bytes, *, idempotency_key: str = "") -> dict[str, str]:
        """All headers that a request needs, its signature included."""
        parts = urlsplit(url)
        signed = {
            "accept": "application/json",
            "content-type": "application/json",
            "x-amz-pay-date": clock.now().strftime("%Y%m%dT%H%M%SZ"),
            "x-amz-pay-host": parts.netloc,
            "x-amz-pay-region": self._region,
        }
        if idempotency_key:
            signed["x-amz-pay-idempotency-key"] = idempotency_key
        canonical = canonical_request(method, url, parse_qs(parts.query, keep_blank_values=True), signed, payload)
        names = ";".join(sorted(signed))
        told = f"PublicKeyId={self.public_key_id}, SignedHeaders={names}, Signature={self.sign(canonical)}"
        return signed | {"authorization": f"{ALGORITHM} {told}"}
