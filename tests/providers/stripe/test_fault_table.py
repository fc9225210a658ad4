"""Everything that can go wrong with a call to Stripe, and what the adapter makes of it."""

from dataclasses import replace

import pytest

from providers.base import OpenedCheckout, PaymentRequest
from providers.stripe.adapter import StripeProvider
from tests.providers import fault_table, payment_request
from tests.providers.fault_table import LINE, by_kind, each, each_unknown, not_first_of
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.faults import BEFORE, CONTENT
from tests.providers.stripe.service import adapter_for

pytestmark = pytest.mark.no_database

OF_THE_ACCOUNT = """
error_500_kept                                              -> unknown
in_progress lock_timeout                                    -> unknown
rate_limited_as_400 api_error                               -> unknown
no_json_error a_string_error redirect_307                   -> unknown
in_progress*1 lock_timeout*1                                -> fine
"""
"""A row is faults of one kind, of faults.py; the words are those of fault_table.py. These are Google Pay's as well."""

TABLE = """
forbidden                                   -> no:not_permitted         get=unknown
card_declined                               -> no:payment_declined      get=unknown
resource_missing                            -> no:unknown_checkout
unexpected_state other_parameters           -> no:request_rejected      get=unknown
destination_missing                         -> no:payee_cannot_receive  get=unknown
unknown_status                              -> pending                  create=fine cancel=unknown
no_status null_status status_number         -> fine                     get=unknown refund=pending
other_currency                              -> currency_mismatch        create=unknown refund=unknown
no_currency no_amount missing_fields        -> fine                     get=unknown refund=unknown
amount_float                                -> fine                     get=unknown refund=unknown
other_amount                                -> amount_mismatch          create=unknown refund=mismatch
amount_text amount_negative amount_true     -> unknown                  expire=fine capture=fine cancel=fine
no_id                                       -> unknown                  expire=fine capture=fine cancel=fine
other_payee                                 -> payee_mismatch           create=fine refund=fine
no_payee                                    -> fine                     get=unknown
bare_intent a_list_for_an_intent            -> fine                     get=unknown
other_reference                             -> reference_mismatch       create=unknown refund=mismatch
no_reference                                -> fine                     get=unknown refund=mismatch
other_id                                    -> fine                     create=unknown get=unknown
no_url                                      -> fine                     create=unknown
foreign_page lookalike_page javascript_page -> fine                     create=no:unsafe_page
plain_page                                  -> fine                     create=no:unsafe_page
pending                                     -> fine                     refund=pending
failed                                      -> fine                     refund=failed
"""
OPERATIONS = ("create", "get", "expire", "capture", "cancel", "refund")
CELLS = by_kind(LINE + OF_THE_ACCOUNT + TABLE, OPERATIONS)
ONLY_IN_FULL = not_first_of(LINE + OF_THE_ACCOUNT + TABLE)


@pytest.fixture
def adapter(careless_stripe: FakeStripe, in_a_hurry: None) -> StripeProvider:
    careless_stripe.slow_seconds = 3.0
    return adapter_for(careless_stripe)


def an_order(**changes: object) -> PaymentRequest:
    return payment_request.a_request("Stripe", "acct_1PgafTB7WZ01zgkW", **changes)


class Try(fault_table.Try):
    operations = {
        "create": ("open_checkout", ""),
        "get": ("find", "captured"),
        "expire": ("close", "voided"),
        "capture": ("capture", "captured"),
        "cancel": ("void", "voided"),
        "refund": ("refund", "completed"),
    }

    def __init__(self, stripe: FakeStripe, adapter: StripeProvider, operation: str) -> None:
        super().__init__(stripe, adapter, operation, an_order(capture_at_once=operation not in {"capture", "cancel"}))
        self.stripe = stripe
        if operation != "create":
            self.open()
        if operation in {"get", "capture", "cancel", "refund"}:
            stripe.pay(self.order.checkout_id)
            self.order = replace(self.order, payment_reference=stripe.intent_of(self.order.checkout_id).id)

    def is_known(self, checkout: OpenedCheckout) -> bool:
        return checkout.checkout_id in self.stripe.sessions

    def effects(self) -> int:
        if self.operation in {"create", "get"}:
            return 0
        session = self.stripe.sessions[self.order.checkout_id]
        if self.operation == "expire":
            return int(session.status == "expired")
        intent = self.stripe.intent_of(session.id)
        return {
            "capture": intent.captures, "cancel": int(intent.status == "canceled"), "refund": len(intent.refunds)
        }[self.operation]  # fmt: skip


@each(CELLS, ONLY_IN_FULL)
def test_what_comes_of_a_fault(fault, operation, cell, careless_stripe, adapter):
    assert Try(careless_stripe, adapter, operation).what_comes_of(fault) == cell


@each_unknown(CELLS, ONLY_IN_FULL)
def test_the_unknown_is_found_under_the_same_request_id(fault, operation, careless_stripe, adapter):
    """And nothing is done twice."""
    trial = Try(careless_stripe, adapter, operation)
    trial.is_lost_to(fault)
    if fault == "error_500_kept":
        careless_stripe.later(hours=25)  # that is how long Stripe repeats it
        if operation == "expire":  # and its session has expired by itself
            assert trial.outcome() == "fine"
            return
    assert trial.outcome() == "fine"
    assert trial.effects() == (0 if operation in {"create", "get"} else 1)
    assert len(careless_stripe.sessions) == 1


def test_the_table_has_every_fault_before_and_in_the_content():
    """But for the bank's page, of which Stripe's own page takes care: Google Pay's table has those."""
    in_table = {fault for fault, _, _ in CELLS}
    assert in_table >= {fault for fault in set(BEFORE) | set(CONTENT) if not fault.endswith("_bank")}
    assert set(OPERATIONS) == set(Try.operations)
