"""The way out of the tier with the database, where another tier holds the secrets: each request goes through the proxy."""

import secrets
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from requests.structures import CaseInsensitiveDict

from providers.kit import transport
from providers.kit.deadline import at_most, seconds_left
from providers.kit.proxy_wire import (
    ANSWER,
    MOST_MESSAGE_BYTES,
    PATH,
    REQUEST,
    SIGNATURE_HEADER,
    BadMessage,
    packed,
    signature,
    unpacked,
)
from providers.kit.transport import Answer, Failure, NoAnswer, Transport


class Sends(Protocol):
    """Carries a call out at most once, within CALL_SECONDS and the deadline that is set. Raises NoAnswer."""

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """The provider's answer."""


class ProxyTrouble(NoAnswer):
    """The proxy cannot be reached, or refuses what this tier sends: the provider is not to blame."""


class ProxiedTransport:
    """Sends requests of one account through the proxy, as Transport sends them itself. Thread-safe.

    `account` is the proxy's name for whose secrets are wanted; `keys` sign, the first one what is sent.
    """

    def __init__(self, account: str, url: str, keys: Sequence[str], trust: Callable[[], ssl.SSLContext]) -> None:
        self._account, self._url, self._keys = account, url.rstrip("/") + PATH, keys
        self._transport = Transport(trust, most_bytes=MOST_MESSAGE_BYTES)

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """The provider's answer, as it came to the proxy. Raises NoAnswer: what the proxy saw, or ProxyTrouble."""
        with at_most(transport.CALL_SECONDS):
            told = {
                "account": self._account,
                "method": method,
                "url": url,
                "headers": dict(headers),
                "has_body": body is not None,
                "at": time.time(),
                "nonce": secrets.token_hex(16),
                "seconds": seconds_left(),
            }
            message = packed(told, body or b"")
            signed = {SIGNATURE_HEADER: signature(REQUEST, message, self._keys[0]), "Content-Type": "application/octet-stream"}
            try:
                answer = self._transport.send("POST", self._url, headers=signed, body=message)
            except NoAnswer as error:
                raise ProxyTrouble(f"the provider proxy: {error}", error.failure) from error
        return self._answer_in(answer, told["nonce"])

    def _answer_in(self, answer: Answer, nonce: object) -> Answer:
        if answer.status != 200:
            said = answer.body[:200].decode("ascii", "replace") if answer.status in {403, 503} else ""
            raise ProxyTrouble(f"the provider proxy answers {answer.status} {said}".strip(), Failure.BAD_ANSWER)
        try:
            told, body, _ = unpacked(ANSWER, answer.body, answer.headers.get(SIGNATURE_HEADER, ""), self._keys)
        except BadMessage as error:
            raise ProxyTrouble(f"the provider proxy's answer: {error}", Failure.BAD_ANSWER) from None
        if told.get("nonce") != nonce:
            raise ProxyTrouble("the provider proxy answers another request", Failure.BAD_ANSWER)
        if "failure" in told:
            raise NoAnswer(str(told.get("message")), Failure(told["failure"]))
        return _answer_of(told, body)


def _answer_of(told: Mapping[str, Any], body: bytes) -> Answer:
    return Answer(told["status"], CaseInsensitiveDict(told["headers"]), body)
