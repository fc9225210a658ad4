"""The adapter in front of the simulator: the same protocol as for a real provider, answered from its own tables."""

import json
import secrets
import time
from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.db import transaction

import clock
import encryption
from ids import is_id, new_id
from money import decimals_of
from providers.base import (
    Capability,
    CredentialsRefused,
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
from providers.sandbox.events import AFTER_THE_CAPTURE, end_refunds, going_back_minor, new_refund_id
from providers.sandbox.models import SandboxCheckout, SandboxRefund, SandboxRequest
from providers.sandbox.reports import is_signed, owe_report
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
    State.DENIED: PaymentState.DECLINED,
    State.REVERSED: PaymentState.REVERSED,
}

REASONS = {State.DECLINED: "instrument_declined", State.IN_REVIEW: "under_review", State.DENIED: "review_denied"}
"""Why, where the state alone does not say it."""

HOLD = timedelta(days=29)
"""How long an authorization is good for."""

SLOW_SECONDS = 3

LOST = {
    "call_lost": "the call was lost",
    "error_500": "500 Internal Server Error",
    "answer_lost": "the answer was lost",
}
"""How the first order goes in some scenarios. An answer is lost once the order has been obeyed."""


class SandboxProvider:
    """Plays any provider whose keys are not set. Meets providers.base.Provider."""

    key = "sandbox"
    return_token_argument = "token"  # noqa: S105 - a query argument's name
    capabilities: frozenset[Capability] = frozenset()

    def check_credentials(self, credentials: str) -> None:
        if not 1 <= len(credentials) <= 255:
            raise CredentialsRefused(
                "must be 1 to 255 characters: what identifies the payee at the provider, such as an e-mail address"
            )

    def check_currency(self, currency: str) -> None:
        """The simulator takes every currency."""

    def check_amount(self, amount_minor: int, currency: str) -> None:
        """And every amount."""

    def check_refund(self, amount_minor: int, currency: str) -> None:
        """And gives back every amount."""

    def open_checkout(self, request: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        scenario = request.scenario or scenario_of(request.amount_minor, decimals_of(request.currency))
        if scenario == "open_refused":
            raise _refusal("provider_refused", "the simulator was told to refuse")
        if scenario == "open_silent":
            raise ProviderUnavailable("the simulator was told to be silent")
        checkout, _ = SandboxCheckout.objects.get_or_create(
            opened_by_request=request_id,
            defaults={
                "checkout_id": new_id(),
                "provider": request.provider,
                "reference": request.reference,
                "amount_minor": request.amount_minor,
                "currency": request.currency,
                "payee_encrypted": encryption.encrypt(request.payee),
                "capture_at_once": request.capture_at_once,
                "description": request.description,
                "return_url": request.return_url,
                "cancel_url": request.cancel_url,
                "scenario": scenario if scenario in SCENARIOS else "",
                "created_at": clock.now(),
            },
        )
        if (checkout.reference, checkout.amount_minor) != (request.reference, request.amount_minor):
            raise _request_id_reused()
        url = f"{settings.PUBLIC_BASE_URL}/sandbox/checkout/{checkout.checkout_id}"
        return OpenedCheckout(checkout.checkout_id, url, correlation_id=_correlation_id())

    def find(self, request: PaymentRequest) -> Payment:
        return _payment(_as_time_has_left_it(_checkout(request)))

    def authorize(self, request: PaymentRequest, *, request_id: str) -> Payment:
        return _obey(request, "authorize", request_id, come_from={State.APPROVED}, to=State.AUTHORIZED)

    def capture(self, request: PaymentRequest, *, request_id: str) -> Payment:
        return _obey(request, "capture", request_id, come_from={State.APPROVED, State.AUTHORIZED}, to=State.CAPTURED)

    def renew(self, request: PaymentRequest, *, request_id: str) -> Payment:
        return _obey(request, "renew", request_id, come_from={State.AUTHORIZED}, to=State.AUTHORIZED)

    def void(self, request: PaymentRequest, *, request_id: str) -> Payment:
        return _obey(request, "void", request_id, come_from={State.AUTHORIZED}, to=State.VOIDED)

    def refund(self, request: PaymentRequest, *, amount_minor: int, reference: str, request_id: str) -> ProviderRefund:
        checkout = _checkout(request)
        _take_ones_time(checkout)
        answer_lost = checkout.scenario == "refund_answer_lost" and _first_trouble(checkout)
        refund = _refund_once(checkout, amount_minor, reference, request_id)
        if answer_lost:
            raise ProviderUnavailable(LOST["answer_lost"])
        return _provider_refund(refund)

    def find_refund(self, request: PaymentRequest, provider_reference: str) -> ProviderRefund:
        checkout = _checkout(request)
        if not checkout.refunds.filter(refund_id=provider_reference).exists():
            raise _refusal("unknown_refund", "this payment has no such refund")
        end_refunds(checkout)  # it was pending until somebody asked
        return _provider_refund(checkout.refunds.get(refund_id=provider_reference))

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        if not is_signed(body, headers.get("Sandbox-Signature", "")):
            raise InvalidSignature("the signature is not the simulator's")
        try:
            report = json.loads(body)
            checkout_id, event_id = report["checkout_id"], report["id"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise InvalidSignature("signed, but not a report") from None
        if not (isinstance(checkout_id, str) and isinstance(event_id, str) and is_id(checkout_id)):
            raise InvalidSignature("signed, but it names no checkout")
        return WebhookEvent(checkout_id, event_id)


# --- The simulator's books ------------------------------------------------------------------------------------------


def _checkout(request: PaymentRequest, *, locked: bool = False) -> SandboxCheckout:
    """The checkout as it is; locked: until the transaction ends. Raises ProviderRefused."""
    rows = SandboxCheckout.objects.select_for_update(no_key=True) if locked else SandboxCheckout.objects
    checkout = rows.filter(checkout_id=request.checkout_id).first()
    if checkout is None:
        raise _refusal("unknown_checkout", "there is no such checkout")
    return checkout


def _as_time_has_left_it(checkout: SandboxCheckout) -> SandboxCheckout:
    """The checkout after what happens by itself between one question and the next: reviews end, holds lapse."""
    if checkout.state != State.IN_REVIEW and not _has_lapsed(checkout):
        return checkout
    with transaction.atomic():
        checkout = SandboxCheckout.objects.select_for_update(no_key=True).get(pk=checkout.pk)
        if checkout.state == State.IN_REVIEW:  # a review lasts until somebody asks how it went
            to_be_held = checkout.requests.filter(operation="authorize").exists()
            passed = State.AUTHORIZED if to_be_held else State.CAPTURED
            _move(checkout, State.DENIED if checkout.scenario == "review_denied" else passed)
        elif _has_lapsed(checkout):
            _move(checkout, State.VOIDED)
    return checkout


def _has_lapsed(checkout: SandboxCheckout) -> bool:
    return checkout.state == State.AUTHORIZED and checkout.held_until is not None and checkout.held_until < clock.now()


def _move(checkout: SandboxCheckout, to: State) -> None:
    """Write a locked checkout's new state, and what follows from it."""
    checkout.state = to
    checkout.payment_id = checkout.payment_id or "SIM" + secrets.token_hex(8).upper()
    checkout.held_until = clock.now() + HOLD if to == State.AUTHORIZED else checkout.held_until
    checkout.save(update_fields=["state", "payment_id", "held_until"])
    if to == State.CAPTURED and checkout.scenario in AFTER_THE_CAPTURE:
        owe_report(checkout, checkout.scenario)


def _obey(request: PaymentRequest, operation: str, request_id: str, *, come_from: set[State], to: State) -> Payment:
    """Carry out one order, with whatever trouble the scenario has for it. Raises ProviderRefused, ProviderUnavailable."""
    checkout = _checkout(request)
    _take_ones_time(checkout)
    trouble = checkout.scenario if checkout.scenario in LOST and _first_trouble(checkout) else ""
    if trouble in {"call_lost", "error_500"}:
        raise ProviderUnavailable(LOST[trouble])
    checkout = _obey_once(request, operation, request_id, come_from, to)
    if trouble:
        raise ProviderUnavailable(LOST[trouble])
    if checkout.state == State.DECLINED:
        raise _refusal(REASONS[State.DECLINED], "the instrument was declined")
    return _payment(checkout)


def _obey_once(request: PaymentRequest, operation: str, request_id: str, come_from: set[State], to: State) -> SandboxCheckout:
    with transaction.atomic():
        checkout = _checkout(request, locked=True)
        known = SandboxRequest.objects.filter(request_id=request_id).first()
        if known is not None:
            if (known.checkout_id, known.operation) != (checkout.pk, operation):
                raise _request_id_reused()
            return checkout
        state = State(checkout.state)
        if state not in come_from:
            was_refused = State.APPROVED in come_from and state in {State.DECLINED, State.DENIED}
            reason = REASONS[state] if was_refused else f"cannot_{operation}"
            raise _refusal(reason, f"{operation}: this payment is {state}")
        if state == State.APPROVED and checkout.scenario == "declined":
            _move(checkout, State.DECLINED)  # a definite no: the giver may try again, and that is a new request
            return checkout
        if state == State.APPROVED and (checkout.will_be_reviewed or checkout.scenario in {"review_passed", "review_denied"}):
            to = State.IN_REVIEW
        _move(checkout, to)
        SandboxRequest.objects.create(request_id=request_id, checkout=checkout, operation=operation, state_after=to)
        return checkout


def _refund_once(checkout: SandboxCheckout, amount_minor: int, reference: str, request_id: str) -> SandboxRefund:
    with transaction.atomic():
        checkout = SandboxCheckout.objects.select_for_update(no_key=True).get(pk=checkout.pk)
        known = SandboxRefund.objects.filter(request_id=request_id).first()
        if known is not None:
            if (known.checkout_id, known.amount_minor) != (checkout.pk, amount_minor):
                raise _request_id_reused()
            return known
        _check_refundable(checkout, amount_minor)
        takes_its_time = checkout.scenario in {"refund_pending", "refund_denied"}
        if takes_its_time:
            owe_report(checkout, "refund_over")
        return SandboxRefund.objects.create(
            refund_id=new_refund_id(),
            checkout=checkout,
            request_id=request_id,
            reference=reference,
            amount_minor=amount_minor,
            state=SandboxRefund.State.PENDING if takes_its_time else SandboxRefund.State.COMPLETED,
        )


def _check_refundable(checkout: SandboxCheckout, amount_minor: int) -> None:
    if checkout.scenario == "refund_refused":
        raise _refusal("refund_refused", "the simulator was told to refuse")
    if checkout.state != State.CAPTURED:
        raise _refusal("cannot_refund", f"a payment that is {checkout.state} cannot be given back")
    if amount_minor < 1:
        raise _refusal("refund_amount_invalid", "nothing cannot be given back")
    if going_back_minor(checkout) + amount_minor > checkout.amount_minor:
        raise _refusal("refund_amount_exceeded", "more than was taken")


# --- What scenarios do to an order ----------------------------------------------------------------------------------


def _take_ones_time(checkout: SandboxCheckout) -> None:
    if checkout.scenario == "slow":
        time.sleep(SLOW_SECONDS)


def _first_trouble(checkout: SandboxCheckout) -> bool:
    """Whether the trouble that comes once comes now."""
    return bool(SandboxCheckout.objects.filter(pk=checkout.pk, trouble_made=False).update(trouble_made=True))


# --- Answers --------------------------------------------------------------------------------------------------------


def _payment(checkout: SandboxCheckout) -> Payment:
    amount_minor, currency = checkout.amount_minor, checkout.currency
    if checkout.state == State.APPROVED and checkout.scenario == "amount_differs":
        amount_minor += 1
    if checkout.state == State.APPROVED and checkout.scenario == "currency_differs":
        currency = "USD" if currency == "EUR" else "EUR"
    return Payment(
        state=PAYMENT_STATES[State(checkout.state)],
        amount_minor=amount_minor,
        currency=currency,
        payee=encryption.decrypt(checkout.payee_encrypted),
        reference=checkout.reference,
        provider_reference=checkout.payment_id,
        correlation_id=_correlation_id(),
        reason=REASONS.get(State(checkout.state), ""),
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
        reason="refund_denied" if refund.state == SandboxRefund.State.FAILED else "",
    )


def _refusal(reason: str, message: str) -> ProviderRefused:
    return ProviderRefused(reason, message, correlation_id=_correlation_id())


def _request_id_reused() -> ProviderRefused:
    return _refusal("request_id_reused", "this request id came with another order before")


def _correlation_id() -> str:
    return "sim-" + secrets.token_hex(6)
