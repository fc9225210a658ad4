"""Everything that can go wrong with a call to Amazon Pay, and what the adapter makes of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from contributions.checkout import mismatch
from ids import new_id
from providers import calls, wire
from providers.amazon.adapter import AmazonProvider
from providers.base import GiverMustAct, Order, Payment, PaymentState, ProviderRefund, ProviderRefused, ProviderUnavailable
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.faults import CONTENT, FAULTS
from tests.providers.amazon.service import adapter_for

pytestmark = pytest.mark.no_database

OPERATIONS = ("session", "capture", "authorize", "take", "void", "refund")
"""What is done; the call that goes wrong is in CALLS."""

CALLS = {
    "session": "get_session", "capture": "complete", "authorize": "complete", "take": "capture", "void": "cancel",
    "refund": "refund",
}  # fmt: skip

TABLE = """
drop                          unknown
reset                         unknown
silence                       unknown
error_500                     unknown
error_502                     unknown
error_503                     unknown
rate_limited                  unknown
unauthorized                  unknown
forbidden                     no:not_permitted  session=unknown
redirect                      unknown
teapot                        unknown
do_then_drop                  unknown
do_then_500                   unknown
do_then_503                   unknown
do_then_html_502              unknown
slow                          unknown
slow_start                    unknown
truncated                     unknown
cut_off                       unknown
rubbish                       unknown
endless                       unknown
huge                          unknown
empty                         unknown
wrong_content_type            fine
duplicate_keys                fine
deep                          unknown
not_utf8                      unknown
not_a_number                  fine
a_list                        unknown
null                          unknown
a_string                      unknown
unknown_state                 fine              session=pending
no_state                      fine              session=pending
state_number                  fine              session=pending
no_status_details             fine              session=pending
other_currency                fine              session=currency_mismatch refund=unknown
other_amount                  fine              session=amount_mismatch refund=mismatch
amount_number                 fine              session=unknown refund=unknown
amount_negative               fine              session=unknown refund=unknown
amount_words                  fine              session=unknown refund=unknown
amount_wide                   fine              session=unknown refund=unknown
no_amount                     fine              session=unknown refund=unknown
other_store                   payee_mismatch    take=fine void=fine refund=fine
no_store                      unknown           take=fine void=fine refund=fine
other_reference               reference_mismatch take=fine void=fine refund=fine
no_reference                  fine              session=unknown
other_session                 fine              session=unknown
other_charge                  fine              capture=unknown authorize=unknown refund=unknown
charge_rubbish                fine              capture=pending authorize=pending refund=unknown
other_refund                  fine              refund=unknown
missing_fields                fine              session=unknown refund=unknown
slow_authorization            fine              capture=pending authorize=pending
declined_in_the_end           fine              capture=no:instrument_declined authorize=no:instrument_declined
only_held                     fine
400:InvalidParameterValue     no:request_rejected session=unknown
400:SomethingNew              no:request_rejected session=unknown
403:UnauthorizedAccess        no:not_permitted  session=unknown
404:ResourceNotFound          no:unknown_checkout
422:CheckoutSessionCanceled   unknown           capture=giver:not_approved authorize=giver:not_approved
422:InvalidCheckoutSessionStatus  unknown           capture=giver:not_approved authorize=giver:not_approved
422:InvalidChargeStatus       unknown           capture=giver:not_approved authorize=giver:not_approved refund=no:cannot_refund
422:TransactionAmountExceeded  no:amount_refused session=unknown refund=no:refund_amount_exceeded
422:SomethingNew              unknown
400:DuplicateIdempotencyKey   unknown           capture=giver:not_approved authorize=giver:not_approved
422:HardDeclined              no:instrument_declined session=unknown
drop*1                        fine
error_503*1                   fine
do_then_drop*1                fine
do_then_500*1                 fine
rate_limited*1                unknown
unauthorized*1                unknown
"""
"""A row is a fault of faults.py, nine times in a row, or once where it says *1; then what the adapter makes of it in each
operation, and after that the operations in which it makes something else of it:

