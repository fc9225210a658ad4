"""Amazon's notifications come over Amazon SNS: proven to be from our topic, then read for the payment that they are about.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html and
https://developer.amazon.com/docs/amazon-pay-checkout/set-up-instant-payment-notifications.html
"""

import base64
import binascii
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature as CryptographyInvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

import clock
from providers.base import InvalidSignature, ProviderUnavailable
from providers.kit.certificates import MOST_BYTES, CertificateCache, Chain, NoCertificate
from providers.kit.reading import matching
from providers.kit.transport import NoAnswer, Transport
from providers.kit.urls import is_host_of, link

log = logging.getLogger(__name__)

HASHES: Mapping[str, HashAlgorithm] = {"1": SHA1(), "2": SHA256()}  # noqa: S303 - version 1 is what SNS sends by default
"""By SignatureVersion."""

SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
"""What is signed, in this order, by Type. A Subject is left out where there is none."""

_HOST = re.compile(r"sns\.[a-z0-9-]{3,32}\.amazonaws\.com(?:\.cn)?")
_CERTIFICATE_PATH = re.compile(r"/SimpleNotificationService-[A-Za-z0-9_-]{1,200}\.pem")
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_KIND = re.compile(r"[A-Z_]{1,32}")


@dataclass(frozen=True)
class Notice:
    """What a proven notification is about: one of Amazon's objects. All empty: it asks for nothing."""

    notification_id: str = ""
    kind: str = ""
    """CHARGE, REFUND, CHARGE_PERMISSION or CHARGEBACK."""
    object_id: str = ""
    charge_permission_id: str = ""


