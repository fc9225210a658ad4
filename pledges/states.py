"""How a pledge stands, and the only moves there are. No Django here."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class PledgeState(StrEnum):
    """The words of the wire contract."""

    ACTIVE = "Active"  # its gifts are made when they are due
    PAUSED = "Paused"  # by the partner, or since a gift has failed too often: none is made until it is resumed
    ENDED = "Ended"  # for good


ACTIVE, PAUSED, ENDED = PledgeState.ACTIVE, PledgeState.PAUSED, PledgeState.ENDED

MOVES = frozenset({(ACTIVE, PAUSED), (PAUSED, ACTIVE), (ACTIVE, ENDED), (PAUSED, ENDED)})
"""From, to. A move that is not here never happens."""


class Happening(StrEnum):
    """What an event tells of a pledge."""

    MADE = "pledge.made"
    GIFT_MADE = "pledge.gift_made"
    GIFT_FAILED = "pledge.gift_failed"
    GIFTS_SKIPPED = "pledge.gifts_skipped"
    PAUSED = "pledge.paused"
    RESUMED = "pledge.resumed"
    ENDED = "pledge.ended"


OF_STATES: Mapping[PledgeState, Happening] = MappingProxyType(
    {ACTIVE: Happening.RESUMED, PAUSED: Happening.PAUSED, ENDED: Happening.ENDED}
)
"""What is told of a move, by the state that it leads to."""
