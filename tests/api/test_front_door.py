"""The server as docs/operators.md starts it, and bytes on a socket that are not what it hopes for."""

import re
import shlex
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from demo.serving import SERVER
from tests.api.serving import ROOT, started
from tests.crowds.nuisances import http_2_post

GUIDE = ROOT / "docs" / "operators.md"
STARTS = "python -m "
COMMANDS = [line.removeprefix(STARTS) for line in GUIDE.read_text().splitlines() if line.startswith(f"{STARTS}config.serve ")]
OPTIONS = (
    "--http 1 ",
    "--http1-buffer-size 65536 ",
    "--no-ws ",
    "--backlog 4096 ",
    "--backpressure 4096 ",
    "config.asgi:application",
)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The documented command, with one process of two threads: a thread that is held is missed at once."""
    folder = tmp_path_factory.mktemp("front")
    command = re.sub(r"--workers \d+", "--workers 1", re.sub(r"--port \d+", "--port PORT", COMMANDS[0]))
    with started(folder, shlex.split(command), f"sqlite:///{folder / 'front.sqlite3'}", REQUEST_THREADS="2") as server:
        server.key = "none"
        yield server


def answered_or_closed(wire):
    """What the server says first, nothing where it closes; fails where it keeps the connection open and silent."""
    wire.settimeout(5)
    try:
        return wire.recv(65536)
    except ConnectionResetError:
        return b""


def alive(server):
    return server.ask("GET", "/healthz")[0] == 200


def test_http_2_is_closed_and_others_are_served(running):
    """Granian left to itself answers in HTTP/2, and its thread waits for ever for the 98 bytes that do not come."""
    with ExitStack() as open_ones:
        wires = [open_ones.enter_context(socket.create_connection(("127.0.0.1", running.port), 5)) for _ in range(3)]
        for wire in wires:
            wire.sendall(http_2_post(running.port))
        for wire in wires:
            assert answered_or_closed(wire)[:5] in {b"", b"HTTP/"}
        assert alive(running)


@pytest.mark.parametrize(
    ("line", "headers", "status"),
    [
        ("/healthz", {"Accept": 'a/b;x="' + ";" * 100_000}, 431),
        ("/healthz", {"Accept": 'a/b;x="' + ";" * 30_000}, 431),
        ("/api/savings", {"Content-Type": "a/b" + ";" * 8000}, 431),
        ("/healthz", {"Cookie": "a" * 8193}, 431),
        ("/healthz", {"X-A": "a" * 1_000_000}, 431),
        ("/healthz", {f"X-{n}": "a" for n in range(200)}, 431),
        ("/" + "a" * 10_000, {}, 414),
        ("/healthz?" + "&" * 200, {}, 400),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_too_large_is_refused_at_once(running, line, headers, status):
    head = f"GET {line} HTTP/1.1\r\nHost: 127.0.0.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    started = time.monotonic()
    told, _, _ = running.raw(head.encode() + b"\r\n", verb="GET")
    assert told == status
    assert time.monotonic() - started < 2
    assert alive(running)


def test_what_may_be_refused_or_not_does_no_harm(running):
    """An address beyond the buffer, and many headers of one name, which are one header."""
    assert running.raw(b"GET /" + b"a" * 500_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", verb="GET")[0] in {414, 431, None}
    head = b"GET /api/savings HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"Accept: text/html;q=0.1234567890\r\n" * 90
    assert running.raw(head + b"\r\n", verb="GET")[0] in {401, 431}
    assert alive(running)


def test_every_command_that_starts_granian_speaks_http_1():
    assert len(COMMANDS) == 1
    assert [command for command in COMMANDS if not all(option in command for option in OPTIONS)] == []
    ours = (file for file in ROOT.rglob("*.py") if not {".venv", "var"} & set(file.relative_to(ROOT).parts))
    starts = {file for file in ours if '"--interface"' in file.read_text()}
    assert ROOT / "demo" / "serving.py" in starts
    proxy, peers = ROOT / "tests" / "config" / "test_split.py", ROOT / "benchmarks" / "servers.py"
    elsewhere = {Path(__file__), proxy, peers}  # they start the provider proxy, and other frameworks beside the service
    without = {file for file in starts if "*HTTP_1_ONLY" not in file.read_text()} - elsewhere
    assert all(option in " ".join(["python", *SERVER, "config.asgi:application"]) for option in OPTIONS)
    assert without == set()


def test_http_1_0_is_answered_and_no_upgrade_to_http_2_taken(running):
    """HTTP/1.0 as a proxy speaks it that nobody has told otherwise, and the health checks of load balancers."""
    assert running.raw(b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", verb="GET")[0] == 200
    asked = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    status, _, body = running.raw(asked + b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n", verb="GET")
    assert (status, body) == (200, b"ok\n")