class Notifications:
    """Reads what arrives at our webhook from one account's topic. Thread-safe. The host of `base` is trusted like Amazon's own:
    a test server, say."""

    def __init__(self, transport: Transport, *, base: str, topic: str, merchant_id: str) -> None:
        self._transport = transport
        self._base = base
        self.topic = topic
        self._merchant_id = merchant_id
        self._certificates = CertificateCache(transport, _proven)

    def read(self, message: Mapping[str, str], headers: Mapping[str, str]) -> Notice:
        """Raises InvalidSignature; ProviderUnavailable without the certificate, or where nothing could be confirmed."""
        kind = message["Type"]
        by_name = {name.lower(): value for name, value in headers.items()}
        if by_name.get("x-amz-sns-message-type", kind) != kind:
            raise InvalidSignature("the header names another type of message than the body")
        self._prove(message)
        if message["TopicArn"] != self.topic:
            log.warning("notification from another topic", extra={"provider": "amazon", "topic": message["TopicArn"][:300]})
            raise InvalidSignature("it is not from the topic in AMAZON_PAY_TOPIC_ARN, nor from a further account's")
        if kind == "SubscriptionConfirmation":
            self._confirm(message)
            return Notice(notification_id=message["MessageId"][:100])
        if kind == "UnsubscribeConfirmation":
            log.error("notifications are switched off", extra={"provider": "amazon", "topic": self.topic})
            return Notice(notification_id=message["MessageId"][:100])
        return self._notice_in(message["Message"])

    def _prove(self, message: Mapping[str, str]) -> None:
        algorithm = HASHES.get(message["SignatureVersion"])
        if algorithm is None:
            raise InvalidSignature("a SignatureVersion that SNS does not use")
        if not self._is_certificate(message["SigningCertURL"]):
            raise InvalidSignature("the certificate is not at Amazon's")
        try:
            signature = base64.b64decode(message["Signature"], validate=True)
        except (binascii.Error, ValueError):
            raise InvalidSignature("the signature is not base64") from None
        try:
            key = self._certificates.key_at(message["SigningCertURL"])
        except NoCertificate as error:
            raise ProviderUnavailable(str(error)) from error
        try:
            key.verify(signature, signed_text(message), PKCS1v15(), algorithm)
        except CryptographyInvalidSignature:
            raise InvalidSignature("the signature does not fit") from None

    def _notice_in(self, text: str) -> Notice:
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            raise InvalidSignature("the message is no JSON") from None
        if not isinstance(told, dict):
            raise InvalidSignature("the message is no notification of Amazon Pay's")
        if told.get("MerchantID") != self._merchant_id:
            raise InvalidSignature("it is for another merchant")
        return Notice(
            notification_id=matching(_ID, told.get("NotificationId")),
            kind=matching(_KIND, told.get("ObjectType")),
            object_id=matching(_ID, told.get("ObjectId")),
            charge_permission_id=matching(_ID, told.get("ChargePermissionId")),
        )

    # --- subscribing --------------------------------------------------------------------------------------------------

    def _confirm(self, message: Mapping[str, str]) -> None:
        """Tell SNS that its notifications are wanted, at the address that it gives. Raises ProviderUnavailable."""
        url = message["SubscribeURL"]
        parts = urlsplit(url)
        asked = parse_qs(parts.query)
        if not self._is_amazons(url) or asked.get("Action") != ["ConfirmSubscription"] or asked.get("TopicArn") != [self.topic]:
            raise InvalidSignature("the address that confirms is not Amazon's, or for another topic")
        try:
            answer = self._transport.send("GET", url, headers={"Accept": "*/*"}, most_bytes=MOST_BYTES)
        except NoAnswer as error:
            raise ProviderUnavailable(f"confirm subscription: {error}") from error
        if answer.status != 200:
            raise ProviderUnavailable(f"confirm subscription: answered {answer.status}")
        log.info("notifications are switched on", extra={"provider": "amazon", "topic": self.topic})

    # --- certificates -------------------------------------------------------------------------------------------------

    def _is_amazons(self, url: str) -> bool:
        """https at SNS itself, or the host of the API base: without user name, port, or anything to be read in two ways."""
        parts = link(url)
        if parts is None:
            return False
        if _HOST.fullmatch(parts.netloc):
            return parts.scheme == "https"
        is_test_server = not (urlsplit(self._base).hostname or "").startswith("pay-api.amazon.")
        return is_test_server and parts.netloc == urlsplit(self._base).netloc and is_host_of(self._base, parts)

    def _is_certificate(self, url: str) -> bool:
        if not self._is_amazons(url):
            return False
        parts = urlsplit(url)
        return not parts.query and not parts.fragment and bool(_CERTIFICATE_PATH.fullmatch(parts.path))


def _proven(chain: Chain) -> RSAPublicKey:
    """The key of a certificate that was fetched at SNS's own address. Raises InvalidSignature."""
    key = chain[0].public_key()
    if not chain[0].not_valid_before_utc <= clock.now() <= chain[0].not_valid_after_utc:
        raise InvalidSignature("the certificate has run out, or is not valid yet")
    if not isinstance(key, RSAPublicKey):
        raise InvalidSignature("the certificate's key is no RSA key")
    return key


def signed_text(message: Mapping[str, str]) -> bytes:
    """What SNS signs: each name and value on a line of its own."""
    return "".join(f"{name}\n{message[name]}\n" for name in SIGNED[message["Type"]] if name in message).encode()


def message_in(body: bytes) -> dict[str, str]:
    """The members of an SNS message that are texts. Raises InvalidSignature where one is missing that has to be there."""
    try:
        told = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise InvalidSignature("the body is no JSON") from None
    texts = {name: value for name, value in told.items() if isinstance(value, str)} if isinstance(told, dict) else {}
    needed = [name for name in SIGNED.get(texts.get("Type", ""), ("Type",)) if name != "Subject"]
    missing = [name for name in (*needed, "SignatureVersion", "Signature", "SigningCertURL") if name not in texts]
    if missing or texts["Type"] not in SIGNED:
        raise InvalidSignature("the body is no message of SNS's")
    try:
        signed_text(texts)
    except UnicodeEncodeError:
        raise InvalidSignature("the body is not text") from None
    return texts
