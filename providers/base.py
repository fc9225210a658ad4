"""What the service asks of a payment provider, in our words.

An adapter translates and decides nothing. It never opens a database transaction round a call, never writes a model
of ours, and answers a word it does not know with a state that moves no money.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class PaymentState(StrEnum):
    """How far a payment has come, as the provider tells it."""

    OPEN = "open"  # the giver has not approved it (yet)
    APPROVED = "approved"  # the giver has approved; nothing is held or taken
    PENDING = "pending"  # the provider is still thinking; no outcome yet
    AUTHORIZED = "authorized"  # held
    CAPTURED = "captured"  # taken
    DECLINED = "declined"  # refused for good, unless the giver tries again
    VOIDED = "voided"  # let go, by us or by them


class ProviderUnavailable(Exception):
    """No answer, or none that can be understood: the outcome is unknown, ask again."""


class ProviderRefused(Exception):
    """The provider said no, and asking again will not change it.

    `reason` is a short code fit for a contribution's StatusReason.
    """

    def __init__(self, reason: str, message: str = "", *, correlation_id: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason
        self.correlation_id = correlation_id


class CredentialsRefused(ValueError):
    """Not what identifies somebody at this provider; the message says what would be right."""


class ProviderNotOffered(Exception):
    """The service has neither keys for the provider nor a simulator that may play it."""


@dataclass(frozen=True)
class Order:
    """One payment as we want it: what is opened, and what later answers are compared with."""

    provider: str
    reference: str
    """Our public id of the contribution."""
    amount_minor: int
    currency: str
    payee: str = field(repr=False)
    """The goal's Credentials at this provider, in clear: never to be logged."""
    capture_at_once: bool
    description: str
    return_url: str
    cancel_url: str
    checkout_id: str = ""
    """The provider's id of the checkout, once there is one."""


@dataclass(frozen=True)
class Checkout:
    """A page at the provider's where the giver pays."""

    checkout_id: str
    url: str
    correlation_id: str = ""


@dataclass(frozen=True)
class Payment:
    """What the provider says of a payment. Amount, currency, payee and reference are the provider's own words."""

    state: PaymentState
    amount_minor: int
    currency: str
    payee: str = field(repr=False)
    reference: str
    provider_reference: str = ""
    """The provider's id of the authorization or capture."""
    correlation_id: str = ""
    reason: str = ""
    """A short code for why, where the state alone does not say it."""


class Provider(Protocol):
    """One payment company, or the simulator. Every method may raise ProviderUnavailable."""

    key: str
    """Names the adapter for ever: a contribution is followed up by the adapter that opened it."""

    return_token_argument: str
    """The query argument in which the giver brings back the checkout's id."""

    def check_credentials(self, credentials: str) -> None:
        """Raises CredentialsRefused where these cannot identify a payee. No network."""

    def open_checkout(self, order: Order, *, request_id: str) -> Checkout:
        """Open the page where the giver pays; the same request id gives the same checkout. Raises ProviderRefused."""

    def find(self, order: Order) -> Payment:
        """Ask how far the payment has come; moves no money."""

    def authorize(self, order: Order, *, request_id: str) -> Payment:
        """Hold an approved payment; the same request id holds it once. Raises ProviderRefused."""

    def capture(self, order: Order, *, request_id: str) -> Payment:
        """Take an approved or held payment; the same request id takes it once. Raises ProviderRefused."""

    def void(self, order: Order, *, request_id: str) -> Payment:
        """Let a held payment go. Raises ProviderRefused."""
