"""What givers, banks and people in a dashboard do at the simulated provider, without an order of ours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import clock
from contributions.causes import Cause
from contributions.models import Contribution
from contributions.sync import sync
from providers.base import PaymentRequest, PaymentState, RefundState
from tests.simulation.side import TruePayment, TrueRefund, part_of

HOLD = timedelta(days=29)
HONORED = timedelta(days=3)
"""How long the provider vouches for what it holds, where it does not do so as long as it holds it."""


@dataclass(kw_only=True)
class OwnPayment(TruePayment):
    """One checkout as it really is."""

    order: PaymentRequest
    lapses_at: datetime | None = None
    """When nobody can pay in it any more."""
    is_forgotten: bool = False
    """Once it has lapsed the provider knows it no more, unless it has held the money."""
    held_until: datetime | None = None
    honored_until: datetime | None = None
    is_honored_for_days: bool = False
    refused_until: datetime | None = None
    """Until then it is not taken, although it is held."""
    parts_are_captured: bool = False
    """Where disputes have taken a part it is called captured all the same."""
    seen_from: datetime | None = None
    """When it is told of that the giver has approved."""


class Outside:
    """The half of the simulated provider that is no adapter; provider.py gives it what is annotated here."""

    name: str
    random: Random
    payments: dict[str, OwnPayment]
    effects: int
    calm: bool

    gifts_at_first = 0
    restricts_payees = False

    def restricts(self, restricted: bool) -> None:
        raise NotImplementedError(f"{self.name} pays everybody")

    def giver_presses_the_button(self, contribution: Contribution) -> None:
        raise NotImplementedError(f"{self.name} has a page of its own")

    def lets_approve_something_else(self, payment: TruePayment) -> None:
        payment.amount_minor += 1

    def brings_back(self, contribution: Contribution) -> str:
        return ""

    def rings(self, contribution: Contribution) -> str:
        """It has no messages: what they lead to is done."""
        contribution = sync(contribution, cause=Cause.WEBHOOK).contribution
        return f"{contribution}: {contribution.status} {contribution.status_reason}"

    def reports_what_is_unheard(self) -> None:
        """Whatever it would report it tells whoever asks."""

    def giver_chooses(self, payment: TruePayment, state: PaymentState) -> bool:
        """A giver at the checkout page; only as long as nothing was ordered."""
        if payment.state in {PaymentState.OPEN, PaymentState.APPROVED, PaymentState.DECLINED}:
            payment.state = state
            if state is PaymentState.APPROVED and self._chance(0.1):
                later = clock.now() + timedelta(seconds=self.random.choice([5, 60, 600]))
                self.payments[payment.checkout_id].seen_from, payment.was_shown_late = later, True
            return True
        return False

    def reviews_end(self, passed: bool) -> None:
        for payment in self.payments.values():
            if payment.state is PaymentState.PENDING:
                target = PaymentState.CAPTURED if payment.order.capture_at_once else PaymentState.AUTHORIZED
                self._reach(payment, target if passed else PaymentState.DECLINED)
            for refund in payment.refunds:
                if refund.state is RefundState.PENDING:
                    refund.state = RefundState.COMPLETED if passed else RefundState.FAILED

    def time_passes(self) -> None:
        for payment in self.payments.values():
            if payment.state is PaymentState.AUTHORIZED and payment.held_until and payment.held_until < clock.now():
                payment.state = PaymentState.VOIDED
            unpaid = payment.state in {PaymentState.OPEN, PaymentState.APPROVED, PaymentState.DECLINED}
            if unpaid and payment.lapses_at and payment.lapses_at < clock.now():
                payment.state = PaymentState.LAPSED

    def takes_it_by_itself(self, payment: TruePayment) -> bool:
        if payment.state is PaymentState.APPROVED:
            payment.by_itself = True
            self._reach(self.payments[payment.checkout_id], PaymentState.CAPTURED)
            return True
        return False

    # --- refunds and disputes -----------------------------------------------------------------------------------------

    def dashboard_refund(self, payment: TruePayment, amount_minor: int) -> bool:
        if is_kept(payment) and amount_minor <= payment.left:
            self._give_back(payment, amount_minor, "", RefundState.COMPLETED).by_hand = True
            return True
        return False

    def chargeback(self, payment: TruePayment) -> bool:
        """Of all that is left."""
        if payment.state is not PaymentState.CAPTURED or payment.left <= 0:
            return False
        if payment.lost_minor is not None or self.random.random() < 0.5:
            payment.lost_minor = payment.lost + payment.left
        payment.state = PaymentState.REVERSED
        payment.chargebacks += 1
        return True

    def dispute_is_won(self, payment: TruePayment) -> bool:
        """All of it, or one of several."""
        if payment.state is not PaymentState.REVERSED:
            return False
        if payment.lost_minor is not None:
            payment.lost_minor -= self.random.choice([payment.lost_minor, self._part_of(payment.lost_minor)])
        if not payment.lost_minor:
            payment.state = PaymentState.CAPTURED
        return True

    # --- what else can happen -----------------------------------------------------------------------------------------

    @property
    def deeds(self) -> Mapping[str, Callable[[TruePayment], bool]]:
        return {
            "a part is taken in the dashboard": self.takes_a_part,
            "a part is disputed": self.disputes_a_part,
            "a refund is undone": self.undoes_a_refund,
            "all that is left is given back in the dashboard": self._gives_back_what_is_left,
            "a hold is changed in the dashboard": self._changes_a_hold,
            "a hold cannot be taken for days": self._refuses_for_days,
        }

    def takes_a_part(self, payment: TruePayment) -> bool:
        """Of what is held, which lets go of the rest; or one more of what was taken in part."""
        own = self.payments[payment.checkout_id]
        if own.state is PaymentState.AUTHORIZED:
            own.taken_minor, own.by_itself = self._part_of(own.amount_minor), True
            self._reach(own, PaymentState.CAPTURED)
            return True
        if own.taken_minor is None or own.taken_minor == own.amount_minor or not is_kept(own):
            return False
        own.taken_minor += self._part_of(own.amount_minor - own.taken_minor)
        return True

    def disputes_a_part(self, payment: TruePayment) -> bool:
        """Perhaps beside another dispute."""
        if not is_kept(payment) or payment.left <= 0:
            return False
        payment.lost_minor = payment.lost + self._part_of(payment.left)
        payment.state = PaymentState.REVERSED
        payment.chargebacks += 1
        return True

    def undoes_a_refund(self, payment: TruePayment) -> bool:
        """It was called done, and the money comes back to the payee."""
        done = [refund for refund in payment.refunds if refund.state is RefundState.COMPLETED]
        if done:
            refund = self.random.choice(done)
            refund.state, refund.was_done = RefundState.FAILED, True
        return bool(done)

    def _gives_back_what_is_left(self, payment: TruePayment) -> bool:
        return payment.left > 0 and self.dashboard_refund(payment, payment.left)

    def _changes_a_hold(self, payment: TruePayment) -> bool:
        """It ends there, or is renewed."""
        own = self.payments[payment.checkout_id]
        if own.state is not PaymentState.AUTHORIZED:
            return False
        if self.random.random() < 0.5:
            own.state = PaymentState.VOIDED
        else:
            own.held_until = clock.now() + HOLD
        return True

    def _refuses_for_days(self, payment: TruePayment) -> bool:
        own = self.payments[payment.checkout_id]
        if own.state is PaymentState.AUTHORIZED:
            own.refused_until = clock.now() + timedelta(days=self.random.randint(1, 3))
            return True
        return False

    # --- inside -------------------------------------------------------------------------------------------------------

    def _chance(self, probability: float) -> bool:
        return not self.calm and self.random.random() < probability

    def _part_of(self, minor: int) -> int:
        return part_of(self.random, minor)

    def _reach(self, payment: OwnPayment, state: PaymentState) -> None:
        payment.state = state
        self.effects += 1
        if state is PaymentState.CAPTURED:
            payment.captures += 1
            if payment.captured_at_effect is None:  # else it began to be taken before a review
                payment.captured_at_effect = self.effects
        if state is PaymentState.AUTHORIZED:
            payment.held_until = clock.now() + HOLD
            payment.honored_until = clock.now() + HONORED if payment.is_honored_for_days else None

    def _give_back(self, payment: TruePayment, amount_minor: int, reference: str, state: RefundState) -> TrueRefund:
        number = f"R{sum(len(one.refunds) for one in self.payments.values())}"
        refund = TrueRefund(number, reference, amount_minor, state)
        payment.refunds.append(refund)
        return refund


def is_kept(payment: TruePayment) -> bool:
    """Whether it was taken, and not taken back by a dispute of all that there was."""
    in_part = payment.state is PaymentState.REVERSED and payment.lost_minor is not None
    return payment.state is PaymentState.CAPTURED or in_part
