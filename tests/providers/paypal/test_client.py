"""Calls to PayPal: one token for all, an end in time, and no more said to a log than it needs."""

import base64
import contextlib
import json
import logging
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography.hazmat.primitives import serialization

from ids import new_id
from providers.base import ProviderUnavailable
from providers.kit import deadline, transport
from providers.paypal.client import PayPalClient, PayPalRefused
from tests.eventually import join
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.service import adapter_for
from tests.providers.paypal.test_fault_table import an_order

pytestmark = pytest.mark.no_database

ORDER = "/v2/checkout/orders/5O190127TN364715T"


@pytest.fixture
def client(paypal: FakePayPal) -> PayPalClient:
    return client_of(paypal)


def client_of(paypal: FakePayPal) -> PayPalClient:
    return PayPalClient(paypal.base_url, paypal.client_id, paypal.client_secret)


def webhook(client: PayPalClient, paypal: FakePayPal) -> int:
    return client.call("get webhook", "GET", f"/v1/notifications/webhooks/{paypal.webhook_id}").status


def test_sixteen_at_once_fetch_one_token(client, paypal):
    gate = threading.Barrier(16)

    def one(_: int) -> int:
        gate.wait(timeout=60)
        return webhook(client, paypal)

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(one, range(16))) == [200] * 16
    assert len(paypal.calls_of("token")) == 1


def test_a_token_is_used_until_a_minute_before_its_end(client, paypal):
    paypal.token_seconds = 60
    webhook(client, paypal)
    webhook(client, paypal)
    assert len(paypal.calls_of("token")) == 2
    paypal.token_seconds = 3600
    for _ in range(3):
        webhook(client, paypal)
    assert len(paypal.calls_of("token")) == 3


def test_a_token_that_paypal_has_forgotten_is_fetched_anew(paypal):
    """And the same request goes out once more."""
    adapter = adapter_for(paypal)
    webhook(adapter.client, paypal)
    paypal.forget_tokens()
    adapter.open_checkout(an_order(), request_id="open-1")
    assert [(call.status, call.request_id) for call in paypal.calls_of("create")] == [(401, "open-1"), (201, "open-1")]
    assert len(paypal.calls_of("token")) == 2


def test_a_token_refused_every_time_is_not_fetched_for_ever(client, paypal):
    paypal.next("get_webhook", "unauthorized", times=99)
    with pytest.raises(ProviderUnavailable):
        webhook(client, paypal)
    assert len(paypal.calls_of("token")) == 2
    assert len(paypal.calls_of("get_webhook")) == 2


def test_wrong_keys_are_told_and_leave_the_outcome_unknown(paypal, caplog):
    """Without keys nobody is asked."""
    with pytest.raises(ProviderUnavailable, match="no PayPal keys"):
        webhook(PayPalClient(paypal.base_url, "", ""), paypal)
    assert paypal.calls == []
    wrong = PayPalClient(paypal.base_url, paypal.client_id, "not-the-secret")
    with pytest.raises(ProviderUnavailable, match="does not take PAYPAL_CLIENT_ID and PAYPAL_CLIENT_SECRET"):
        webhook(wrong, paypal)
    assert "provider does not take our keys" in [record.message for record in caplog.records]


def test_a_call_goes_out_three_times_or_once_without_an_id(careless_paypal):
    """A question, or an order with its request id; an order without one could be carried out twice."""
    client = client_of(careless_paypal)
    careless_paypal.next("get", "error_503", times=9)
    careless_paypal.next("capture", "drop", times=9)
    with pytest.raises(ProviderUnavailable):
        client.call("get order", "GET", ORDER)
    with pytest.raises(ProviderUnavailable):
        client.call("capture", "POST", f"{ORDER}/capture", body={}, request_id="capture-1")
    assert len(careless_paypal.calls_of("get")) == 3
    with pytest.raises(ProviderUnavailable):
        client.call("capture", "POST", f"{ORDER}/capture", body={})
    assert [call.request_id for call in careless_paypal.calls_of("capture")] == ["capture-1"] * 3 + [""]


def test_a_definite_no_is_not_argued_with(client, paypal):
    with pytest.raises(PayPalRefused) as refused:
        client.call("get order", "GET", ORDER)
    assert (refused.value.http_status, refused.value.codes) == (404, ("INVALID_RESOURCE_ID",))
    assert len(paypal.calls_of("get")) == 1


