"""Everything that can go wrong with a call to PayPal, and what the adapter makes of it."""

from dataclasses import replace

import pytest

from providers.base import OpenedCheckout, PaymentRequest, ProviderRefund
from providers.paypal.adapter import PayPalProvider
from tests.providers import fault_table, payment_request
from tests.providers.fault_table import cells_of, each, each_unknown
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.service import adapter_for

pytestmark = pytest.mark.no_database

TABLE = """
fault               token    create            get                 capture              authorize            refund
drop                unknown  unknown           unknown             unknown              unknown              unknown
reset               unknown  unknown           unknown             unknown              unknown              unknown
silence             unknown  unknown           unknown             unknown              unknown              unknown
error_500           unknown  unknown           unknown             unknown              unknown              unknown
error_502           unknown  unknown           unknown             unknown              unknown              unknown
error_503           unknown  unknown           unknown             unknown              unknown              unknown
rate_limited        unknown  unknown           unknown             unknown              unknown              unknown
unauthorized        unknown  unknown           unknown             unknown              unknown              unknown
token_dies          unknown  unknown           unknown             unknown              unknown              unknown
forbidden           unknown  no:not_permitted  unknown             no:not_permitted     no:not_permitted     no:not_permitted
in_progress         unknown  unknown           unknown             unknown              unknown              unknown
redirect            unknown  unknown           unknown             unknown              unknown              unknown
teapot              unknown  unknown           unknown             unknown              unknown              unknown
do_then_drop        unknown  unknown           unknown             unknown              unknown              unknown
do_then_500         unknown  unknown           unknown             unknown              unknown              unknown
do_then_503         unknown  unknown           unknown             unknown              unknown              unknown
slow                unknown  unknown           unknown             unknown              unknown              unknown
slow_start          unknown  unknown           unknown             unknown              unknown              unknown
truncated           unknown  unknown           unknown             unknown              unknown              unknown
cut_off             unknown  unknown           unknown             unknown              unknown              unknown
rubbish             unknown  unknown           unknown             unknown              unknown              unknown
endless             unknown  unknown           unknown             unknown              unknown              unknown
huge                unknown  unknown           unknown             unknown              unknown              unknown
empty               unknown  unknown           unknown             unknown              unknown              unknown
early_hints         fine     fine              fine                fine                 fine                 fine
wrong_content_type  fine     fine              fine                fine                 fine                 fine
duplicate_keys      fine     fine              fine                fine                 fine                 fine
deep                unknown  unknown           unknown             unknown              unknown              unknown
not_utf8            unknown  unknown           unknown             unknown              unknown              unknown
not_a_number        fine     fine              fine                fine                 fine                 fine
a_list              unknown  unknown           unknown             unknown              unknown              unknown
null                unknown  unknown           unknown             unknown              unknown              unknown
unknown_status      fine     fine              pending             pending              pending              pending
no_status           fine     fine              unknown             fine                 fine                 fine
status_number       fine     fine              unknown             fine                 fine                 pending
other_currency      fine     unknown           currency_mismatch   currency_mismatch    currency_mismatch    unknown
other_amount        fine     unknown           amount_mismatch     amount_mismatch      amount_mismatch      mismatch
amount_number       fine     unknown           unknown             unknown              unknown              unknown
amount_negative     fine     unknown           unknown             unknown              unknown              unknown
amount_words        fine     unknown           unknown             unknown              unknown              unknown
amount_wide         fine     unknown           unknown             unknown              unknown              unknown
no_amount           fine     fine              unknown             unknown              unknown              fine
other_payee         fine     fine              payee_mismatch      payee_mismatch       payee_mismatch       fine
no_payee            fine     fine              fine                fine                 fine                 fine
other_custom_id     fine     unknown           reference_mismatch  reference_mismatch   reference_mismatch   mismatch
other_merchant_id   fine     fine              unknown             fine                 fine                 fine
merchant_id_alone   fine     fine              unknown             fine                 fine                 fine
no_custom_id        fine     fine              unknown             fine                 fine                 fine
other_id            fine     unknown           unknown             fine                 fine                 fine
no_id               fine     unknown           unknown             fine                 fine                 fine
missing_fields      fine     unknown           unknown             fine                 fine                 fine
no_units            fine     fine              unknown             fine                 fine                 fine
two_units           fine     fine              unknown             fine                 fine                 fine
no_payments         fine     fine              fine                pending              pending              fine
no_links            fine     unknown           fine                fine                 fine                 fine
foreign_link        fine     no:unsafe_page    fine                fine                 fine                 fine
lookalike_link      fine     no:unsafe_page    fine                fine                 fine                 fine
javascript_link     fine     no:unsafe_page    fine                fine                 fine                 fine
pending             fine     fine              fine                pending              fine                 pending
pending_review      fine     fine              fine                pending              pending              fine
declined_capture    fine     fine              fine                no:payment_declined  no:payment_declined  fine
failed_capture      fine     fine              fine                no:payment_declined  fine                 fine
unilateral          fine     fine              fine                pending              fine                 fine
drop*1              fine     fine              fine                fine                 fine                 fine
error_503*1         fine     fine              fine                fine                 fine                 fine
do_then_drop*1      fine     fine              fine                fine                 fine                 fine
unauthorized*1      unknown  fine              fine                fine                 fine                 fine
in_progress*1       fine     fine              fine                fine                 fine                 fine
rate_limited*1      unknown  unknown           unknown             unknown              unknown              unknown
"""
"""A row is a fault of faults.py; the words are those of fault_table.py."""

