"""A payment provider with books of its own: the truth that ours are compared with.

It lives in memory, so that no crash and no rollback of the service's database touches it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any
from unittest import mock

import clock
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
from tests.simulation.outside import Outside, OwnPayment, is_kept
from tests.simulation.side import TrueRefund, Wrong

CHECKOUT_LIVES = timedelta(hours=5)
LOST_ANSWERS = {"refund": 0.3, "capture": 0.15}
"""How often an answer is lost: more often where that is dangerous."""
ORDERS = {"open", "authorize", "capture", "renew", "void", "refund", "close", "pay"}
"""Never two about one thing at once. Whoever has had a refund refused asks about the payment while others may be asking."""
LONGEST_CALL = timedelta(seconds=30)
"""Whoever waits longer than this has been overtaken: a zombie, which may still ask but must not write."""


class TruthfulProvider(Outside):
    """Meets providers.base.Provider, and is a ProviderSide of its own. `around` is called at every call, to make trouble or
    let others act meanwhile."""

    key = "sandbox"
    return_token_argument = "token"
    capabilities: frozenset[Capability] = frozenset()
    name, payee = "PayPal", "payee@example.org"
    magnitudes = dict.fromkeys(("USD", "JPY", "KWD"), (1, 1, 1, 10**3, 10**6, 10**8))
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

    def check_currency(self, currency: str, *, payee: str = "") -> None:
        """Every one."""

    def check_amount(self, amount_minor: int, currency: str, *, payee: str = "") -> None:
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
                    is_honored_for_days=self._chance(0.4),
                    parts_are_captured=self._chance(0.5),
                )
                told = lapses_at if self.random.random() < 0.5 else None
                url = f"https://provider.example/{checkout_id}"
                known = self.answers[request_id] = OpenedCheckout(checkout_id, url, expires_at=told)
            return known

        return self._call("open", request_id, effect)

    def find(self, order: PaymentRequest) -> Payment:
        def effect() -> Payment:
            payment = self._payment(order)
            if payment.state is PaymentState.LAPSED and payment.is_forgotten and payment.held_until is None:
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
                if not is_kept(payment) or amount_minor > payment.left:
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

    @contextmanager
    def laws(self, sleep: Callable[[float], None]) -> Iterator[None]:
        with mock.patch.object(registry, "_SANDBOX", self), mock.patch.dict(registry._ADAPTERS, {"sandbox": self}):
            yield

    # --- inside -------------------------------------------------------------------------------------------------------

    def _payment(self, order: PaymentRequest) -> OwnPayment:
        return self.payments[order.checkout_id]

    def _call(self, operation: str, about: str, effect: Callable[[], Any]) -> Any:
        began = self.on_its_way.get(about) if operation in ORDERS else None
        if began is not None and clock.now() - began < LONGEST_CALL:
            raise Wrong(f"{operation} while another call about {about} is on its way")
        if operation in ORDERS:
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
            if operation in ORDERS:
                self.on_its_way.pop(about, None)

    def _order(
        self, order: PaymentRequest, operation: str, request_id: str, sources: set[PaymentState], target: PaymentState
    ) -> Payment:
        payment = self._payment(order)

        def effect() -> Payment:
            if request_id not in self.answers:
                if payment.state not in sources:
                    raise ProviderRefused(f"cannot_{operation}")
                if operation == "capture" and payment.refused_until and clock.now() < payment.refused_until:
                    raise ProviderRefused("not_permitted")
                if operation == "capture" and self._chance(0.06):
                    if payment.state is not PaymentState.AUTHORIZED or self._chance(0.5):
                        payment.state = PaymentState.DECLINED  # else it is held still, and nobody can take it
                    raise ProviderRefused("instrument_declined")
                if operation == "renew" and self._chance(0.3):
                    raise ProviderRefused("cannot_renew")
                self.answers[request_id] = True
                if payment.state is PaymentState.APPROVED and self._chance(0.12):
                    payment.state, payment.captured_at_effect = PaymentState.PENDING, self.effects
                else:
                    self._reach(payment, target)
            return self._told(payment)

        answer: Payment = self._call(operation, order.checkout_id, effect)
        return answer

    def _told(self, payment: OwnPayment) -> Payment:
        state, held = payment.state, payment.state is PaymentState.AUTHORIZED
        if state is PaymentState.APPROVED and payment.seen_from and clock.now() < payment.seen_from:
            state = PaymentState.OPEN
        if state is PaymentState.REVERSED and payment.left and payment.parts_are_captured:
            state = PaymentState.CAPTURED
        reason = {PaymentState.DECLINED: "instrument_declined", PaymentState.PENDING: "under_review"}.get(state, "")
        return Payment(
            state,
            payment.amount_minor,
            payment.order.currency,
            payment.order.payee,
            payment.order.reference,
            provider_reference=f"P{payment.checkout_id}",
            reason=reason,
            taken_minor=payment.taken_minor if payment.captures else None,
            lost_minor=payment.lost_minor if payment.captures else None,
            expires_at=payment.held_until if held else None,
            honored_until=payment.honored_until if held else None,
            refunds=tuple(self._told_refund(refund) for refund in payment.refunds),
        )

    @staticmethod
    def _told_refund(refund: TrueRefund) -> ProviderRefund:
        return ProviderRefund(refund.state, refund.amount_minor, refund.reference, refund.number)
