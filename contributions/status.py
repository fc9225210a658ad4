"""A contribution's status and the only moves there are; what is wanted of it; how far one attempt to pay it has come.

No Django here: decisions.py is made of these words.
"""

from datetime import UTC, datetime
from enum import StrEnum


def choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    """The words as a database column's choices."""
    return [(word.value, word.name.replace("_", " ").capitalize()) for word in words]


class Status(StrEnum):
    """The words of the wire contract."""

    SUBMITTED = "Submitted"
    PENDING = "Pending"
    AUTHORIZED = "Authorized"
    SETTLED = "Settled"
    FAILED = "Failed"
    CANCELED = "Canceled"
    REFUNDED = "Refunded"
    REVERSED = "Reversed"


SUBMITTED, PENDING, AUTHORIZED, SETTLED = Status.SUBMITTED, Status.PENDING, Status.AUTHORIZED, Status.SETTLED
FAILED, CANCELED, REFUNDED, REVERSED = Status.FAILED, Status.CANCELED, Status.REFUNDED, Status.REVERSED


class Intent(StrEnum):
    """What is wanted of a contribution. It only ever goes forward: what is to be released stays so."""

    COLLECT = "collect"  # be paid: held or taken as its goal's CapturePolicy says
    CAPTURE = "capture"  # what is held is to be taken now
    RELEASE = "release"  # nothing more is to be taken: what is held is let go, what was taken goes back


class Stage(StrEnum):
    """How far one checkout has come, as far as we know."""

    RECORDED = "recorded"  # written down; perhaps not even known at which provider
    OPEN = "open"  # the provider has a page where the giver can pay
    APPROVED = "approved"  # the giver has agreed; the money is on its way, or the provider is thinking
    HELD = "held"
    TAKEN = "taken"
    OVER = "over"  # nobody can pay in it any more


MOVES = frozenset(
    {
        (SUBMITTED, PENDING),
        (SUBMITTED, AUTHORIZED),
        (SUBMITTED, SETTLED),
        (SUBMITTED, FAILED),
        (SUBMITTED, CANCELED),
        (PENDING, AUTHORIZED),
        (PENDING, SETTLED),
        (PENDING, FAILED),
        (PENDING, CANCELED),
        (AUTHORIZED, SETTLED),
        (AUTHORIZED, FAILED),
        (AUTHORIZED, CANCELED),
        (SETTLED, REFUNDED),
        (SETTLED, REVERSED),
        (REVERSED, SETTLED),  # a dispute was won, or a refund beside it failed
        (REFUNDED, SETTLED),  # a refund that the provider had called done has failed
        # The giver tries again, in another checkout.
        (FAILED, SUBMITTED),
        (CANCELED, SUBMITTED),
        # The giver tried again in the same checkout and the provider proves it: money wins over status.
        (FAILED, AUTHORIZED),
        (FAILED, SETTLED),
        (CANCELED, AUTHORIZED),
        (CANCELED, SETTLED),
    }
)
"""From, to. A move that is not here never happens."""

OPEN = (SUBMITTED, PENDING)
"""No outcome yet: asked about until there is one."""

STILL_OPEN = (*OPEN, AUTHORIZED)
"""Few at any time, however many gifts there are: each has an index of its own."""

TAKEN = (SETTLED, REFUNDED, REVERSED)
"""The money was taken. Which of the three it is follows from the books alone: see after_taking."""


def after_taking(*, captured_minor: int, refunded_minor: int, reserved_minor: int, lost_minor: int) -> Status:
    """What a contribution is whose money was taken; the order in which we learnt of refunds and disputes makes no difference.

    Of what was captured, `refunded_minor` is back with the giver, `reserved_minor` is that and what is on its way, and
    `lost_minor` is what disputes have taken and not brought back.
    """
    if lost_minor and captured_minor == reserved_minor + lost_minor:
        return REVERSED
    return REFUNDED if captured_minor == refunded_minor else SETTLED


MAY_BE_PAID = (SUBMITTED, FAILED, CANCELED)
"""The giver can pay it, for as long as it is wanted and its time is not over: now, or once more after a failed try."""

WITHOUT_END = datetime(9999, 12, 31, tzinfo=UTC)
"""Until when what is Pending reserves its amount of a goal: until the provider has said what became of it."""
