"""HTTP for adapters: one call that ends in time, reads no more than it must, and goes nowhere else than it was sent.

`requests` has time-outs for each read, none for a whole call: here every read knows when the call has to be over, so an
answer that drips ends too. Redirects are not followed, certificates are checked, proxies and .netrc of the machine are
left alone, and each thread has its own connections.
"""

import functools
import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import certifi
import requests
import urllib3
from requests.adapters import HTTPAdapter

from providers.base import ProviderUnavailable

CALL_SECONDS = 20.0
"""How long one call may take, name lookup, connection and all that is read included."""

CONNECT_SECONDS = 5.0
MOST_BYTES = 1024 * 1024
"""No answer that means anything to us is longer."""

_PIECE = 64 * 1024


class NoAnswer(ProviderUnavailable):
    """The call broke, took too long, or was answered with more than can be read: whether it was obeyed is unknown."""


@dataclass(frozen=True)
class Answer:
    """What came back, whatever it says. Headers are read without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Hourglass(threading.local):
    ends_at = float("inf")


_hourglass = _Hourglass()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Everything sent inside is over within so many seconds together; an hourglass inside another never adds time."""
    before = _hourglass.ends_at
    _hourglass.ends_at = min(before, time.monotonic() + seconds)
    try:
        yield
    finally:
        _hourglass.ends_at = before


def seconds_left() -> float:
    """Until the hourglass has run out; infinite where there is none."""
    return _hourglass.ends_at - time.monotonic()


class Wire:
    """Sends requests. Thread-safe. `trust_roots_file`: PEM certificates trusted beside the usual ones."""

    def __init__(self, *, trust_roots_file: str = "") -> None:
        self._trust_roots_file = trust_roots_file
        self._threads = threading.local()

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None, most_bytes: int = MOST_BYTES
    ) -> Answer:
        """One call, sent once. Raises NoAnswer."""
        with at_most(CALL_SECONDS):
            try:
                return self._send(method, url, headers, body, most_bytes)
            except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
                self._threads.session = None  # whatever is left in the pipe belongs to the call that broke
                raise NoAnswer(type(error).__name__) from error

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, most_bytes: int) -> Answer:
        left = seconds_left()
        if left <= 0:
            raise NoAnswer("out of time")
        response = self._session().request(
            method,
            url,
            headers={"User-Agent": "whipround", "Accept-Encoding": "identity", **headers},
            data=body,
            timeout=(min(left, CONNECT_SECONDS), left),
            allow_redirects=False,
            stream=True,
        )
        try:
            read = bytearray()
            for piece in response.raw.stream(_PIECE, decode_content=True):
                read += piece
                if len(read) > most_bytes:
                    raise NoAnswer(f"more than {most_bytes} bytes")
        except NoAnswer:
            self._threads.session = None
            raise
        finally:
            response.close()
        return Answer(response.status_code, response.headers, bytes(read))

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._threads, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False  # no proxy may read along, and no .netrc may replace our Authorization
            session.mount("https://", _Connections(trust(self._trust_roots_file)))
            session.mount("http://", _Connections(None))
            self._threads.session = session
        return session


@functools.cache
def trust(trust_roots_file: str) -> ssl.SSLContext:
    """Who is believed to be who they say: the pinned public authorities, and those in the file."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if trust_roots_file:
        context.load_verify_locations(trust_roots_file)
    return context


# --- Reading against the clock ----------------------------------------------------------------------------------------


class _TimedReads(io.RawIOBase):
    """A socket whose every read ends when the call has to: the time-out of a socket alone starts anew with each byte."""

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


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        self.fp.close()
        self.fp = io.BufferedReader(_TimedReads(sock))


class _Connection(urllib3.connection.HTTPConnection):
    response_class = _TimedResponse


class _TLSConnection(urllib3.connection.HTTPSConnection):
    response_class = _TimedResponse


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class _Connections(HTTPAdapter):
    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(pool_connections=4, pool_maxsize=2, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **named: Any) -> None:
        super().init_poolmanager(connections, maxsize, block=block, ssl_context=self._context, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
