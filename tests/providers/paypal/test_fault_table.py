"""Everything that can go wrong with a call to PayPal, and what the adapter makes of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from contributions.checkout import mismatch
from ids import new_id
from providers import wire
from providers.base import (
    Checkout,
    GiverMustAct,
    Order,
    Payment,
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
)
from providers.paypal import client
from providers.paypal.adapter import PayPalProvider
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.service import adapter_for

OPERATIONS = ("token", "create", "get", "capture", "authorize", "refund")

TABLE = """
"""

ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [(row[0], operation, cell) for row in ROWS for operation, cell in zip(OPERATIONS, row[1:], strict=True)]


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "CALL_SECONDS", 0.8)
    monkeypatch.setattr(client, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(client, "LEAST_SECONDS_FOR_A_TRY", 0.1)


@pytest.fixture
def adapter(careless_paypal: FakePayPal) -> PayPalProvider:
    careless_paypal.slow_seconds = 2.0
    return adapter_for(careless_paypal)


def an_order(**changes: object) -> Order:
    reference = new_id()
    order = Order(
        provider="PayPal",
        reference=reference,
        amount_minor=2000,
        currency="USD",
        payee="anna@example.org",
        capture_at_once=True,
        description="Gift for a bicycle",
        return_url=f"https://give.example.test/providers/paypal/return/{reference}",
        cancel_url=f"https://give.example.test/providers/paypal/cancel/{reference}",
    )
    return replace(order, **changes)


class Try:
    """One call that can be made again under the same request id."""

    def __init__(self, paypal: FakePayPal, adapter: PayPalProvider, operation: str) -> None:
        self.paypal, self.adapter, self.operation = paypal, adapter, operation
        self.request_id = f"{operation}-{new_id()}"
        self.order = an_order(capture_at_once=operation != "authorize")
        if operation not in {"create", "token"}:
            opened = adapter.open_checkout(self.order, request_id=f"open-{new_id()}")
            self.order = replace(self.order, checkout_id=opened.checkout_id)
        if operation in {"capture", "authorize", "refund", "get"}:
            paypal.approve(self.order.checkout_id)
        if operation == "refund":
            taken = adapter.capture(self.order, request_id=f"capture-{new_id()}")
            self.order = replace(self.order, payment_reference=taken.provider_reference)

    def call(self) -> Checkout | Payment | ProviderRefund:
        calls: dict[str, Callable[[], Checkout | Payment | ProviderRefund]] = {
            "token": lambda: self.adapter.open_checkout(self.order, request_id=self.request_id),
            "create": lambda: self.adapter.open_checkout(self.order, request_id=self.request_id),
            "get": lambda: self.adapter.find(self.order),
            "capture": lambda: self.adapter.capture(self.order, request_id=self.request_id),
            "authorize": lambda: self.adapter.authorize(self.order, request_id=self.request_id),
            "refund": lambda: self.adapter.refund(
                self.order, amount_minor=700, reference="refund-of-ours", request_id=self.request_id
            ),
        }
        return calls[self.operation]()

    def outcome(self) -> str:
        """A word for what came of it."""
        try:
            answer = self.call()
        except GiverMustAct as refusal:
            return f"giver:{refusal.reason}"
        except ProviderRefused as refusal:
            return f"no:{refusal.reason}"
        except ProviderUnavailable:
            return "unknown"
        if isinstance(answer, Checkout):
            assert answer.checkout_id in self.paypal.orders
            return "fine"
        if isinstance(answer, ProviderRefund):
            right = (answer.amount_minor, answer.reference) == (700, "refund-of-ours")
            return ("fine" if answer.state == "completed" else answer.state) if right else "mismatch"
        wanted = {"get": "approved", "capture": "captured", "authorize": "authorized"}[self.operation]
        return mismatch(self.order, answer) or ("fine" if answer.state == wanted else answer.state)

    def effects(self) -> int:
        """How often PayPal did what it was told to."""
        if self.operation in {"token", "create", "get"}:
            return 0
        order = self.paypal.orders[self.order.checkout_id]
        return len({"capture": order.captures, "authorize": order.authorizations, "refund": order.refunds}[self.operation])


@pytest.mark.parametrize(("fault", "operation", "cell"), CELLS, ids=[f"{fault}-{operation}" for fault, operation, _ in CELLS])
def test_what_comes_of_a_fault(fault, operation, cell, careless_paypal, adapter):
    trial = Try(careless_paypal, adapter, operation)
    name, once, _ = fault.partition("*1")
    if operation == "token":
        adapter.client._token_ends_at = 0.0
    careless_paypal.next(operation, name, times=1 if once else 9)
    assert trial.outcome() == cell
    assert trial.effects() <= 1
    assert careless_paypal.calls_of("elsewhere") == []
