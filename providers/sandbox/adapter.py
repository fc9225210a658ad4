"""The adapter in front of the simulator: the same protocol as for a real provider, answered from its own tables."""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

import clock
import encryption
from ids import new_id
from money import decimals_of
from providers.base import (
    Checkout,
    CredentialsRefused,
    ForgedReport,
    Order,
    Payment,
    PaymentState,
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
    RefundState,
    Report,
)
from providers.sandbox.models import SandboxCheckout, SandboxRefund, SandboxReport, SandboxRequest
from providers.sandbox.scenarios import SCENARIOS, scenario_of

State = SandboxCheckout.State

PAYMENT_STATES = {
    State.OPEN: PaymentState.OPEN,
    State.APPROVED: PaymentState.APPROVED,
    State.DECLINED: PaymentState.DECLINED,
    State.IN_REVIEW: PaymentState.PENDING,
    State.AUTHORIZED: PaymentState.AUTHORIZED,
    State.CAPTURED: PaymentState.CAPTURED,
    State.VOIDED: PaymentState.VOIDED,
    State.REVERSED: PaymentState.REVERSED,
}

HOLD = timedelta(days=29)
"""How long an authorization is good for."""

SLOW_SECONDS = 3


class SandboxProvider:
    """Plays any provider whose keys are not set. Meets providers.base.Provider."""

    key = "sandbox"
    return_token_argument = "token"  # noqa: S105 - a query argument's name

    def check_credentials(self, credentials: str) -> None:
        if not 1 <= len(credentials) <= 255:
            raise CredentialsRefused(
                "must be 1 to 255 characters: what identifies the payee at the provider, such as an e-mail address"
            )

    def open_checkout(self, order: Order, *, request_id: str) -> Checkout:
        scenario = order.scenario or scenario_of(order.amount_minor, decimals_of(order.currency))
        if scenario == "open_refused":
            raise ProviderRefused("provider_refused", "the simulator was told to refuse")
        if scenario == "open_silent":
            raise ProviderUnavailable("the simulator was told to be silent")
        checkout, _ = SandboxCheckout.objects.get_or_create(
            opened_by_request=request_id,
            defaults={
                "checkout_id": new_id(),
                "provider": order.provider,
                "reference": order.reference,
                "amount_minor": order.amount_minor,
                "currency": order.currency,
                "payee_encrypted": encryption.encrypt(order.payee),
                "capture_at_once": order.capture_at_once,
                "description": order.description,
                "return_url": order.return_url,
                "cancel_url": order.cancel_url,
                "scenario": scenario if scenario in SCENARIOS else "",
            },
        )
        url = f"{settings.PUBLIC_BASE_URL}/sandbox/checkout/{checkout.checkout_id}"
        return Checkout(checkout.checkout_id, url, correlation_id=_correlation_id())

    def find(self, order: Order) -> Payment:
        _let_time_pass(order.checkout_id)
        return _payment(SandboxCheckout.objects.get(checkout_id=order.checkout_id))

    def authorize(self, order: Order, *, request_id: str) -> Payment:
        return _change(order, "authorize", request_id, come_from={State.APPROVED}, to=State.AUTHORIZED)

    def capture(self, order: Order, *, request_id: str) -> Payment:
        return _change(order, "capture", request_id, come_from={State.APPROVED, State.AUTHORIZED}, to=State.CAPTURED)

    def renew(self, order: Order, *, request_id: str) -> Payment:
        return _change(order, "renew", request_id, come_from={State.AUTHORIZED}, to=State.AUTHORIZED)

    def void(self, order: Order, *, request_id: str) -> Payment:
        return _change(order, "void", request_id, come_from={State.AUTHORIZED}, to=State.VOIDED)

    def refund(self, order: Order, *, amount_minor: int, reference: str, request_id: str) -> ProviderRefund:
        with transaction.atomic():
            checkout = SandboxCheckout.objects.select_for_update().get(checkout_id=order.checkout_id)
            known = SandboxRefund.objects.filter(request_id=request_id).first()
            if known is None:
                _check_refundable(checkout, amount_minor)
                pending = checkout.scenario == "refund_pending"
                known = SandboxRefund.objects.create(
                    refund_id="SIMR" + secrets.token_hex(8).upper(),
                    checkout=checkout,
                    request_id=request_id,
                    reference=reference,
                    amount_minor=amount_minor,
                    state=SandboxRefund.State.PENDING if pending else SandboxRefund.State.COMPLETED,
                )
            return _provider_refund(known)

    def find_refund(self, order: Order, provider_reference: str) -> ProviderRefund:
        pending = SandboxRefund.objects.filter(refund_id=provider_reference, state=SandboxRefund.State.PENDING)
        pending.update(state=SandboxRefund.State.COMPLETED)  # it was pending until somebody asked
        return _provider_refund(SandboxRefund.objects.get(refund_id=provider_reference))

    def read_report(self, body: bytes, headers: Mapping[str, str]) -> Report:
        signature = headers.get("Sandbox-Signature", "")
        if not hmac.compare_digest(signature.encode(), sign_report(body).encode()):
            raise ForgedReport("the signature is not the simulator's")
        try:
            report = json.loads(body)
            return Report(str(report["checkout_id"]), str(report["id"]))
        except (ValueError, KeyError, TypeError):
            raise ForgedReport("signed, but not a report") from None


