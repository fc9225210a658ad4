"""The load generator counts what it is answered, whole answers only, and says what it cost itself."""

import socket
import threading
from contextlib import suppress

import pytest

from benchmarks import load

pytestmark = [pytest.mark.no_database, pytest.mark.full]

ANSWERS = {
    "/length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "/chunks": b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "/empty": b"HTTP/1.1 304 Not Modified\r\nETag: 1\r\n\r\n",
}


@pytest.fixture
def port():
    """A server that answers in two pieces."""
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=[listening], daemon=True).start()
    yield listening.getsockname()[1]
    listening.close()


def _serve(listening):
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=[connection], daemon=True).start()


def _answer(connection):
    with connection, suppress(ConnectionError):  # wrk breaks off at the end
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while request := connection.recv(65536):
            path = request.split()[1].decode()
            if path == "/closes":
                return
            answer = ANSWERS[path]
            connection.sendall(answer[:-4])
            connection.sendall(answer[-4:])


def test_every_request_is_sent_once_and_every_answer_counted(port):
    requests = [load.request("GET", path, {}) for path in ANSWERS for _ in range(10)]
    found = load.send(port, requests, status=None, once=True, connections=4)
    assert found.statuses == {200: 10, 201: 10, 304: 10}
    assert found.number == 30
    assert 0 < found.p10 <= found.p50 <= found.p99
    assert found.client_cpu > 0


def test_for_some_seconds_the_same_is_sent_again(port):
    found = load.send(port, [load.request("GET", "/length", {})], seconds=0.3, connections=2)
    assert found.number > 10
    assert set(found.statuses) == {200}


def test_another_status_and_no_answer_are_told(port):
    with pytest.raises(load.Unexpected, match="304"):
        load.send(port, [load.request("GET", "/empty", {})], once=True)
    found = load.send(port, [load.request("GET", "/closes", {})], status=None, once=True, connections=1, processes=1)
    assert found.statuses == {0: 1}


def test_percentiles_are_values_that_were_seen():
    values = [5, 1, 4, 2, 3]
    assert [load.percentile(values, part) for part in (1, 50, 99, 100)] == [1, 3, 5, 5]


@pytest.mark.parametrize("has_wrk", [False, True])
def test_a_get_is_measured_with_wrk_and_without(port, monkeypatch, has_wrk):
    if has_wrk and not load.shutil.which("wrk"):
        pytest.skip("wrk is not installed")
    if not has_wrk:
        monkeypatch.setattr(load.shutil, "which", lambda name: None)
    found = load.get(port, "/length", {"Accept": "text/plain"}, 1)
    assert found.rate > 10
    assert 0 < found.p50 <= found.p99
    assert found.client_cpu > 0
    with pytest.raises(load.Unexpected):
        load.get(port, "/empty", {}, 1)


def test_a_client_that_was_the_limit_is_named():
    quiet, busy = (load.Load(1, 1, 1, 1, 1, {200: 1}, cpu) for cpu in (0.2, 0.97))
    assert load.note([quiet, quiet]) == ""
    assert load.note([quiet, busy]) == "limited by the client"
