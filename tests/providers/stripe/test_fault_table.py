"""Everything that can go wrong with a call to Stripe, and what the adapter makes of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from contributions.checkout import mismatch
from ids import new_id
from providers import calls, wire
from providers.base import Checkout, GiverMustAct, Order, Payment, ProviderRefund, ProviderRefused, ProviderUnavailable
from providers.stripe.adapter import StripeProvider
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.faults import BEFORE, CONTENT
from tests.providers.stripe.service import adapter_for

pytestmark = pytest.mark.no_database

OPERATIONS = ("create", "get", "expire", "capture", "cancel", "refund")

TABLE = """
fault                 create                   get                  expire                   capture                  cancel                   refund
drop                  unknown                  unknown              unknown                  unknown                  unknown                  unknown
reset                 unknown                  unknown              unknown                  unknown                  unknown                  unknown
silence               unknown                  unknown              unknown                  unknown                  unknown                  unknown
error_500             unknown                  unknown              unknown                  unknown                  unknown                  unknown
error_502             unknown                  unknown              unknown                  unknown                  unknown                  unknown
error_503             unknown                  unknown              unknown                  unknown                  unknown                  unknown
rate_limited          unknown                  unknown              unknown                  unknown                  unknown                  unknown
unauthorized          unknown                  unknown              unknown                  unknown                  unknown                  unknown
forbidden             no:not_permitted         unknown              no:not_permitted         no:not_permitted         no:not_permitted         no:not_permitted
in_progress           unknown                  unknown              unknown                  unknown                  unknown                  unknown
redirect              unknown                  unknown              unknown                  unknown                  unknown                  unknown
redirect_307          unknown                  unknown              unknown                  unknown                  unknown                  unknown
teapot                unknown                  unknown              unknown                  unknown                  unknown                  unknown
error_500_kept        unknown                  unknown              unknown                  unknown                  unknown                  unknown
other_parameters      unknown                  unknown              unknown                  unknown                  unknown                  unknown
no_json_error         unknown                  unknown              unknown                  unknown                  unknown                  unknown
a_string_error        unknown                  unknown              unknown                  unknown                  unknown                  unknown
api_error             unknown                  unknown              unknown                  unknown                  unknown                  unknown
card_declined         no:payment_declined      unknown              no:payment_declined      no:payment_declined      no:payment_declined      no:payment_declined
rate_limited_as_400   unknown                  unknown              unknown                  unknown                  unknown                  unknown
lock_timeout          unknown                  unknown              unknown                  unknown                  unknown                  unknown
resource_missing      no:unknown_checkout      no:unknown_checkout  no:unknown_checkout      no:unknown_checkout      no:unknown_checkout      no:unknown_checkout
unexpected_state      no:request_rejected      unknown              no:request_rejected      no:request_rejected      no:request_rejected      no:request_rejected
destination_missing   no:payee_cannot_receive  unknown              no:payee_cannot_receive  no:payee_cannot_receive  no:payee_cannot_receive  no:payee_cannot_receive
do_then_drop          unknown                  unknown              unknown                  unknown                  unknown                  unknown
do_then_500           unknown                  unknown              unknown                  unknown                  unknown                  unknown
do_then_503           unknown                  unknown              unknown                  unknown                  unknown                  unknown
do_then_html_502      unknown                  unknown              unknown                  unknown                  unknown                  unknown
slow                  unknown                  unknown              unknown                  unknown                  unknown                  unknown
slow_start            unknown                  unknown              unknown                  unknown                  unknown                  unknown
truncated             unknown                  unknown              unknown                  unknown                  unknown                  unknown
cut_off               unknown                  unknown              unknown                  unknown                  unknown                  unknown
rubbish               unknown                  unknown              unknown                  unknown                  unknown                  unknown
endless               unknown                  unknown              unknown                  unknown                  unknown                  unknown
huge                  unknown                  unknown              unknown                  unknown                  unknown                  unknown
empty                 unknown                  unknown              unknown                  unknown                  unknown                  unknown
wrong_content_type    fine                     fine                 fine                     fine                     fine                     fine
duplicate_keys        fine                     fine                 fine                     fine                     fine                     fine
deep                  unknown                  unknown              unknown                  unknown                  unknown                  unknown
not_utf8              unknown                  unknown              unknown                  unknown                  unknown                  unknown
not_a_number          fine                     fine                 fine                     fine                     fine                     fine
a_list                unknown                  unknown              unknown                  unknown                  unknown                  unknown
null                  unknown                  unknown              unknown                  unknown                  unknown                  unknown
a_string              unknown                  unknown              unknown                  unknown                  unknown                  unknown
unknown_status        fine                     pending              pending                  pending                  unknown                  pending
no_status             fine                     unknown              fine                     fine                     fine                     pending
null_status           fine                     unknown              fine                     fine                     fine                     pending
status_number         fine                     unknown              fine                     fine                     fine                     pending
other_currency        fine                     currency_mismatch    currency_mismatch        currency_mismatch        currency_mismatch        unknown
no_currency           fine                     unknown              fine                     fine                     fine                     unknown
other_amount          fine                     amount_mismatch      amount_mismatch          amount_mismatch          amount_mismatch          mismatch
amount_text           fine                     unknown              fine                     fine                     fine                     unknown
amount_float          fine                     unknown              fine                     fine                     fine                     unknown
amount_negative       fine                     unknown              fine                     fine                     fine                     unknown
amount_true           fine                     unknown              fine                     fine                     fine                     unknown
no_amount             fine                     unknown              fine                     fine                     fine                     unknown
other_payee           fine                     payee_mismatch       payee_mismatch           payee_mismatch           payee_mismatch           fine
no_payee              fine                     unknown              fine                     fine                     fine                     fine
other_reference       unknown                  reference_mismatch   reference_mismatch       reference_mismatch       reference_mismatch       mismatch
no_reference          fine                     unknown              fine                     fine                     fine                     mismatch
other_id              unknown                  unknown              fine                     fine                     fine                     fine
no_id                 unknown                  unknown              fine                     fine                     fine                     unknown
bare_intent           fine                     unknown              fine                     fine                     fine                     fine
a_list_for_an_intent  fine                     unknown              fine                     fine                     fine                     fine
missing_fields        fine                     unknown              fine                     fine                     fine                     unknown
no_url                unknown                  fine                 fine                     fine                     fine                     fine
foreign_page          no:unsafe_page           fine                 fine                     fine                     fine                     fine
lookalike_page        no:unsafe_page           fine                 fine                     fine                     fine                     fine
javascript_page       no:unsafe_page           fine                 fine                     fine                     fine                     fine
plain_page            no:unsafe_page           fine                 fine                     fine                     fine                     fine
foreign_bank          fine                     fine                 fine                     fine                     fine                     fine
lookalike_bank        fine                     fine                 fine                     fine                     fine                     fine
javascript_bank       fine                     fine                 fine                     fine                     fine                     fine
plain_bank            fine                     fine                 fine                     fine                     fine                     fine
no_bank               fine                     fine                 fine                     fine                     fine                     fine
pending               fine                     fine                 fine                     fine                     fine                     pending
failed                fine                     fine                 fine                     fine                     fine                     failed
drop*1                fine                     fine                 fine                     fine                     fine                     fine
error_503*1           fine                     fine                 fine                     fine                     fine                     fine
do_then_drop*1        fine                     fine                 fine                     fine                     fine                     fine
in_progress*1         fine                     fine                 fine                     fine                     fine                     fine
lock_timeout*1        unknown                  unknown              unknown                  unknown                  unknown                  unknown
rate_limited*1        unknown                  unknown              unknown                  unknown                  unknown                  unknown
unauthorized*1        unknown                  unknown              unknown                  unknown                  unknown                  unknown
"""  # noqa: E501 - a table
"""A row is a fault of faults.py, nine times in a row, or once where it says *1; a cell is what the adapter makes of it:

