"""The service as it runs: the real server with its two processes, its own database, and bytes on a socket."""

import json
import os
import select
import socket
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import psycopg
import pytest
from lxml import etree

from demo.serving import HTTP_1_ONLY
from tests.conftest import contribution_xml, goal_xml
from tests.eventually import SECONDS, eventually

ROOT = Path(__file__).resolve().parent.parent.parent
LARGEST_BODY = 64 * 1024
PATIENCE_SECONDS = 30


# --- The server -------------------------------------------------------------------------------------------------------


@contextmanager
def database_of_its_own(folder):
    """The address of an empty database of the kind that this test run is on."""
    configured = urlsplit(os.environ.get("DATABASE_URL", "sqlite:///"))
    if configured.scheme == "sqlite":
        yield f"sqlite:///{folder / 'sockets.sqlite3'}"
        return
    name = f"whipround_sockets_{os.getpid()}"
    with psycopg.connect(configured.geturl(), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield configured._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass
class Server:
    """A running service, and what /healthz and /readyz said before it had tables."""

    port: int
    log: Path
    before_migrating: dict[str, tuple[int, str]]
    key: str = ""
    rivals_key: str = ""

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


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sockets")
    with database_of_its_own(folder) as database_url, open(folder / "log", "wb") as log:
        port = free_port()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HTTP_", "LOG_LEVEL"))}
        environment = inherited | {"DATABASE_URL": database_url, "SANDBOX": "1", "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}"}
        command = ["granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "8", *HTTP_1_ONLY,
                   "--host", "127.0.0.1", "--port", str(port), "config.wsgi:application"]  # fmt: skip
        process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            running = Server(port, folder / "log", {})
            wait_until_it_listens(running, process)
            for path in ("/healthz", "/readyz"):
                status, _, body = running.ask("GET", path)
                running.before_migrating[path] = status, body.decode()
            manage(environment, "migrate", "-v0")
            running.key, running.rivals_key = (
                json.loads(manage(environment, "create_partner", name, "--json"))["api_key"] for name in ("Shop", "Rival")
            )
            yield running
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


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


# --- Before there are tables ------------------------------------------------------------------------------------------


def test_before_migrating_it_lives_but_is_not_ready(server):
    assert server.before_migrating == {
        "/healthz": (200, "ok\n"),
        "/readyz": (503, "migrations are waiting: run manage.py migrate\n"),
    }
    status, _, body = server.ask("GET", "/readyz")
    assert (status, body) == (200, b"ready\n")


# --- A gift -----------------------------------------------------------------------------------------------------------


def test_a_gift_goes_through(server):
    query = urlencode({"ApiKey": server.key})
    _, made, _ = server.ask("POST", f"/api/savings?{query}", goal_xml(), Authorization="")
    assert made["Location"] is None  # an empty header is a header
    connection = server.connect()
    connection.request("POST", f"/api/savings?{query}", goal_xml(), {"Content-Type": "application/xml"})
    goal = urlsplit(connection.getresponse().headers["Location"]).path
    connection.close()
    status, _, gift = server.ask("POST", f"{goal}/Contributions", contribution_xml())
    assert status == 201
    pay = urlsplit(value(gift, "ProviderURL")).path
    status, led_on, _ = server.ask("GET", pay)
    assert status == 303
    page = urlsplit(led_on["Location"]).path
    status, sent_back, _ = server.ask("POST", page, "outcome=approve", Content_Type="application/x-www-form-urlencoded")
    back = urlsplit(sent_back["Location"])
    status, bounced, _ = server.ask("GET", f"{back.path}?{back.query}")
    assert (status, bounced["Location"]) == (303, f"http://127.0.0.1:{server.port}/thank-you?Id={value(gift, 'Id')}")
    assert value(server.ask("GET", goal)[2], "CurrentAmount") == "20.00"


# --- Bodies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_body_in_chunks_is_read_whole(server, size):
    body = goal_xml(Name="Ein Fahrrad für Ännchen").encode()
    status, _, told = server.raw(server.head(Transfer_Encoding="chunked") + b"\r\n", chunks(body, size), b"0\r\n\r\n")
    assert (status, value(told, "Name")) == (201, "Ein Fahrrad für Ännchen")


def test_chunks_that_are_none_make_nothing(server):
    before = server.goals()
    for garbage in (b"zz\r\n", b"-1\r\n", b"5\r\nabc", b"\r\n", b"0\r\n\r\n", b"fffffffffffffffff\r\n"):
        status, _, body = server.raw(server.head(Transfer_Encoding="chunked") + b"\r\n", garbage, half_close=True)
        assert status in {400, None}
        assert not body or code(body) == "invalid_body"
    assert server.goals() == before


def test_a_length_that_is_not_the_bodys_makes_nothing(server):
    before, body = server.goals(), goal_xml().encode()
    length, document = b"Content-Length: %s\r\n", etree.tostring(etree.fromstring(body))
    assert len(document) == len(body)
    for said, sent, expected in (
        (b"%d" % (len(body) + 1), body, "unreadable_body"),  # the document is whole, and yet something is missing
        (b"%d" % len(body), body[:-1], "unreadable_body"),
        (b"%d" % (len(body) - 1), body, "invalid_body"),
        (b"0", body, "invalid_body"),
        (b"-1", body, None),
        (b"+5", body, None),
        (b"1e3", body, None),
        (b"0x10", body, None),
        (b"", body, None),
        (b"9" * 30, body, None),
    ):
        status, _, told = server.raw(server.head() + length % said + b"\r\n", sent, half_close=True)
        assert status == 400, said
        assert (code(told) if told else None) == expected, said
    twice = server.raw_and_closes(server.head() + length % b"10" + length % b"20" + b"\r\n", body)
    assert (twice[0], twice[3]) == (400, True)
    assert server.goals() == before


def test_a_providers_report_that_was_cut_off_is_refused(server):
    head = b"POST /providers/paypal/webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"
    assert server.raw(head, b'{"report": "cut', half_close=True)[0] == 400


def test_a_length_with_zeros_in_front_is_a_number_like_any_other(server):
    body = goal_xml().encode()
    assert server.raw(server.head() + b"Content-Length: %030d\r\n\r\n" % len(body), body)[0] == 201
    status, _, told = server.raw(server.head() + b"Content-Length: %030d\r\n\r\n" % 70_000, b" " * 70_000)
    assert (status, code(told)) == (413, "body_too_large")


def test_both_a_length_and_chunks_do_not_smuggle_a_second_request(server):
    """One of the two counts, and the connection ends: what is left over is never read as a request."""
    before, body = server.goals(), goal_xml().encode()
    smuggled = server.head("DELETE", "/api/savings") + b"\r\n"
    for first in (
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
    ):
        status, _, _, closes = server.raw_and_closes(server.head() + first, chunks(body, 100) + b"0\r\n\r\n" + smuggled)
        assert (status, closes) in {(201, True), (400, True)}
    assert server.goals() - before in {0, 2}


def test_64_kib_are_read_and_one_byte_more_is_413(server):
    body = goal_xml().encode().ljust(LARGEST_BODY)
    assert server.ask("POST", "/api/savings", body)[0] == 201
    before = server.goals()
    too_long = body + b" "
    for status, headers, told in (
        server.ask("POST", "/api/savings", too_long),
        server.ask("POST", "/api/savings", too_long, Idempotency_Key="large"),
        server.raw(server.head(Transfer_Encoding="chunked") + b"\r\n", chunks(too_long, 4096), b"0\r\n\r\n"),
        server.raw(server.head() + b"Content-Length: 10000000\r\n\r\n"),
    ):
        assert (status, headers["Content-Type"], code(told)) == (
            413,
            "application/problem+xml; charset=utf-8",
            "body_too_large",
        )
    assert server.goals() == before


def test_a_body_without_end_is_answered_and_no_longer_read(server):
    piece, taken, told = chunks(b" " * 65536, 65536), 0, b""
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS) as wire:
        wire.sendall(server.head(Transfer_Encoding="chunked") + b"\r\n")
        try:
            while taken < 5_000:
                if not told and select.select([wire], [], [], 0)[0]:
                    told = wire.recv(65536)
                wire.sendall(piece)
                taken += 1
        except ConnectionError:
            pass  # it has hung up, which is what is waited for
        assert (told or wire.recv(65536)).startswith(b"HTTP/1.1 413 ")
    assert taken < 1_000


