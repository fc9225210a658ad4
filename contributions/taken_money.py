"""What follows once a provider says that the money was taken: whole, in part, and what disputes have taken back of it.

Pure, as decisions.py is, whose rules these are. The books are brought to what the provider says by one entry at a time.
"""

from contributions import entries
from contributions.decision_types import Known, Move
from contributions.entries import Entry, Kind
from contributions.status import AUTHORIZED, CANCELED, MOVES, REVERSED, SETTLED, TAKEN, Intent, Status, after_taking
from providers.base import Payment, PaymentState, RefundState


def on_taken(known: Known, told: Payment) -> Move | None:
    """Taken, whole or in part; perhaps a part of it, or all, was taken back by the provider."""
    unwanted = known.status == CANCELED and known.intent is Intent.RELEASE
    if not known.is_captured:
        # invariant: what-is-taken-is-held-no-more
        held_minor = known.request.amount_minor if known.status == AUTHORIZED else 0
        entry = entries.capture(_taken_minor(known, told), held_minor=held_minor)
        if unwanted:
            # Money for what the client cancelled: into the books, and then back to the giver. The status stays Canceled.
            return Move(CANCELED, "unwanted_money", entry)  # invariant: unwanted-money-is-entered
        return legal_move(known, SETTLED, _why(told), entry=entry)
    if known.status not in TAKEN and not unwanted:
        return legal_move(known, SETTLED, _why(told))  # it is in the books, and the status does not say so yet
    further = _further_entry(known, told)
    return Move(_status_with(known, further), _reason_of(known, told, further), further) if further else None


def older_taken(known: Known, told: Payment) -> Move | None:
    """Taken in a checkout that another one has replaced: into the books, and then back to the giver."""
    if not known.is_captured:  # invariant: what-an-older-checkout-took-is-entered
        return Move(known.status, "paid_twice", entries.capture(_taken_minor(known, told)))
    entry = _further_entry(known, told)
    if entry is None:
        return None
    # invariant: a-dispute-won-late-is-entered
    return Move(known.status, "dispute_won" if entry.kind is Kind.REVERSAL_WON else _reason_of(known, told, entry), entry)


def _why(told: Payment) -> str:
    return told.reason if told.state is PaymentState.CAPTURED else ""


def _taken_minor(known: Known, told: Payment) -> int:
    return known.request.amount_minor if told.taken_minor is None else told.taken_minor


def _further_entry(known: Known, told: Payment) -> Entry | None:
    """What the provider says of the money beyond what the books have; one entry at a time."""
    more = _taken_minor(known, told) - known.captured_minor
    if more > 0:  # invariant: a-further-capture-is-entered
        return entries.further_capture(more)
    if told.has_open_dispute:
        return None
    lost = _lost_minor(known, told) - known.lost_minor  # invariant: a-chargeback-is-entered-once
    if lost > 0:
        return entries.reversal(lost)
    return entries.reversal_won(-lost) if lost < 0 else None  # invariant: a-won-dispute-is-entered


def _lost_minor(known: Known, told: Payment) -> int:
    """What disputes have taken and not brought back. Never what has gone back to the giver or is on its way."""
    told_back = sum(refund.amount_minor for refund in told.refunds if refund.state is not RefundState.FAILED)
    # invariant: a-chargeback-takes-only-what-is-left
    most = max(known.captured_minor - max(known.going_back_minor, told_back, told.given_back_minor), 0)
    if told.lost_minor is not None:  # invariant: a-part-that-is-lost-is-only-a-part
        return min(told.lost_minor, most)
    return most if told.state is PaymentState.REVERSED else 0


def _status_with(known: Known, entry: Entry) -> Status:
    if known.status not in TAKEN:
        return known.status
    after = known.after(Move(known.status, entry=entry))
    return after_taking(
        captured_minor=after.captured_minor,
        refunded_minor=after.refunded_minor,
        reserved_minor=after.going_back_minor,
        lost_minor=after.lost_minor,
    )


def _reason_of(known: Known, told: Payment, entry: Entry) -> str:
    if entry.kind is Kind.REVERSAL:
        return told.reason or "chargeback"
    if entry.kind is Kind.REVERSAL_WON:
        return told.reason if known.status == REVERSED else "dispute_won"
    return "captured_in_part"


def legal_move(known: Known, to: Status, reason: str, *, entry: Entry | None = None) -> Move | None:
    """The move, where the table of moves has it."""
    return Move(to, reason, entry) if (known.status, to) in MOVES else None