fine       the right answer, got in the end, or after asking for what the first one left out
unknown    ProviderUnavailable: asked again later, under the same request id
no:WHY     ProviderRefused
pending    Amazon has not made up its mind, or says a word that nobody knows: no money is counted
...        what checkout.mismatch() finds: the answer speaks of another gift than ours
"""

ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [
    (fault, operation, dict(one.split("=") for one in but).get(operation, mostly))
    for fault, mostly, *but in ROWS
    for operation in OPERATIONS
]
PATIENCE_SECONDS = {"silence": 0.25, "slow": 0.25, "slow_start": 0.25}


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LEAST_SECONDS_FOR_A_TRY", 0.1)


@pytest.fixture
def adapter(amazon: FakeAmazon) -> AmazonProvider:
    amazon.slow_seconds = 3.0
    return adapter_for(amazon)


def an_order(**changes: object) -> Order:
    reference = new_id()
    order = Order(
        provider="Amazon",
        reference=reference,
        amount_minor=2000,
        currency="USD",
        payee=FakeAmazon.merchant_id,
        capture_at_once=True,
        description="Gift for a bicycle",
        return_url=f"https://give.example.test/providers/amazon/return/{reference}",
        cancel_url=f"https://give.example.test/providers/amazon/cancel/{reference}",
    )
    return replace(order, **changes)


class Try:
    """One operation that can be tried again under the same request id."""

    def __init__(self, amazon: FakeAmazon, adapter: AmazonProvider, operation: str) -> None:
        self.amazon, self.adapter, self.operation = amazon, adapter, operation
        self.request_id = f"{operation}-{new_id()}"
        order = an_order(capture_at_once=operation in {"session", "capture", "refund"})
        self.session = amazon.press_button(dict(adapter.pay_page(order).button))
        self.order = replace(order, checkout_id=self.session.id)
        amazon.approve(self.session.id)
        if operation in {"take", "void"}:
            self._know(adapter.authorize(self.order, request_id="authorize-before"))
        if operation == "refund":
            self._know(adapter.capture(self.order, request_id="capture-before"))

    def _know(self, payment: Payment) -> None:
        self.order = replace(self.order, payment_reference=payment.provider_reference)

    def call(self) -> Payment | ProviderRefund:
        order, request_id = self.order, self.request_id
        calls: dict[str, Callable[[], Payment | ProviderRefund]] = {
            "session": lambda: self.adapter.find(order),
            "capture": lambda: self.adapter.capture(order, request_id=request_id),
            "authorize": lambda: self.adapter.authorize(order, request_id=request_id),
            "take": lambda: self.adapter.capture(order, request_id=request_id),
            "void": lambda: self.adapter.void(order, request_id=request_id),
            "refund": lambda: self.adapter.refund(order, amount_minor=700, reference="ours", request_id=request_id),
        }
        return calls[self.operation]()

    def outcome(self, *, seconds: float = 20.0) -> str:
        """A word for what came of it."""
        try:
            with wire.at_most(seconds):
                answer = self.call()
        except GiverMustAct as refusal:
            return f"giver:{refusal.reason}"
        except ProviderRefused as refusal:
            return f"no:{refusal.reason}"
        except ProviderUnavailable:
            return "unknown"
        if isinstance(answer, ProviderRefund):
            right = (answer.amount_minor, answer.reference) == (700, "ours") and answer.provider_reference
            return ("fine" if answer.state == "pending" else answer.state) if right else "mismatch"
        wanted = {"session": "approved", "capture": "captured", "authorize": "authorized", "take": "captured", "void": "voided"}
        return mismatch(self.order, answer) or ("fine" if answer.state == wanted[self.operation] else answer.state)

    def effects(self) -> int:
        """How often Amazon did what it was told to."""
        charge = self.session.charge
        if charge is None or self.operation == "session":
            return 0
        return {
            "capture": charge.captures, "take": charge.captures, "authorize": 1, "void": int(charge.state == "Canceled"),
            "refund": len(charge.refunds),
        }[self.operation]  # fmt: skip


@pytest.mark.parametrize(("fault", "operation", "cell"), CELLS, ids=[f"{fault}-{operation}" for fault, operation, _ in CELLS])
def test_what_comes_of_a_fault(fault, operation, cell, amazon, adapter):
    trial = Try(amazon, adapter, operation)
    name, once, _ = fault.partition("*1")
    amazon.next(CALLS[operation], name.replace(":", " "), times=1 if once else 9)
    assert trial.outcome(seconds=PATIENCE_SECONDS.get(name, 20.0)) == cell
    assert trial.effects() <= 1
    assert amazon.calls_of("elsewhere") == []


LOST = [(fault, operation) for fault, operation, cell in CELLS if cell == "unknown"]


@pytest.mark.parametrize(("fault", "operation"), LOST, ids=[f"{fault}-{operation}" for fault, operation in LOST])
def test_an_unknown_outcome_is_found_out_under_the_same_request_id_and_nothing_is_done_twice(fault, operation, amazon, adapter):
    trial = Try(amazon, adapter, operation)
    name, once, _ = fault.partition("*1")
    amazon.next(CALLS[operation], name.replace(":", " "), times=1 if once else 9)
    assert trial.outcome(seconds=PATIENCE_SECONDS.get(name, 20.0)) == "unknown"
    amazon.no_more_faults()
    adapter.client.caller._resting_until = 0.0
    assert trial.outcome() == "fine"
    assert trial.effects() == (0 if operation == "session" else 1)


CHARGE_TABLE = {
    "unknown_state": "pending", "no_state": "pending", "state_number": "pending", "other_amount": "amount_mismatch",
    "other_currency": "currency_mismatch", "amount_number": "unknown", "amount_words": "unknown", "no_amount": "unknown",
    "other_charge": "unknown", "drop": "unknown", "error_500": "unknown", "rubbish": "unknown",
    "404:ResourceNotFound": "unknown",
    "403:UnauthorizedAccess": "unknown", "missing_fields": "unknown", "deep": "unknown", "a_list": "unknown",
}  # fmt: skip
"""What comes of a fault in the question about the charge, while the money is taken: the charge is what tells of it."""


@pytest.mark.parametrize(("fault", "cell"), CHARGE_TABLE.items(), ids=list(CHARGE_TABLE))
def test_a_charge_that_cannot_be_read_counts_no_money(fault, cell, amazon, adapter):
    trial = Try(amazon, adapter, "capture")
    amazon.next("get_charge", fault.replace(":", " "), times=9)
    assert trial.outcome() == cell
    assert trial.session.charge.captures == 1
    amazon.no_more_faults()
    assert trial.outcome() == "fine"
    assert trial.session.charge.captures == 1


def test_a_session_that_is_canceled_in_words_that_nobody_knows_has_failed(amazon, adapter):
    trial = Try(amazon, adapter, "session")
    trial.session.state, trial.session.reason = "Canceled", "SomethingNew"
    payment = adapter.find(trial.order)
    assert (payment.state, payment.reason) == (PaymentState.DECLINED, "payment_declined")


def test_the_table_has_twenty_kinds_of_fault_and_more():
    kinds = {row[0] for row in ROWS}
    assert len(kinds) >= 60
    assert set(FAULTS) <= kinds
    assert set(CONTENT) <= kinds
    assert {one.split("=")[0] for row in ROWS for one in row[2:]} <= set(OPERATIONS)
    assert {cell for _, _, cell in CELLS} >= {"fine", "unknown", "pending", "amount_mismatch", "payee_mismatch"}