def test_a_client_that_asks_before_it_sends_is_told_to_go_on_or_to_stop(server):
    body = goal_xml().encode()
    waiting = server.head(Expect="100-continue") + b"Content-Length: %d\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS) as wire:
        wire.sendall(waiting % len(body))
        assert wire.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.sendall(body)
        assert wire.recv(100).startswith(b"HTTP/1.1 201 ")
    for head, status in (
        (waiting % 100_000, b"413"),
        (waiting.replace(server.key.encode(), b"nobody") % len(body), b"401"),
        (waiting.replace(b"application/xml", b"image/png") % len(body), b"415"),
        (waiting.replace(b"POST", b"PUT") % len(body), b"405"),
    ):
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS) as wire:
            wire.sendall(head)
            assert wire.recv(12) == b"HTTP/1.1 " + status


# --- Answers ----------------------------------------------------------------------------------------------------------


def test_head_is_get_without_its_body(server):
    goal = urlsplit(server.ask("POST", "/api/savings", goal_xml())[1]["Location"]).path
    for path in (
        goal,
        f"{goal}/Contributions",
        "/api/savings?limit=1",
        "/api/schema/contributions.xsd",
        "/problems",
        "/healthz",
        "/api/nothing",
        goal + "x",
    ):
        status, headers, body = server.ask("GET", path)
        connection = server.connect()
        for _ in range(2):  # a body that came after all would be read as the next answer
            same, told, nothing = server.ask("HEAD", path, connection=connection)
            assert (same, nothing) == (status, b"")
            assert int(told["Content-Length"]) == len(body)
            assert [told[name] for name in ("Content-Type", "ETag", "Vary")] == [
                headers[name] for name in ("Content-Type", "ETag", "Vary")
            ]
        connection.close()


