"""What stands behind Google Pay: Google gives a token, and somebody else takes the money."""

from collections.abc import Mapping
from typing import Protocol

from providers.base import CheckedProvider, ClosesCheckouts, Payment, PaymentRequest


class Gateway(CheckedProvider, ClosesCheckouts, Protocol):
    """A payment company that takes Google's tokens: a provider that has everything but a page.

    Its `key` names itself and Google: what it opened stays with it, whichever gateway is set later. Its checkouts have an id
    from the start; their address is the pay page.
    """

    def tokenization(self) -> Mapping[str, str]:
        """For whom Google is to make the token: `tokenizationSpecification.parameters` of Google's API. Public.

        Raises ProviderUnavailable where the service has no keys (any more).
        """

    def read_token(self, told: str) -> str:
        """As providers.base.PaidByToken has it."""

    def pay(self, order: PaymentRequest, token: str, *, request_id: str) -> Payment:
        """As providers.base.PaidByToken has it."""
