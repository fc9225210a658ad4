"""The service as it runs: the real server with its two processes, its own database, and bytes on a socket."""

import json
import os
import socket
import subprocess
import sys
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from pathlib import Path

from django.conf import settings
from lxml import etree

from demo.serving import SERVER
from tests import migrated
from tests.eventually import SECONDS, eventually

ROOT = Path(__file__).resolve().parent.parent.parent
LARGEST_BODY = 64 * 1024
PATIENCE_SECONDS = 30


@contextmanager
def empty_database(folder):
    """The address of a database of the kind that this test run is on, without tables."""
    name = f"whipround_sockets_{os.getpid()}_{uuid.uuid4().hex[:8]}"  # several at once in one process
    with migrated.new_database(settings.DATABASE_URL, name, folder, is_empty=True) as url:
        yield url


@dataclass
class Server:
    """A running service, and what /healthz and /readyz said before it had tables."""

    port: int
    log: Path
    environment: dict[str, str]
    before_migrating: dict[str, tuple[int, str]] = field(default_factory=dict)
    key: str = ""
    rivals_key: str = ""
    pid: int = 0

    def connect(self):
        return HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)

    def ask(self, verb, path, body=None, *, key=None, connection=None, **headers):
        """(status, headers, body) of one request, on a connection of its own unless one is given."""
        mine = connection or self.connect()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers.setdefault("Authorization", f"Bearer {key or self.key}")
        if body is not None:
            headers.setdefault("Content-Type", "application/xml")
        mine.request(verb, path, body, headers)
        response = mine.getresponse()
        told = response.status, response.headers, response.read()
        if connection is None:
            mine.close()
        return told

    def raw(self, *pieces, verb="POST", half_close=False):
        """(status, headers, body) for bytes as they are; the status is None where the server just closes."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS) as wire:
            return self._send(wire, pieces, verb, half_close)

    def raw_and_closes(self, *pieces, verb="POST"):
        """The same, and whether the server closes the connection afterwards."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS) as wire:
            told = self._send(wire, pieces, verb, half_close=False)
            wire.settimeout(0.3)
            try:
                return *told, wire.recv(1) == b""
            except TimeoutError:
                return *told, False
            except ConnectionResetError:
                return *told, True

    @staticmethod
    def _send(wire, pieces, verb, half_close):
        for piece in pieces:
            wire.sendall(piece)
        if half_close:
            with suppress(OSError):  # it may have hung up first
                wire.shutdown(socket.SHUT_WR)
        with HTTPResponse(wire, method=verb) as response:
            try:
                response.begin()
            except RemoteDisconnected:
                return None, {}, b""
            return response.status, response.headers, response.read()

    def head(self, verb="POST", path="/api/savings", **headers):
        """The first lines of a request, up to where the body's length would be said."""
        lines = {"Host": f"127.0.0.1:{self.port}", "Authorization": f"Bearer {self.key}", "Content-Type": "application/xml"}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        return "".join([f"{verb} {path} HTTP/1.1\r\n", *(f"{name}: {value}\r\n" for name, value in lines.items())]).encode()

    def goals(self):
        """How many goals there are; the number is counted by following Next."""
        number, path = 0, "/api/savings?limit=100"
        while path:
            _, _, body = self.ask("GET", path)
            page = etree.fromstring(body)
            number += len(page)
            path = (page.get("Next") or "").removeprefix(f"http://127.0.0.1:{self.port}")
        return number


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def started(folder, command, database_url, **more):
    """The service as this command starts it, listening; its output is in the file `log` of the folder."""
    port = free_port()
    arguments = [str(port) if one == "PORT" else one for one in command]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HTTP_", "LOG_LEVEL"))}
    environment |= {"DATABASE_URL": database_url, "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}"}
    environment |= {"RATE_LIMIT_STORE": str(folder.resolve() / "limits")} | more
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen([sys.executable, "-m", *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            running = Server(port, folder / "log", environment, pid=process.pid)
            wait_until_it_listens(running, process)
            yield running
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


@contextmanager
def running_server(folder, *options, application="config.asgi:application", **environment):
    """The server with its two processes, on a database of its own in `folder`, with two partners."""
    where = ["--workers", "2", "--host", "127.0.0.1", "--port", "PORT"]
    command = [*SERVER[1:], *where, *options, application]
    with empty_database(folder) as database_url, started(folder, command, database_url, SANDBOX="1", **environment) as running:
        for path in ("/healthz", "/readyz"):
            status, _, body = running.ask("GET", path)
            running.before_migrating[path] = status, body.decode()
        migrated.fill(settings.DATABASE_URL, database_url)
        made = (json.loads(manage(running.environment, "create_partner", name, "--json")) for name in ("Shop", "Rival"))
        running.key, running.rivals_key = (one["test_api_key"] for one in made)
        yield running


def wait_until_it_listens(running, process):
    def listens():
        assert process.poll() is None, running.log.read_text()
        try:
            socket.create_connection(("127.0.0.1", running.port), 1).close()
        except OSError:
            return False
        return True

    eventually(listens, running.log.read_text, seconds=PATIENCE_SECONDS, every=0.05)


def manage(environment, *arguments):
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    return done.stdout


def code(body):
    return etree.fromstring(body).findtext("{*}code")


def value(body, name):
    return etree.fromstring(body).findtext(name)


def chunks(body, size):
    return b"".join(b"%x\r\n%s\r\n" % (len(body[at : at + size]), body[at : at + size]) for at in range(0, len(body), size))
