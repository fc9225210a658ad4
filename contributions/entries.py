"""What each kind of ledger entry does to a goal's two totals. Pure: amounts in minor units in, an entry out."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What happened to the money."""

    AUTHORIZATION = "authorization"
    CAPTURE = "capture"
    FURTHER_CAPTURE = "further_capture"
    VOID = "void"
    REFUND = "refund"
    REFUND_UNDONE = "refund_undone"
    REVERSAL = "reversal"
    REVERSAL_WON = "reversal_won"


CAPTURES = (Kind.CAPTURE, Kind.FURTHER_CAPTURE)
DISPUTES = (Kind.REVERSAL, Kind.REVERSAL_WON)
REFUNDS = (Kind.REFUND, Kind.REFUND_UNDONE)
"""The kinds that make up what was taken, what disputes have moved, and what went back to the giver."""


@dataclass(frozen=True)
class Entry:
    """One line of the books, in minor units of the contribution's currency."""

    kind: Kind
    amount_minor: int
    collected_delta_minor: int = 0
    authorized_delta_minor: int = 0


def authorization(amount_minor: int) -> Entry:
    """So much is held."""
    return Entry(Kind.AUTHORIZATION, amount_minor, authorized_delta_minor=amount_minor)


def capture(amount_minor: int, *, held_minor: int = 0) -> Entry:
    """So much was taken, out of what was held, of which the rest is let go."""
    return Entry(Kind.CAPTURE, amount_minor, collected_delta_minor=amount_minor, authorized_delta_minor=-held_minor)


def further_capture(amount_minor: int) -> Entry:
    """So much more was taken, after a part."""
    return Entry(Kind.FURTHER_CAPTURE, amount_minor, collected_delta_minor=amount_minor)


def void(amount_minor: int) -> Entry:
    """So much was held and is let go."""
    return Entry(Kind.VOID, amount_minor, authorized_delta_minor=-amount_minor)


def refund(amount_minor: int) -> Entry:
    """So much was given back to the giver."""
    return Entry(Kind.REFUND, amount_minor, collected_delta_minor=-amount_minor)


def refund_undone(amount_minor: int) -> Entry:
    """So much was called given back, and was not after all."""
    return Entry(Kind.REFUND_UNDONE, amount_minor, collected_delta_minor=amount_minor)


def reversal(amount_minor: int) -> Entry:
    """So much was taken back by the provider."""
    # invariant: a-chargeback-lowers-the-total
    return Entry(Kind.REVERSAL, amount_minor, collected_delta_minor=-amount_minor)


def reversal_won(amount_minor: int) -> Entry:
    """So much came back with a dispute that was won."""
    return Entry(Kind.REVERSAL_WON, amount_minor, collected_delta_minor=amount_minor)
