"""PayPal's webhooks: what they look like, how they are signed, and the certificates behind the signature.

What is signed is "transmission id|time|webhook id|CRC-32 of the body", the CRC in decimal, with SHA256withRSA. The
certificates are of a CA that only this fake has: a root, an intermediate, and one that signs.
"""

import base64
import functools
import json
import secrets
import uuid
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

COMMON_NAME = "messageverificationcerts.sandbox.paypal.com"

OF_AUTHORITIES, OF_SIGNERS = ("key_cert_sign", "crl_sign"), ("digital_signature", "key_encipherment")
OF_NOBODY = ("content_commitment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")

RESOURCE_TYPES = {
    "CHECKOUT.ORDER": "checkout-order",
    "PAYMENT.AUTHORIZATION": "authorization",
    "PAYMENT.CAPTURE": "capture",
    "PAYMENT.REFUND": "refund",
    "CUSTOMER.DISPUTE": "dispute",
    "VAULT.PAYMENT-TOKEN": "payment_token",
}
REFUNDS = {"PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED"}
"""Their names speak of a capture, their resource is the refund."""


class Webhook(NamedTuple):
    """One delivery, as it arrives: `body, headers = webhook`."""

    body: bytes
    headers: dict[str, str]

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def event_type(self) -> str:
        return self.event["event_type"]


def string_to_sign(transmission_id: str, time: str, webhook_id: str, body: bytes) -> str:
    return f"{transmission_id}|{time}|{webhook_id}|{zlib.crc32(body) & 0xFFFFFFFF}"


def envelope(event_type: str, resource: dict[str, Any], now: datetime, base: str) -> dict[str, Any]:
    """An event as PayPal tells it; `resource` is the order, capture, authorization or refund as JSON."""
    resource_type = next((kind for prefix, kind in RESOURCE_TYPES.items() if event_type.startswith(prefix)), "unknown")
    if event_type in REFUNDS:
        resource_type = "refund"
    event_id = f"WH-{secrets.token_hex(9)[:17].upper()}-{secrets.token_hex(9)[:17].upper()}"
    address = f"{base}/v1/notifications/webhooks-events/{event_id}"
    return {
        "id": event_id,
        "event_version": "1.0",
        "create_time": now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03}Z",
        "resource_type": resource_type,
        "resource_version": "2.0",
        "event_type": event_type,
        "summary": f"{event_type.replace('.', ' ').replace('-', ' ').capitalize()}: {resource.get('id', '')}",
        "resource": resource,
        "links": [
            {"href": address, "rel": "self", "method": "GET"},
            {"href": f"{address}/resend", "rel": "resend", "method": "POST"},
        ],
    }


@functools.cache
def _key(whose: str) -> rsa.RSAPrivateKey:
    """One key for each name and process: making them takes longer than everything else here."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(common_name: str) -> x509.Name:
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "PayPal, Inc. (a fake)")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


@dataclass
class CertificateAuthority:
    """A root and an intermediate, which signs the certificates that sign webhooks."""

    whose: str
    now: datetime
    root: x509.Certificate = field(init=False)
    intermediate: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        self.root = self._certificate(f"{self.whose} root", f"{self.whose} root", 2)
        self.intermediate = self._certificate(f"{self.whose} intermediate", f"{self.whose} root", 1)

    @property
    def root_pem(self) -> str:
        return pem(self.root)

    def leaf(self, common_name: str = COMMON_NAME, *, days: tuple[int, int] = (-30, 335)) -> str:
        """A signer's certificate and the intermediate, in PEM; `days` from now it is valid from and until."""
        leaf = self._certificate(common_name, f"{self.whose} intermediate", 0, days=days, key_of=f"{self.whose} leaf")
        return pem(leaf) + pem(self.intermediate)

    def key(self) -> rsa.RSAPrivateKey:
        return _key(f"{self.whose} leaf")

    def _certificate(
        self, subject: str, issuer: str, level: int, *, days: tuple[int, int] = (-60, 3650), key_of: str = ""
    ) -> x509.Certificate:
        """`level`: 0 for one that signs webhooks, above it for the authorities."""
        subject_key, issuer_key = _key(key_of or subject).public_key(), _key(issuer)
        is_ca = level > 0
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(issuer))
            .public_key(subject_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now + timedelta(days=days[0]))
            .not_valid_after(self.now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=level - 1 if is_ca else None), critical=True)
            .add_extension(
                x509.KeyUsage(
                    **{
                        use: use in (OF_AUTHORITIES if is_ca else OF_SIGNERS)
                        for use in (*OF_AUTHORITIES, *OF_SIGNERS, *OF_NOBODY)
                    }
                ),
                critical=True,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(subject_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        )
        if not is_ca:
            usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        return builder.sign(issuer_key, hashes.SHA256())


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def sign(key: rsa.RSAPrivateKey, text: str) -> str:
    return base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed(certificate_pem: str, text: str, signature: str) -> bool:
    """Whether PayPal's own verify-webhook-signature would say SUCCESS to this signature."""
    key = x509.load_pem_x509_certificates(certificate_pem.encode())[0].public_key()
    try:
        key.verify(base64.b64decode(signature, validate=True), text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, InvalidSignature):
        return False
    return True


def new_transmission_id() -> str:
    return str(uuid.uuid1())
