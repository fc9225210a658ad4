"""What follows where a gift is paid under a standing permission, in the giver's place. Pure, as decisions.py is.

Until the provider has named the payment there is nothing that it could be asked about: only the same order under the same
request id tells what came of it.
"""

from datetime import datetime

from contributions.causes import Cause
from contributions.decision_types import Charge, Decision, Known, Move, NotOpened, Operation, Refusal, Told
from contributions.status import CANCELED, FAILED, OPEN, PENDING, SUBMITTED, Intent
from contributions.taken_money import legal_move
from providers.base import Payment, PaymentState


def decide(known: Known, told: Told, asked_by: Cause, now: datetime) -> Decision | None:
    """What follows from the provider's answer; None: as with any other checkout."""
    if isinstance(told, NotOpened):
        return _not_made(known, asked_by, now)
    if isinstance(told, Refusal) and known.ordered is Operation.CHARGE:
        return _refused(known, told.reason, now)
    if isinstance(told, Payment) and _is_declined_at_once(known, told):
        return _refused(known, told.reason, now)
    return None


def _not_made(known: Known, asked_by: Cause, now: datetime) -> Decision | None:
    """The provider has not named the payment yet. None: nothing is to be ordered, as where a giver has not come."""
    if known.charge is None:
        return None
    if known.charge is Charge.WAITS or known.ordered is Operation.CHARGE:
        return Decision()
    if known.charge is Charge.OUT and known.status in OPEN:
        return Decision(order=Operation.CHARGE)
    if known.charge is Charge.VOID and known.nobody_is_there and known.is_current and known.status == SUBMITTED:
        return Decision(move=Move(FAILED, "permission_over"))
    wanted = known.is_current and known.status in OPEN and known.intent is not Intent.RELEASE and not known.expired(now)
    if known.charge is not Charge.DUE or not wanted or asked_by is Cause.CANCEL:
        return None
    if known.goal_is_full:
        return Decision(move=legal_move(known, CANCELED, "goal_is_full"), release="goal_is_full")
    return Decision(order=Operation.CHARGE, needs_room=True)


def _refused(known: Known, reason: str, now: datetime) -> Decision:
    """A definite no to the charge: nothing was taken, and nothing will be. The giver can pay it at the provider's page."""
    if not known.is_current or known.status not in OPEN:
        return Decision()
    if known.intent is Intent.RELEASE:
        return Decision(move=Move(CANCELED, known.intent_reason))
    if known.status == PENDING or known.expired(now) or known.nobody_is_there:
        return Decision(move=legal_move(known, FAILED, reason))
    return Decision(waits_for_payer=reason)


def _is_declined_at_once(known: Known, told: Payment) -> bool:
    return told.state is PaymentState.DECLINED and known.under_permission and known.status == SUBMITTED


def is_over(known: Known, told: Told, decision: Decision) -> bool:
    """Whether nothing can be taken in the checkout any more. `decision`: what follows now."""
    if not known.under_permission:
        return False
    if isinstance(told, NotOpened):
        return decision.order is None and known.charge in {Charge.DUE, Charge.VOID}
    if isinstance(told, Refusal):
        return known.ordered is Operation.CHARGE  # invariant: a-refused-charge-is-over
    return isinstance(told, Payment) and told.state is PaymentState.DECLINED
