"""The second application: it has the providers' secrets and no database, and carries out what the tier with one has signed.

A WSGI application for one process: what it remembers of used nonces is in its memory. What is not signed, too old, used
already or for another address than a provider's is refused before anything is sent.
"""

import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from providers.kit import transport
from providers.kit.deadline import at_most
from providers.kit.proxy_accounts import Account, NotOurs, header
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
from providers.kit.transport import NoAnswer, Transport

log = logging.getLogger(__name__)

SECONDS_OLD = 60.0
"""How far the moment of signing may be from now."""

MOST_NONCES = 100_000
"""Used within the last minutes. Whoever can use so many has a key; more are refused, and none is forgotten before its time."""

METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})
_NOT_PASSED_ON = frozenset(
    {
        *("host", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length"),
        *("content-encoding", "authorization", "proxy-authorization", "proxy-authenticate", "cookie", "set-cookie"),
    }
)

StartResponse = Callable[..., Any]


class Refused(Exception):
    """Nothing was sent to anybody. `status` is a status line."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


class UsedNonces:
    """Which nonces have been used, for as long as their signatures are good. Thread-safe."""

    def __init__(self, now: Callable[[], float], most: int = MOST_NONCES) -> None:
        self._now, self._most, self._began_at = now, most, now()
        self._ends: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def use(self, nonce: str, signed_at: float) -> None:
        """Raises Refused where it is too old, or used already, or there is no room to remember it."""
        now = self._now()
        if not abs(now - signed_at) <= SECONDS_OLD:
            raise Refused("403 Forbidden", "signed more than a minute from now: compare the clocks")
        if signed_at < self._began_at - 1:  # what was used before this process began is not known
            raise Refused("403 Forbidden", "signed before the proxy began")
        with self._lock:
            while self._ends and next(iter(self._ends.values())) < now:
                self._ends.popitem(last=False)
            if nonce in self._ends:
                raise Refused("403 Forbidden", "this request was sent before")
            if len(self._ends) >= self._most:
                raise Refused("503 Service Unavailable", "too many requests")
            self._ends[nonce] = now + 2 * SECONDS_OLD


class ProviderProxy:
    """The application. `keys` are shared with the other tier: any may have signed; the answer is signed with the same."""

    def __init__(
        self, accounts: Iterable[Account], keys: Sequence[str], trust: Any, now: Callable[[], float] = time.time
    ) -> None:
        self._accounts, self._keys = {account.name: account for account in accounts}, keys
        self._transport, self._nonces = Transport(trust), UsedNonces(now)

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> list[bytes]:
        status, headers, body = self._answer(environ)
        start_response(status, [*headers.items(), ("Content-Length", str(len(body)))])
        return [body]

    def _answer(self, environ: Mapping[str, Any]) -> tuple[str, dict[str, str], bytes]:
        plain = {"Content-Type": "text/plain"}
        if environ["PATH_INFO"] == "/healthz":
            return "200 OK", plain, b"ok\n"
        if environ["PATH_INFO"] != PATH:
            return "404 Not Found", plain, b""
        try:
            message = _message_in(environ)
            told, body, key = unpacked(REQUEST, message, environ.get("HTTP_WHIPROUND_SIGNATURE", ""), self._keys)
            answer = self._carried_out(_Asked(told), body)
        except BadMessage as error:
            log.warning("proxy refused a request", extra={"error": str(error)})
            return "403 Forbidden", plain, str(error).encode()
        except Refused as error:
            log.warning("proxy refused a request", extra={"error": str(error)})
            return error.status, plain, str(error).encode()
        signed = {SIGNATURE_HEADER: signature(ANSWER, answer, key), "Content-Type": "application/octet-stream"}
        return "200 OK", signed, answer

    def _carried_out(self, asked: "_Asked", body: bytes) -> bytes:
        self._nonces.use(asked.nonce, asked.at)
        account = self._accounts.get(asked.account)
        if account is None:
            raise Refused("403 Forbidden", "the proxy has no secret of this account")
        if not asked.url.startswith(account.base + "/"):
            raise Refused("403 Forbidden", "the address is not the provider's: set ..._API_BASE alike on both sides")
        try:
            sent = account.with_secret(asked.url, header(asked.headers, "authorization"))
        except NotOurs as error:
            raise Refused("403 Forbidden", str(error)) from None
        headers = {name: value for name, value in asked.headers.items() if name.lower() not in _NOT_PASSED_ON}
        started, about = time.monotonic(), {"account": account.name, "method": asked.method}
        try:
            with at_most(min(asked.seconds, transport.CALL_SECONDS)):
                got = self._transport.send(
                    asked.method, asked.url, headers=headers | {"Authorization": sent}, body=body if asked.has_body else None
                )
        except NoAnswer as error:
            log.warning("no answer from provider", extra=about | {"error": str(error)})
            return packed({"nonce": asked.nonce, "failure": str(error.failure), "message": str(error)}, b"")
        log.info("provider answered", extra=about | {"status": got.status, "seconds": round(time.monotonic() - started, 3)})
        got = account.without_secret(asked.url, got, sent=sent)
        passed = {name: value for name, value in got.headers.items() if name.lower() not in _NOT_PASSED_ON}
        return packed({"nonce": asked.nonce, "status": got.status, "headers": passed}, got.body)


class _Asked:
    """What a signed message asks for. Raises Refused where it is no request of the other tier's."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        texts = [told.get(name) for name in ("account", "method", "url", "nonce")]
        numbers = [told.get(name) for name in ("at", "seconds")]
        headers = told.get("headers")
        if (
            not all(isinstance(one, str) and one for one in texts)
            or not all(isinstance(one, int | float) and math.isfinite(one) for one in numbers)
            or not isinstance(headers, dict)
            or not all(isinstance(value, str) for value in headers.values())
            or told["method"] not in METHODS
        ):
            raise Refused("403 Forbidden", "the message is no request")
        self.account, self.method, self.url, self.nonce = map(str, texts)
        self.at, self.seconds = (float(told[name]) for name in ("at", "seconds"))
        self.headers: Mapping[str, str] = headers
        self.has_body = told.get("has_body") is True


def _message_in(environ: Mapping[str, Any]) -> bytes:
    """Raises Refused where it is too long, or does not say how long it is."""
    length = str(environ.get("CONTENT_LENGTH") or "")
    if environ["REQUEST_METHOD"] != "POST" or not (length.isascii() and length.isdigit()) or len(length) > 9:
        raise Refused("403 Forbidden", "a POST with a Content-Length is wanted")
    if int(length) > MOST_MESSAGE_BYTES:
        raise Refused("413 Content Too Large", "the message is too long")
    message: bytes = environ["wsgi.input"].read(int(length))
    return message
