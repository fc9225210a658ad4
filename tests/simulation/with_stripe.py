"""Stripe in the simulation: the real adapter, and the fake's books as the truth."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from money import decimals_of
from providers.base import PaymentState, Provider, RefundState
from tests.providers.line import Call, Reply
from tests.providers.stripe.books import THREE_DECIMAL, ZERO_DECIMAL, FakeIntent, FakeSession, Refusal
from tests.providers.stripe.fake import FakeStripe, StripeHandler
from tests.providers.stripe.service import adapter_for
from tests.simulation.side import TruePayment, TrueRefund, Wrong
from tests.simulation.with_fake import Message, WithFake

INTENTS = {
    "processing": PaymentState.PENDING,
    "requires_capture": PaymentState.AUTHORIZED,
    "succeeded": PaymentState.CAPTURED,
    "canceled": PaymentState.VOIDED,
}
REFUNDS = {"succeeded": RefundState.COMPLETED, "pending": RefundState.PENDING, "failed": RefundState.FAILED}
GIVERS_PAY_WITH = ("card", "card", "card", "card", "bank_debit")
GIVERS_FAIL_WITH = ("card_that_is_declined", "card_that_wants_a_word", "")
"""Nothing: the giver goes back."""

OPENING = {"error_500": 0.03, "card_declined": 0.02}
ASKING = {"rate_limited": 0.01, "unknown_status": 0.02, "rate_limited_as_400": 0.02}
ORDERS = {
    "capture": {
        "card_declined": 0.06,
        "lock_timeout": 0.03,
        "in_progress": 0.03,
        "error_500_kept": 0.01,
        "no_amount": 0.03,
    },
    "cancel": {"api_error": 0.04, "error_500_kept": 0.01, "no_reference": 0.03},
    "refund": {"pending": 0.2, "failed": 0.03, "error_500": 0.03, "error_500_kept": 0.01, "in_progress": 0.03},
}
"""Faults of an account of Stripe's, wherever givers come to pay."""


class OverStripe(WithFake):
    """What is alike wherever a payment is a PaymentIntent of Stripe's: its end, and what is done in the dashboard."""

    payee = "acct_1PgafTB7WZ01zgkW"
    currencies = ("USD", "ISK", "KWD")
    fake: FakeStripe

    def messages(self, reference: str) -> list[tuple[Any, Callable[[], Message]]]:
        ours = {payment.checkout_id for payment in self.payments.values() if payment.reference == reference}
        return [
            (event["id"], lambda event=event: tuple(self.fake.signed(event)))  # type: ignore[misc]
            for about, event in self.fake._events
            if about in ours
        ]

    def reviews_end(self, passed: bool) -> None:
        for refund in self.fake.books.refunds.values():
            if refund.status == "pending":
                self.fake.books.end_refund(refund, "succeeded" if passed else "failed")

    def dashboard_refund(self, payment: TruePayment, amount_minor: int) -> bool:
        currency = self.fake.intent_of(payment.checkout_id).currency
        if currency in THREE_DECIMAL:
            amount_minor *= 10
        with suppress(Refusal):
            self.fake.dashboard_refund(payment.checkout_id, units(amount_minor, currency))
            return True
        return False

    def chargeback(self, payment: TruePayment) -> bool:
        if payment.state is not PaymentState.CAPTURED or payment.going_back == payment.amount_minor:
            return False
        self.fake.dispute(payment.checkout_id)
        return True

    def dispute_is_won(self, payment: TruePayment) -> bool:
        intent = self.fake.intent_of(payment.checkout_id)
        open_ones = [one for one in intent.disputes if one.status == "needs_response"]
        if open_ones:
            self.fake.books.end_dispute(open_ones[0], self.random.choice(["won", "won", "lost"]))
        return bool(open_ones)

    def time_passes(self) -> None:
        self.fake.books.let_go_what_is_too_old()

    def _answer(self, call: Call) -> Reply:
        self.fake.books.balance_is_empty = call.operation == "refund" and self.chance(0.05)
        reply = super()._answer(call)
        if reply.status == 400 and reply.value["error"].get("type") == "idempotency_error":
            raise Wrong(f"{call.operation}: one idempotency key for two orders")
        return reply


