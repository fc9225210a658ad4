"""A payment provider with books of its own: the truth that ours are compared with.

It lives in memory, so that no crash and no rollback of the service's database touches it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from unittest import mock

import clock
from contributions.causes import Cause
from contributions.models import Contribution
from contributions.sync import sync
from providers import registry
from providers.base import (
    Capability,
    InvalidSignature,
    OpenedCheckout,
    Payment,
    PaymentRequest,
    PaymentState,
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
    RefundState,
    WebhookEvent,
)
from tests.simulation.side import TruePayment, TrueRefund, Wrong


@dataclass(kw_only=True)
class OwnPayment(TruePayment):
    """One checkout as it really is."""

    order: PaymentRequest
    lapses_at: datetime | None = None
    """When nobody can pay in it any more."""
    is_forgotten: bool = False
    """Once it has lapsed the provider knows it no more."""
    held_until: datetime | None = None


HOLD = timedelta(days=29)
CHECKOUT_LIVES = timedelta(hours=5)
LOST_ANSWERS = {"refund": 0.3, "capture": 0.15}
"""How often an answer is lost: more often where that is dangerous."""
LONGEST_CALL = timedelta(seconds=30)
"""Whoever waits longer than this has been overtaken: a zombie, which may still ask but must not write."""


class TruthfulProvider:
    """Meets providers.base.Provider, and is a ProviderSide of its own. `around` is called at every call, to make trouble or
    let others act meanwhile."""

    key = "sandbox"
    return_token_argument = "token"
    capabilities: frozenset[Capability] = frozenset()
    name, payee = "PayPal", "payee@example.org"
    currencies = ("USD", "JPY", "KWD")
    on_our_page = False

    def __init__(self, random: Random, around: Callable[[str, str], None]) -> None:
        self.random, self.around = random, around
        self.payments: dict[str, OwnPayment] = {}
        self.answers: dict[str, Any] = {}
        self.on_its_way: dict[str, datetime] = {}
        """When the call about a payment, or about a refund, began."""
        self.effects = 0
        """How often anything was changed here: a clock that tells what came first."""
        self.calm = False

    # --- providers.base.Provider ----------------------------------------------------------------------------------

    def check_credentials(self, credentials: str) -> None:
        return None

    def check_currency(self, currency: str) -> None:
        """Every one."""

    def check_amount(self, amount_minor: int, currency: str) -> None:
        """Every one."""

    def check_refund(self, amount_minor: int, currency: str) -> None:
        """Every one."""

    def open_checkout(self, order: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        def effect() -> OpenedCheckout:
            if self._chance(0.03):
                raise ProviderRefused("provider_refused")
            known = self.answers.get(request_id)
            if known is None:
                checkout_id = f"C{len(self.payments)}"
                lapses_at = clock.now() + CHECKOUT_LIVES if self.random.random() < 0.5 else None
                self.payments[checkout_id] = OwnPayment(
                    order.reference,
                    checkout_id,
                    order.currency,
                    order.payee,
                    amount_minor=order.amount_minor,
                    order=order,
                    lapses_at=lapses_at,
                    is_forgotten=self.random.random() < 0.3,
                )
                told = lapses_at if self.random.random() < 0.5 else None
                url = f"https://provider.example/{checkout_id}"
                known = self.answers[request_id] = OpenedCheckout(checkout_id, url, expires_at=told)
            return known

        return self._call("open", request_id, effect)

    def find(self, order: PaymentRequest) -> Payment:
        def effect() -> Payment:
            payment = self._payment(order)
            if payment.state is PaymentState.LAPSED and payment.is_forgotten:
                raise ProviderRefused("no_such_checkout")
            return self._told(payment)

        return self._call("find", order.checkout_id, effect)

    def authorize(self, order: PaymentRequest, *, request_id: str) -> Payment:
        return self._order(order, "authorize", request_id, {PaymentState.APPROVED}, PaymentState.AUTHORIZED)

    def capture(self, order: PaymentRequest, *, request_id: str) -> Payment:
        sources = {PaymentState.APPROVED, PaymentState.AUTHORIZED}
        return self._order(order, "capture", request_id, sources, PaymentState.CAPTURED)

    def renew(self, order: PaymentRequest, *, request_id: str) -> Payment:
        return self._order(order, "renew", request_id, {PaymentState.AUTHORIZED}, PaymentState.AUTHORIZED)

    def void(self, order: PaymentRequest, *, request_id: str) -> Payment:
        return self._order(order, "void", request_id, {PaymentState.AUTHORIZED}, PaymentState.VOIDED)

    def refund(self, order: PaymentRequest, *, amount_minor: int, reference: str, request_id: str) -> ProviderRefund:
        payment = self._payment(order)

        def effect() -> ProviderRefund:
            refund: TrueRefund | None = self.answers.get(request_id)
            if refund is None:
                if payment.state is not PaymentState.CAPTURED or payment.going_back + amount_minor > payment.amount_minor:
                    raise ProviderRefused("refund_refused")
                if self._chance(0.05):
                    raise ProviderRefused("insufficient_funds")
                state = RefundState.PENDING if self._chance(0.2) else RefundState.COMPLETED
                refund = self.answers[request_id] = self._give_back(payment, amount_minor, reference, state)
            return self._told_refund(refund)

        return self._call("refund", reference, effect)

    def find_refund(self, order: PaymentRequest, provider_reference: str) -> ProviderRefund:
        payment = self._payment(order)

        def effect() -> ProviderRefund:
            return self._told_refund(next(one for one in payment.refunds if one.number == provider_reference))

        return self._call("find_refund", provider_reference, effect)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        raise InvalidSignature

    # --- what givers, banks and dashboards do ---------------------------------------------------------------------

    @contextmanager
    def laws(self, sleep: Callable[[float], None]) -> Iterator[None]:
        with mock.patch.object(registry, "_SANDBOX", self), mock.patch.dict(registry._ADAPTERS, {"sandbox": self}):
            yield

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

    def dashboard_refund(self, payment: TruePayment, amount_minor: int) -> bool:
        if payment.state is PaymentState.CAPTURED and payment.going_back + amount_minor <= payment.amount_minor:
            self._give_back(payment, amount_minor, "", RefundState.COMPLETED).by_hand = True
            return True
        return False

    def chargeback(self, payment: TruePayment) -> bool:
        if payment.state is PaymentState.CAPTURED and payment.going_back < payment.amount_minor:
            payment.state = PaymentState.REVERSED
            payment.chargebacks += 1
            return True
        return False

    def takes_it_by_itself(self, payment: TruePayment) -> bool:
        if payment.state is PaymentState.APPROVED:
            payment.by_itself = True
            self._reach(self.payments[payment.checkout_id], PaymentState.CAPTURED)
            return True
        return False

    def dispute_is_won(self, payment: TruePayment) -> bool:
        if payment.state is PaymentState.REVERSED:
            payment.state = PaymentState.CAPTURED
            return True
        return False

    def time_passes(self) -> None:
        for payment in self.payments.values():
            if payment.state is PaymentState.AUTHORIZED and payment.held_until and payment.held_until < clock.now():
                payment.state = PaymentState.VOIDED
            unpaid = payment.state in {PaymentState.OPEN, PaymentState.APPROVED, PaymentState.DECLINED}
            if unpaid and payment.lapses_at and payment.lapses_at < clock.now():
                payment.state = PaymentState.LAPSED

    # --- inside -------------------------------------------------------------------------------------------------------

    def _chance(self, probability: float) -> bool:
        return not self.calm and self.random.random() < probability

    def _payment(self, order: PaymentRequest) -> OwnPayment:
        return self.payments[order.checkout_id]

    def _call(self, operation: str, about: str, effect: Callable[[], Any]) -> Any:
        began = self.on_its_way.get(about)
        if began is not None and clock.now() - began < LONGEST_CALL:
            raise Wrong(f"{operation} while another call about {about} is on its way")
        self.on_its_way[about] = clock.now()
        try:
            self.around("before", operation)
            if self._chance(0.06):
                raise ProviderUnavailable("the call was lost")
            answer = effect()
            self.around("after", operation)
            if self._chance(LOST_ANSWERS.get(operation, 0.08)):
                raise ProviderUnavailable("the answer was lost")
            return answer
        finally:
            self.on_its_way.pop(about, None)

    def _order(
        self, order: PaymentRequest, operation: str, request_id: str, sources: set[PaymentState], target: PaymentState
    ) -> Payment:
        payment = self._payment(order)

        def effect() -> Payment:
            if request_id not in self.answers:
                if payment.state not in sources:
                    raise ProviderRefused(f"cannot_{operation}")
                if operation == "capture" and self._chance(0.06):
                    if payment.state is not PaymentState.AUTHORIZED or self._chance(0.5):
                        payment.state = PaymentState.DECLINED  # else it is held still, and nobody can take it
                    raise ProviderRefused("instrument_declined")
                if operation == "renew" and self._chance(0.3):
                    raise ProviderRefused("cannot_renew")
                self.answers[request_id] = True
                if payment.state is PaymentState.APPROVED and self._chance(0.12):
                    payment.state = PaymentState.PENDING
                else:
                    self._reach(payment, target)
            return self._told(payment)

        answer: Payment = self._call(operation, order.checkout_id, effect)
        return answer

    def _reach(self, payment: OwnPayment, state: PaymentState) -> None:
        payment.state = state
        self.effects += 1
        if state is PaymentState.CAPTURED:
            payment.captures += 1
            payment.captured_at_effect = self.effects
        if state is PaymentState.AUTHORIZED:
            payment.held_until = clock.now() + HOLD

    def _give_back(self, payment: TruePayment, amount_minor: int, reference: str, state: RefundState) -> TrueRefund:
        number = f"R{sum(len(one.refunds) for one in self.payments.values())}"
        refund = TrueRefund(number, reference, amount_minor, state)
        payment.refunds.append(refund)
        return refund

    def _told(self, payment: OwnPayment) -> Payment:
        reason = {PaymentState.DECLINED: "instrument_declined", PaymentState.PENDING: "under_review"}.get(payment.state, "")
        return Payment(
            payment.state,
            payment.amount_minor,
            payment.order.currency,
            payment.order.payee,
            payment.order.reference,
            provider_reference=f"P{payment.checkout_id}",
            reason=reason,
            expires_at=payment.held_until if payment.state is PaymentState.AUTHORIZED else None,
            refunds=tuple(self._told_refund(refund) for refund in payment.refunds),
        )

    @staticmethod
    def _told_refund(refund: TrueRefund) -> ProviderRefund:
        return ProviderRefund(refund.state, refund.amount_minor, refund.reference, refund.number)
