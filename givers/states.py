"""How far a permission has come, and the only moves there are. No Django here."""

from enum import StrEnum


class PermissionState(StrEnum):
    """The words of the wire contract."""

    REQUESTED = "Requested"  # the giver has not agreed (yet)
    ACTIVE = "Active"  # the provider has said that the giver agreed: gifts can be made under it
    REVOKED = "Revoked"  # taken back: by the giver here or at the provider, by the partner; or never agreed to
    EXPIRED = "Expired"  # its time is over: by EndDate, at the provider, or before anybody had agreed


REQUESTED, ACTIVE, REVOKED, EXPIRED = (
    PermissionState.REQUESTED,
    PermissionState.ACTIVE,
    PermissionState.REVOKED,
    PermissionState.EXPIRED,
)

OVER = (REVOKED, EXPIRED)
"""Nothing is taken under it any more, and nothing makes it Active again: the giver agrees to another one."""

MOVES = frozenset(
    {
        (REQUESTED, ACTIVE),
        (REQUESTED, REVOKED),
        (REQUESTED, EXPIRED),
        (ACTIVE, REVOKED),
        (ACTIVE, EXPIRED),
    }
)
"""From, to. A move that is not here never happens."""