def sign_report(body: bytes) -> str:
    """HMAC-SHA-256 of a webhook's body, hexadecimal, under a key that only this service has."""
    return hmac.new(b"sandbox report\0" + settings.SECRET_KEY.encode(), body, hashlib.sha256).hexdigest()


def _let_time_pass(checkout_id: str) -> None:
    """What happens at a provider by itself between one question and the next."""
    checkouts = SandboxCheckout.objects.filter(checkout_id=checkout_id)
    reviewed = checkouts.filter(state=State.IN_REVIEW)
    reviewed.filter(scenario="review_denied").update(state=State.DECLINED)
    for in_one_go, passed in ((True, State.CAPTURED), (False, State.AUTHORIZED)):
        # The review lasts until somebody asks how it went.
        reviewed.filter(capture_at_once=in_one_go).update(state=passed, held_until=clock.now() + HOLD)
    checkouts.filter(state=State.AUTHORIZED, held_until__lt=clock.now()).update(state=State.VOIDED)


def _change(order: Order, operation: str, request_id: str, *, come_from: set[State], to: State) -> Payment:
    scenario = SandboxCheckout.objects.values_list("scenario", flat=True).get(checkout_id=order.checkout_id)
    if scenario == "slow":
        time.sleep(SLOW_SECONDS)
    first_time = scenario in {"call_lost", "answer_lost", "error_500"} and _first_trouble(order.checkout_id)
    if first_time and scenario != "answer_lost":
        raise ProviderUnavailable("the call was lost" if scenario == "call_lost" else "500 Internal Server Error")
    payment = _change_once(order, operation, request_id, come_from, to)
    if first_time:
        raise ProviderUnavailable("the answer was lost")
    return payment


def _first_trouble(checkout_id: str) -> bool:
    return bool(SandboxCheckout.objects.filter(checkout_id=checkout_id, trouble_made=False).update(trouble_made=True))


def _change_once(order: Order, operation: str, request_id: str, come_from: set[State], to: State) -> Payment:
    with transaction.atomic():
        checkout = SandboxCheckout.objects.select_for_update().get(checkout_id=order.checkout_id)
        if SandboxRequest.objects.filter(request_id=request_id).exists():
            return _payment(checkout)
        if checkout.state not in come_from:
            raise ProviderRefused(f"cannot_{operation}", f"a payment that is {checkout.state} cannot be told to {operation}")
        if checkout.state == State.APPROVED and checkout.scenario == "declined":
            to = State.DECLINED
        if checkout.state == State.APPROVED and checkout.scenario in {"review_passed", "review_denied"}:
            to = State.IN_REVIEW
        checkout.state = to
        checkout.payment_id = checkout.payment_id or "SIM" + secrets.token_hex(8).upper()
        checkout.held_until = clock.now() + HOLD if to == State.AUTHORIZED else checkout.held_until
        checkout.save(update_fields=["state", "payment_id", "held_until"])
        SandboxRequest.objects.create(request_id=request_id, checkout=checkout, operation=operation, state_after=to)
        if to == State.CAPTURED and checkout.scenario in {"chargeback", "chargeback_won"}:
            owe_report(checkout, checkout.scenario)
        return _payment(checkout)


def _check_refundable(checkout: SandboxCheckout, amount_minor: int) -> None:
    going_back = checkout.refunds.exclude(state=SandboxRefund.State.FAILED).aggregate(sum=Sum("amount_minor"))["sum"] or 0
    if checkout.scenario == "refund_refused":
        raise ProviderRefused("refund_refused", "the simulator was told to refuse")
    if checkout.state != State.CAPTURED:
        raise ProviderRefused("cannot_refund", f"a payment that is {checkout.state} cannot be given back")
    if going_back + amount_minor > checkout.amount_minor:
        raise ProviderRefused("refund_amount_exceeded", "more than was taken")


def owe_report(checkout: SandboxCheckout, what: str) -> None:
    """Queue the webhook(s) that this event brings."""
    if checkout.scenario == "report_never":
        return
    report_id = new_id()
    for _ in range(2 if checkout.scenario == "report_twice" else 1):
        SandboxReport.objects.create(report_id=report_id, checkout=checkout, what=what)


def _payment(checkout: SandboxCheckout) -> Payment:
    amount, currency = checkout.amount_minor, checkout.currency
    if checkout.scenario == "amount_differs":
        amount += 1
    if checkout.scenario == "currency_differs":
        currency = "XXX"
    return Payment(
        state=PAYMENT_STATES[State(checkout.state)],
        amount_minor=amount,
        currency=currency,
        payee=encryption.decrypt(checkout.payee_encrypted),
        reference=checkout.reference,
        provider_reference=checkout.payment_id,
        correlation_id=_correlation_id(),
        reason={State.DECLINED: "instrument_declined", State.IN_REVIEW: "under_review"}.get(State(checkout.state), ""),
        expires_at=checkout.held_until if checkout.state == State.AUTHORIZED else None,
        refunds=tuple(_provider_refund(refund) for refund in checkout.refunds.order_by("pk")),
    )


def _provider_refund(refund: SandboxRefund) -> ProviderRefund:
    return ProviderRefund(
        state=RefundState(refund.state),
        amount_minor=refund.amount_minor,
        reference=refund.reference,
        provider_reference=refund.refund_id,
        correlation_id=_correlation_id(),
    )


def _correlation_id() -> str:
    return "sim-" + secrets.token_hex(6)
