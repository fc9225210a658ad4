"""The simulated provider without luck: every answer is right and in time, but for those that a script has it give otherwise."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

from providers.base import (
    Capability,
    OpenedCheckout,
    PayerActionRequired,
    Payment,
    PaymentRequest,
    PaymentState,
    ProviderRefused,
    ProviderUnavailable,
)
from tests.simulation.outside import OwnPayment
from tests.simulation.provider import TruthfulProvider
from tests.simulation.side import TruePayment

Fault = Callable[[Callable[[], Any]], Any]
"""Given what the provider would do, and answer, it does what comes of the call instead."""


def lost_call(effect: Callable[[], Any]) -> Any:
    raise ProviderUnavailable("the call was lost")


def lost_answer(effect: Callable[[], Any]) -> Any:
    with suppress(ProviderRefused):
        effect()
    raise ProviderUnavailable("the answer was lost")


def refused(effect: Callable[[], Any]) -> Any:
    raise ProviderRefused("it_refuses")


def payer_must_act(effect: Callable[[], Any]) -> Any:
    raise PayerActionRequired("instrument_declined")


def unknown_word(effect: Callable[[], Any]) -> Any:
    """A state that the adapter does not know, and therefore calls PENDING."""
    return replace(effect(), state=PaymentState.PENDING, reason="")


def meanwhile(deed: Callable[[], Any], then: Fault | None = None) -> Fault:
    """Somebody acts after the call has arrived, and before the answer has; `then` comes of the answer."""

    def fault(effect: Callable[[], Any]) -> Any:
        answer = effect()
        deed()
        return then(lambda: answer) if then else answer

    return fault


def beforehand(deed: Callable[[], Any]) -> Fault:
    """Somebody acts before the call arrives."""

    def fault(effect: Callable[[], Any]) -> Any:
        deed()
        return effect()

    return fault


class ScriptedProvider(TruthfulProvider):
    """What a provider can do besides it can do as well, where its `capabilities` say so."""

    def __init__(self, random: Random, around: Callable[[str, str], None]) -> None:
        super().__init__(random, around)
        self.calm = True
        self.next: dict[str, Fault] = {}
        """By operation: what comes of the next call."""
        self.capabilities: frozenset[Capability] = frozenset()
        self.takes_a_part_only = False
        """What is taken without an order of ours is three quarters of what was held."""
        self.tells_sums_only = False
        """It lists no refunds, and tells how much was given back in all."""

    def open_checkout(self, order: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        """One that never lapses by itself. Where its page is ours, only the giver learns its id."""
        opened = super().open_checkout(order, request_id=request_id)
        payment = self.payments[opened.checkout_id]
        payment.lapses_at, payment.is_forgotten = None, False
        in_hiding = self.capabilities == {Capability.PAID_ON_OUR_PAGE}
        return replace(opened, expires_at=None, checkout_id="" if in_hiding else opened.checkout_id)

    def close(self, order: PaymentRequest, *, request_id: str) -> Payment:
        return self._order(order, "close", request_id, {PaymentState.OPEN, PaymentState.DECLINED}, PaymentState.VOIDED)

    def pay(self, order: PaymentRequest, token: str, *, request_id: str) -> Payment:
        return self._order(order, "pay", request_id, {PaymentState.OPEN}, PaymentState.CAPTURED)

    # --- what is true ---------------------------------------------------------------------------------------------

    def make(self, payment: OwnPayment, state: PaymentState) -> None:
        """Without an order of ours: the giver pays and that holds or takes it, or somebody does it in the dashboard."""
        if payment.state is state:
            return
        if state in {PaymentState.PENDING, PaymentState.CAPTURED, PaymentState.REVERSED}:
            payment.by_the_giver = True
        if state in {PaymentState.CAPTURED, PaymentState.REVERSED} and self.takes_a_part_only and not payment.captures:
            payment.taken_minor = payment.amount_minor * 3 // 4
        if state is PaymentState.REVERSED and not payment.captures:
            self._reach(payment, PaymentState.CAPTURED)
        if state is PaymentState.REVERSED:
            payment.chargebacks += 1
        if state in {PaymentState.AUTHORIZED, PaymentState.CAPTURED} and payment.state is not PaymentState.REVERSED:
            self._reach(payment, state)
        payment.state = state

    def taken_in_part(self, payment: OwnPayment, minor: int) -> None:
        """Of what is held, which lets go of the rest; or one more of what was taken in part."""
        payment.taken_minor = payment.taken + minor
        self.make(payment, PaymentState.CAPTURED)

    def dashboard_refund(self, payment: TruePayment, amount_minor: int) -> bool:
        done = super().dashboard_refund(payment, amount_minor)
        if done and self.tells_sums_only:
            payment.refunds[-1].number = ""
        return done

    def disputed_in_part(self, payment: OwnPayment, minor: int) -> None:
        """So much of it is lost, or still is where more of it was."""
        self.make(payment, PaymentState.REVERSED)
        payment.lost_minor = minor

    # --- inside -----------------------------------------------------------------------------------------------------

    def _told(self, payment: OwnPayment) -> Payment:
        told = super()._told(payment)
        return replace(told, refunds=(), given_back_minor=payment.given_back) if self.tells_sums_only else told

    def _call(self, operation: str, about: str, effect: Callable[[], Any]) -> Any:
        fault = self.next.pop(operation, None)
        return super()._call(operation, about, effect if fault is None else lambda: fault(effect))
