"""What the service asks of a provider about those who are to be paid: whether they can be, and how they become able to be.

Both are capabilities of their own: a provider without them takes the Credentials as they are.
"""

import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeGuard

from ids import is_id
from providers.base import Capability, Provider

_ONBOARDED_AS = re.compile(r"(.+?)(?:-[0-9a-f]{12})?")
_DIGITS_OF_CREDENTIALS = 12


class PayeeState(StrEnum):
    """How far a payee is at the provider, in the words of PaymentAccount's State."""

    UNCHECKED = "Unchecked"  # nobody has asked, or the provider does not say
    ONBOARDING_NEEDED = "OnboardingNeeded"  # the payee has to tell the provider more before anything can be paid out to them
    READY = "Ready"
    RESTRICTED = "Restricted"  # the provider lets nobody pay them


@dataclass(frozen=True)
class PayeeRequest:
    """One payee, told to an adapter."""

    provider: str
    reference: str
    """Our public id of the payee."""
    credentials: str = field(repr=False)
    """In clear: never to be logged. Empty while the provider has not made an account for them."""
    return_url: str = ""
    """Where the provider sends the payee back to once they are done, or have left."""
    refresh_url: str = ""
    """Where the provider sends a payee whose link is over."""

    @property
    def onboarded_as(self) -> str:
        """What a provider may know the payee by that was given a link for these credentials: others are somebody else."""
        digest = hashlib.sha256(self.credentials.encode()).hexdigest()[:_DIGITS_OF_CREDENTIALS]
        return f"{self.reference}-{digest}" if self.credentials else self.reference


def reference_in(onboarded_as: object) -> str:
    """Our public id of the payee whom a provider knows by this; empty where it is none of ours."""
    found = _ONBOARDED_AS.fullmatch(onboarded_as) if isinstance(onboarded_as, str) else None
    return found[1] if found and is_id(found[1]) else ""


@dataclass(frozen=True)
class PayeeStanding:
    """What the provider says of a payee. `reason`: a short code, empty where the state says it all."""

    state: PayeeState
    reason: str = ""
    credentials: str = field(default="", repr=False)
    """Where the payee was without: as whom the provider knows them now."""


class OnboardingNotOffered(Exception):
    """The provider onboards nobody for this service; the message is a sentence that says what would be needed."""


class ChecksPayees(Provider, Protocol):
    """A provider that says whether somebody can be paid."""

    def check_payee(self, payee: PayeeRequest) -> PayeeStanding:
        """Asks the provider. Raises ProviderUnavailable."""


class OnboardsPayees(ChecksPayees, Protocol):
    """A provider that gives a link at which a payee tells it what it wants to know of them."""

    def check_onboarding(self) -> None:
        """Raises OnboardingNotOffered where the operator's account or settings do not allow it. No network."""

    def make_payee(self, payee: PayeeRequest, *, request_id: str) -> str:
        """Make an account for a payee who has none; its credentials, empty where the account comes into being by the link.

        The same request id makes it once. Raises ProviderRefused, ProviderUnavailable, OnboardingNotOffered.
        """

    def onboarding_url(self, payee: PayeeRequest, *, request_id: str) -> str:
        """A fresh link for this payee. Raises ProviderRefused, ProviderUnavailable, OnboardingNotOffered."""


def checks_payees(provider: Provider) -> TypeGuard[ChecksPayees]:
    """Whether the provider says who can be paid."""
    return Capability.CHECKS_PAYEES in provider.capabilities


def onboards_payees(provider: Provider) -> TypeGuard[OnboardsPayees]:
    """Whether the provider gives links for onboarding."""
    return Capability.ONBOARDS_PAYEES in provider.capabilities


def check_onboarding(name: str, provider: Provider) -> OnboardsPayees:
    """The provider, as one that onboards payees. Raises OnboardingNotOffered."""
    if not onboards_payees(provider):
        raise OnboardingNotOffered(
            f"{name} has no onboarding by link here: give Credentials of an account that the payee has already."
        )
    provider.check_onboarding()
    return provider


_LONGEST_REASON = 64


def reason_of(code: str, otherwise: str = "") -> str:
    """A provider's code as a StateReason: reason_of("rejected.fraud") is "rejected_fraud"."""
    words = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in code.lower()).strip("_")
    return words[:_LONGEST_REASON] if words and words[0].isalpha() else otherwise
