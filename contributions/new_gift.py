"""What a client asks for who POSTs a contribution."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from contributions.models import Contribution
from givers.models import Giver, Permission
from goals.models import PaymentAccount


class Beside(Protocol):
    """What another room writes in the transaction that records a gift (contributions/followers.py)."""

    def check(self) -> None:
        """Whether it would be written, so far as that is known without storing anything. Raises what a client is told."""

    def begin(self) -> None:
        """First of all, before the gift's rows and its goal are written or locked. Raises what a client is told."""

    def recorded(self, contribution: Contribution) -> None:
        """The gift and its first checkout are stored, and nobody has been told of them yet."""


@dataclass(frozen=True, kw_only=True)
class NewGift:
    """What a client asks for: an amount in minor units of the goal's currency, who gives it, and to which account."""

    amount_minor: int
    contributor: str
    message: str | None
    account: PaymentAccount | None
    """None: the giver is to pick one of the goal's providers."""
    reference: str = ""
    memo: str | None = None
    is_anonymous: bool = False
    confirmation_url: str = ""
    cancel_url: str = ""
    language: str = ""
    metadata: Sequence[Sequence[str]] = ()
    """These as contributions/gift_fields.py says."""
    giver: Giver | None = None
    uses_permission: bool = False
    """To be paid in the giver's place where one of the giver's permissions covers it: see contributions/giving.py."""
    pin: str | None = field(default=None, repr=False)
    permission: Permission | None = None
    """The one that covers it, at the account's provider."""
    pledge_id: str | None = None
    """The Id of the pledge that makes it."""
    scenario: str = ""
    """What the simulator is to make of it; no other provider looks at this."""
    beside: Beside | None = None
    """What is written with it."""