CELLS = cells_of(TABLE)


@pytest.fixture
def adapter(careless_paypal: FakePayPal, in_a_hurry: None) -> PayPalProvider:
    careless_paypal.slow_seconds = 3.0
    return adapter_for(careless_paypal)


def an_order(**changes: object) -> PaymentRequest:
    return payment_request.a_request("PayPal", "anna@example.org", **changes)


class Try(fault_table.Try):
    operations = {
        "token": ("open_checkout", ""),
        "create": ("open_checkout", ""),
        "get": ("find", "approved"),
        "capture": ("capture", "captured"),
        "authorize": ("authorize", "authorized"),
        "refund": ("refund", "completed"),
    }

    def __init__(self, paypal: FakePayPal, adapter: PayPalProvider, operation: str) -> None:
        super().__init__(paypal, adapter, operation, an_order(capture_at_once=operation != "authorize"))
        self.paypal = paypal
        if operation not in {"create", "token"}:
            self.open()
        if operation in {"capture", "authorize", "refund", "get"}:
            paypal.approve(self.order.checkout_id)
        if operation == "refund":
            taken = adapter.capture(self.order, request_id="capture-before")
            self.order = replace(self.order, payment_reference=taken.provider_reference)

    def is_known(self, checkout: OpenedCheckout) -> bool:
        return checkout.checkout_id in self.paypal.orders

    def is_ours(self, refund: ProviderRefund) -> bool:
        """With PayPal's id or without: our own reference tells which one it is."""
        return (refund.amount_minor, refund.reference) == (700, "refund-of-ours")

    def effects(self) -> int:
        if self.operation in {"token", "create", "get"}:
            return 0
        order = self.paypal.orders[self.order.checkout_id]
        return len({"capture": order.captures, "authorize": order.authorizations, "refund": order.refunds}[self.operation])

    def goes_wrong(self, fault: str) -> float:
        if self.operation == "token":
            self.adapter.client._token_ends_at = 0.0
        return super().goes_wrong(fault)


@each(CELLS)
def test_what_comes_of_a_fault(fault, operation, cell, careless_paypal, adapter):
    assert Try(careless_paypal, adapter, operation).what_comes_of(fault) == cell


