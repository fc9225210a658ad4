"""Everything that can go wrong with a call to Stripe, and what the adapter makes of it."""

from dataclasses import replace

import pytest

from providers.base import OpenedCheckout, PaymentRequest
from providers.stripe.adapter import StripeProvider
from tests.providers import fault_table, payment_request
from tests.providers.fault_table import cells_of, each, each_unknown
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.faults import BEFORE, CONTENT
from tests.providers.stripe.service import adapter_for

pytestmark = pytest.mark.no_database

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
early_hints           fine                     fine                 fine                     fine                     fine                     fine
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
other_currency        unknown                  currency_mismatch    currency_mismatch        currency_mismatch        currency_mismatch        unknown
no_currency           fine                     unknown              fine                     fine                     fine                     unknown
other_amount          unknown                  amount_mismatch      amount_mismatch          amount_mismatch          amount_mismatch          mismatch
amount_text           unknown                  unknown              fine                     fine                     fine                     unknown
amount_float          fine                     unknown              fine                     fine                     fine                     unknown
amount_negative       unknown                  unknown              fine                     fine                     fine                     unknown
amount_true           unknown                  unknown              fine                     fine                     fine                     unknown
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
"""A row is a fault of faults.py; the words are those of fault_table.py."""

CELLS = cells_of(TABLE)


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


@each(CELLS)
def test_what_comes_of_a_fault(fault, operation, cell, careless_stripe, adapter):
    assert Try(careless_stripe, adapter, operation).what_comes_of(fault) == cell


@each_unknown(CELLS)
def test_unknown_outcome_is_found_out_under_same_request_id(fault, operation, careless_stripe, adapter):
    """An unknown outcome is found out under the same request id and nothing is done twice."""
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
    in_table = {fault for fault, _, _ in CELLS}
    assert len(in_table) >= 50
    assert in_table >= set(BEFORE) | set(CONTENT)
    assert {operation for _, operation, _ in CELLS} == set(Try.operations)
    assert {cell for _, _, cell in CELLS} >= {"fine", "unknown", "pending", "amount_mismatch", "payee_mismatch"}
