"""A contribution's status, and the only moves there are."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models


class Status(models.TextChoices):
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

MOVES: Mapping[tuple[Status, Status], str] = MappingProxyType(
    {
        (SUBMITTED, PENDING): "contribution.pending",
        (SUBMITTED, AUTHORIZED): "contribution.authorized",
        (SUBMITTED, SETTLED): "contribution.settled",
        (SUBMITTED, FAILED): "contribution.failed",
        (SUBMITTED, CANCELED): "contribution.canceled",
        (PENDING, AUTHORIZED): "contribution.authorized",
        (PENDING, SETTLED): "contribution.settled",
        (PENDING, FAILED): "contribution.failed",
        (PENDING, CANCELED): "contribution.canceled",
        (AUTHORIZED, SETTLED): "contribution.settled",
        (AUTHORIZED, FAILED): "contribution.failed",
        (AUTHORIZED, CANCELED): "contribution.canceled",
        (SETTLED, REFUNDED): "contribution.refunded",
        (SETTLED, REVERSED): "contribution.reversed",
        (REVERSED, SETTLED): "contribution.settled",  # the dispute was won
        # The giver tried again in the same checkout and the provider proves it: money wins over status.
        (FAILED, AUTHORIZED): "contribution.authorized",
        (FAILED, SETTLED): "contribution.settled",
        (CANCELED, AUTHORIZED): "contribution.authorized",
        (CANCELED, SETTLED): "contribution.settled",
    }
)
"""From, to: the event that the move announces. A move that is not here never happens."""

OPEN = (SUBMITTED, PENDING)
"""No outcome yet: followed up until there is one."""
