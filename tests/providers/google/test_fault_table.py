"""Everything that can go wrong with a call to Stripe about a gift by Google Pay, and what the adapter makes of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from contributions.checkout import mismatch
from ids import new_id
from providers import wire
from providers.base import Checkout, GiverMustAct, Order, Payment, ProviderRefund, ProviderRefused, ProviderUnavailable
from providers.google.adapter import GoogleProvider
from tests.providers.google.fake import FakeGoogle
from tests.providers.google.service import adapter_for
from tests.providers.stripe.faults import BEFORE, CONTENT
from tests.providers.stripe.test_fault_table import PATIENCE_SECONDS, _in_a_hurry, an_order

pytestmark = pytest.mark.no_database

assert _in_a_hurry  # a fixture

OPERATIONS = ("create_intent", "get_intent", "take_token", "confirm", "bank", "close", "capture", "void", "refund")

TABLE = """
fault                 create_intent            get_intent           take_token               confirm                  bank                     close                    capture                  void                     refund
drop                  unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
reset                 unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
silence               unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
error_500             unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
error_502             unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
error_503             unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
rate_limited          unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
unauthorized          unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
forbidden             no:not_permitted         unknown              no:not_permitted         no:not_permitted         no:not_permitted         no:not_permitted         no:not_permitted         no:not_permitted         no:not_permitted
in_progress           unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
redirect              unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
redirect_307          unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
teapot                unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
error_500_kept        unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
other_parameters      unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
no_json_error         unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
a_string_error        unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
api_error             unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
card_declined         no:payment_declined      unknown              act:instrument_declined  act:instrument_declined  act:instrument_declined  no:payment_declined      no:payment_declined      no:payment_declined      no:payment_declined
rate_limited_as_400   unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
lock_timeout          unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
resource_missing      no:unknown_checkout      no:unknown_checkout  no:unknown_checkout      no:unknown_checkout      no:unknown_checkout      no:unknown_checkout      no:unknown_checkout      no:unknown_checkout      no:unknown_checkout
unexpected_state      no:request_rejected      unknown              no:request_rejected      no:request_rejected      no:request_rejected      no:request_rejected      no:request_rejected      no:request_rejected      no:request_rejected
destination_missing   no:payee_cannot_receive  unknown              no:payee_cannot_receive  no:payee_cannot_receive  no:payee_cannot_receive  no:payee_cannot_receive  no:payee_cannot_receive  no:payee_cannot_receive  no:payee_cannot_receive
do_then_drop          unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
do_then_500           unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
do_then_503           unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
do_then_html_502      unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
slow                  unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
slow_start            unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
truncated             unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
cut_off               unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
rubbish               unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
endless               unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
huge                  unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
empty                 unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
wrong_content_type    fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     fine
duplicate_keys        fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     fine
deep                  unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
not_utf8              unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
not_a_number          fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     fine
a_list                unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
null                  unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
a_string              unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
unknown_status        fine                     pending              fine                     pending                  pending                  pending                  pending                  unknown                  pending
no_status             fine                     unknown              fine                     fine                     unknown                  fine                     fine                     fine                     pending
null_status           fine                     unknown              fine                     fine                     unknown                  fine                     fine                     fine                     pending
status_number         fine                     unknown              fine                     fine                     unknown                  fine                     fine                     fine                     pending
other_currency        fine                     currency_mismatch    fine                     currency_mismatch        bank                     currency_mismatch        currency_mismatch        currency_mismatch        unknown
no_currency           fine                     unknown              fine                     fine                     bank                     fine                     fine                     fine                     unknown
other_amount          fine                     amount_mismatch      fine                     amount_mismatch          bank                     amount_mismatch          amount_mismatch          amount_mismatch          mismatch
amount_text           fine                     unknown              fine                     fine                     bank                     fine                     fine                     fine                     unknown
amount_float          fine                     unknown              fine                     fine                     bank                     fine                     fine                     fine                     unknown
amount_negative       fine                     unknown              fine                     fine                     bank                     fine                     fine                     fine                     unknown
amount_true           fine                     unknown              fine                     fine                     bank                     fine                     fine                     fine                     unknown
no_amount             fine                     unknown              fine                     fine                     bank                     fine                     fine                     fine                     unknown
other_payee           fine                     payee_mismatch       fine                     payee_mismatch           bank                     payee_mismatch           payee_mismatch           payee_mismatch           fine
no_payee              fine                     unknown              fine                     fine                     bank                     fine                     fine                     fine                     fine
other_reference       unknown                  reference_mismatch   fine                     reference_mismatch       bank                     reference_mismatch       reference_mismatch       reference_mismatch       mismatch
no_reference          fine                     unknown              fine                     fine                     bank                     fine                     fine                     fine                     mismatch
other_id              unknown                  unknown              act:instrument_declined  fine                     unknown                  fine                     fine                     fine                     fine
no_id                 unknown                  unknown              unknown                  fine                     unknown                  fine                     fine                     fine                     unknown
bare_intent           fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     fine
a_list_for_an_intent  fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     fine
missing_fields        fine                     unknown              fine                     fine                     unknown                  fine                     fine                     fine                     unknown
no_url                fine                     fine                 fine                     fine                     act:not_approved         fine                     fine                     fine                     fine
foreign_page          fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     fine
lookalike_page        fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     fine
javascript_page       fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     fine
plain_page            fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     fine
foreign_bank          fine                     fine                 fine                     fine                     no:unsafe_page           fine                     fine                     fine                     fine
lookalike_bank        fine                     fine                 fine                     fine                     no:unsafe_page           fine                     fine                     fine                     fine
javascript_bank       fine                     fine                 fine                     fine                     no:unsafe_page           fine                     fine                     fine                     fine
plain_bank            fine                     fine                 fine                     fine                     no:unsafe_page           fine                     fine                     fine                     fine
no_bank               fine                     fine                 fine                     fine                     act:not_approved         fine                     fine                     fine                     fine
pending               fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     pending
failed                fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     failed
drop*1                fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     fine
error_503*1           fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     fine
do_then_drop*1        fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     fine
in_progress*1         fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     fine
lock_timeout*1        unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
rate_limited*1        unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
unauthorized*1        unknown                  unknown              unknown                  unknown                  unknown                  unknown                  unknown                  unknown                  unknown
"""  # noqa: E501 - a table
"""A row is a fault of faults.py, nine times in a row, or once where it says *1; a cell is what the adapter makes of it:

