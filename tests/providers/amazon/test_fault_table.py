"""Everything that can go wrong with a call to Amazon Pay, and what the adapter makes of it."""

from dataclasses import replace

import pytest

from providers.amazon.adapter import AmazonProvider
from providers.base import Payment, PaymentRequest, PaymentState
from tests.providers import fault_table, payment_request
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.faults import FAULTS
from tests.providers.amazon.service import adapter_for
from tests.providers.fault_table import LINE, by_kind, each, each_unknown, not_first_of

pytestmark = pytest.mark.no_database

TABLE = """
403:UnauthorizedAccess forbidden            -> no:not_permitted       session=unknown
do_then_500*1                               -> fine
unknown_state no_state state_number         -> fine                   session=pending
no_status_details                           -> fine                   session=pending
other_currency                              -> fine                   session=currency_mismatch refund=unknown
other_amount                                -> fine                   session=amount_mismatch refund=mismatch
amount_number amount_negative amount_words  -> fine                   session=unknown refund=unknown
no_amount amount_wide missing_fields        -> fine                   session=unknown refund=unknown
other_store                                 -> payee_mismatch         take=fine void=fine refund=fine
no_store                                    -> unknown                take=fine void=fine refund=fine
other_reference                             -> reference_mismatch     take=fine void=fine refund=fine
no_reference                                -> fine                   session=unknown
other_session                               -> fine                   session=unknown
other_charge                                -> fine                   capture=unknown authorize=unknown refund=unknown
charge_rubbish                              -> fine                   capture=pending authorize=pending refund=unknown
other_refund                                -> fine                   refund=unknown
slow_authorization                          -> fine                   capture=pending authorize=pending
declined_in_the_end                         -> fine                   capture=no:instrument_declined authorize=no:instrument_declined
only_held                                   -> fine
400:InvalidParameterValue 400:SomethingNew  -> no:request_rejected    session=unknown
404:ResourceNotFound                        -> no:unknown_checkout
422:CheckoutSessionCanceled                 -> unknown                capture=giver:not_approved authorize=giver:not_approved
422:InvalidCheckoutSessionStatus            -> unknown                capture=giver:not_approved authorize=giver:not_approved
400:DuplicateIdempotencyKey                 -> unknown                capture=giver:not_approved authorize=giver:not_approved
422:InvalidChargeStatus                     -> unknown                capture=giver:not_approved authorize=giver:not_approved refund=no:cannot_refund
422:TransactionAmountExceeded               -> no:amount_too_large     session=unknown refund=no:refund_amount_exceeded
422:SomethingNew 409:SomethingNew 405:UnsupportedOperation -> no:request_rejected session=unknown
422:HardDeclined                            -> no:instrument_declined session=unknown
"""  # noqa: E501 - a table
"""A row is faults of one kind, of faults.py; the words are those of fault_table.py."""

OPERATIONS = ("session", "capture", "authorize", "take", "void", "refund")
CELLS = by_kind(LINE + TABLE, OPERATIONS)
ONLY_IN_FULL = not_first_of(LINE + TABLE)


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


@each(CELLS, ONLY_IN_FULL)
def test_what_comes_of_a_fault(fault, operation, cell, amazon, adapter):
    assert Try(amazon, adapter, operation).what_comes_of(fault) == cell


@each_unknown(CELLS, ONLY_IN_FULL)
def test_the_unknown_is_found_under_the_same_request_id(fault, operation, amazon, adapter):
    """And nothing is done twice."""
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


def test_a_session_canceled_in_unknown_words_has_failed(amazon, adapter):
    trial = Try(amazon, adapter, "session")
    trial.session.state, trial.session.reason = "Canceled", "SomethingNew"
    payment = adapter.find(trial.order)
    assert (payment.state, payment.reason) == (PaymentState.DECLINED, "payment_declined")


def test_the_table_has_every_fault():
    assert {fault for fault, _, _ in CELLS} >= set(FAULTS)
    assert set(OPERATIONS) == set(Try.operations)