@each_unknown(CELLS)
def test_unknown_outcome_is_found_out_under_same_request_id(fault, operation, careless_paypal, adapter):
    """An unknown outcome is found out under the same request id and nothing is done twice."""
    trial = Try(careless_paypal, adapter, operation)
    trial.is_lost_to(fault)
    assert trial.outcome() == "fine"
    assert trial.effects() == (1 if operation in {"capture", "authorize", "refund"} else 0)
    assert len(careless_paypal.orders) == 1


def test_the_table_has_twenty_kinds_of_fault_and_more():
    assert len({fault for fault, _, _ in CELLS}) >= 50
    assert {operation for _, operation, _ in CELLS} == set(Try.operations)
    assert {cell for _, _, cell in CELLS} >= {"fine", "unknown", "pending", "amount_mismatch", "payee_mismatch"}


ISSUES = {
    "create": {
        "PAYEE_ACCOUNT_INVALID": "no:payee_cannot_receive",
        "PAYEE_ACCOUNT_RESTRICTED": "no:payee_cannot_receive",
        "PAYEE_ACCOUNT_LOCKED_OR_CLOSED": "no:payee_cannot_receive",
        "INVALID_CURRENCY_CODE": "no:amount_refused",
        "DECIMAL_PRECISION": "no:amount_refused",
        "MAX_VALUE_EXCEEDED": "no:amount_refused",
        "PERMISSION_DENIED": "no:not_permitted",
        "MALFORMED_REQUEST_JSON": "no:request_rejected",
    },
    "capture": {
        "ORDER_NOT_APPROVED": "giver:not_approved",
        "INSTRUMENT_DECLINED": "giver:instrument_declined",
        "PAYER_ACTION_REQUIRED": "giver:giver_must_act",
        "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING": "giver:instrument_declined",
        "ORDER_ALREADY_CAPTURED": "unknown",
        "ORDER_COMPLETION_IN_PROGRESS": "unknown",
        "DUPLICATE_INVOICE_ID": "unknown",
        "PAYER_CANNOT_PAY": "no:payment_declined",
        "TRANSACTION_REFUSED": "no:payment_declined",
        "COMPLIANCE_VIOLATION": "no:payment_declined",
        "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED": "no:payment_declined",
        "PAYEE_BLOCKED_TRANSACTION": "no:payee_cannot_receive",
        "INVALID_RESOURCE_ID": "no:unknown_checkout",
    },
    "authorize": {
        "ORDER_NOT_APPROVED": "giver:not_approved",
        "INSTRUMENT_DECLINED": "giver:instrument_declined",
        "TRANSACTION_REFUSED": "no:payment_declined",
        "ACTION_DOES_NOT_MATCH_INTENT": "no:request_rejected",
    },
    "refund": {
        "CAPTURE_FULLY_REFUNDED": "no:refund_amount_exceeded",
        "REFUND_AMOUNT_EXCEEDED": "no:refund_amount_exceeded",
        "REFUND_TIME_LIMIT_EXCEEDED": "no:refund_too_late",
        "REFUND_FAILED_INSUFFICIENT_FUNDS": "no:payee_has_too_little",
        "TRANSACTION_DISPUTED": "no:payment_disputed",
        "PENDING_CAPTURE": "no:cannot_refund",
        "DUPLICATE_INVOICE_ID": "unknown",
    },
}
"""PayPal's own noes, and what each means. ORDER_ALREADY_CAPTURED is unknown here because the fake lies: it was not."""


@pytest.mark.parametrize(
    ("operation", "issue", "meaning"),
    [(operation, issue, meaning) for operation, issues in ISSUES.items() for issue, meaning in issues.items()],
)
def test_what_paypals_own_no_means(operation, issue, meaning, careless_paypal, adapter):
    trial = Try(careless_paypal, adapter, operation)
    careless_paypal.next(operation, issue, times=9)
    assert trial.outcome() == meaning
    assert trial.effects() == 0