fine       the right answer, got in the end, or after asking for what the first one left out
unknown    ProviderUnavailable: asked again later, under the same request id
no:WHY     ProviderRefused
pending    Stripe has not made up its mind, or says a word that nobody knows: no money is counted
...        what checkout.mismatch() finds: the answer speaks of another gift than ours
"""

ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]
CELLS = [(row[0], operation, cell) for row in ROWS for operation, cell in zip(OPERATIONS, row[1:], strict=True)]

PATIENCE_SECONDS = {"silence": 0.25, "slow": 0.25, "slow_start": 0.25}
"""How long a call may take where the answer never comes, or drips for longer than that."""


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LEAST_SECONDS_FOR_A_TRY", 0.1)


@pytest.fixture
def adapter(careless_stripe: FakeStripe) -> StripeProvider:
    careless_stripe.slow_seconds = 3.0
    return adapter_for(careless_stripe)


def an_order(**changes: object) -> Order:
    reference = new_id()
    order = Order(
        provider="Stripe",
        reference=reference,
        amount_minor=2000,
        currency="USD",
        payee="acct_1PgafTB7WZ01zgkW",
        capture_at_once=True,
        description="Gift for a bicycle",
        return_url=f"https://give.example.test/providers/stripe/return/{reference}",
        cancel_url=f"https://give.example.test/providers/stripe/cancel/{reference}",
    )
    return replace(order, **changes)


class Try:
    """One call that can be made again under the same request id."""

    def __init__(self, stripe: FakeStripe, adapter: StripeProvider, operation: str) -> None:
        self.stripe, self.adapter, self.operation = stripe, adapter, operation
        self.request_id = f"{operation}-{new_id()}"
        self.order = an_order(capture_at_once=operation not in {"capture", "cancel"})
        if operation != "create":
            opened = adapter.open_checkout(self.order, request_id=f"open-{new_id()}")
            self.order = replace(self.order, checkout_id=opened.checkout_id)
        if operation in {"get", "capture", "cancel", "refund"}:
            stripe.pay(self.order.checkout_id)
            self.order = replace(self.order, payment_reference=stripe.intent_of(self.order.checkout_id).id)

    def call(self) -> Checkout | Payment | ProviderRefund:
        order, request_id = self.order, self.request_id
        orders: dict[str, Callable[[], Checkout | Payment | ProviderRefund]] = {
            "create": lambda: self.adapter.open_checkout(order, request_id=request_id),
            "get": lambda: self.adapter.find(order),
            "expire": lambda: self.adapter.close(order, request_id=request_id),
            "capture": lambda: self.adapter.capture(order, request_id=request_id),
            "cancel": lambda: self.adapter.void(order, request_id=request_id),
            "refund": lambda: self.adapter.refund(order, amount_minor=700, reference="refund-of-ours", request_id=request_id),
        }
        return orders[self.operation]()

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
        if isinstance(answer, Checkout):
            assert answer.checkout_id in self.stripe.sessions
            return "fine"
        if isinstance(answer, ProviderRefund):
            right = (answer.amount_minor, answer.reference) == (700, "refund-of-ours")
            return ("fine" if answer.state == "completed" else answer.state) if right else "mismatch"
        wanted = {"get": "captured", "expire": "voided", "capture": "captured", "cancel": "voided"}[self.operation]
        return mismatch(self.order, answer) or ("fine" if answer.state == wanted else answer.state)

    def effects(self) -> int:
        """How often Stripe did what it was told to."""
        if self.operation in {"create", "get"}:
            return 0
        session = self.stripe.sessions[self.order.checkout_id]
        if self.operation == "expire":
            return int(session.status == "expired")
        intent = self.stripe.intent_of(session.id)
        return {
            "capture": intent.captures, "cancel": int(intent.status == "canceled"), "refund": len(intent.refunds)
        }[self.operation]  # fmt: skip


@pytest.mark.parametrize(("fault", "operation", "cell"), CELLS, ids=[f"{fault}-{operation}" for fault, operation, _ in CELLS])
def test_what_comes_of_a_fault(fault, operation, cell, careless_stripe, adapter):
    trial = Try(careless_stripe, adapter, operation)
    name, once, _ = fault.partition("*1")
    careless_stripe.next(operation, name, times=1 if once else 9)
    assert trial.outcome(seconds=PATIENCE_SECONDS.get(name, 20.0)) == cell
    assert trial.effects() <= 1
    assert careless_stripe.calls_of("elsewhere") == []


LOST = [(row[0], operation) for row in ROWS for operation, cell in zip(OPERATIONS, row[1:], strict=True) if cell == "unknown"]


@pytest.mark.parametrize(("fault", "operation"), LOST, ids=[f"{fault}-{operation}" for fault, operation in LOST])
def test_an_unknown_outcome_is_found_out_under_the_same_request_id_and_nothing_is_done_twice(
    fault, operation, careless_stripe, adapter
):
    trial = Try(careless_stripe, adapter, operation)
    name, once, _ = fault.partition("*1")
    careless_stripe.next(operation, name, times=1 if once else 9)
    assert trial.outcome(seconds=PATIENCE_SECONDS.get(name, 20.0)) == "unknown"
    careless_stripe.no_more_faults()
    adapter.client.caller._resting_until = 0.0
    if name == "error_500_kept":
        careless_stripe.later(hours=25)  # that is how long Stripe repeats it
        if operation == "expire":  # and its session has expired by itself
            assert trial.outcome() == "fine"
            return
    assert trial.outcome() == "fine"
    assert trial.effects() == (0 if operation in {"create", "get"} else 1)
    assert len(careless_stripe.sessions) == 1


def test_the_table_has_every_fault_before_and_in_the_content():
    in_table = {row[0] for row in ROWS}
    assert len(in_table) >= 50
    assert in_table >= set(BEFORE) | set(CONTENT)
    assert all(len(row) == 1 + len(OPERATIONS) for row in ROWS)
    assert {cell for row in ROWS for cell in row[1:]} >= {"fine", "unknown", "pending", "amount_mismatch", "payee_mismatch"}
