"""The adapter of gifts whose money no company moves: cash that somebody was handed, the share of a matcher.

No network and no memory: what our books say of such a gift is all that there is. So it was taken as it was asked for, what is
given back of it is given back at once, and nobody ever disputes it.
"""

from collections.abc import Mapping

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
    RefundState,
    WebhookEvent,
)


class LocalProvider:
    """Answers for what is paid without a provider. Meets providers.base.Provider. Thread-safe."""

    return_token_argument = "token"  # noqa: S105 - a query argument's name
    capabilities = frozenset({Capability.SETTLES_AT_ONCE})

    def __init__(self, name: str, key: str) -> None:
        self._name, self.key = name, key
        self._holds_nothing = f"{name} holds no money: what was given is there already"

    def check_credentials(self, credentials: str) -> None:
        if credentials:
            raise CredentialsRefused(f"must be left out for {self._name}: nobody is paid through this service there")

    def check_currency(self, currency: str, *, payee: str = "") -> None:
        """Any currency."""

    def check_amount(self, amount_minor: int, currency: str, *, payee: str = "") -> None:
        """Any amount."""

    def check_refund(self, amount_minor: int, currency: str) -> None:
        """Any amount of it."""

    def open_checkout(self, request: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        """There is nowhere to pay: its address is the page that says how the gift stands."""
        return OpenedCheckout(request.reference, "")

    def find(self, request: PaymentRequest) -> Payment:
        return Payment(PaymentState.CAPTURED, request.amount_minor, request.currency, request.payee, request.reference)

    def authorize(self, request: PaymentRequest, *, request_id: str) -> Payment:
        return self.find(request)

    def capture(self, request: PaymentRequest, *, request_id: str) -> Payment:
        return self.find(request)

    def renew(self, request: PaymentRequest, *, request_id: str) -> Payment:
        raise ProviderRefused("cannot_renew", self._holds_nothing)

    def void(self, request: PaymentRequest, *, request_id: str) -> Payment:
        raise ProviderRefused("cannot_void", self._holds_nothing)

    def refund(self, request: PaymentRequest, *, amount_minor: int, reference: str, request_id: str) -> ProviderRefund:
        """No money moves: who has it gives it back by hand."""
        return ProviderRefund(RefundState.COMPLETED, amount_minor, reference, "")

    def find_refund(self, request: PaymentRequest, provider_reference: str) -> ProviderRefund:
        raise ProviderRefused("unknown_refund", f"{self._name} keeps no refunds of its own")

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        raise InvalidSignature(f"nobody reports what happens at {self._name}")
