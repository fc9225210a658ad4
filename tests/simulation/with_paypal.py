"""PayPal in the simulation: the real adapter, and the fake's books as the truth."""

from collections.abc import Callable, Iterator
from typing import Any

from providers.base import PaymentState, Provider
from tests.providers.line import Call, Reply
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.line import PATTERNS
from tests.providers.paypal.records import CAME_TO_NOTHING, FakeCapture, FakeOrder
from tests.providers.paypal.records import TAKEN as TAKEN_STATES
from tests.providers.paypal.service import adapter_for
from tests.simulation.paypal_dashboard import PayPalDashboard, minor_of, money
from tests.simulation.side import TruePayment
from tests.simulation.with_fake import Message, WithFake

ORDERS = {"CREATED": PaymentState.OPEN, "PAYER_ACTION_REQUIRED": PaymentState.OPEN, "APPROVED": PaymentState.APPROVED}
HOLDS = {
    "CREATED": PaymentState.AUTHORIZED,
    "PENDING": PaymentState.PENDING,
    "DENIED": PaymentState.DECLINED,
    "VOIDED": PaymentState.VOIDED,
}
GIVERS_PAY_WITH = ("balance", "balance", "balance", "balance", "balance", "under_review", "refused_after_all")
GIVERS_FAIL_WITH = ("card_that_is_declined", "")
"""Nothing: the giver goes back."""


class WithPayPal(PayPalDashboard, WithFake):
    """Gifts by PayPal. Approved payments are held or taken by our orders, and for a while only."""

    name, payee = "PayPal", "payee@example.org"
    magnitudes = {"USD": (1, 1, 10**3, 10**8), "JPY": (1, 1, 10**3, 10**8), "HUF": (1, 1, 10**3, 10**8)}
    patterns = PATTERNS
    orders = frozenset({"capture", "authorize", "capture_authorization", "reauthorize", "void", "refund"})
    faults = {
        "token": {"error_503": 0.02},
        "create": {"error_500": 0.03, "PAYEE_ACCOUNT_RESTRICTED": 0.02, "no_links": 0.02},
        "get": {"rate_limited": 0.01, "unknown_status": 0.02, "token_dies": 0.02, "no_amount": 0.01, "two_units": 0.01},
        "capture": {
            "TRANSACTION_REFUSED": 0.04,
            "in_progress": 0.04,
            "unilateral": 0.04,
            "no_custom_id": 0.03,
            "no_units": 0.03,
        },
        "authorize": {"in_progress": 0.04, "TRANSACTION_REFUSED": 0.02, "missing_fields": 0.03, "no_payee": 0.03},
        "capture_authorization": {"TRANSACTION_REFUSED": 0.06, "pending_review": 0.05, "in_progress": 0.04, "no_amount": 0.03},
        "reauthorize": {"TRANSACTION_REFUSED": 0.3},
        "void": {"error_503": 0.04, "missing_fields": 0.03},
        "refund": {"pending": 0.2, "error_500": 0.03, "in_progress": 0.04, "missing_fields": 0.05},
        "certificate": {"error_503": 0.2},
        "verify": {"error_500": 0.1},
    }
    fake: FakePayPal

    def new_fake(self) -> FakePayPal:
        fake = FakePayPal(listens=False, judges=False)
        fake.books.is_partner = self.random.random() < 0.5
        self._certificate_url = fake.certificate_url()
        return fake

    def new_adapter(self) -> Provider:
        return adapter_for(self.fake)

    # --- the truth --------------------------------------------------------------------------------------------------

    def truth(self) -> Iterator[TruePayment]:
        for order in self.fake.orders.values():
            live = [capture for capture in order.captures if capture.status not in CAME_TO_NOTHING]
            yield TruePayment(
                order.custom_id,
                order.id,
                order.amount.currency,
                order.payee.email,
                state=PaymentState.VOIDED if self.fake.books._ran_out(order) else _state(order, live),
                amount_minor=minor_of(order.amount),
                being_taken=bool(live),
                approved_in_vain=order.attempts > 0 and order.pays_with == "card_that_is_declined",
                **self.money_of(live),
            )

    def messages(self, reference: str) -> list[tuple[Any, Callable[[], Message]]]:
        about = {order.id for order in self.fake.orders.values() if order.custom_id == reference}
        return self.told_about(lambda order_id, _: order_id in about)

    def told_about(self, is_meant: Callable[[str, dict[str, Any]], bool]) -> list[tuple[Any, Callable[[], Message]]]:
        """Every event so far that is meant, by what it is about, and by what it says."""
        return [
            (event["id"], lambda event=event: tuple(self.fake.signed(event, certificate_url=self._certificate_url)))  # type: ignore[misc]
            for about, event in self.fake._reports
            if is_meant(about, event)
        ]

    # --- what givers, banks and dashboards do -----------------------------------------------------------------------

    def giver_chooses(self, payment: TruePayment, state: PaymentState) -> bool:
        pays_with = self.random.choice(GIVERS_PAY_WITH if state is PaymentState.APPROVED else GIVERS_FAIL_WITH)
        if not pays_with:
            self.fake.give_up(payment.checkout_id)
            return payment.state is PaymentState.OPEN
        try:
            self.fake.approve(payment.checkout_id, pays_with)
        except ValueError:
            return False
        return True

    def lets_approve_something_else(self, payment: TruePayment) -> None:
        order = self.fake.orders[payment.checkout_id]
        order.amount = order.amount + money(1 if order.amount.currency != "HUF" else 100, order.amount.currency)

    def reviews_end(self, passed: bool) -> None:
        for authorization in list(self.fake.authorizations.values()):
            if authorization.status == "PENDING":
                self.fake.end_authorization_review(authorization.id, "CREATED" if passed else "DENIED")
        for capture in list(self.fake.captures.values()):
            if capture.status == "PENDING":
                (self.fake.complete if passed else self.fake.deny)(capture.id)
        for refund in list(self.fake.refunds.values()):
            if refund.status == "PENDING":
                if passed:
                    self.fake.end_refund(refund.id, "COMPLETED")
                else:
                    self.ends_badly(refund.id, "FAILED")

    def time_passes(self) -> None:
        self.fake.books.let_go_what_is_too_old()

    # --- inside -----------------------------------------------------------------------------------------------------

    def _answer(self, call: Call) -> Reply:
        self.fake.account(self.payee).penniless = call.operation == "refund" and self.chance(0.05)
        return super()._answer(call)


def _state(order: FakeOrder, live: list[FakeCapture]) -> PaymentState:
    if live:
        if any(capture.reversed for capture in live):
            return PaymentState.REVERSED
        taken = any(capture.status in TAKEN_STATES for capture in live)
        return PaymentState.CAPTURED if taken else PaymentState.PENDING
    if order.captures:
        return PaymentState.APPROVED if order.status == "APPROVED" else PaymentState.DECLINED
    if order.authorizations:
        return HOLDS[order.authorizations[-1].status]
    return ORDERS[order.status]
