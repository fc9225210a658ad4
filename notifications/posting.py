"""One POST to a stranger's server: to the address that was checked, within a time that nothing can stretch.

An ordinary HTTP client is no use here: its time limits are for one read each, so that an answer which drips can hold it
for ever; it looks the name up itself, after any check of ours; it follows redirects and the environment's proxies.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Protocol

import certifi

import clock
from notifications import addresses
from notifications.addresses import BadAddress, NameNotFound, NotPublic, Target

SECONDS_IN_ALL = 15.0
LONGEST_ANSWER = 64 * 1024
LONGEST_RETRY_AFTER = 24 * 3600
SECONDS_FOR_ONE_OF_SEVERAL = 5.0
"""How long one of several addresses of a name is tried before the next one."""


@dataclass(frozen=True)
class Answer:
    """What became of it. `failure` is empty for a 2xx; `retry_after_seconds` is what the server asked for."""

    status: int | None = None
    failure: str = ""
    retry_after_seconds: float | None = None


class Post(Protocol):
    """How a message is sent; simulations have their own."""

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer: ...


def post(url: str, headers: Mapping[str, str], body: bytes, *, seconds: float = SECONDS_IN_ALL) -> Answer:
    """Send it, follow nothing, believe only the status. Never raises for what the other side does."""
    until = time.monotonic() + seconds
    try:
        target = addresses.read(url)
        with _connect(target, until) as connection:
            connection.settimeout(_left(until))
            connection.sendall(_request(target, headers, body))
            return _read(connection, until)
    except NotPublic:
        return Answer(failure="not_public")
    except NameNotFound:
        return Answer(failure="name_not_found")
    except BadAddress:
        return Answer(failure="bad_address")
    except TimeoutError:
        return Answer(failure="timeout")
    except ssl.SSLError:
        return Answer(failure="tls_failed")
    except OSError:
        return Answer(failure="connection_failed")
    except (http.client.HTTPException, ValueError):
        return Answer(failure="bad_answer")


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connect(target: Target, until: float) -> socket.socket:
    """Connected to one of the addresses that were just checked, with the certificate of the name where it is https."""
    found = addresses.addresses_of(target, seconds=_left(until))
    for number, address in enumerate(found, 1):
        seconds = _left(until) if number == len(found) else min(_left(until), SECONDS_FOR_ONE_OF_SEVERAL)
        try:
            connection = socket.create_connection((address, target.port), timeout=seconds)
            break
        except OSError:
            if number == len(found):
                raise
    if target.scheme == "http":
        return connection
    try:
        connection.settimeout(_left(until))
        return _tls().wrap_socket(connection, server_hostname=target.host)
    except BaseException:
        connection.close()
        raise


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()  # what the machine trusts, and SSL_CERT_FILE
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _request(target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"Host: {target.host_header}",
        "User-Agent: Whipround-Webhooks/1",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii") + body


class _UntilTheEnd(io.RawIOBase):
    """The connection as a file whose every read ends when the whole time is over."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self.connection, self.until = connection, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        self.connection.settimeout(_left(self.until))
        return self.connection.recv_into(buffer)


class _Connection:
    """What http.client wants of a socket."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self.file = io.BufferedReader(_UntilTheEnd(connection, until))

    def makefile(self, mode: str) -> io.BufferedIOBase:
        return self.file


def _read(connection: socket.socket, until: float) -> Answer:
    """The status; of the rest at most 64 KiB is read, and none of it kept."""
    response = http.client.HTTPResponse(_Connection(connection, until), method="POST")  # type: ignore[arg-type]
    try:
        response.begin()
        response.read(LONGEST_ANSWER)
        status = response.status
        failure = "" if 200 <= status < 300 else "redirect" if 300 <= status < 400 else "refused"
        return Answer(status, failure, _retry_after(response.getheader("Retry-After")))
    finally:
        response.close()


def _retry_after(text: str | None) -> float | None:
    """Seconds from now, of either form that RFC 9110 knows, a day at most; None where it is neither."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), LONGEST_RETRY_AFTER))
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - clock.now()).total_seconds(), 0.0), LONGEST_RETRY_AFTER)
