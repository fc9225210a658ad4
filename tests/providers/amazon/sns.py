"""Amazon SNS, as far as a receiver of notifications can tell: messages signed in both versions, and the certificate."""

import base64
import functools
import json
import secrets
import ssl
import tempfile
import uuid
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.providers.amazon.books import Refusal
from tests.providers.line import Call, Reply

ORDER = {
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    "SubscriptionConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
}


@functools.cache
def key(whose: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(now: datetime, *, whose: str = "SNS", days: tuple[int, int] = (-30, 335)) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key(whose).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .sign(key(whose), SHA256())
    )
    return built.public_bytes(Encoding.PEM).decode()


def server_context(now: datetime) -> ssl.SSLContext:
    """A server's side of TLS, with such a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write(key("SNS").private_bytes(*form).decode() + certificate(now))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def message(
    kind: str, told: dict[str, Any], *, topic: str, now: datetime, certificate_url: str, version: str = "1", **also: str
):
    """The members of a message, signed."""
    said = {
        "Type": kind,
        "MessageId": str(uuid.uuid4()),
        "TopicArn": topic,
        "Message": told if isinstance(told, str) else json.dumps(told),
        "Timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "SignatureVersion": version,
        "SigningCertURL": certificate_url,
        **also,
    }
    return signed(said)


def signed(said: dict[str, str], *, whose: str = "SNS") -> dict[str, str]:
    text = "".join(f"{name}\n{said[name]}\n" for name in ORDER[said["Type"]] if name in said)
    algorithm = SHA256() if said["SignatureVersion"] == "2" else SHA1()  # noqa: S303 - as SNS does
    return said | {"Signature": base64.b64encode(key(whose).sign(text.encode(), PKCS1v15(), algorithm)).decode()}


def as_sent(said: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """(body, headers) of the POST."""
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "x-amz-sns-message-type": said["Type"],
        "x-amz-sns-message-id": said["MessageId"],
        "x-amz-sns-topic-arn": said["TopicArn"],
    }
    return json.dumps(said, indent=2).encode(), headers


class Topic:
    """The part of the fake Amazon that speaks through SNS."""

    base_url: str
    merchant_id: str
    topic: str
    now: datetime
    confirmed: list[str]
    _news: list[tuple[str, str, str]]
    _certificates: dict[str, str]

    def _announce(self, kind: str, object_id: str, permission_id: str) -> None:
        self._news.append((kind, object_id, permission_id))

    def notifications(self) -> list[tuple[bytes, dict[str, str]]]:
        """Everything that Amazon has to tell so far, in order, as it is sent."""
        return [self.notification(*news) for news in list(self._news)]

    def notification(self, kind: str, object_id: str, permission_id: str, **how: Any) -> tuple[bytes, dict[str, str]]:
        told = {
            "MerchantID": how.pop("merchant_id", self.merchant_id),
            "ObjectType": kind,
            "ObjectId": object_id,
            "ChargePermissionId": permission_id,
            "NotificationType": "STATE_CHANGE",
            "NotificationId": str(uuid.uuid4()),
            "NotificationVersion": "V2",
        }
        return self.message("Notification", told, UnsubscribeURL="https://sns.us-east-1.amazonaws.com/?x=1", **how)

    def subscription(self, *, topic: str = "", **how: Any) -> tuple[bytes, dict[str, str]]:
        """What SNS sends first to a new endpoint."""
        topic = topic or self.topic
        token = secrets.token_hex(16)
        url = f"{self.base_url}/?{urlencode({'Action': 'ConfirmSubscription', 'TopicArn': topic, 'Token': token})}"
        told = {"SubscribeURL": url, "Token": token} | how
        return self.message("SubscriptionConfirmation", "You have chosen to subscribe to the topic.", topic=topic, **told)

    def message(self, kind: str, told: Any, *, topic: str = "", **how: Any) -> tuple[bytes, dict[str, str]]:
        url = how.pop("certificate_url", "") or self.certificate_url()
        return as_sent(message(kind, told, topic=topic or self.topic, now=self.now, certificate_url=url, **how))

    def certificate_url(self, **how: Any) -> str:
        name = secrets.token_hex(16)
        self._certificates[name] = certificate(self.now, **how)
        return f"{self.base_url}/SimpleNotificationService-{name}.pem"

    def _answer_certificate(self, call: Call) -> Reply:
        if call.values["id"] not in self._certificates:
            raise Refusal(404, "ResourceNotFound")
        return Reply(200, self._certificates[call.values["id"]], "application/x-pem-file")

    def _answer_confirm(self, call: Call) -> Reply:
        self.confirmed.append(parse_qs(call.query)["TopicArn"][0])
        return Reply(200, "<ConfirmSubscriptionResponse/>", "text/xml")