fine       the right answer, got in the end, or after asking for what the first one left out
unknown    ProviderUnavailable: asked again later, under the same request id
no:WHY     ProviderRefused
act:WHY    GiverMustAct, with nowhere to go: another card may do
bank       GiverMustAct, at the bank's page
pending    Stripe has not made up its mind, or says a word that nobody knows: no money is counted
...        what checkout.mismatch() finds: the answer speaks of another gift than ours

The column `bank` is a confirmation with a card whose bank wants a word with the giver.
"""

ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]
CELLS = [(row[0], operation, cell) for row in ROWS for operation, cell in zip(OPERATIONS, row[1:], strict=True)]

CALLED = {"bank": "confirm", "close": "cancel", "void": "cancel"}
"""What Stripe calls it, where that is something else."""


@pytest.fixture
def adapter(careless_google: FakeGoogle) -> GoogleProvider:
    careless_google.slow_seconds = 3.0
    return adapter_for(careless_google)


class Try:
    """One call that can be made again under the same request id."""

    def __init__(self, google: FakeGoogle, adapter: GoogleProvider, operation: str) -> None:
        self.google, self.adapter, self.operation = google, adapter, operation
        self.request_id = f"{operation}-{new_id()}"
        self.order: Order = an_order(provider="Google", capture_at_once=operation not in {"capture", "void"})
        self.token = google.books.new_token("card_that_wants_a_word" if operation == "bank" else "card")
        if operation != "create_intent":
            opened = adapter.open_checkout(self.order, request_id=f"open-{new_id()}")
            self.order = replace(self.order, checkout_id=opened.checkout_id)
        if operation in {"get_intent", "capture", "void", "refund"}:
            paid = adapter.pay(self.order, self.token, request_id=f"pay-{new_id()}")
            self.order = replace(self.order, payment_reference=paid.provider_reference)

    def call(self) -> Checkout | Payment | ProviderRefund:
        adapter, order = self.adapter, self.order
        calls_: dict[str, Callable[[], Checkout | Payment | ProviderRefund]] = {
            "create_intent": lambda: adapter.open_checkout(order, request_id=self.request_id),
            "get_intent": lambda: adapter.find(order),
            "take_token": lambda: adapter.pay(order, self.token, request_id=self.request_id),
            "confirm": lambda: adapter.pay(order, self.token, request_id=self.request_id),
            "bank": lambda: adapter.pay(order, self.token, request_id=self.request_id),
            "close": lambda: adapter.close(order, request_id=self.request_id),
            "capture": lambda: adapter.capture(order, request_id=self.request_id),
            "void": lambda: adapter.void(order, request_id=self.request_id),
            "refund": lambda: adapter.refund(
                order, amount_minor=500, reference="refund-of-ours", request_id=self.request_id
            ),
        }  # fmt: skip
        return calls_[self.operation]()

    def outcome(self, seconds: float = 20.0) -> str:
        """The cell of the table."""
        try:
            with wire.at_most(seconds):
                answer = self.call()
        except ProviderUnavailable:
            return "unknown"
        except GiverMustAct as refusal:
            its_bank = f"{self.google.base_url}/3ds/{self.order.checkout_id}"
            return {its_bank: "bank", "": f"act:{refusal.reason}"}.get(refusal.url, "elsewhere")
        except ProviderRefused as refusal:
            return f"no:{refusal.reason}"
        return self._read(answer)

    def _read(self, answer: Checkout | Payment | ProviderRefund) -> str:
        if isinstance(answer, Checkout):
            right = answer.checkout_id in self.google.books.intents and answer.url.endswith(f"/pay/{self.order.reference}")
            return "fine" if right else "wrong"
        if isinstance(answer, ProviderRefund):
            right = (answer.amount_minor, answer.reference) == (500, "refund-of-ours")
            return ("fine" if answer.state == "completed" else answer.state) if right else "mismatch"
        wanted = "voided" if self.operation in {"close", "void"} else "captured"
        return mismatch(self.order, answer) or ("fine" if answer.state == wanted else answer.state)

    def effects(self) -> int:
        """How often Stripe did what it was told to."""
        if self.operation in {"create_intent", "get_intent"}:
            return 0
        intent = self.google.intent_of(self.order.checkout_id)
        if self.operation == "refund":
            return len(intent.refunds)
        return int(intent.status == "canceled") if self.operation in {"close", "void"} else intent.captures

    def goes_wrong(self, fault: str) -> float:
        """Plans the fault; how many seconds the call may take."""
        name, once, _ = fault.partition("*1")
        self.google.next(CALLED.get(self.operation, self.operation), name, times=1 if once else 9)
        return PATIENCE_SECONDS.get(name, 20.0)


@pytest.mark.parametrize(("fault", "operation", "cell"), CELLS, ids=[f"{fault}-{operation}" for fault, operation, _ in CELLS])
def test_what_comes_of_a_fault(fault, operation, cell, careless_google, adapter):
    trial = Try(careless_google, adapter, operation)
    assert trial.outcome(seconds=trial.goes_wrong(fault)) == cell
    assert trial.effects() <= 1
    assert careless_google.calls_of("elsewhere") == []


LOST = [(fault, operation) for fault, operation, cell in CELLS if cell == "unknown"]


@pytest.mark.parametrize(("fault", "operation"), LOST, ids=[f"{fault}-{operation}" for fault, operation in LOST])
def test_an_unknown_outcome_is_found_out_under_the_same_request_id_and_nothing_is_done_twice(
    fault, operation, careless_google, adapter
):
    trial = Try(careless_google, adapter, operation)
    assert trial.outcome(seconds=trial.goes_wrong(fault)) == "unknown"
    careless_google.no_more_faults()
    adapter.gateway.client.caller._resting_until = 0.0
    if fault == "error_500_kept":
        careless_google.later(hours=25)  # that is how long Stripe repeats it
        if operation in {"confirm", "bank"}:  # and the token is used up: the giver brings another one
            trial.token = careless_google.books.new_token("card_that_wants_a_word" if operation == "bank" else "card")
    assert trial.outcome() == ("bank" if operation == "bank" else "fine")
    assert trial.effects() == (0 if operation in {"create_intent", "get_intent", "bank"} else 1)
    assert len(careless_google.books.intents) == 1


def test_a_new_token_after_an_unknown_outcome_never_pays_twice(careless_google, adapter):
    for fault in ("drop", "do_then_drop", "do_then_500", "truncated"):
        trial = Try(careless_google, adapter, "confirm")
        assert trial.outcome(seconds=trial.goes_wrong(fault)) == "unknown"
        careless_google.no_more_faults()
        paid = adapter.pay(trial.order, careless_google.books.new_token(), request_id=f"pay-{new_id()}")
        assert (paid.state, trial.effects()) == ("captured", 1)


def test_the_table_has_every_fault_before_and_in_the_content():
    in_table = {row[0] for row in ROWS}
    assert len(in_table) >= 50
    assert in_table >= set(BEFORE) | set(CONTENT)
    assert all(len(row) == 1 + len(OPERATIONS) for row in ROWS)
    assert {cell for row in ROWS for cell in row[1:]} >= {"fine", "unknown", "pending", "amount_mismatch", "payee_mismatch"}