def test_204_and_304_have_no_body_and_no_type_of_one(server):
    _, made, _ = server.ask("POST", "/api/savings", goal_xml())
    goal = urlsplit(made["Location"]).path
    connection = server.connect()
    for verb in ("GET", "HEAD"):
        status, headers, body = server.ask(verb, goal, connection=connection, If_None_Match=made["ETag"])
        assert (status, body, headers["ETag"], headers["Content-Type"]) == (304, b"", made["ETag"], None)
        assert headers["Content-Length"] is None
    status, headers, body = server.ask("DELETE", goal, connection=connection)
    assert (status, body, headers["Content-Type"]) == (204, b"", None)
    assert server.ask("GET", goal, connection=connection)[0] == 404
    connection.close()


def test_a_connection_outlives_every_refusal(server):
    """A client that was refused asks again on the same connection: nothing of its refused body may be left in it."""
    connection = server.connect()
    _, made, _ = server.ask("POST", "/api/savings", goal_xml(), connection=connection, Idempotency_Key="kept")
    goal = urlsplit(made["Location"]).path
    body, socket_before = goal_xml().encode().ljust(20_000), connection.sock
    refusals = [
        (400, "POST", "/api/savings", {"Content_Type": "application/json"}),
        (400, "POST", "/api/savings?x=1", {}),
        (401, "POST", "/api/savings", {"Authorization": "Bearer nobody"}),
        (403, "PUT", goal, {"key": server.rivals_key}),
        (404, "PUT", goal + "x", {}),
        (404, "POST", "/api/nothing", {}),
        (405, "PUT", "/api/savings", {}),
        (406, "POST", "/api/savings", {"Accept": "image/png"}),
        (412, "PUT", goal, {"If_Match": '"7"'}),
        (415, "POST", "/api/savings", {"Content_Type": "image/png"}),
        (422, "POST", "/api/savings", {"Idempotency_Key": "kept"}),
        (428, "PUT", goal, {}),
    ]
    for status, verb, path, headers in refusals:
        found, told, problem = server.ask(verb, path, body, connection=connection, **headers)
        assert (found, told["Content-Type"]) == (status, "application/problem+xml; charset=utf-8"), path
        assert etree.fromstring(problem).tag == "{urn:ietf:rfc:7807}problem"
        assert server.ask("GET", goal, connection=connection)[0] == 200
    assert connection.sock is socket_before
    connection.close()


