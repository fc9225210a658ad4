"""What the service asks of a provider about standing permissions: a giver agrees once, and gives again without being asked.

Two stages: a set-up that the giver agrees to at the provider's page, and the token that comes of it, which stands in for them.
A capability of its own: at a provider without it each gift is paid at the provider's page.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeGuard

from providers.base import Capability, OpenedCheckout, PaymentRequest, PayPage, Provider


class Standing(StrEnum):
    """How a permission stands, as the provider tells it."""

    OPEN = "open"  # the giver has not agreed (yet)
    ACTIVE = "active"  # the giver has agreed, and the token is good
    DECLINED = "declined"  # the giver has said no, for good
    LAPSED = "lapsed"  # nobody has agreed to this set-up, and nobody can any more: another one can be opened
    REVOKED = "revoked"  # taken back at the provider, or not known to it any more
    EXPIRED = "expired"


@dataclass(frozen=True)
class PermissionRequest:
    """One permission as we want it. Amounts are in minor units of `currency`."""

    provider: str
    reference: str
    """Our public id of the permission."""
    giver: str
    """Our public id of the giver: what a provider may call its customer."""
    currency: str
    maximum_minor: int
    """What one gift is at most."""
    total_minor: int | None
    """What all gifts under it together are at most; None: no limit."""
    ends_at: datetime | None
    description: str
    return_url: str
    cancel_url: str
    brand: str = ""
    """Who asks: the partner's name."""
    setup_id: str = ""
    """The provider's id of the set-up, once there is one."""
    token: str = field(default="", repr=False)
    """What the provider takes in the giver's place, once they have agreed: never to be logged."""
    scenario: str = ""
    """What is to happen: read by the simulator only."""


@dataclass(frozen=True)
class OpenedPermission:
    """A page where the giver agrees."""

    setup_id: str
    """Empty where the provider makes one only when the giver comes to it: the giver brings its id back."""
    url: str
    correlation_id: str = ""


@dataclass(frozen=True)
class PermissionTold:
    """What the provider says of a permission."""

    standing: Standing
    token: str = field(default="", repr=False)
    """Where it is ACTIVE."""
    reason: str = ""
    """A short code for why, where the standing does not say it."""
    correlation_id: str = ""


class PermissionNotOffered(ValueError):
    """The provider keeps no such permission; the message is a sentence that says what would be right."""


class KeepsPermissions(Provider, Protocol):
    """A provider that keeps permissions. Every method but `check_permission` may raise ProviderUnavailable."""

    permission_token_argument: str
    """The query argument in which a giver brings back the set-up's id; empty where the provider brings none."""

    def check_permission(self, request: PermissionRequest) -> None:
        """Raises PermissionNotOffered, AmountRefused where the provider cannot keep it. No network."""

    def ask_permission(self, request: PermissionRequest, *, request_id: str) -> OpenedPermission:
        """Open the page where the giver agrees; the same request id gives the same set-up. Raises ProviderRefused."""

    def find_permission(self, request: PermissionRequest, *, request_id: str) -> PermissionTold:
        """Ask how it stands. Where the provider gives its token for a set-up that was agreed to only when it is asked for
        one, that is done under the request id: the same one gives the same token. Raises ProviderRefused."""

    def revoke_permission(self, request: PermissionRequest, *, request_id: str) -> None:
        """Have the provider take its token, or an agreement to its set-up, no more; also where that is so already.

        Once it returns, `open_with_permission` takes nothing that was not taken before; it is asked again until it does. Raises
        ProviderRefused.
        """

    def open_with_permission(self, request: PaymentRequest, token: str, *, request_id: str) -> OpenedCheckout:
        """Make the payment and take or hold it, in the giver's place. What came of it is asked with `find`.

        The same request id pays once, and tells the same checkout, also after the permission is over. Raises ProviderRefused,
        PayerActionRequired (the giver has to pay it at the provider's page after all): then nothing was taken, and nothing
        will be under this request id.
        """


class AgreedOnOurPage(KeepsPermissions, Protocol):
    """A provider without a page that a server could open: the giver agrees on /permission/{id}, by the provider's button.

    Set-ups come into being there, so that only the giver who comes back brings their id, in `permission_token_argument`:
    `ask_permission` leaves it empty, and asks nobody.
    """

    def permission_page(self, request: PermissionRequest) -> PayPage:
        """What the page shows; drawn by `button_script` of PaidOnOurPage. No network. Raises ProviderUnavailable."""

    def is_set_up_of(self, request: PermissionRequest, setup_id: str) -> bool:
        """Whether the provider says that this set-up was made for the permission. Raises ProviderUnavailable."""


def is_agreed_on_our_page(provider: Provider) -> TypeGuard[AgreedOnOurPage]:
    """Whether givers agree on a page of ours."""
    return Capability.AGREED_ON_OUR_PAGE in provider.capabilities


def keeps_permissions(provider: Provider) -> TypeGuard[KeepsPermissions]:
    """Whether a giver can agree to gifts without being asked each time."""
    return Capability.KEEPS_PERMISSIONS in provider.capabilities


def check_keeps_permissions(name: str, provider: Provider) -> KeepsPermissions:
    """The provider, as one that keeps permissions. Raises PermissionNotOffered."""
    if not keeps_permissions(provider):
        raise PermissionNotOffered(f"{name} keeps no standing permissions here: name another provider")
    return provider
