"""The simulator with the rules of the provider that it plays: what that would refuse on the way in, it refuses as well."""

from providers.base import Capability, Provider
from providers.payees import OnboardingNotOffered, PayeeRequest, PayeeStanding, PayeeState, onboards_payees
from providers.permissions import PermissionRequest, check_keeps_permissions
from providers.sandbox.adapter import SandboxProvider


class StrictSandbox(SandboxProvider):
    """`plays`: the adapter of the provider that is played. Only what it says without a network is asked of it."""

    def __init__(self, plays: Provider, *, knows_payees: bool) -> None:
        super().__init__()
        self._plays, self._knows_payees = plays, knows_payees

    def check_credentials(self, credentials: str) -> None:
        """As the provider does, where that takes no account of the operator's own."""
        super().check_credentials(credentials)
        if self._knows_payees:
            self._plays.check_credentials(credentials)

    def check_currency(self, currency: str, *, payee: str = "") -> None:
        self._plays.check_currency(currency, payee=payee if self._knows_payees else "")

    def check_amount(self, amount_minor: int, currency: str, *, payee: str = "") -> None:
        self._plays.check_amount(amount_minor, currency, payee=payee if self._knows_payees else "")

    def check_refund(self, amount_minor: int, currency: str) -> None:
        self._plays.check_refund(amount_minor, currency)

    def check_permission(self, request: PermissionRequest) -> None:
        """As the provider does, where that keeps permissions at all."""
        check_keeps_permissions(request.provider, self._plays).check_permission(request)

    def check_payee(self, payee: PayeeRequest) -> PayeeStanding:
        """As the simulator does, where the provider says who can be paid."""
        if Capability.CHECKS_PAYEES not in self._plays.capabilities:
            return PayeeStanding(PayeeState.UNCHECKED, "provider_does_not_say")
        return super().check_payee(payee)

    def check_onboarding(self) -> None:
        """Raises OnboardingNotOffered where the provider onboards nobody by link."""
        if not onboards_payees(self._plays):
            raise OnboardingNotOffered("This provider has no onboarding by link: give Credentials of the payee's account.")
