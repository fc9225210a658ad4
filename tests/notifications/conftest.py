"""A partner's web server of every temper, and a partner that listens there."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from notifications import addresses, endpoints
from notifications.models import WebhookEndpoint
from partners.models import Partner
from tests.conftest import PartnerClient, register
from tests.eventually import join


@dataclass
class Heard:
    """One request as the partner's server got it."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Listener:
    """A server on this machine; `temper` decides what it does with a request."""

    temper: Callable[[BaseHTTPRequestHandler], None]
    heard: list[Heard] = field(default_factory=list)
    port: int = 0
    server: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"


def answers(status: int, body: bytes = b"", **headers: str) -> Callable[[Any], None]:
    """A temper: always this."""

    def temper(request: Any) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return temper


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Answers 200 until it is told otherwise."""
    listening = Listener(answers(200))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listening.heard.append(Heard(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.close_connection = True
            with suppress(OSError):  # whoever called has had enough
                listening.temper(self)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    listening.port, listening.server = server.server_address[1], server
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield listening
    server.shutdown()
    server.server_close()
    join(thread)


@pytest.fixture
def private_allowed(settings: Any) -> None:
    """As on a laptop: the partner's server is on this machine."""
    settings.ALLOW_PRIVATE_WEBHOOKS = True


@dataclass
class Subscriber:
    """A partner that listens: its client, its endpoint, its secret."""

    partner: Partner
    client: PartnerClient
    endpoint: WebhookEndpoint
    secret: str


@pytest.fixture
def subscriber(db: None, listener: Listener, private_allowed: None) -> Subscriber:
    new = register("Listening Shop")
    endpoint, secret = endpoints.create(new.partner, listener.url)
    return Subscriber(new.partner, PartnerClient(new.api_key), endpoint, secret)


@pytest.fixture
def names() -> Iterator[dict[str, list[str]]]:
    """What names resolve to, for as long as the test runs; others are not found."""
    known: dict[str, list[str]] = {}

    def look_up(host: str, port: int) -> list[str]:
        if host not in known:
            raise socket.gaierror(host)
        return known[host]

    addresses.use(look_up)
    yield known
    addresses.use(None)


def drips(seconds: float) -> Callable[[Any], None]:
    """A temper: a 200 whose headers come a byte at a time, for so long."""

    def temper(request: Any) -> None:
        until = time.monotonic() + seconds
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while time.monotonic() < until:
            request.wfile.write(b"a")
            request.wfile.flush()
            time.sleep(0.02)
        request.wfile.write(b"\r\nContent-Length: 0\r\n\r\n")

    return temper
