"""Bodies on a socket: cut off, too long, in chunks, or with a length that is not theirs."""

import select
import socket

import pytest
from lxml import etree

from tests.api.serving import LARGEST_BODY, PATIENCE_SECONDS, chunks, code, value
from tests.conftest import goal_xml


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
        assert not body or code(body) in {"invalid_body", "unreadable_body"}
    assert server.goals() == before


def test_a_length_that_is_not_the_bodys_makes_nothing(server):
    before, body = server.goals(), goal_xml().encode()
    length, document = b"Content-Length: %s\r\n", etree.tostring(etree.fromstring(body))
    assert len(document) == len(body)
    for said, sent, expected in (
        *((number, body, None) for number in (b"-1", b"+5", b"1e3", b"0x10", b"", b"9" * 30)),
        (b"%d" % (len(body) + 1), body, "unreadable_body"),  # the document is whole, and yet something is missing
        (b"%d" % len(body), body[:-1], "unreadable_body"),
        (b"%d" % (len(body) - 1), body, "invalid_body"),
        (b"0", body, "invalid_body"),
        (b"%030d" % 70_000, body, "body_too_large"),  # zeros in front make it no other number
    ):
        status, _, told = server.raw(server.head() + length % said + b"\r\n", sent, half_close=True)
        assert status == (413 if expected == "body_too_large" else 400), said
        assert (code(told) if told else None) == expected, said
    twice = server.raw_and_closes(server.head() + length % b"10" + length % b"20" + b"\r\n", body)
    assert (twice[0], twice[3]) == (400, True)
    assert server.goals() == before
    assert server.raw(server.head() + length % (b"%030d" % len(body)) + b"\r\n", body)[0] == 201


def test_a_providers_report_that_was_cut_off_is_refused(server):
    head = b"POST /providers/paypal/webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"
    assert server.raw(head, b'{"report": "cut', half_close=True)[0] == 400


def test_a_length_and_chunks_do_not_smuggle_a_second_request(server):
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


def test_who_asks_before_sending_is_told_to_go_on_or_stop(server):
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
