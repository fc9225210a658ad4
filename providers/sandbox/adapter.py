"""The adapter in front of the simulator: the same protocol as for a real provider, answered from its own tables."""

import secrets

from django.conf import settings
from django.db import transaction

import encryption
from ids import new_id
from providers.base import Checkout, CredentialsRefused, Order, Payment, PaymentState, ProviderRefused
from providers.sandbox.models import SandboxCheckout, SandboxRequest

State = SandboxCheckout.State

PAYMENT_STATES = {
    State.OPEN: PaymentState.OPEN,
    State.APPROVED: PaymentState.APPROVED,
    State.DECLINED: PaymentState.DECLINED,
    State.IN_REVIEW: PaymentState.PENDING,
    State.AUTHORIZED: PaymentState.AUTHORIZED,
    State.CAPTURED: PaymentState.CAPTURED,
    State.VOIDED: PaymentState.VOIDED,
}


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
            },
        )
        url = f"{settings.PUBLIC_BASE_URL}/sandbox/checkout/{checkout.checkout_id}"
        return Checkout(checkout.checkout_id, url, correlation_id=_correlation_id())

    def find(self, order: Order) -> Payment:
        # The review that `pending` stands for lasts until somebody asks how it went.
        for in_one_go, passed in ((True, State.CAPTURED), (False, State.AUTHORIZED)):
            SandboxCheckout.objects.filter(
                checkout_id=order.checkout_id, state=State.IN_REVIEW, capture_at_once=in_one_go
            ).update(state=passed)
        return _payment(SandboxCheckout.objects.get(checkout_id=order.checkout_id))

    def authorize(self, order: Order, *, request_id: str) -> Payment:
        return _change(order, "authorize", request_id, come_from={State.APPROVED}, to=State.AUTHORIZED)

    def capture(self, order: Order, *, request_id: str) -> Payment:
        return _change(order, "capture", request_id, come_from={State.APPROVED, State.AUTHORIZED}, to=State.CAPTURED)

    def void(self, order: Order, *, request_id: str) -> Payment:
        return _change(order, "void", request_id, come_from={State.AUTHORIZED}, to=State.VOIDED)


def _change(order: Order, operation: str, request_id: str, *, come_from: set[State], to: State) -> Payment:
    with transaction.atomic():
        checkout = SandboxCheckout.objects.select_for_update().get(checkout_id=order.checkout_id)
        known = SandboxRequest.objects.filter(request_id=request_id).first()
        if known is None:
            if checkout.state not in come_from:
                raise ProviderRefused(
                    f"cannot_{operation}", f"a payment that is {checkout.state} cannot be told to {operation}"
                )
            if checkout.will_be_reviewed and checkout.state == State.APPROVED:
                to = State.IN_REVIEW
            checkout.state = to
            checkout.payment_id = checkout.payment_id or "SIM" + secrets.token_hex(8).upper()
            checkout.save(update_fields=["state", "payment_id"])
            SandboxRequest.objects.create(request_id=request_id, checkout=checkout, operation=operation, state_after=to)
        return _payment(checkout)


def _payment(checkout: SandboxCheckout) -> Payment:
    state = PAYMENT_STATES[State(checkout.state)]
    return Payment(
        state=state,
        amount_minor=checkout.amount_minor,
        currency=checkout.currency,
        payee=encryption.decrypt(checkout.payee_encrypted),
        reference=checkout.reference,
        provider_reference=checkout.payment_id,
        correlation_id=_correlation_id(),
        reason={State.DECLINED: "instrument_declined", State.IN_REVIEW: "under_review"}.get(State(checkout.state), ""),
    )


def _correlation_id() -> str:
    return "sim-" + secrets.token_hex(6)
