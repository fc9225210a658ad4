"""What some providers can do besides providers.base.Provider: share a payment between its payee and the operator."""

from typing import Protocol, TypeGuard

from providers.base import Capability, Payment, PaymentRequest, Provider


class TakesPlatformFees(Provider, Protocol):
    """A provider that can keep a part of a gift for the operator of the service: `platform_fee_minor` of the request."""

    def fee_step_minor(self, currency: str) -> int:
        """By how many minor units of the currency one amount differs from the next there. No network."""


def takes_platform_fees(provider: Provider) -> TypeGuard[TakesPlatformFees]:
    """Whether a part of a gift can be kept for the operator at this provider."""
    return Capability.TAKES_PLATFORM_FEES in provider.capabilities


class SettlesWithPayees(Provider, Protocol):
    """A provider where the operator bears disputes and the payee has the money: Payment.payee_owes_minor tells of it."""

    def pull_back(self, request: PaymentRequest, *, amount_minor: int, request_id: str) -> Payment:
        """Take so much back from the payee, if just that is owed; the same request id takes it once. Raises ProviderRefused."""

    def send_again(self, request: PaymentRequest, *, amount_minor: int, request_id: str) -> Payment:
        """Send the payee so much again, if just that is owed; the same request id sends it once. Raises ProviderRefused."""
