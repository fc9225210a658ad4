"""The line to a fake: HTTP itself, and everything that can go wrong with it."""

import contextlib
import json
import re
import socket
import struct
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.providers.paypal.faults import AFTER, said_twice


@dataclass
class Call:
    """One request and what it was answered. `headers` have lower-case names; `status` is 0 where nothing was answered."""

    operation: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    values: dict[str, str] = field(default_factory=dict)
    status: int = 0
    answer: Any = None
    """The JSON that was answered, before a fault garbled it."""
    fault: str = ""
    debug_id: str = ""
    replayed: bool = False

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None

    @property
    def request_id(self) -> str:
        return self.headers.get("paypal-request-id", "")


@dataclass
class Reply:
    """What goes out. `value` is JSON, or text to be sent as it is, or None for no body."""

    status: int
    value: Any = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        if self.value is None:
            return b""
        if self.content_type == "application/json":
            return json.dumps(self.value, ensure_ascii=False, separators=(",", ":")).encode()
        return str(self.value).encode()


def patterns_of(routes: tuple[tuple[str, str, str], ...]) -> Iterator[tuple[str, str, re.Pattern[str]]]:
    for operation, method, path in routes:
        yield operation, method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


def call_of(
    patterns: "tuple[tuple[str, str, re.Pattern[str]], ...]", method: str, address: str, headers: dict[str, str], body: bytes
) -> Call:
    """A request as a fake's `answer` reads it; `address` is a URL, or what of it a request line has."""
    parts = urlsplit(address)
    operation, values = "", {}
    for name, its_method, pattern in patterns:
        if its_method == method and (found := pattern.fullmatch(parts.path)):
            operation, values = name, {key: unquote(value) for key, value in found.groupdict().items()}
            break
    return Call(
        operation, method, parts.path, parts.query, {name.lower(): value for name, value in headers.items()}, body, values
    )


class NoServer:
    """For a fake that is asked in the same process: `answer(call)` is called by whoever has one."""

    server_address = ("127.0.0.1", 1)


class Server(ThreadingHTTPServer):
    """Listens on a free port of 127.0.0.1; `fake.answer(call)` says what is answered."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, fake: Any, handler: "type[Handler]") -> None:
        self.fake = fake
        super().__init__(("127.0.0.1", 0), handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is not worth a word; a fake that breaks is a violation."""
        error = sys.exception()
        if not isinstance(error, ConnectionError | TimeoutError | OSError):
            self.fake.violations.append(f"the fake itself broke: {''.join(traceback.format_exception(error))}")


