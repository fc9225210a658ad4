"""The one way out: one deadline, one limit, the address that was given, and the answer that is meant."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from providers.kit import transport
from providers.kit.deadline import at_most
from providers.kit.transport import Failure, NoAnswer, Transport, public_trust

pytestmark = pytest.mark.no_database

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
PATIENCE_SECONDS = 10.0

Answering = Callable[[socket.socket, int], None]


class Server:
    """Reads requests without a body, and has `answer(connection, number)` write to each. Numbers go on over connections."""

    def __init__(self, answer: Answering, family: socket.AddressFamily, host: str) -> None:
        self._answer, self.requests, self.connections = answer, list[bytes](), 0
        self._listening = socket.create_server((host, 0), family=family)
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            connection.settimeout(PATIENCE_SECONDS)
            threading.Thread(target=self._talk, args=[connection], daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            try:
                while request := self._request(connection):
                    self.requests.append(request)
                    self._answer(connection, len(self.requests))
            except OSError:  # whoever called has had enough
                return

    @staticmethod
    def _request(connection: socket.socket) -> bytes:
        read = b""
        while b"\r\n\r\n" not in read:
            piece = connection.recv(65536)
            if not piece:
                return b""
            read += piece
        return read


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(answer: Answering, *, family: socket.AddressFamily = socket.AF_INET, host: str = "127.0.0.1") -> Server:
        servers.append(Server(answer, family, host))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def client() -> Transport:
    return Transport(lambda: public_trust(""))


def get(client: Transport, port: int, *, host: str = "127.0.0.1", **how: object) -> transport.Answer:
    return client.send("GET", f"http://{host}:{port}/", headers={}, **how)


def test_an_informational_answer_is_not_the_answer(serve, client):
    """103 Early Hints, then after 0.3 s the 201; the next call goes over the same connection and gets its own answer."""

    def answer(connection: socket.socket, number: int) -> None:
        connection.sendall(HINTS)
        time.sleep(0.3)
        connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n" + CREATED + str(number).encode())

    server = serve(answer)
    answers = [get(client, server.port) for _ in range(2)]
    assert [(one.status, one.body) for one in answers] == [(201, b"1"), (201, b"2")]
    assert server.connections == 1


def test_informational_answers_are_counted(serve, client):
    """So many are skipped, and one more is no answer at all."""
    many = transport.MOST_INFORMATIONAL
    server = serve(lambda connection, number: connection.sendall(HINTS * (many + number - 1) + CREATED + b"1"))
    assert get(client, server.port).status == 201
    with pytest.raises(NoAnswer) as none:
        get(client, server.port)
    assert none.value.failure is Failure.BAD_ANSWER


def test_informational_answers_add_no_time(serve, client):
    def answer(connection: socket.socket, number: int) -> None:
        while True:  # deadline: the client hangs up, and sendall fails
            connection.sendall(HINTS)
            time.sleep(0.1)

    server = serve(answer)
    began = time.monotonic()
    with at_most(0.4), pytest.raises(NoAnswer) as none:
        get(client, server.port)
    assert (none.value.failure, time.monotonic() - began < 2) == (Failure.TIMEOUT, True)


def test_switching_protocols_is_an_answer(serve, client):
    server = serve(lambda connection, number: connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"))
    assert get(client, server.port).status == 101


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_it_connects_to_the_address_that_it_is_given(serve, client, family, address):
    """The name need not exist; the Host header stays that of the URL."""
    try:
        server = serve(lambda connection, number: connection.sendall(CREATED + b"1"), family=family, host=address)
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert get(client, server.port, host="shop.invalid", addresses=[address]).status == 201
    assert f"\r\nHost: shop.invalid:{server.port}\r\n".encode() in server.requests[0]


def test_the_next_address_only_where_none_was_connected(serve, client):
    """127.0.0.2 refuses: the next one is tried. Whoever accepts and then breaks has perhaps done what was asked."""
    server = serve(lambda connection, number: connection.sendall(CREATED + b"1"))
    assert get(client, server.port, host="shop.invalid", addresses=["127.0.0.2", "127.0.0.1"]).status == 201
    hangs_up = serve(lambda connection, number: connection.shutdown(socket.SHUT_RDWR))
    with pytest.raises(NoAnswer):
        get(client, hangs_up.port, host="shop.invalid", addresses=["127.0.0.1", "127.0.0.1"])
    assert len(hangs_up.requests) == 1


def test_a_longer_answer_is_cut_or_none(serve, client):
    server = serve(lambda connection, number: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + b"a" * 99))
    with pytest.raises(NoAnswer) as none:
        get(client, server.port, most_bytes=50)
    assert none.value.failure is Failure.TOO_LONG
    assert len(get(Transport(lambda: public_trust(""), cut=True), server.port, most_bytes=50).body) == 50


def test_a_url_goes_out_as_it_is_written(serve, client):
    """Signed or checked in this spelling: neither dots nor escapes are written in another way."""
    server = serve(lambda connection, number: connection.sendall(CREATED + b"1"))
    client.send("GET", f"http://127.0.0.1:{server.port}/a/../b/./c%7E?q=%41~", headers={})
    assert server.requests[0].startswith(b"GET /a/../b/./c%7E?q=%41~ HTTP/1.1\r\n")


@pytest.mark.parametrize("trust", [lambda: transport.public_trust(""), transport.machine_trust])
def test_certificates_are_verified_from_tls_1_2_on(trust):
    """Of providers and of partners' webhooks; there is no other way to a server of theirs."""
    context = trust()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
