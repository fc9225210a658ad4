"""Everything that can go wrong with a call to Amazon Pay, and what the adapter makes of it."""

from dataclasses import replace

import pytest

from providers.amazon.adapter import AmazonProvider
from providers.base import Payment, PaymentRequest, PaymentState
from tests.providers import fault_table, payment_request
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.faults import CONTENT, FAULTS
from tests.providers.amazon.service import adapter_for
from tests.providers.fault_table import each, each_unknown

pytestmark = pytest.mark.no_database

OPERATIONS = ("session", "capture", "authorize", "take", "void", "refund")

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
early_hints                   fine
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
"""A row is a fault of faults.py, then what the adapter makes of it in each operation, and after that the operations in which
it makes something else of it; the words are those of fault_table.py."""

ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [
    (fault, operation, dict(one.split("=") for one in but).get(operation, mostly))
    for fault, mostly, *but in ROWS
    for operation in OPERATIONS
]


@pytest.fixture
def adapter(amazon: FakeAmazon, in_a_hurry: None) -> AmazonProvider:
    amazon.slow_seconds = 3.0
    return adapter_for(amazon)


def an_order(**changes: object) -> PaymentRequest:
    return payment_request.a_request("Amazon", FakeAmazon.merchant_id, **changes)


class Try(fault_table.Try):
    operations = {
        "session": ("find", "approved"),
        "capture": ("capture", "captured"),
        "authorize": ("authorize", "authorized"),
        "take": ("capture", "captured"),
        "void": ("void", "voided"),
        "refund": ("refund", "pending"),
    }
    called = {
        "session": "get_session", "capture": "complete", "authorize": "complete", "take": "capture", "void": "cancel",
    }  # fmt: skip

    def __init__(self, amazon: FakeAmazon, adapter: AmazonProvider, operation: str) -> None:
        super().__init__(amazon, adapter, operation, an_order(capture_at_once=operation in {"session", "capture", "refund"}))
        self.session = amazon.press_button(dict(adapter.pay_page(self.order).button))
        self.order = replace(self.order, checkout_id=self.session.id)
        amazon.approve(self.session.id)
        if operation in {"take", "void"}:
            self._know(adapter.authorize(self.order, request_id="authorize-before"))
        if operation == "refund":
            self._know(adapter.capture(self.order, request_id="capture-before"))

    def _know(self, payment: Payment) -> None:
        self.order = replace(self.order, payment_reference=payment.provider_reference)

    def effects(self) -> int:
        charge = self.session.charge
        if charge is None or self.operation == "session":
            return 0
        return {
            "capture": charge.captures, "take": charge.captures, "authorize": 1, "void": int(charge.state == "Canceled"),
            "refund": len(charge.refunds),
        }[self.operation]  # fmt: skip

    def goes_wrong(self, fault: str) -> float:
        return super().goes_wrong(fault.replace(":", " "))


@each(CELLS)
def test_what_comes_of_a_fault(fault, operation, cell, amazon, adapter):
    assert Try(amazon, adapter, operation).what_comes_of(fault) == cell


@each_unknown(CELLS)
def test_unknown_outcome_is_found_out_under_same_request_id(fault, operation, amazon, adapter):
    """An unknown outcome is found out under the same request id and nothing is done twice."""
    trial = Try(amazon, adapter, operation)
    trial.is_lost_to(fault)
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


def test_session_that_is_canceled_in_words_that_nobody_knows(amazon, adapter):
    """A session that is canceled in words that nobody knows has failed."""
    trial = Try(amazon, adapter, "session")
    trial.session.state, trial.session.reason = "Canceled", "SomethingNew"
    payment = adapter.find(trial.order)
    assert (payment.state, payment.reason) == (PaymentState.DECLINED, "payment_declined")


def test_the_table_has_twenty_kinds_of_fault_and_more():
    kinds = {row[0] for row in ROWS}
    assert len(kinds) >= 60
    assert set(FAULTS) <= kinds
    assert set(CONTENT) <= kinds
    assert set(OPERATIONS) == set(Try.operations)
    assert {one.split("=")[0] for row in ROWS for one in row[2:]} <= set(OPERATIONS)
    assert {cell for _, _, cell in CELLS} >= {"fine", "unknown", "pending", "amount_mismatch", "payee_mismatch"}
