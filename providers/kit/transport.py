"""The one way out over HTTP, for calls to providers and for webhooks to partners: `requests`, through its transport adapters.

`requests` limits the time of each read but not of a call, follows redirects, reads the environment's proxies, looks names up
itself and takes `103 Early Hints` for the answer. Here a call has one deadline and a limit of what is read, goes to the
address that it is given, follows nothing, and informational answers are skipped.
"""

import functools
import http.client
import io
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import certifi
import requests
import urllib3
from requests.adapters import HTTPAdapter

from providers.base import ProviderUnavailable
from providers.kit.deadline import at_most, seconds_left

CALL_SECONDS = 20.0
"""How long one call may take, connecting and reading included."""

CONNECT_SECONDS = 5.0
"""How long connecting, the TLS handshake and sending may take, each."""

MOST_BYTES = 1024 * 1024
"""No answer that means anything to us is longer."""

MOST_INFORMATIONAL = 8
"""How many 1xx answers may come before the answer."""

_PIECE = 64 * 1024
_HEADERS = {"User-Agent": "whipround", "Accept-Encoding": "identity"}


class Failure(StrEnum):
    """Why there was no answer."""

    TIMEOUT = "timeout"
    TLS = "tls_failed"
    CONNECTION = "connection_failed"
    BAD_ANSWER = "bad_answer"
    TOO_LONG = "too_long"


class NoAnswer(ProviderUnavailable):
    """The call failed, took too long, or its answer cannot be read: whether it was carried out is unknown.

    `answer` is what came instead, where something did that says when to come again.
    """

    def __init__(self, message: str, failure: Failure = Failure.CONNECTION, *, answer: "Answer | None" = None) -> None:
        super().__init__(message)
        self.failure = failure
        self.answer = answer


@dataclass(frozen=True)
class Answer:
    """What came back, whatever it says. Headers are read without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Sends requests. Thread-safe. `trust` gives the certificates that are believed.

    `most_bytes` of an answer are read: of a longer one the rest is left where `cut` is set, and it is NoAnswer otherwise.
    `keep_alive`: connections stay open for the next call of the same thread.
    """

    def __init__(
        self,
        trust: Callable[[], ssl.SSLContext],
        *,
        most_bytes: int = MOST_BYTES,
        cut: bool = False,
        keep_alive: bool = True,
    ) -> None:
        self._trust, self._most_bytes, self._cut, self._keep_alive = trust, most_bytes, cut, keep_alive
        self._threads = threading.local()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        addresses: Sequence[str] = (),
        most_bytes: int | None = None,
    ) -> Answer:
        """One call, carried out at most once, within CALL_SECONDS and the deadline that is set already. Raises NoAnswer.

        `addresses`: IP addresses to connect to, in this order until one accepts; the certificate and the Host header stay those
        of the name in the URL. Without them the name is looked up.
        """
        request = requests.Request(method, url, headers={**_HEADERS, **headers}, data=body).prepare()
        request.url = url  # as it is signed or was checked: requests would write some of it in another way
        with at_most(CALL_SECONDS):
            for tried, address in enumerate(addresses or [""], 1):
                left = seconds_left()
                if left <= 0:
                    raise NoAnswer("out of time", Failure.TIMEOUT)
                if address:
                    _lead_to(address, request, url)
                try:
                    # Connecting, the handshake and sending have a third each: together they end when the call has to.
                    response = self._session().send(
                        request, timeout=(min(left / 3, CONNECT_SECONDS), left), allow_redirects=False, stream=True
                    )
                    return self._read(response, most_bytes or self._most_bytes)
                except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
                    self._threads.session = None  # whatever still arrives belongs to the call that failed
                    if tried >= len(addresses) or not _was_not_connected(error):
                        raise NoAnswer(type(error).__name__, _failure(error)) from error
                finally:
                    if not self._keep_alive:
                        self._threads.session = None
        raise NoAnswer("no address")

    def _read(self, response: requests.Response, most_bytes: int) -> Answer:
        try:
            read = bytearray()
            for piece in response.raw.stream(min(_PIECE, most_bytes), decode_content=not self._cut):
                read += piece
                if self._cut and len(read) >= most_bytes:
                    break
                if len(read) > most_bytes:
                    self._threads.session = None
                    raise NoAnswer(f"more than {most_bytes} bytes", Failure.TOO_LONG)
        finally:
            response.close()
        return Answer(response.status_code, response.headers, bytes(read))

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._threads, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False  # no proxy may read along, and no .netrc may replace our Authorization
            session.mount("https://", _Adapter(self._trust()))
            session.mount("http://", _Adapter(None))
            self._threads.session = session
        return session


