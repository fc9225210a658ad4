"""Everything that can go wrong with a call to Stripe about a gift by Google Pay, and what the adapter makes of it."""

from dataclasses import replace

import pytest

from ids import new_id
from providers.base import OpenedCheckout, PayerActionRequired, Payment, ProviderRefund
from providers.google.adapter import GoogleProvider
from tests.providers import fault_table
from tests.providers.fault_table import LINE, by_kind, each, each_unknown, not_first_of
from tests.providers.google.fake import FakeGoogle
from tests.providers.google.service import adapter_for
from tests.providers.payment_request import a_request
from tests.providers.stripe.faults import BEFORE, CONTENT
from tests.providers.stripe.test_fault_table import OF_THE_ACCOUNT

pytestmark = pytest.mark.no_database

TABLE = """
forbidden                            -> no:not_permitted         get_intent=unknown
card_declined                        -> act:instrument_declined  create_intent=no:payment_declined get_intent=unknown close=no:payment_declined
resource_missing                     -> no:unknown_checkout
unexpected_state other_parameters    -> no:request_rejected      get_intent=unknown
destination_missing                  -> no:payee_cannot_receive  get_intent=unknown
unknown_status                       -> pending                  create_intent=fine take_token=fine
no_status null_status status_number  -> fine                     get_intent=unknown bank=unknown
missing_fields                       -> fine                     get_intent=unknown bank=unknown
other_currency                       -> currency_mismatch        create_intent=unknown take_token=fine bank=bank
no_currency no_amount amount_float   -> fine                     get_intent=unknown
no_payee no_reference                -> fine                     get_intent=unknown
other_amount                         -> amount_mismatch          create_intent=unknown take_token=fine bank=bank
amount_text amount_negative          -> fine                     create_intent=unknown get_intent=unknown
amount_true                          -> fine                     create_intent=unknown get_intent=unknown
other_payee                          -> payee_mismatch           create_intent=fine take_token=fine bank=bank
other_reference                      -> reference_mismatch       create_intent=unknown take_token=fine bank=bank
other_id                             -> unknown                  take_token=act:instrument_declined confirm=fine close=fine
no_id                                -> unknown                  confirm=fine close=fine
no_bank                              -> fine                     bank=act:not_approved
foreign_bank lookalike_bank          -> fine                     bank=no:unsafe_page
javascript_bank plain_bank           -> fine                     bank=no:unsafe_page
"""  # noqa: E501 - a table
"""A row is faults of one kind, of Stripe's faults.py; the words are those of fault_table.py, and two more:

act:WHY    PayerActionRequired, with nowhere to go: another card may do
bank       PayerActionRequired, at the bank's page

The column `bank` is a confirmation with a card whose bank wants a word with the giver: there `fine` is `bank`. What is taken,
let go or given back goes through the code of Stripe's own table.
"""

OPERATIONS = ("create_intent", "get_intent", "take_token", "confirm", "bank", "close")
CELLS = [
    (fault, operation, "bank" if (operation, cell) == ("bank", "fine") else cell)
    for fault, operation, cell in by_kind(LINE + OF_THE_ACCOUNT + TABLE, OPERATIONS)
]
ONLY_IN_FULL = not_first_of(LINE + OF_THE_ACCOUNT + TABLE)


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
    }
    called = {"bank": "confirm", "close": "cancel"}

    def __init__(self, google: FakeGoogle, adapter: GoogleProvider, operation: str) -> None:
        super().__init__(google, adapter, operation, a_request("Google", "acct_1PgafTB7WZ01zgkW"))
        self.google = google
        self.token = google.books.new_token("card_that_wants_a_word" if operation == "bank" else "card")
        if operation != "create_intent":
            self.open()
        if operation == "get_intent":
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

    def effects(self) -> int:
        if self.operation in {"create_intent", "get_intent"}:
            return 0
        intent = self.google.intent_of(self.order.checkout_id)
        return int(intent.status == "canceled") if self.operation == "close" else intent.captures


@each(CELLS, ONLY_IN_FULL)
def test_what_comes_of_a_fault(fault, operation, cell, careless_google, adapter):
    assert Try(careless_google, adapter, operation).what_comes_of(fault) == cell


@each_unknown(CELLS, ONLY_IN_FULL)
def test_the_unknown_is_found_under_the_same_request_id(fault, operation, careless_google, adapter):
    """And nothing is done twice."""
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
    """But for what only a session of Stripe's own has."""
    in_table = {fault for fault, _, _ in CELLS}
    of_a_session = {"no_url", "bare_intent", "a_list_for_an_intent"}
    assert in_table >= {fault for fault in set(BEFORE) | set(CONTENT) if not fault.endswith("_page")} - of_a_session
    assert set(OPERATIONS) == set(Try.operations)
