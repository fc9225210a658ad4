"""Stripe in the simulation: the real adapter, and the fake's books as the truth."""

from collections.abc import Callable, Iterator, Set
from typing import Any

from providers.base import PaymentState, Provider
from tests.providers.line import Call, Reply
from tests.providers.stripe.books import THREE_DECIMAL, FakeSession
from tests.providers.stripe.fake import FakeStripe, StripeHandler
from tests.providers.stripe.service import adapter_for
from tests.simulation.side import TruePayment, Wrong
from tests.simulation.stripe_dashboard import INTENTS, StripeDashboard, minor_of, state_of, units
from tests.simulation.with_fake import Message, WithFake

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


class OverStripe(StripeDashboard, WithFake):
    """What is alike wherever a payment is a PaymentIntent of Stripe's: its end, and what is done in the dashboard."""

    payee = "acct_1PgafTB7WZ01zgkW"
    restricts_payees = True
    magnitudes = {"USD": (1, 1, 10**4), "ISK": (1, 10), "KWD": (1, 10**3), "JPY": (1, 10**6), "IDR": (10**3, 10**8)}
    """As much as Stripe takes in each: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts (2026-11)"""
    fake: FakeStripe

    def messages(self, reference: str) -> list[tuple[Any, Callable[[], Message]]]:
        return self.told_about({payment.checkout_id for payment in self.payments.values() if payment.reference == reference})

    def told_about(self, object_ids: Set[str]) -> list[tuple[Any, Callable[[], Message]]]:
        """Every event so far about one of these objects of Stripe's."""
        return [
            (event["id"], lambda event=event: tuple(self.fake.signed(event)))  # type: ignore[misc]
            for about, event in self.fake._events
            if about in object_ids
        ]

    def reviews_end(self, passed: bool) -> None:
        for refund in self.fake.books.refunds.values():
            if refund.status == "pending":
                self.fake.books.end_refund(refund, "succeeded" if passed else "failed")

    def restricts(self, restricted: bool) -> None:
        """https://docs.stripe.com/connect/handling-api-verification (2026-11)"""
        if restricted:
            self.fake.connected.restrict(self.payee, "requirements.past_due")
            self.fake.books.cannot_receive.add(self.payee)
        else:
            self.fake.connected.finish(self.payee)
            self.fake.books.cannot_receive.discard(self.payee)

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
                amount_minor=minor_of(intent.amount if intent else session.amount, session.currency),
                by_the_giver=True,
                **(self.money_of(intent) if intent else {}),
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
        if session.intent is not None:
            session.intent.amount = session.amount
            session.intent.received = session.amount if session.intent.received else 0

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
