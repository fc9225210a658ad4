"""What an event is called that tells of a change. Pure: the statuses before and after and the ledger entry in, a word out.

Each rise of a contribution's version is one change, and each change is one event.
"""

from contributions.entries import Kind
from contributions.status import Status
from givers import events as of_permissions

UPDATED = "contribution.updated"

OF_STATUSES: dict[Status, str] = {status: f"contribution.{status.lower()}" for status in Status}
"""A change of Status is called after the new one."""

OF_PARTS: dict[Kind, str] = {
    Kind.REFUND: "contribution.refunded_in_part",
    Kind.REVERSAL: "contribution.reversed_in_part",
}
"""What the Status does not tell."""

REFUND_FAILED = "contribution.refund_failed"

GOAL_REACHED, GOAL_ENDED, GOAL_MISSED, GOAL_CLOSED = "goal.reached", "goal.ended", "goal.missed", "goal.closed"

EVENT_TYPES = tuple(
    sorted(
        (
            *OF_STATUSES.values(), *OF_PARTS.values(), REFUND_FAILED, UPDATED,
            GOAL_REACHED, GOAL_ENDED, GOAL_MISSED, GOAL_CLOSED,
            *of_permissions.EVENT_TYPES,
        )
    )
)  # fmt: skip
"""All that a partner can be told of them; of certificates: certificates/events.py; of pledges: pledges/event_types.py."""


def event_type(came_from: Status | None, to: Status, entry: Kind | None) -> str:
    """The type of the event of one change. `came_from` None: the contribution is new.

    `entry` is the kind of what the change enters in the ledger for the checkout that counts. A refund that fails after it was
    called done has a word of its own also where the Status goes back to Settled: nobody has paid anew.
    """
    if entry is Kind.REFUND_UNDONE:
        return REFUND_FAILED
    if came_from != to:
        return OF_STATUSES[to]
    return OF_PARTS.get(entry, UPDATED) if entry else UPDATED