class Handler(BaseHTTPRequestHandler):
    """What every provider's line does; `patterns` and `trouble` are a provider's own."""

    protocol_version = "HTTP/1.1"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server
    patterns: tuple[tuple[str, str, re.Pattern[str]], ...]

    @staticmethod
    def trouble(status: int, reply: Reply) -> dict[str, Any]:
        """The JSON of a 500 or a 503 that comes instead of `reply`."""
        raise NotImplementedError

    def setup(self) -> None:
        super().setup()
        self.server.fake.open_connections.add(self.connection)

    def finish(self) -> None:
        self.server.fake.open_connections.discard(self.connection)
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *arguments: Any) -> None:
        """Nobody reads it."""

    def do_GET(self) -> None:
        call = self._read()
        self._tell(call, self.server.fake.answer(call))

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815 - http.server's names

    def _read(self) -> Call:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return call_of(self.patterns, self.command, self.path, dict(self.headers.items()), body)

    # --- answering ----------------------------------------------------------------------------------------------------

    def _tell(self, call: Call, reply: Reply) -> None:
        how = getattr(self, f"_tell_{call.fault}", None)
        if how is None:
            self._send(reply.status, reply.headers, reply.content(), reply.content_type)
        else:
            how(reply)

    def _send(self, status: int, headers: dict[str, str], content: bytes, content_type: str, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content) if length is None else length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def _same(self, reply: Reply, content: bytes) -> None:
        self._send(reply.status, reply.headers, content, reply.content_type)

    def _wait(self, seconds: float) -> bool:
        """Whether the fake was stopped in the meantime."""
        return self.server.fake.stopped.wait(seconds)

    def _tell_drop(self, reply: Reply) -> None:
        self.close_connection = True

    _tell_do_then_drop = _tell_drop

    def _tell_reset(self, reply: Reply) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _tell_silence(self, reply: Reply) -> None:
        self._wait(self.server.fake.slow_seconds)
        self.close_connection = True

    def _tell_do_then_500(self, reply: Reply) -> None:
        self._send(500, reply.headers, json.dumps(self.trouble(500, reply)).encode(), "application/json")

    def _tell_do_then_503(self, reply: Reply) -> None:
        headers = reply.headers | {"Retry-After": self.server.fake.retry_after}
        self._send(503, headers, json.dumps(self.trouble(503, reply)).encode(), "application/json")

    def _tell_do_then_html_502(self, reply: Reply) -> None:
        self._send(502, {}, b"<html><h1>502 Bad Gateway</h1></html>", "text/html")

    def _tell_slow(self, reply: Reply) -> None:
        content = reply.content()
        self._send(reply.status, reply.headers, content[:1], reply.content_type, length=len(content))
        for position in range(1, len(content)):
            if self._wait(self.server.fake.slow_seconds / len(content)):
                break
            self.wfile.write(content[position : position + 1])
            self.wfile.flush()
        self.close_connection = True

    def _tell_slow_start(self, reply: Reply) -> None:
        self._wait(self.server.fake.slow_seconds)
        self._same(reply, reply.content())

    def _tell_early_hints(self, reply: Reply) -> None:
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
        self.wfile.flush()
        self._wait(0.05)
        self._same(reply, reply.content())

    def _tell_truncated(self, reply: Reply) -> None:
        content = reply.content()
        self._same(reply, content[: len(content) // 2])

    def _tell_cut_off(self, reply: Reply) -> None:
        content = reply.content()
        self._send(reply.status, reply.headers, content[: len(content) // 2], reply.content_type, length=len(content))
        self.close_connection = True

    def _tell_rubbish(self, reply: Reply) -> None:
        self._send(200, reply.headers, b"<!doctype html><title>PayPal</title><p>We'll be back soon", "text/html")

    def _tell_endless(self, reply: Reply) -> None:
        self.close_connection = True
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b'{"id": "')
        while not self._wait(0.001):  # deadline: a caller that has had enough, or the fake's end
            self.wfile.write(b"A" * 65536)
            self.wfile.flush()

    def _tell_huge(self, reply: Reply) -> None:
        self._same(reply, b" " * 20_000_000 + reply.content())

    def _tell_empty(self, reply: Reply) -> None:
        self._same(reply, b"")

    def _tell_wrong_content_type(self, reply: Reply) -> None:
        self._send(reply.status, reply.headers, reply.content(), "text/html; charset=utf-8")

    def _tell_duplicate_keys(self, reply: Reply) -> None:
        self._same(reply, said_twice(reply.content()))

    def _tell_deep(self, reply: Reply) -> None:
        self._same(reply, b'{"purchase_units": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")

    def _tell_not_utf8(self, reply: Reply) -> None:
        self._same(reply, b'{"name": "\xff\xfe", ' + reply.content()[1:])

    def _tell_not_a_number(self, reply: Reply) -> None:
        self._same(reply, b'{"NaN": NaN, ' + reply.content()[1:])

    def _tell_a_list(self, reply: Reply) -> None:
        self._same(reply, b"[" + reply.content() + b"]")

    def _tell_null(self, reply: Reply) -> None:
        self._same(reply, b"null")

    def _tell_a_string(self, reply: Reply) -> None:
        self._same(reply, b'"COMPLETED"')


MISSING = set(AFTER) - {name.removeprefix("_tell_") for name in dir(Handler)}
assert not MISSING, f"faults.AFTER promises what the line cannot do: {MISSING}"