def _lead_to(address: str, request: requests.PreparedRequest, url: str) -> None:
    """Let the request go to an IP address, and stay one to the host in the URL."""
    parts = urlsplit(url)
    request.headers.setdefault("Host", parts.netloc)
    where = f"[{address}]" if ":" in address else address
    request.url = urlunsplit(parts._replace(netloc=f"{where}:{parts.port}" if parts.port else where))


@functools.cache
def public_trust(trust_roots_file: str) -> ssl.SSLContext:
    """The pinned public authorities, and those in the PEM file, if there is one."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if trust_roots_file:
        context.load_verify_locations(trust_roots_file)
    return context


@functools.cache
def machine_trust() -> ssl.SSLContext:
    """The pinned public authorities, and those of this machine and of the environment's SSL_CERT_FILE."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


# --- Why there was no answer ------------------------------------------------------------------------------------------


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that it was raised from; urllib3 and requests keep some of it in their arguments."""
    pending, seen = [error], set()
    while pending:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = (*one.args, getattr(one, "reason", None), one.__cause__, one.__context__)
        pending.extend(cause for cause in inner if isinstance(cause, BaseException))


def _was_not_connected(error: BaseException) -> bool:
    """Whether nothing can have been sent, as no connection came about."""
    return any(isinstance(one, requests.ConnectTimeout | urllib3.exceptions.NewConnectionError) for one in _causes(error))


def _failure(error: BaseException) -> Failure:
    causes = list(_causes(error))
    timeouts = (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)
    if any(isinstance(one, ssl.SSLError | requests.exceptions.SSLError) for one in causes):
        return Failure.TLS
    if any(isinstance(one, timeouts) and not isinstance(one, urllib3.exceptions.NewConnectionError) for one in causes):
        return Failure.TIMEOUT
    if any(isinstance(one, OSError) and not isinstance(one, requests.RequestException) for one in causes):
        return Failure.CONNECTION
    not_read = (http.client.HTTPException, urllib3.exceptions.HTTPError, requests.exceptions.InvalidHeader)
    return Failure.BAD_ANSWER if any(isinstance(one, not_read) for one in causes) else Failure.CONNECTION


# --- Transport adapters of requests -------------------------------------------------------------------------------------


class _TimedReads(io.RawIOBase):
    """A socket whose every read ends at the deadline: the time-out of a socket alone starts anew with each byte."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = seconds_left()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        if left != float("inf"):
            self._socket.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """Reads up to the deadline, and skips informational answers: http.client skips 100 alone before Python 3.13."""

    def __init__(self, sock: socket.socket, *arguments: Any, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        self.fp.close()
        self.fp = io.BufferedReader(_TimedReads(sock))

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(MOST_INFORMATIONAL + 1):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 100 <= status < 200 or status == http.client.SWITCHING_PROTOCOLS:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException(f"more than {MOST_INFORMATIONAL} informational answers")


class _Connection(urllib3.connection.HTTPConnection):
    response_class = _Response


class _TLSConnection(urllib3.connection.HTTPSConnection):
    response_class = _Response


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class _Adapter(HTTPAdapter):
    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(pool_connections=4, pool_maxsize=2, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **named: Any) -> None:
        super().init_poolmanager(connections, maxsize, block=block, ssl_context=self._context, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """With a Host header, the connection goes to the URL's host, and the certificate is the header's."""
        where: Any
        how: Any
        where, how = super().build_connection_pool_key_attributes(request, verify, cert)
        host = urlsplit(f"//{request.headers.get('Host', '')}").hostname
        if host and where["scheme"] == "https":
            how["server_hostname"] = host.removesuffix(".")
        return where, how

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """The context has its authorities: `requests` would read its own again for each connection."""
        conn.cert_reqs = "CERT_REQUIRED"
