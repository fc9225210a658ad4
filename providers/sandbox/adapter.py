"""The adapter in front of the simulator: the same protocol as for a real provider, answered from its own tables."""

import json
from collections.abc import Mapping

from django.conf import settings

from ids import is_id
from money import decimals_of
from providers.base import (
    Capability,
    CredentialsRefused,
    InvalidSignature,
    OpenedCheckout,
    Payment,
    PaymentRequest,
    ProviderRefund,
    ProviderUnavailable,
    WebhookEvent,
)
from providers.payees import PayeeRequest, PayeeStanding
from providers.permissions import OpenedPermission, PermissionRequest, PermissionTold
from providers.sandbox import payees, permissions
from providers.sandbox.events import end_refunds
from providers.sandbox.operations import (
    LOST,
    State,
    as_time_has_left_it,
    carry_out,
    checkout_of,
    correlation_id,
    first_trouble,
    opened_checkout,
    payment_of,
    provider_refund_of,
    refund_once,
    refusal,
    request_id_reused,
    take_time,
)
from providers.sandbox.scenarios import scenario_of
from providers.sandbox.webhooks import is_signed


class SandboxProvider:
    """Plays any provider whose keys are not set. Meets providers.base.Provider."""

    key = "sandbox"
    return_token_argument = "token"  # noqa: S105 - a query argument's name
    permission_token_argument = "token"  # noqa: S105 - the same
    capabilities = frozenset({Capability.CHECKS_PAYEES, Capability.ONBOARDS_PAYEES, Capability.KEEPS_PERMISSIONS})

    def check_credentials(self, credentials: str) -> None:
        if not 1 <= len(credentials) <= 255:
            raise CredentialsRefused(
                "must be 1 to 255 characters: what identifies the payee at the provider, such as an e-mail address"
            )

    def check_currency(self, currency: str, *, payee: str = "") -> None:
        """The simulator takes every currency."""

    def check_amount(self, amount_minor: int, currency: str, *, payee: str = "") -> None:
        """And every amount."""

    def check_refund(self, amount_minor: int, currency: str) -> None:
        """And gives back every amount."""

    def open_checkout(self, request: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        scenario = request.scenario or scenario_of(request.amount_minor, decimals_of(request.currency))
        if scenario == "open_refused":
            raise refusal("provider_refused", "the simulator was told to refuse")
        if scenario == "open_silent":
            raise ProviderUnavailable("the simulator was told to be silent")
        checkout = opened_checkout(request, request_id, scenario)
        if (checkout.reference, checkout.amount_minor) != (request.reference, request.amount_minor):
            raise request_id_reused()
        url = f"{settings.PUBLIC_BASE_URL}/sandbox/checkout/{checkout.checkout_id}"
        return OpenedCheckout(checkout.checkout_id, url, correlation_id=correlation_id())

    def find(self, request: PaymentRequest) -> Payment:
        return payment_of(as_time_has_left_it(checkout_of(request)))

    def authorize(self, request: PaymentRequest, *, request_id: str) -> Payment:
        return carry_out(request, "authorize", request_id, come_from={State.APPROVED}, to=State.AUTHORIZED)

    def capture(self, request: PaymentRequest, *, request_id: str) -> Payment:
        return carry_out(request, "capture", request_id, come_from={State.APPROVED, State.AUTHORIZED}, to=State.CAPTURED)

    def renew(self, request: PaymentRequest, *, request_id: str) -> Payment:
        return carry_out(request, "renew", request_id, come_from={State.AUTHORIZED}, to=State.AUTHORIZED)

    def void(self, request: PaymentRequest, *, request_id: str) -> Payment:
        return carry_out(request, "void", request_id, come_from={State.AUTHORIZED}, to=State.VOIDED)

    def refund(self, request: PaymentRequest, *, amount_minor: int, reference: str, request_id: str) -> ProviderRefund:
        checkout = checkout_of(request)
        take_time(checkout)
        answer_lost = checkout.scenario == "refund_answer_lost" and first_trouble(checkout)
        refund = refund_once(checkout, amount_minor, reference, request_id)
        if answer_lost:
            raise ProviderUnavailable(LOST["answer_lost"])
        return provider_refund_of(refund)

    def find_refund(self, request: PaymentRequest, provider_reference: str) -> ProviderRefund:
        checkout = checkout_of(request)
        if not checkout.refunds.filter(refund_id=provider_reference).exists():
            raise refusal("unknown_refund", "this payment has no such refund")
        end_refunds(checkout)  # it was pending until somebody asked
        return provider_refund_of(checkout.refunds.get(refund_id=provider_reference))

    def check_payee(self, payee: PayeeRequest) -> PayeeStanding:
        return payees.standing(payee)

    def check_onboarding(self) -> None:
        """The simulator onboards everybody."""

    def make_payee(self, payee: PayeeRequest, *, request_id: str) -> str:
        return payees.make(payee, request_id)

    def onboarding_url(self, payee: PayeeRequest, *, request_id: str) -> str:
        return payees.link(payee)

    def check_permission(self, request: PermissionRequest) -> None:
        """The simulator keeps every permission."""

    def ask_permission(self, request: PermissionRequest, *, request_id: str) -> OpenedPermission:
        return permissions.ask(request, request_id)

    def find_permission(self, request: PermissionRequest, *, request_id: str) -> PermissionTold:
        return permissions.told(request)

    def revoke_permission(self, request: PermissionRequest, *, request_id: str) -> None:
        permissions.revoke(request)

    def open_with_permission(self, request: PaymentRequest, token: str, *, request_id: str) -> OpenedCheckout:
        return permissions.charge(request, token, request_id)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        if not is_signed(body, headers.get("Sandbox-Signature", "")):
            raise InvalidSignature("the signature is not the simulator's")
        try:
            event = json.loads(body)
            about_permission = "permission_id" in event
            named, event_id = event["permission_id" if about_permission else "checkout_id"], event["id"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise InvalidSignature("signed, but not an event") from None
        if not (isinstance(named, str) and isinstance(event_id, str) and is_id(named)):
            raise InvalidSignature("signed, but it names no checkout")
        return WebhookEvent(event_id=event_id, permission=named) if about_permission else WebhookEvent(named, event_id)


# --- The simulator's books ------------------------------------------------------------------------------------------
