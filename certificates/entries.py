"""What each kind of entry in a certificate's books does to its balance. No Django here."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What happened to the balance of a certificate."""

    ISSUED = "issued"  # its purchase was paid
    SPENT = "spent"  # a gift was paid by it
    GIVEN_BACK = "given_back"  # that gift was refunded
    EXPIRED = "expired"
    EXPIRY_UNDONE = "expiry_undone"  # what had expired is refunded, or taken back, all the same
    REFUNDED = "refunded"  # its purchase was refunded
    REFUND_UNDONE = "refund_undone"  # that refund has failed after it was called done
    REVERSED = "reversed"  # the bank has taken its purchase back
    REVERSAL_WON = "reversal_won"


SIGN: Mapping[Kind, int] = MappingProxyType(
    {
        Kind.ISSUED: 1,
        Kind.SPENT: -1,
        Kind.GIVEN_BACK: 1,
        Kind.EXPIRED: -1,
        Kind.EXPIRY_UNDONE: 1,
        Kind.REFUNDED: -1,
        Kind.REFUND_UNDONE: 1,
        Kind.REVERSED: -1,
        Kind.REVERSAL_WON: 1,
    }
)

SUMS: Mapping[str, tuple[Kind, Kind | None]] = MappingProxyType(
    {
        "issued_minor": (Kind.ISSUED, None),
        "spent_minor": (Kind.SPENT, Kind.GIVEN_BACK),
        "expired_minor": (Kind.EXPIRED, Kind.EXPIRY_UNDONE),
        "refunded_minor": (Kind.REFUNDED, Kind.REFUND_UNDONE),
        "reversed_minor": (Kind.REVERSED, Kind.REVERSAL_WON),
    }
)
"""The sums that a certificate keeps: of the entries of the first kind, less those of the second."""

OF_GIFTS = (Kind.SPENT, Kind.GIVEN_BACK)
"""The kinds whose other side is a gift that was paid by certificates; of all others it is the purchase."""