def test_a_refusal_waits_for_its_body_and_is_not_lost_on_a_client_that_still_sends(server):
    """A body that comes late, after a refusal that needs none of it: hanging up would break off the client's sending."""
    _, made, _ = server.ask("POST", "/api/savings", goal_xml())
    goal, body = urlsplit(made["Location"]).path, goal_xml().encode().ljust(20_000)
    for status, verb, path, headers in (
        (400, "POST", "/api/savings?x=1", {}),
        (401, "POST", "/api/savings", {"Authorization": "Bearer nobody"}),
        (403, "PUT", goal, {"Authorization": f"Bearer {server.rivals_key}"}),
        (404, "POST", "/api/nothing", {}),
        (405, "PUT", "/api/savings", {}),
        (406, "POST", "/api/savings", {"Accept": "image/png"}),
        (415, "POST", "/api/savings", {"Content_Type": "image/png"}),
    ):
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS) as wire:
            wire.sendall(server.head(verb, path, **headers) + b"Content-Length: %d\r\n\r\n" % len(body))
            assert not select.select([wire], [], [], 0.2)[0], path
            assert Server._send(wire, [body], verb, half_close=False)[0] == status
            assert Server._send(wire, [server.head("GET", goal) + b"\r\n"], "GET", half_close=False)[0] == 200


PATHS = (
    *(
        "//",
        "//api/savings",
        "/api//savings",
        "/api/%2e%2e/healthz",
        "/api/../healthz",
        "/api/%00",
        "/api/savings%00",
        "/api/;x",
    ),
    *("/api/%ff%fe", "/api/%", "/api/%zz", "/api/" + "a" * 20_000, "/api/savings?%ff=%fe", "/api/savings?" + "a=1&" * 2_000),
    *("/api/savings?" + "a" * 20_000, "/api/savings?Id=%00", "/api/savings?ExternalItemId=%ff%00", "/api/SavingGoal/%ff"),
    *("/thank-you?Id=%00", "/thank-you?Id=%ff", "/pay/%00", "/providers/paypal/return/%00?token=%00", "/sandbox/checkout/%00"),
    *("/sandbox/checkout/%ff", "/%ff", "*", "/problems?%00", "/healthz?%00"),
)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
def test_an_odd_path_is_never_a_crash_and_under_api_never_html(server, path):
    for verb in ("GET", "POST", "DELETE"):
        status, headers, body = server.raw(server.head(verb, path) + b"Content-Length: 0\r\n\r\n", verb=verb)
        assert status < 500
        if path.startswith("/api"):
            assert headers.get("Content-Type", "application/").startswith("application/")
            assert b"<html" not in body.lower()


def test_a_header_cannot_be_smuggled_into_an_answer(server):
    poison = "x\r\nSet-Cookie: mark=1\r\n\r\n<script>"
    for path in (
        f"/api/{quote(poison)}",
        f"/api/savings?limit={quote(poison)}",
        f"/api/savings?{quote(poison)}=1",
        f"/api/savings?ExternalItemId={quote(poison)}&limit=1",
        f"/thank-you?Id={quote(poison)}",
        f"/pay/{quote(poison)}",
        f"/providers/paypal/return/{quote(poison)}?token={quote(poison)}",
        f"/{quote(poison)}",
    ):
        status, headers, body = server.ask("GET", path)
        assert status < 500
        assert "Set-Cookie" not in headers
        assert b"<script>" not in body
    for line in (
        b"X-A: b\rSet-Cookie: mark=1\r\n",
        b"X-A: b\x00c\r\n",
        b"X-A: b\r\n continued\r\n",
        b"Idempotency-Key: a\rb\r\n",
        b"X A: b\r\n",
    ):
        status, headers, _, closes = server.raw_and_closes(server.head("GET") + line + b"\r\n", verb="GET")
        assert (status, closes, "Set-Cookie" in headers) == (400, True, False)
    forged = goal_xml(
        CancelURL=f"https://shop.example/{quote(poison)}", ConfirmationURL="https://shop.example/&#13;&#10;Set-Cookie: a=b"
    )
    assert server.ask("POST", "/api/savings", forged)[0] == 400


