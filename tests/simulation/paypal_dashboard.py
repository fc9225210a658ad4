"""What payees, buyers and their banks do at PayPal without an order of ours, and what is true of the money then."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from money import decimals_of
from providers.base import RefundState
from tests.providers.paypal.errors import Refusal
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.records import TAKEN, WITHOUT_DECIMALS, FakeAuthorization, FakeCapture, Money
from tests.simulation.side import TruePayment, TrueRefund, part_of

REFUNDS = {
    "COMPLETED": RefundState.COMPLETED,
    "PENDING": RefundState.PENDING,
    "FAILED": RefundState.FAILED,
    "CANCELLED": RefundState.FAILED,
}


class PayPalDashboard:
    """A mixin of the side in front of the fake PayPal, which gives it what is annotated here."""

    fake: FakePayPal
    random: Random
    _taken_by_hand: set[str]
    _undone: set[str]

    def money_of(self, live: Sequence[FakeCapture]) -> dict[str, Any]:
        """The members of TruePayment that tell of what was taken, lost and given back. `live`: captures that came to something.

        However many parts the payee has captured by hand, that is one capture in place of ours.
        """
        taken = [one for one in live if one.status in TAKEN]
        ours = [one for one in live if one.id not in self._taken_by_hand]
        counted = ours if len(ours) > 1 else [one for one in ours if one in taken]
        return {
            "captures": len(counted) + (len(ours) < len(live)),
            "by_itself": len(ours) < len(live),
            "taken_minor": sum(minor_of(one.amount) for one in taken),
            "lost_minor": sum(minor_of(refund.amount) for one in live for refund in _taken_back(one)),
            "chargebacks": sum(refund.by_paypal for one in live for refund in one.refunds),
            "shares": (
                sum(minor_of(one.fee) for one in taken),
                sum(minor_of(one.amount - one.fee) - _minor(one.platform_fee, one) for one in taken),
                sum(_minor(one.platform_fee, one) for one in taken),
            ),
            "refunds": [refund for one in live for refund in self._refunds_of(one)],
            # A refund is of one capture: https://developer.paypal.com/docs/api/payments/v2/#captures_refund (2026-11)
            "refuses_refunds": max((one.left.value for one in taken), default=0) < sum(one.left.value for one in taken),
        }

    def _refunds_of(self, capture: FakeCapture) -> Iterator[TrueRefund]:
        """What was taken back is no refund."""
        for one in capture.refunds:
            if not one.by_paypal:
                yield TrueRefund(
                    one.id,
                    one.custom_id,
                    minor_of(one.amount),
                    REFUNDS[one.status],
                    by_hand=not one.custom_id,
                    was_done=one.id in self._undone,
                    platform_fee_minor=_minor(one.platform_fee, capture),
                )

    @property
    def deeds(self) -> Mapping[str, Callable[[TruePayment], bool]]:
        return {
            "a part is taken in the dashboard": self.takes_a_part,
            "a refund is undone": self.undoes_a_refund,
            "all that is left is given back in the dashboard": self.gives_back_what_is_left,
            "a hold is ended in the dashboard": self.ends_a_hold,
            "a hold is renewed in the dashboard": self.renews_a_hold,
        }

    def takes_a_part(self, payment: TruePayment) -> bool:
        """Perhaps one of several: https://developer.paypal.com/docs/api/payments/v2/#authorizations_capture (2026-11)"""
        held = self._held(payment, "CREATED", "PARTIALLY_CAPTURED")
        if held is None:
            return False
        left = minor_of(held.amount) - sum(minor_of(one.amount) for one in held.order.captures)
        currency = held.amount.currency
        part = money(part_of(self.random, left, step_of(currency)), currency)
        if part.value <= 0:
            return False
        asked = {"amount": part.json, "final_capture": self.random.random() < 0.5}
        self._taken_by_hand.add(self.fake.books.capture_authorization(held, asked).id)
        return True

    def ends_a_hold(self, payment: TruePayment) -> bool:
        held = self._held(payment, "CREATED")
        if held is not None:
            self.fake.void_in_the_dashboard((held.parent or held).id)
        return held is not None

    def renews_a_hold(self, payment: TruePayment) -> bool:
        """Once, after the honor period: https://developer.paypal.com/docs/api/payments/v2/#authorizations_reauthorize"""
        held = self._held(payment, "CREATED")
        with suppress(Refusal):
            return held is not None and bool(self.fake.books.reauthorize(held, {}))
        return False

    def dashboard_refund(self, payment: TruePayment, amount_minor: int) -> bool:
        capture = self._capture(payment)
        if capture is None:
            return False
        currency = capture.amount.currency
        amount = money(amount_minor * 100 if currency == "HUF" else amount_minor, currency)
        return self._gives_back(capture, amount.json["value"])

    def gives_back_what_is_left(self, payment: TruePayment) -> bool:
        capture = self._capture(payment)
        return capture is not None and self._gives_back(capture, None)

    def _gives_back(self, capture: FakeCapture, amount: str | None) -> bool:
        with suppress(Refusal):
            self.fake.dashboard_refund(capture.id, amount)
            return True
        return False

    def undoes_a_refund(self, payment: TruePayment) -> bool:
        """It was COMPLETED, and is FAILED or CANCELLED in the end: the giver's account could not take it.

        Not of what was taken back: which of all these PayPal lists as what then is told nowhere.
        """
        captures = [one for one in self.fake.orders[payment.checkout_id].captures if not one.reversed]
        made = [refund for one in captures for refund in one.refunds]
        done = [refund for refund in made if refund.status == "COMPLETED" and not refund.by_paypal]
        if not done:
            return False
        refund = self.random.choice(done)
        self._undone.add(refund.id)
        refund.status = "PENDING"
        self.ends_badly(refund.id, self.random.choice(["FAILED", "CANCELLED"]))
        return True

    def ends_badly(self, refund_id: str, status: str) -> None:
        """What has not gone to the giver goes to the bank, where that has taken the rest: in one with that.

        Of two that PayPal has taken nobody who looks late could tell which a person has given back in the dashboard.
        """
        self.fake.end_refund(refund_id, status)
        capture = self.fake.refunds[refund_id].capture
        if capture.reversed:
            taken_back = next(_taken_back(capture))
            taken_back.amount = taken_back.amount + capture.left
            self.fake.books._count_refunds(capture)

    def chargeback(self, payment: TruePayment) -> bool:
        capture = self._capture(payment)
        if capture is None or capture.reversed or capture.left.value <= 0:
            return False
        self.fake.reverse(capture.id, self.random.choice(["CHARGEBACK", "BUYER_COMPLAINT"]))
        return True

    def dispute_is_won(self, payment: TruePayment) -> bool:
        reversed_ones = [one for one in self.fake.orders[payment.checkout_id].captures if one.reversed]
        if reversed_ones:
            self.fake.win_the_dispute(self.random.choice(reversed_ones).id)
        return bool(reversed_ones)

    def _held(self, payment: TruePayment, *statuses: str) -> FakeAuthorization | None:
        held = [one for one in self.fake.orders[payment.checkout_id].authorizations if one.status in statuses]
        return held[-1] if held else None

    def _capture(self, payment: TruePayment) -> FakeCapture | None:
        captures = [one for one in self.fake.orders[payment.checkout_id].captures if one.status in TAKEN]
        return self.random.choice(captures) if captures else None


def _taken_back(capture: FakeCapture) -> Iterator[Any]:
    return (refund for refund in capture.refunds if refund.by_paypal and refund.status == "COMPLETED")


def _minor(value: Decimal, capture: FakeCapture) -> int:
    return minor_of(replace(capture.amount, value=value))


def money(amount_minor: int, currency: str) -> Money:
    return Money(Decimal(amount_minor).scaleb(-decimals_of(currency)), currency)


def minor_of(money: Money) -> int:
    return int(money.value.scaleb(decimals_of(money.currency)))


def step_of(currency: str) -> int:
    """By how many minor units one amount differs from the next: HUF has two decimals, and none at PayPal."""
    return int(10 ** decimals_of(currency)) if currency in WITHOUT_DECIMALS else 1
