"""What the simulator does to its own books, and how it tells of it."""

import secrets
import time
from datetime import timedelta
from typing import Any

from django.db import transaction

import clock
import encryption
from ids import new_id
from lookups import one_or_none
from providers.base import (
    Payment,
    PaymentRequest,
    PaymentState,
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
    RefundState,
)
from providers.kit.deadline import at_most
from providers.sandbox.events import AFTER_THE_CAPTURE, AFTER_THE_HOLD, left_minor, new_refund_id
from providers.sandbox.models import SandboxCheckout, SandboxRefund, SandboxRequest
from providers.sandbox.scenarios import SCENARIOS
from providers.sandbox.webhooks import owe_webhook

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

TAKEN = (State.CAPTURED, State.REVERSED)

HOLD = timedelta(days=29)
"""How long an authorization is good for."""

SLOW_SECONDS = 3

LOST = {
    "call_lost": "the call was lost",
    "error_500": "500 Internal Server Error",
    "answer_lost": "the answer was lost",
}
"""How the first operation goes in some scenarios. An answer is lost once it has been carried out."""


def checkout_of(request: PaymentRequest, *, locked: bool = False) -> SandboxCheckout:
    """The checkout as it is; locked: until the transaction ends. Raises ProviderRefused."""
    rows = SandboxCheckout.objects.select_for_update(no_key=True) if locked else SandboxCheckout.objects
    checkout = one_or_none(rows.filter(checkout_id=request.checkout_id))
    if checkout is None:
        raise refusal("unknown_checkout", "there is no such checkout")
    return checkout


def opened_checkout(request: PaymentRequest, request_id: str, scenario: str, **more: Any) -> SandboxCheckout:
    """The checkout that this request id opens, or has opened before. `more`: columns of its own kind."""
    columns = {
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
    }
    return SandboxCheckout.objects.get_or_create(opened_by_request=request_id, defaults=columns | more)[0]


def as_time_has_left_it(checkout: SandboxCheckout) -> SandboxCheckout:
    """The checkout after what happens by itself between one question and the next: reviews end, holds lapse."""
    if checkout.state != State.IN_REVIEW and not _has_lapsed(checkout):
        return checkout
    if checkout.permission_id is not None and checkout.state == State.IN_REVIEW and first_trouble(checkout):
        return checkout  # who has paid under a permission asks at once, and nobody has reviewed it by then
    with transaction.atomic():
        checkout = SandboxCheckout.objects.select_for_update(no_key=True).get(pk=checkout.pk)
        if checkout.state == State.IN_REVIEW:  # a review lasts until somebody asks how it went
            under_permission = checkout.permission_id is not None
            asked_to_hold = checkout.requests.filter(operation="authorize").exists()
            to_be_held = not checkout.capture_at_once if under_permission else asked_to_hold
            passed = State.AUTHORIZED if to_be_held else State.CAPTURED
            move(checkout, State.DENIED if checkout.scenario == "review_denied" else passed)
        elif _has_lapsed(checkout):
            move(checkout, State.VOIDED)
    return checkout


def _has_lapsed(checkout: SandboxCheckout) -> bool:
    return checkout.state == State.AUTHORIZED and checkout.held_until is not None and checkout.held_until < clock.now()


def move(checkout: SandboxCheckout, to: State) -> None:
    """Write a locked checkout's new state, and what follows from it."""
    checkout.state = to
    checkout.payment_id = checkout.payment_id or "SIM" + secrets.token_hex(8).upper()
    checkout.held_until = clock.now() + HOLD if to == State.AUTHORIZED else checkout.held_until
    checkout.save(update_fields=["state", "payment_id", "held_until"])
    begins = {State.AUTHORIZED: AFTER_THE_HOLD, State.CAPTURED: AFTER_THE_CAPTURE}.get(to, ())
    if checkout.scenario in begins:
        owe_webhook(checkout, checkout.scenario)


def carry_out(request: PaymentRequest, operation: str, request_id: str, *, come_from: set[State], to: State) -> Payment:
    """Carry out one operation, with whatever trouble the scenario has for it. Raises ProviderRefused, ProviderUnavailable."""
    checkout = checkout_of(request)
    take_time(checkout)
    trouble = checkout.scenario if checkout.scenario in LOST and first_trouble(checkout) else ""
    if trouble in {"call_lost", "error_500"}:
        raise ProviderUnavailable(LOST[trouble])
    checkout = _carry_out_once(request, operation, request_id, come_from, to)
    if trouble:
        raise ProviderUnavailable(LOST[trouble])
    if checkout.state == State.DECLINED:
        raise refusal(REASONS[State.DECLINED], "the instrument was declined")
    return payment_of(checkout)