def test_a_header_given_twice_is_not_two_truths(server):
    two_keys = server.head("GET") + b"Authorization: Bearer " + server.rivals_key.encode() + b"\r\n\r\n"
    assert server.raw(two_keys, verb="GET")[0] == 401
    two_hosts = server.head("GET") + b"Host: evil.example\r\n\r\n"
    assert server.raw(two_hosts, verb="GET")[0] == 400
    no_host = b"GET /api/savings HTTP/1.1\r\nAuthorization: Bearer " + server.key.encode() + b"\r\n\r\n"
    assert server.raw(no_host, verb="GET")[0] == 400


# --- Many at once, in two processes -----------------------------------------------------------------------------------


def all_at_once(number, work):
    gate = threading.Barrier(number)

    def one(index):
        gate.wait(timeout=PATIENCE_SECONDS)
        return work(index)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def test_64_edits_of_one_version_at_once_are_one_edit(server):
    goal = urlsplit(server.ask("POST", "/api/savings", goal_xml())[1]["Location"]).path
    answers = all_at_once(64, lambda index: server.ask("PUT", goal, goal_xml(Name=f"Edit {index}", RecordVersionNumber="1")))
    assert Counter(status for status, _, _ in answers) == {200: 1, 409: 63}
    (won,) = (body for status, _, body in answers if status == 200)
    assert server.ask("GET", goal)[2] == won


def test_16_requests_at_once_under_one_key_make_one_goal(server):
    before = server.goals()
    answers = all_at_once(16, lambda _: server.ask("POST", "/api/savings", goal_xml(), Idempotency_Key="at-once"))
    assert set(Counter(status for status, _, _ in answers)) <= {201, 409}
    assert len({body for status, _, body in answers if status == 201}) == 1
    assert server.goals() == before + 1


# --- The log ----------------------------------------------------------------------------------------------------------


def test_each_line_of_the_log_is_json_and_none_holds_a_query_or_a_key(server):
    connection = server.connect()
    connection.request("GET", f"/api/savings?ApiKey={server.key}&ExternalItemId=canary-item")
    assert connection.getresponse().read()
    connection.close()
    server.ask("GET", "/thank-you?Id=canary-gift")
    server.ask("GET", "/providers/paypal/return/canary?token=canary-token")
    server.ask("GET", "/api/canary-last%0A%7B%22level%22:%22forged%22%7D?canary=1")
    lines = wait_for_line(server, "canary-last")
    written_by_us = [json.loads(line) for line in lines if not line.startswith("[")]
    assert {line["level"] for line in written_by_us} <= {"info", "warning"}
    (last,) = (line for line in written_by_us if "canary-last" in line.get("path", ""))
    assert {name: last[name] for name in ("logger", "event", "method", "status", "path")} == {
        "logger": "access",
        "event": "request",
        "method": "GET",
        "status": 404,
        "path": '/api/canary-last\n{"level":"forged"}',
    }
    whole = "\n".join(lines)
    for absent in (
        server.key,
        server.rivals_key,
        "canary-item",
        "canary-gift",
        "canary-token",
        "canary=1",
        "ApiKey",
        "anna@example.org",
    ):
        assert absent not in whole


def wait_for_line(server, text):
    eventually(lambda: text in server.log.read_text(), f"the line {text}", seconds=PATIENCE_SECONDS, every=0.05)
    return server.log.read_text().splitlines()
