"""Everything that can go wrong with a call to Stripe about a gift by Google Pay, and what the adapter makes of it."""

from dataclasses import replace

import pytest

from ids import new_id
from providers.base import OpenedCheckout, PayerActionRequired, Payment, ProviderRefund
from providers.google.adapter import GoogleProvider
from providers.kit.calls import Caller
from tests.providers import fault_table
from tests.providers.fault_table import cells_of, each, each_unknown
from tests.providers.google.fake import FakeGoogle
from tests.providers.google.service import adapter_for
from tests.providers.payment_request import a_request
from tests.providers.stripe.faults import BEFORE, CONTENT

pytestmark = pytest.mark.no_database

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
early_hints           fine                     fine                 fine                     fine                     bank                     fine                     fine                     fine                     fine
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
other_currency        unknown                  currency_mismatch    fine                     currency_mismatch        bank                     currency_mismatch        currency_mismatch        currency_mismatch        unknown
no_currency           fine                     unknown              fine                     fine                     bank                     fine                     fine                     fine                     unknown
other_amount          unknown                  amount_mismatch      fine                     amount_mismatch          bank                     amount_mismatch          amount_mismatch          amount_mismatch          mismatch
amount_text           unknown                  unknown              fine                     fine                     bank                     fine                     fine                     fine                     unknown
amount_float          fine                     unknown              fine                     fine                     bank                     fine                     fine                     fine                     unknown
amount_negative       unknown                  unknown              fine                     fine                     bank                     fine                     fine                     fine                     unknown
amount_true           unknown                  unknown              fine                     fine                     bank                     fine                     fine                     fine                     unknown
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
"""A row is a fault of Stripe's faults.py; the words are those of fault_table.py, and two more:

act:WHY    PayerActionRequired, with nowhere to go: another card may do
bank       PayerActionRequired, at the bank's page

The column `bank` is a confirmation with a card whose bank wants a word with the giver.
"""

CELLS = cells_of(TABLE)


@pytest.fixture
def adapter(careless_google: FakeGoogle, in_a_hurry: None) -> GoogleProvider:
    careless_google.slow_seconds = 3.0
    return adapter_for(careless_google)


class Try(fault_table.Try):
    operations = {
        "create_intent": ("open_checkout", ""),
        "get_intent": ("find", "captured"),
        "take_token": ("pay", "captured"),
        "confirm": ("pay", "captured"),
        "bank": ("pay", "captured"),
        "close": ("close", "voided"),
        "capture": ("capture", "captured"),
        "void": ("void", "voided"),
        "refund": ("refund", "completed"),
    }
    called = {"bank": "confirm", "close": "cancel", "void": "cancel"}

    def __init__(self, google: FakeGoogle, adapter: GoogleProvider, operation: str) -> None:
        order = a_request("Google", "acct_1PgafTB7WZ01zgkW", capture_at_once=operation not in {"capture", "void"})
        super().__init__(google, adapter, operation, order)
        self.google = google
        self.token = google.books.new_token("card_that_wants_a_word" if operation == "bank" else "card")
        if operation != "create_intent":
            self.open()
        if operation in {"get_intent", "capture", "void", "refund"}:
            paid = adapter.pay(self.order, self.token, request_id=f"pay-{new_id()}")
            self.order = replace(self.order, payment_reference=paid.provider_reference)

    def call(self) -> OpenedCheckout | Payment | ProviderRefund:
        if self.method == "pay":
            return self.adapter.pay(self.order, self.token, request_id=self.request_id)
        return super().call()

    def is_known(self, checkout: OpenedCheckout) -> bool:
        return checkout.checkout_id in self.google.books.intents and checkout.url.endswith(f"/pay/{self.order.reference}")

    def asks_the_giver(self, refusal: PayerActionRequired) -> str:
        its_bank = f"{self.google.base_url}/3ds/{self.order.checkout_id}"
        return {its_bank: "bank", "": f"act:{refusal.reason}"}.get(refusal.url, "elsewhere")

    def caller(self) -> Caller:
        return self.adapter.client.caller

    def effects(self) -> int:
        if self.operation in {"create_intent", "get_intent"}:
            return 0
        intent = self.google.intent_of(self.order.checkout_id)
        if self.operation == "refund":
            return len(intent.refunds)
        return int(intent.status == "canceled") if self.operation in {"close", "void"} else intent.captures


@each(CELLS)
def test_what_comes_of_a_fault(fault, operation, cell, careless_google, adapter):
    assert Try(careless_google, adapter, operation).what_comes_of(fault) == cell


@each_unknown(CELLS)
def test_unknown_outcome_is_found_out_under_same_request_id(fault, operation, careless_google, adapter):
    """An unknown outcome is found out under the same request id and nothing is done twice."""
    trial = Try(careless_google, adapter, operation)
    trial.is_lost_to(fault)
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
        trial.is_lost_to(fault)
        paid = adapter.pay(trial.order, careless_google.books.new_token(), request_id=f"pay-{new_id()}")
        assert (paid.state, trial.effects()) == ("captured", 1)


def test_the_table_has_every_fault_before_and_in_the_content():
    in_table = {fault for fault, _, _ in CELLS}
    assert len(in_table) >= 50
    assert in_table >= set(BEFORE) | set(CONTENT)
    assert {operation for _, operation, _ in CELLS} == set(Try.operations)
    assert {cell for _, _, cell in CELLS} >= {"fine", "unknown", "pending", "amount_mismatch", "payee_mismatch"}