def _carry_out_once(
    request: PaymentRequest, operation: str, request_id: str, come_from: set[State], to: State
) -> SandboxCheckout:
    with transaction.atomic():
        checkout = checkout_of(request, locked=True)
        known = one_or_none(SandboxRequest.objects.filter(request_id=request_id))
        if known is not None:
            if (known.checkout_id, known.operation) != (checkout.pk, operation):
                raise request_id_reused()
            return checkout
        state = State(checkout.state)
        if state not in come_from:
            was_refused = State.APPROVED in come_from and state in {State.DECLINED, State.DENIED}
            reason = REASONS[state] if was_refused else f"cannot_{operation}"
            raise refusal(reason, f"{operation}: this payment is {state}")
        if checkout.scenario == "capture_refused" and state == State.AUTHORIZED and operation == "capture":
            raise refusal("not_permitted", "the simulator was told to refuse")
        if state == State.APPROVED and checkout.scenario == "declined":
            move(checkout, State.DECLINED)  # a definite no: the giver may try again, and that is a new request
            return checkout
        if state == State.APPROVED and (checkout.will_be_reviewed or checkout.scenario in {"review_passed", "review_denied"}):
            to = State.IN_REVIEW
        move(checkout, to)
        SandboxRequest.objects.create(request_id=request_id, checkout=checkout, operation=operation, state_after=to)
        return checkout


def refund_once(checkout: SandboxCheckout, amount_minor: int, reference: str, request_id: str) -> SandboxRefund:
    with transaction.atomic():
        checkout = SandboxCheckout.objects.select_for_update(no_key=True).get(pk=checkout.pk)
        known = one_or_none(SandboxRefund.objects.filter(request_id=request_id))
        if known is not None:
            if (known.checkout_id, known.amount_minor) != (checkout.pk, amount_minor):
                raise request_id_reused()
            return known
        _check_refundable(checkout, amount_minor)
        takes_its_time = checkout.scenario in {"refund_pending", "refund_denied"}
        if takes_its_time:
            owe_webhook(checkout, "refund_over")
        if checkout.scenario == "refund_undone":
            owe_webhook(checkout, "refund_undone")
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
        raise refusal("refund_refused", "the simulator was told to refuse")
    if checkout.state != State.CAPTURED:
        raise refusal("cannot_refund", f"a payment that is {checkout.state} cannot be given back")
    if amount_minor < 1:
        raise refusal("refund_amount_invalid", "nothing cannot be given back")
    if amount_minor > left_minor(checkout):
        raise refusal("refund_amount_exceeded", "more than was taken")


# --- What scenarios do to an order ----------------------------------------------------------------------------------


def take_time(checkout: SandboxCheckout) -> None:
    if checkout.scenario == "slow":
        with at_most(SLOW_SECONDS):
            time.sleep(SLOW_SECONDS)


def first_trouble(checkout: SandboxCheckout) -> bool:
    """Whether the trouble that comes once comes now."""
    return bool(SandboxCheckout.objects.filter(pk=checkout.pk, trouble_made=False).update(trouble_made=True))


# --- Answers --------------------------------------------------------------------------------------------------------


def payment_of(checkout: SandboxCheckout) -> Payment:
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
        correlation_id=correlation_id(),
        reason=REASONS.get(State(checkout.state), ""),
        taken_minor=checkout.taken_minor if checkout.state in TAKEN else None,
        lost_minor=checkout.lost_minor or None,
        expires_at=checkout.held_until if checkout.state == State.AUTHORIZED else None,
        refunds=tuple(provider_refund_of(refund) for refund in checkout.refunds.order_by("pk")),
    )


def provider_refund_of(refund: SandboxRefund) -> ProviderRefund:
    return ProviderRefund(
        state=RefundState(refund.state),
        amount_minor=refund.amount_minor,
        reference=refund.reference,
        provider_reference=refund.refund_id,
        correlation_id=correlation_id(),
        reason="refund_denied" if refund.state == SandboxRefund.State.FAILED else "",
    )


def refusal(reason: str, message: str) -> ProviderRefused:
    return ProviderRefused(reason, message, correlation_id=correlation_id())


def request_id_reused() -> ProviderRefused:
    return refusal("request_id_reused", "this request id came with another order before")


def correlation_id() -> str:
    return "sim-" + secrets.token_hex(6)
