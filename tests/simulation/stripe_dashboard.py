"""What payees, operators and banks do at Stripe without an order of ours, and what is true of the money then."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from random import Random
from typing import Any

from money import decimals_of
from providers.base import PaymentState, RefundState
from tests.providers.stripe.books import THREE_DECIMAL, ZERO_DECIMAL, FakeIntent, Refusal
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.transfers import transfer_reversed
from tests.simulation.side import TruePayment, TrueRefund, part_of

INTENTS = {
    "processing": PaymentState.PENDING,
    "requires_capture": PaymentState.AUTHORIZED,
    "succeeded": PaymentState.CAPTURED,
    "canceled": PaymentState.VOIDED,
}
REFUNDS = {"succeeded": RefundState.COMPLETED, "pending": RefundState.PENDING, "failed": RefundState.FAILED}
TAKEN_BACK = {"needs_response", "lost"}
"""Disputes for which the money is gone: https://docs.stripe.com/disputes/how-disputes-work (2026-11)"""
MOST_DISPUTES = 2
"""Of one payment."""


class StripeDashboard:
    """A mixin of the sides in front of the fake Stripe, which give it what is annotated here."""

    fake: FakeStripe
    random: Random
    _taken_by_hand: set[str]
    _undone: set[str]

    def money_of(self, intent: FakeIntent) -> dict[str, Any]:
        """The members of TruePayment that tell of what was taken, lost and given back."""
        refunds = list(self._refunds_of(intent))
        taken_minor = minor_of(intent.received, intent.currency)
        going_back = sum(refund.amount_minor for refund in refunds if refund.state is not RefundState.FAILED)
        lost_minor = minor_of(sum(one.amount for one in intent.disputes if one.status in TAKEN_BACK), intent.currency)
        return {
            "captures": intent.captures,
            "by_itself": intent.id in self._taken_by_hand,
            "taken_minor": taken_minor,
            "lost_minor": min(lost_minor, taken_minor - going_back),
            "chargebacks": len(intent.disputes),
            "refunds": refunds,
            # https://docs.stripe.com/disputes/how-disputes-work (2026-11): a disputed charge is not refundable
            "refuses_refunds": any(one.status in TAKEN_BACK for one in intent.disputes),
            **(self._shares_of(intent, lost_minor) if intent.received else {}),
        }

    @staticmethod
    def _shares_of(intent: FakeIntent, lost_minor: int) -> dict[str, Any]:
        """The payee has what was transferred; the operator bears Stripe's fee and keeps the application fee.

        https://docs.stripe.com/connect/destination-charges#flow-of-funds-destination (2026-11)
        """
        fee, kept = intent.fee, intent.application_fee
        again = sum(
            int(one.asked["metadata"]["gross"]) * (one.amount - one.reversed) // one.amount for one in intent.sent_again
        )
        alive = [one for one in intent.refunds if one.status != "failed" and (one.reverse_transfer or "refund" in one.metadata)]
        shares = {"shares": tuple(minor_of(units, intent.currency) for units in (fee, intent.received - kept, kept))}
        if intent.application_fee_back and kept == intent.received:
            return shares  # nothing of it was ever the payee's, with the fee or without it
        return shares | {
            "payee_has": minor_of(intent.received - transfer_reversed(intent) + again, intent.currency),
            "payee_is_due": max(minor_of(intent.received - sum(one.amount for one in alive), intent.currency) - lost_minor, 0),
        }

    def _refunds_of(self, intent: FakeIntent) -> Iterator[TrueRefund]:
        for one in intent.refunds:
            reference, was_done = one.metadata.get("refund", ""), one.id in self._undone
            amount_minor = minor_of(one.amount, intent.currency)
            yield TrueRefund(
                one.id, reference, amount_minor, REFUNDS[one.status], by_hand=not reference, was_done=was_done,
                platform_fee_minor=minor_of(one.fee_back, intent.currency) if one.reverse_transfer else None,
            )  # fmt: skip

    @property
    def deeds(self) -> Mapping[str, Callable[[TruePayment], bool]]:
        return {
            "a part is taken in the dashboard": self.takes_a_part,
            "a part is disputed": self.disputes_a_part,
            "a refund is undone": self.undoes_a_refund,
            "all that is left is given back in the dashboard": self.gives_back_what_is_left,
            "a hold is ended in the dashboard": self.ends_a_hold,
        }

    def takes_a_part(self, payment: TruePayment) -> bool:
        """Once: the rest is let go.

        https://docs.stripe.com/payments/place-a-hold-on-a-payment-method#capture-funds (2026-11)
        """
        intent = self._intent_at(payment)
        if intent is None or intent.status != "requires_capture":
            return False
        self._taken_by_hand.add(intent.id)
        self.fake.books.capture(intent, part_of(self.random, intent.amount, step_of(intent.currency)))
        return True

    def ends_a_hold(self, payment: TruePayment) -> bool:
        intent = self._intent_at(payment)
        if intent is None or intent.status != "requires_capture":
            return False
        self.fake.books.cancel(intent, "requested_by_customer")
        return True

    def dashboard_refund(self, payment: TruePayment, amount_minor: int) -> bool:
        intent = self._intent_at(payment)
        if intent is None:
            return False
        amount_minor *= 10 if intent.currency in THREE_DECIMAL else 1
        return self._gives_back(intent, units(amount_minor, intent.currency))

    def gives_back_what_is_left(self, payment: TruePayment) -> bool:
        intent = self._intent_at(payment)
        return intent is not None and self._gives_back(intent, intent.received - intent.given_back)

    def _gives_back(self, intent: FakeIntent, amount: int) -> bool:
        """Whoever does it may tick that the payee bears it, and that the fee goes back."""
        asked = {"payment_intent": intent.id, "amount": str(amount)}
        if self.random.random() < 0.5:
            asked["reverse_transfer"] = "true"
            if intent.application_fee and self.random.random() < 0.5:
                asked["refund_application_fee"] = "true"
        with suppress(Refusal):
            self.fake.books.refund(asked)
            return True
        return False

    def undoes_a_refund(self, payment: TruePayment) -> bool:
        """It had succeeded, and the giver's bank sends it back: https://docs.stripe.com/refunds#failed-refunds (2026-11)"""
        intent = self._intent_at(payment)
        done = [one for one in intent.refunds if one.status == "succeeded"] if intent else []
        if done:
            refund = self.random.choice(done)
            self._undone.add(refund.id)
            self.fake.books.end_refund(refund, "failed")
        return bool(done)

    def chargeback(self, payment: TruePayment) -> bool:
        if payment.state is not PaymentState.CAPTURED or payment.left <= 0:
            return False
        self.fake.dispute(payment.checkout_id)
        return True

    def disputes_a_part(self, payment: TruePayment) -> bool:
        intent = self._intent_at(payment)
        if intent is None or payment.left <= 0 or len(intent.disputes) >= MOST_DISPUTES:
            return False
        left = units(payment.left, intent.currency)
        self.fake.books.dispute(intent, amount=part_of(self.random, left, step_of(intent.currency)))
        return True

    def dispute_is_won(self, payment: TruePayment) -> bool:
        """Or lost; and perhaps won after it was lost."""
        intent = self._intent_at(payment)
        lost = [one for one in intent.disputes if one.status in TAKEN_BACK] if intent else []
        if lost:
            dispute = self.random.choice(lost)
            ends = ["won", "won", "lost"] if dispute.status == "needs_response" else ["won"]
            self.fake.books.end_dispute(dispute, self.random.choice(ends))
        return bool(lost)

    def _intent_at(self, payment: TruePayment) -> FakeIntent | None:
        if payment.checkout_id in self.fake.books.intents:
            return self.fake.books.intents[payment.checkout_id]
        return self.fake.sessions[payment.checkout_id].intent


def state_of(intent: FakeIntent) -> PaymentState:
    """Of a payment that was made, or is over."""
    if any(one.status in TAKEN_BACK for one in intent.disputes):
        return PaymentState.REVERSED
    return INTENTS[intent.status]


def _decimals(currency: str) -> int:
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def units(amount_minor: int, currency: str) -> int:
    """Stripe's units of our minor ones: ISK has two decimals there, and none here."""
    return amount_minor * 10 ** (_decimals(currency) - decimals_of(currency.upper()))


def minor_of(units: int, currency: str) -> int:
    return units // 10 ** (_decimals(currency) - decimals_of(currency.upper()))


def step_of(currency: str) -> int:
    """By how many of Stripe's units one amount differs from the next."""
    return 10 if currency in THREE_DECIMAL else units(1, currency)
