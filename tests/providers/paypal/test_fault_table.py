"""Everything that can go wrong with a call to PayPal, and what the adapter makes of it."""

from dataclasses import replace

import pytest

from providers.base import OpenedCheckout, PaymentRequest, ProviderRefund
from providers.paypal.adapter import PayPalProvider
from tests.providers import fault_table, payment_request
from tests.providers.fault_table import LINE, by_kind, each, each_unknown, not_first_of
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.faults import FAULTS
from tests.providers.paypal.service import adapter_for

pytestmark = pytest.mark.no_database

TABLE = """
token_dies redirect_307                             -> unknown
unauthorized*1                                      -> fine                token=unknown
forbidden                                           -> no:not_permitted    token=unknown get=unknown
in_progress                                         -> unknown
in_progress*1                                       -> fine
unknown_status                                      -> pending             token=fine create=fine
no_status                               -> fine                get=unknown
null_status status_number                                       -> fine                get=unknown refund=pending
other_currency                                      -> currency_mismatch   token=fine create=unknown refund=unknown
other_amount                                        -> amount_mismatch     token=fine create=unknown refund=mismatch
amount_number amount_negative amount_words amount_wide -> unknown          token=fine
no_amount                                           -> unknown             token=fine create=fine refund=fine
other_payee                                         -> payee_mismatch      token=fine create=fine refund=fine
no_payee                                            -> fine
other_custom_id                                     -> reference_mismatch  token=fine create=unknown refund=mismatch
other_merchant_id merchant_id_alone                 -> fine                get=unknown
no_custom_id no_units two_units                     -> fine                get=unknown
other_id no_id missing_fields                       -> fine                create=unknown get=unknown
no_payments                                         -> fine                capture=pending authorize=pending
no_links                                            -> fine                create=unknown
foreign_link lookalike_link javascript_link         -> fine                create=no:unsafe_page
pending                                             -> fine                capture=pending refund=pending
pending_review                                      -> fine                capture=pending authorize=pending
declined_capture                                    -> fine       capture=no:payment_declined authorize=no:payment_declined
failed_capture                                      -> fine                capture=no:payment_declined
unilateral                                          -> fine                capture=pending
"""
"""A row is faults of one kind, of faults.py; the words are those of fault_table.py."""

OPERATIONS = ("token", "create", "get", "capture", "authorize", "refund")
OF_THE_LINE = LINE.replace("unauthorized*1", "")
"""A token that was refused once is fetched anew."""

CELLS = by_kind(OF_THE_LINE + TABLE, OPERATIONS)
ONLY_IN_FULL = not_first_of(OF_THE_LINE + TABLE)


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


@each(CELLS, ONLY_IN_FULL)
def test_what_comes_of_a_fault(fault, operation, cell, careless_paypal, adapter):
    assert Try(careless_paypal, adapter, operation).what_comes_of(fault) == cell


@each_unknown(CELLS, ONLY_IN_FULL)
def test_the_unknown_is_found_under_the_same_request_id(fault, operation, careless_paypal, adapter):
    """And nothing is done twice."""
    trial = Try(careless_paypal, adapter, operation)
    trial.is_lost_to(fault)
    assert trial.outcome() == "fine"
    assert trial.effects() == (1 if operation in {"capture", "authorize", "refund"} else 0)
    assert len(careless_paypal.orders) == 1


def test_the_table_has_every_fault_of_paypals():
    assert {fault.removesuffix("*1") for fault, _, _ in CELLS} == set(FAULTS)
    assert set(OPERATIONS) == set(Try.operations)


ISSUES = """
create    no:payee_cannot_receive       PAYEE_ACCOUNT_INVALID PAYEE_ACCOUNT_RESTRICTED PAYEE_ACCOUNT_LOCKED_OR_CLOSED
create    no:currency_refused           INVALID_CURRENCY_CODE
create    no:decimals_refused           DECIMAL_PRECISION
create    no:amount_too_large           MAX_VALUE_EXCEEDED
create    no:not_permitted              PERMISSION_DENIED
create    no:request_rejected           MALFORMED_REQUEST_JSON
capture   giver:not_approved            ORDER_NOT_APPROVED
capture   giver:instrument_declined     INSTRUMENT_DECLINED REDIRECT_PAYER_FOR_ALTERNATE_FUNDING
capture   giver:giver_must_act          PAYER_ACTION_REQUIRED
capture   unknown                       ORDER_ALREADY_CAPTURED ORDER_COMPLETION_IN_PROGRESS
capture   no:request_rejected           DUPLICATE_INVOICE_ID
capture   no:payment_declined           PAYER_CANNOT_PAY TRANSACTION_REFUSED COMPLIANCE_VIOLATION
capture   no:payment_declined           MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED
capture   no:payee_cannot_receive       PAYEE_BLOCKED_TRANSACTION
capture   no:unknown_checkout           INVALID_RESOURCE_ID
authorize giver:not_approved            ORDER_NOT_APPROVED
authorize giver:instrument_declined     INSTRUMENT_DECLINED
authorize no:payment_declined           TRANSACTION_REFUSED
authorize no:request_rejected           ACTION_DOES_NOT_MATCH_INTENT
refund    no:refund_amount_exceeded     CAPTURE_FULLY_REFUNDED REFUND_AMOUNT_EXCEEDED
refund    no:refund_too_late            REFUND_TIME_LIMIT_EXCEEDED
refund    no:payee_has_too_little       REFUND_FAILED_INSUFFICIENT_FUNDS
refund    no:payment_disputed           TRANSACTION_DISPUTED
refund    no:cannot_refund              PENDING_CAPTURE
refund    unknown                       DUPLICATE_INVOICE_ID
"""
"""PayPal's own noes, and what each means. ORDER_ALREADY_CAPTURED is unknown here because the fake lies: it was not."""


@pytest.mark.parametrize(
    ("operation", "issue", "meaning"),
    [
        (operation, issue, meaning)
        for operation, meaning, *issues in map(str.split, ISSUES.strip().splitlines())
        for issue in issues
    ],
)
def test_what_paypals_own_no_means(operation, issue, meaning, careless_paypal, adapter):
    trial = Try(careless_paypal, adapter, operation)
    careless_paypal.next(operation, issue, times=9)
    assert trial.outcome() == meaning
    assert trial.effects() == 0
