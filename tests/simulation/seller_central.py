"""What the operator and the givers' banks do at Amazon Pay without an order of ours, and what is true of the money then."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from random import Random
from typing import Any

from money import decimals_of
from providers.base import RefundState
from tests.providers.amazon.books import FakeCharge, FakeDispute, Refusal
from tests.providers.amazon.fake import FakeAmazon
from tests.simulation.side import TruePayment, TrueRefund, part_of

REFUNDS = {"RefundInitiated": RefundState.PENDING, "Refunded": RefundState.COMPLETED, "Declined": RefundState.FAILED}
MOST_DISPUTES = 2
"""Of one payment."""


class SellerCentral:
    """A mixin of the side in front of the fake Amazon, which gives it what is annotated here."""

    fake: FakeAmazon
    random: Random
    _taken_by_hand: set[str]
    _undone: set[str]
    _by_hand: set[str]
    """Refunds that nobody has asked us for."""
    _lost_once: set[str]
    """Disputes that the giver's bank has won, for a while at least."""

    def money_of(self, charge: FakeCharge) -> dict[str, Any]:
        """The members of TruePayment that tell of what was taken, lost and given back."""
        refunds = list(self._refunds_of(charge))
        taken_minor = minor_of(charge.taken, charge.currency)
        going_back = sum(refund.amount_minor for refund in refunds if refund.state is not RefundState.FAILED)
        lost_minor = sum(minor_of(one.amount, charge.currency) for one in charge.disputes if one.resolution == "BuyerWon")
        return {
            "by_itself": charge.id in self._taken_by_hand,
            "taken_minor": taken_minor,
            "lost_minor": min(lost_minor, taken_minor - going_back),
            "chargebacks": sum(one.id in self._lost_once for one in charge.disputes),
            "refunds": refunds,
        }

    def _refunds_of(self, charge: FakeCharge) -> Iterator[TrueRefund]:
        for one in charge.refunds:
            yield TrueRefund(
                one.id,
                "",
                minor_of(one.amount, charge.currency),
                REFUNDS[one.state],
                by_hand=one.id in self._by_hand,
                was_done=one.id in self._undone,
            )

    @property
    def deeds(self) -> Mapping[str, Callable[[TruePayment], bool]]:
        return {
            "a part is taken in Seller Central": self.takes_a_part,
            "a part is disputed": self.disputes_a_part,
            "a refund is undone": self.undoes_a_refund,
            "all that is left is given back in Seller Central": self.gives_back_what_is_left,
            "a hold is ended in Seller Central": self.ends_a_hold,
        }

    def takes_a_part(self, payment: TruePayment) -> bool:
        """Once: https://developer.amazon.com/docs/amazon-pay-api-v2/charge.html#capture-charge (2026-11)"""
        charge = self._charge(payment)
        if charge is None or charge.state != "Authorized" or charge.taken_at_once:
            return False
        part = part_of(self.random, minor_of(charge.amount, charge.currency))
        self._taken_by_hand.add(charge.id)
        self.fake.books.capture(charge, {"captureAmount": money(part, charge.currency)})
        return True

    def ends_a_hold(self, payment: TruePayment) -> bool:
        charge = self._charge(payment)
        if charge is None or charge.state != "Authorized":
            return False
        self.fake.books.cancel(charge)
        return True

    def dashboard_refund(self, payment: TruePayment, amount_minor: int) -> bool:
        charge = self._charge(payment)
        if charge is None:
            return False
        amount = money(amount_minor, charge.currency)
        with suppress(Refusal):
            self._by_hand.add(self.fake.books.refund({"chargeId": charge.id, "refundAmount": amount}).id)
            return True
        return False

    def gives_back_what_is_left(self, payment: TruePayment) -> bool:
        return payment.left > 0 and self.dashboard_refund(payment, payment.left)

    def undoes_a_refund(self, payment: TruePayment) -> bool:
        """It was Refunded, and is Declined in the end: the giver's card could not take it."""
        charge = self._charge(payment)
        done = [one for one in charge.refunds if one.state == "Refunded"] if charge else []
        if done:
            refund = self.random.choice(done)
            self._undone.add(refund.id)
            self.fake.books.end_refund(refund, "Declined")
        return bool(done)

    def chargeback(self, payment: TruePayment) -> bool:
        """Lost as soon as it is there."""
        charge = self._charge(payment)
        if charge is None or payment.left <= 0:
            return False
        self._is_lost(self.fake.books.dispute(charge, money(payment.left, charge.currency)["amount"]))
        return True

    def disputes_a_part(self, payment: TruePayment) -> bool:
        """Nothing is gone before it is decided: https://developer.amazon.com/docs/amazon-pay-api-v2/dispute.html (2026-11)"""
        charge = self._charge(payment)
        if charge is None or payment.left <= 0 or len(charge.disputes) >= MOST_DISPUTES:
            return False
        part = part_of(self.random, payment.left)
        dispute = self.fake.books.dispute(charge, money(part, charge.currency)["amount"])
        if self.random.random() < 0.7:
            self._is_lost(dispute)
        return True

    def dispute_is_won(self, payment: TruePayment) -> bool:
        charge = self._charge(payment)
        undecided = [one for one in charge.disputes if one.resolution != "MerchantWon"] if charge else []
        if undecided:
            self.fake.books.end_dispute(self.random.choice(undecided), "Closed", "MerchantWon")
        return bool(undecided)

    def _is_lost(self, dispute: FakeDispute) -> None:
        self._lost_once.add(dispute.id)
        self.fake.books.end_dispute(dispute)

    def _charge(self, payment: TruePayment) -> FakeCharge | None:
        if payment.checkout_id in self.fake.charges:
            return self.fake.charges[payment.checkout_id]
        return self.fake.sessions[payment.checkout_id].charge


def money(amount_minor: int, currency: str) -> dict[str, str]:
    return {"amount": f"{Decimal(amount_minor).scaleb(-decimals_of(currency)):f}", "currencyCode": currency}


def minor_of(amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(decimals_of(currency)))
