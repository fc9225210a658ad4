"""A wire between a client and the service on which things go wrong, as told: answers get lost, a proxy answers instead."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

import requests

from tests.demo.conftest import serving

HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "content-length", "host", "accept-encoding", "content-encoding"}


@dataclass(frozen=True)
class Instead:
    """An answer that the service did not give."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class LoseTheAnswer:
    """The service does what it is asked to, and nobody hears of it."""


@dataclass(frozen=True)
class Silence:
    """The service does what it is asked to, and its answer comes so many seconds late."""

    seconds: float


Trouble = Instead | LoseTheAnswer | Silence


@dataclass(frozen=True)
class Heard:
    """A request as it came."""

    verb: str
    path: str
    headers: dict[str, str]
    body: bytes


class Wire:
    """`address` is where the client goes; `next` what goes wrong with the requests to come, first to last."""

    def __init__(self) -> None:
        self.address = ""
        self.next: deque[Trouble] = deque()
        self.heard: list[Heard] = []
        self.lock = threading.Lock()

    def trouble(self, *troubles: Trouble) -> None:
        with self.lock:
            self.next.extend(troubles)


class _Handler(BaseHTTPRequestHandler):
    """One end of the wire: asks the service, or does not."""

    wire: Wire
    service: str
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.wire.lock:
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.wire.heard.append(Heard(self.command, self.path, headers, body))
            trouble = self.wire.next.popleft() if self.wire.next else None
        if isinstance(trouble, Instead):
            self.say(trouble.status, list(trouble.headers.items()), trouble.body.encode())
            return
        answered = self.forward(body)
        if isinstance(trouble, Silence):
            time.sleep(trouble.seconds)
        if answered is None or isinstance(trouble, LoseTheAnswer):
            self.close_connection = True  # without a word
            return
        kept = [(name, value) for name, value in answered.headers.items() if name.lower() not in HOP_BY_HOP]
        self.say(answered.status_code, kept, answered.content)

    def forward(self, body: bytes) -> requests.Response | None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        with requests.Session() as session, suppress(requests.RequestException):
            session.trust_env = False
            session.headers.clear()
            return session.request(
                self.command, self.service + self.path, data=body, headers=headers, timeout=60, allow_redirects=False
            )
        return None

    def say(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        with suppress(OSError):  # the client may have had enough
            self.send_response_only(status)
            for name, value in headers:
                self.send_header(name, value)
            if status not in {204, 304}:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - http.server's names

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def wire_to(service: str) -> Iterator[Wire]:
    """A wire to the service at this address."""
    wire = Wire()
    handler = type("Handler", (_Handler,), {"wire": wire, "service": service})
    with serving(handler) as wire.address:
        yield wire


Answering = Callable[[Heard], Instead]


@contextmanager
def fake_service(answers: Answering) -> Iterator[Wire]:
    """A wire without a service behind it: each request is answered as the function says."""
    with wire_to("http://127.0.0.1:9") as wire:

        class Scripted(deque[Trouble]):
            def __bool__(self) -> bool:
                return True

            def popleft(self) -> Trouble:
                return answers(wire.heard[-1])

        wire.next = Scripted()
        yield wire
