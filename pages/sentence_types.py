"""What the sentences of our pages are made of: what is known of a gift, a row of the table, and what a page says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from contributions.status import Intent, Status


class Then(StrEnum):
    """What the giver can do on the page."""

    NOTHING = "nothing"
    LOOK_AGAIN = "look again"
    GO_ON = "go on"  # to the provider's page, or to the choice
    TRY_AGAIN = "try again"


class NoRoom(StrEnum):
    """Whether the goal has room for the gift."""

    THERE_IS_ROOM = ""
    RESERVED = "reserved"  # others are paying what is missing
    HELD = "held"  # all that is missing is held for others, and not yet taken
    FULL = "full"


@dataclass(frozen=True)
class Gift:
    """What the sentences depend on. Sums are in minor units of `currency`; texts as they were typed."""

    status: Status
    partner: str
    goal: str
    giver: str
    amount: int
    currency: str
    provider: str = ""
    """Empty until one is picked."""
    by_hand: bool = False
    """No payment company moves its money: nobody was charged, and nobody's bank shows it."""
    reason: str = ""
    """Why it came to this status, or why it is to be released."""
    intent: Intent = Intent.COLLECT
    on_goal_reached: bool = False
    manual: bool = False
    """When held money is taken, as the goal's CapturePolicy was at the checkout."""
    was_held: bool = False
    """The money was reserved at some time."""
    settled: int = 0
    """What was really taken; 0: nothing."""
    refunded: int = 0
    on_its_way_back: int = 0
    """Refunds that were asked for and are not done."""
    given_back_by_partner: bool = False
    """All that was refunded was refunded by the partner."""
    reversed: int = 0
    """What was taken back in disputes."""
    in_review: bool = False
    """The giver has agreed at the provider's, and the outcome is not known."""
    is_over: bool = False
    """The giver's time to pay is over."""
    may_be_paid: bool = False
    no_room: NoRoom = NoRoom.THERE_IS_ROOM
    """Why it cannot be paid at this moment, although its time is not over."""
    missing: int = 0
    """What is missing of the goal's amount, where there is no room."""
    reserved_until: str = ""
    """When what others have reserved is free again, as far as that is known."""
    told: str = ""
    """What the provider has just said to a giver who came back: that nobody agreed (NOT_YET), or why it declined."""
    asked_to_pay: bool = False
    """The page was opened in order to pay."""


@dataclass(frozen=True)
class Said:
    """What a page says."""

    heading: str
    sentences: tuple[str, ...]
    then: Then
    row: str
    """The row's name."""


@dataclass(frozen=True)
class Row:
    """One row of the table; the texts hold {placeholders}."""

    name: str
    statuses: frozenset[Status]
    when: Callable[[Gift], bool]
    heading: str
    sentences: tuple[str, ...] = field(default=())
    then: Then = Then.NOTHING


NOT_YET = frozenset({"open", "approved", "not_approved"})
"""What a provider says that does not know (yet) that the giver has agreed."""

WITHDRAWN = frozenset({"client_deleted", "goal_deleted"})
DECLINED = frozenset({"instrument_declined", "payment_declined", "giver_must_act", "not_approved", "review_denied"})
THE_AMOUNT = frozenset(
    {"amount_too_small", "amount_too_large", "amount_refused", "currency_refused", "decimals_refused", "limit_reached"}
)
"""The provider takes no such amount: the same again helps nobody there."""

NOT_THE_GIVERS_FAULT = frozenset(
    {"payee_cannot_receive", "not_permitted", "request_rejected", "unsafe_page", "provider_refused"}
    | {"unknown_checkout", "request_id_reused", "cannot_authorize", "cannot_capture", "cannot_void", "cannot_renew"}
    | {"amount_mismatch", "currency_mismatch", "payee_mismatch", "reference_mismatch"}
)
