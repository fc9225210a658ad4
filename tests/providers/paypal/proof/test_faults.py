"""The fake's own faults and refusals. That each does what its line says is seen by the adapters: test_fault_table.py."""

import socket
from urllib.parse import urlsplit

import pytest

from tests.eventually import eventually
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.proof.steps import ORDERS, Caller

pytestmark = pytest.mark.no_database


def test_a_fault_or_an_operation_that_is_not_there_is_refused(paypal):
    with pytest.raises(ValueError, match="fault must be one of"):
        paypal.next("capture", "surprise")
    with pytest.raises(ValueError, match="operation must be one of"):
        paypal.next("give", "drop")


def test_a_fake_that_is_left_lets_nobody_wait():
    with FakePayPal() as paypal, Caller(paypal) as caller:
        paypal.slow_seconds = 3600.0
        order = caller.created()
        paypal.next("get", "silence")
        waiting = socket.create_connection(("127.0.0.1", urlsplit(paypal.base_url).port), timeout=20)
        waiting.sendall(f"GET {ORDERS}/{order.id} HTTP/1.1\r\nAuthorization: Bearer {caller.token}\r\n\r\n".encode())
        eventually(lambda: paypal.calls_of("get"), "the call")
    with waiting:
        assert waiting.recv(1) == b""


def test_every_answer_of_the_fake_is_judged(careless_paypal, specification):
    """A fake that lied of its own accord would be caught: here one is made to."""
    with Caller(careless_paypal) as caller:
        order = caller.created()
        order.status = "SIMMERING"
        caller.get(f"{ORDERS}/{order.id}")
    (sentence,) = careless_paypal.violations
    assert sentence.startswith(f"answer 200 to GET {ORDERS}/{order.id}: status: 'SIMMERING' is not one of")