class WithStripe(OverStripe):
    """Gifts by Stripe. Paying takes or holds the money; what is to be given up is closed."""

    name = "Stripe"
    patterns = StripeHandler.patterns
    orders = frozenset(ORDERS)
    faults = {"create": OPENING, "get": ASKING, "expire": {"in_progress": 0.04}, **ORDERS}

    def new_fake(self) -> FakeStripe:
        return FakeStripe(listens=False)

    def new_adapter(self) -> Provider:
        return adapter_for(self.fake)

    # --- the truth --------------------------------------------------------------------------------------------------

    def truth(self) -> Iterator[TruePayment]:
        for session in self.fake.sessions.values():
            intent = session.intent
            yield TruePayment(
                session.asked["client_reference_id"],
                session.id,
                session.currency.upper(),
                session.asked["payment_intent_data"]["transfer_data"]["destination"],
                state=_state(session),
                amount_minor=minor_of((intent and intent.received) or session.amount, session.currency),
                captures=intent.captures if intent else 0,
                by_the_giver=True,
                chargebacks=len(intent.disputes) if intent else 0,
                refunds=list(refunds_of(intent)) if intent else [],
            )

    # --- what givers, banks and dashboards do -----------------------------------------------------------------------

    def giver_chooses(self, payment: TruePayment, state: PaymentState) -> bool:
        session = self.fake.sessions[payment.checkout_id]
        pays_with = self.random.choice(GIVERS_PAY_WITH if state is PaymentState.APPROVED else GIVERS_FAIL_WITH)
        if pays_with == "bank_debit" and session.asked["payment_intent_data"]["capture_method"] == "manual":
            pays_with = "card"  # no bank holds money
        if not pays_with:
            self.fake.give_up(session.id)
            return session.status == "open"
        try:
            self.fake.pay(session.id, pays_with)
        except ValueError:
            return False
        return True

    def lets_approve_something_else(self, payment: TruePayment) -> None:
        session = self.fake.sessions[payment.checkout_id]
        session.amount += units(10 if session.currency in THREE_DECIMAL else 1, session.currency)
        if session.intent is not None and session.intent.received:
            session.intent.received = session.amount

    def reviews_end(self, passed: bool) -> None:
        for session in self.fake.sessions.values():
            if session.intent is not None and session.intent.status == "processing":
                self.fake.books.end_debit(session, good=passed)
        super().reviews_end(passed)


def _state(session: FakeSession) -> PaymentState:
    intent = session.intent
    if intent is None or intent.status not in INTENTS or (session.status == "expired" and intent.status == "canceled"):
        return PaymentState.OPEN if session.status == "open" else PaymentState.DECLINED
    return state_of(intent)


def state_of(intent: FakeIntent) -> PaymentState:
    """Of a payment that was made, or is over."""
    if any(one.status in {"needs_response", "lost"} for one in intent.disputes):
        return PaymentState.REVERSED
    return INTENTS[intent.status]


def refunds_of(intent: FakeIntent) -> Iterator[TrueRefund]:
    for one in intent.refunds:
        reference = one.metadata.get("refund", "")
        amount_minor = minor_of(one.amount, intent.currency)
        yield TrueRefund(one.id, reference, amount_minor, REFUNDS[one.status], by_hand=not reference)


def _decimals(currency: str) -> int:
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def units(amount_minor: int, currency: str) -> int:
    """Stripe's units of our minor ones: ISK has two decimals there, and none here."""
    return amount_minor * 10 ** (_decimals(currency) - decimals_of(currency.upper()))


def minor_of(units: int, currency: str) -> int:
    return units // 10 ** (_decimals(currency) - decimals_of(currency.upper()))