# --- an end in time ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["slow", "silence", "slow_start"])
def test_an_answer_that_drips_or_never_comes_ends_in_time(fault, careless_paypal, monkeypatch):
    client = client_of(careless_paypal)
    careless_paypal.slow_seconds = 60.0
    client.check_keys()
    careless_paypal.next("get_webhook", fault, times=9)
    monkeypatch.setattr(transport, "CALL_SECONDS", 0.5)
    with pytest.raises(ProviderUnavailable):
        webhook(client, careless_paypal)
    assert len(careless_paypal.calls_of("get_webhook")) == 1


class Dripping(BaseHTTPRequestHandler):
    """Says its headers a byte at a time, and never comes to their end."""

    def do_GET(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        with contextlib.suppress(OSError):
            while not self.server.over.wait(0.02):
                self.wfile.write(b"x")

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextlib.contextmanager
def served(server: HTTPServer) -> Iterator[int]:
    """The port, until the block ends."""
    server.over = threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.over.set()
        server.shutdown()
        join(thread)
        server.server_close()


def test_headers_that_drip_end_the_call_in_time(monkeypatch):
    monkeypatch.setattr(transport, "CALL_SECONDS", 0.3)
    client = transport.Transport(lambda: transport.public_trust(""))
    with served(HTTPServer(("127.0.0.1", 0), Dripping)) as port, pytest.raises(transport.NoAnswer):
        client.send("GET", f"http://127.0.0.1:{port}/", headers={})


def test_a_deadline_inside_another_adds_no_time():
    with deadline.at_most(1), deadline.at_most(1000):
        assert deadline.seconds_left() <= 1
    assert deadline.seconds_left() == float("inf")


def test_nobody_at_the_address_and_no_such_name_are_no_answer():
    for base in ("http://127.0.0.1:9", "http://no-such-host.invalid"):
        with pytest.raises(ProviderUnavailable):
            PayPalClient(base, "id", "secret").check_keys()


def test_an_unknown_certificate_ends_it_before_a_key_is_said(paypal, tmp_path):
    """The fake's certificate authority is trusted only where SSL_CERT_FILE names it."""
    chain = tmp_path / "server.pem"
    authority = paypal._authority("fake PayPal")
    as_pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain.write_bytes(authority.leaf("localhost").encode() + authority.key().private_bytes(*as_pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    heard: list[str] = []

    class Listening(Dripping):
        def do_POST(self) -> None:
            heard.append(self.headers.get("Authorization", ""))
            self.send_response(204)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Listening)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with served(server) as port:
        base = f"https://localhost:{port}"
        with pytest.raises(ProviderUnavailable):
            PayPalClient(base, "id", "secret").check_keys()
        assert heard == []
        with pytest.raises(ProviderUnavailable, match="answered 204"):
            PayPalClient(base, "id", "secret", trust_roots_file=paypal.ca_file).check_keys()
        with pytest.raises(ProviderUnavailable):  # the right authority, another name
            PayPalClient(base.replace("localhost", "127.0.0.1"), "id", "secret", trust_roots_file=paypal.ca_file).check_keys()
        assert len(heard) == 1


def test_the_machines_proxies_and_netrc_are_left_alone(client, paypal, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert webhook(client, paypal) == 200


def test_a_connection_that_paypal_has_closed_is_no_fault(client, paypal):
    for _ in range(3):
        assert webhook(client, paypal) == 200
    paypal.next("get_webhook", "drop")
    assert webhook(client, paypal) == 200


def test_every_answers_number_is_logged_and_no_secret(paypal, caplog):
    caplog.set_level(logging.DEBUG)
    adapter = adapter_for(paypal)
    request = an_order(payee="canary@example.org")
    opened = adapter.open_checkout(request, request_id=f"open-{new_id()}")
    paypal.next("capture", "INSTRUMENT_DECLINED")
    paypal.approve(opened.checkout_id)
    path = f"/v2/checkout/orders/{opened.checkout_id}/capture"
    with pytest.raises(PayPalRefused):
        adapter.client.call("capture", "POST", path, body={}, request_id="capture-1")
    told = "\n".join(
        json.dumps(record.__dict__, default=str) for record in caplog.records if record.name.startswith("providers")
    )
    assert {call.debug_id for call in paypal.calls} <= {getattr(record, "correlation_id", "") for record in caplog.records}
    keys = base64.b64encode(f"{paypal.client_id}:{paypal.client_secret}".encode()).decode()
    for secret in (*paypal._tokens, paypal.client_secret, keys, "canary@example.org", opened.checkout_id):
        assert secret not in told


def test_a_debug_id_that_is_none_is_not_believed(client):
    answer = transport.Answer(200, {"PayPal-Debug-Id": "f00\u0000é<script>" + "x" * 999}, b"")
    assert client.caller.correlation_id(answer) == ("f00script" + "x" * 999)[:64]
