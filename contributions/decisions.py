"""What follows from what a provider says of a payment. Pure: no Django, no clock, no network, and nothing is written here.

`decide` is asked until it says neither an order nor a move: sync.py gives the order or makes the move that it names, and
asks again with what is known then. The whole table is printed into docs/decision_table.md by decision_table.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from contributions import charge_decisions, entries, taken_money
from contributions.causes import Cause
from contributions.decision_types import (
    BETWEEN_US_AND_PAYEES,
    TAKING,
    Charge,
    Decision,
    Known,
    Look,
    Move,
    NotOpened,
    Operation,
    Refusal,
    Silence,
    Told,
)
from contributions.entries import Entry
from contributions.mismatches import mismatch
from contributions.status import AUTHORIZED, CANCELED, FAILED, OPEN, PENDING, SETTLED, SUBMITTED, TAKEN, Intent, Stage
from contributions.taken_money import legal_move
from providers.base import Payment, PaymentState


def decide(known: Known, told: Told, asked_by: Cause, now: datetime) -> Decision:
    """What follows from the provider's answer. Pure: same input, same decision."""
    if of_charge := charge_decisions.decide(known, told, asked_by, now):
        decision = of_charge
    elif isinstance(told, Silence):
        decision = _on_silence(known, asked_by)
    elif isinstance(told, Refusal):
        decision = _on_refusal(known, told, asked_by, now)
    elif isinstance(told, NotOpened):
        decision = _nothing_paid(known, asked_by, now)
    else:
        decision = _on_payment(known, told, asked_by, now)
    stage = Stage.OVER if charge_decisions.is_over(known, told, decision) else _stage(known, told)
    if decision.for_a_person and stage is Stage.APPROVED:
        stage = Stage.OPEN  # what does not match is never taken, so nothing is on its way
    decision = replace(decision, stage=stage, look=_look(known, told, now))
    return _with_hold(decision, known, told)


def wanted_order(known: Known, payment: Payment, now: datetime) -> Operation | None:
    """What to tell the provider, given what it says of the payment; None to leave things as they are."""
    state, held = payment.state, _holds(payment)
    if known.is_current and known.status in TAKEN:
        return None  # it was taken: whatever the provider says now, nothing is to be ordered
    given_up = not known.is_current or known.status in {FAILED, CANCELED}
    if state is PaymentState.OPEN and given_up and known.can_close:
        return Operation.CLOSE
    if known.intent is Intent.RELEASE or not known.is_current:  # invariant: what-is-unwanted-is-not-captured
        return Operation.VOID if held else None  # invariant: what-is-unwanted-is-let-go
    if payment.is_held and given_up and known.expired(now):
        return Operation.VOID  # it could not be taken in time: nobody's money stays blocked for it
    if state is PaymentState.OPEN and known.can_pay_by_token and known.status in OPEN and not known.expired(now):
        return Operation.PAY
    if state is PaymentState.APPROVED:
        return Operation.CAPTURE if known.request.capture_at_once else Operation.AUTHORIZE
    if held and known.intent is Intent.CAPTURE:  # invariant: a-hold-is-taken-only-when-asked
        vouched_for = payment.honored_until is None or now < payment.honored_until or known.ordered is Operation.RENEW
        return Operation.CAPTURE if vouched_for else Operation.RENEW
    if held and known.status == AUTHORIZED and known.hold_lapses_soon(now):
        return Operation.RENEW
    return None


# --- No answer, and a definite no -------------------------------------------------------------------------------------


def _on_silence(known: Known, asked_by: Cause) -> Decision:
    """Nobody knows. Where the giver says, or the provider said before it fell silent, that it was approved: Pending."""
    ordered = known.ordered not in {None, Operation.CLOSE, *BETWEEN_US_AND_PAYEES}
    unknown = known.is_current and known.status == SUBMITTED and (ordered or asked_by is Cause.RETURN)
    return Decision(
        move=Move(PENDING, "provider_unreachable") if unknown else None,  # invariant: an-unknown-outcome-is-no-failure
        silent=True,
        may_have_been_paid=ordered and known.intent is not Intent.RELEASE and not known.refused,
    )


def _on_refusal(known: Known, told: Refusal, asked_by: Cause, now: datetime) -> Decision:
    if told.payer_can_act:
        waiting = _nothing_paid(known, asked_by, now, why_not=told.reason)
        return replace(waiting, waits_for_payer=told.reason, payer_action_url=told.payer_action_url)
    if known.ordered is None:
        return _nothing_paid(known, asked_by, now, hold_is_over=known.hold_is_over(now))  # it knows no such checkout
    if known.ordered in BETWEEN_US_AND_PAYEES:
        return Decision(look_again=True)
    if not known.is_current or known.ordered in {Operation.CLOSE, Operation.VOID}:
        return Decision()  # the next question tells what has become of it
    if known.ordered is Operation.RENEW:
        if known.intent is Intent.CAPTURE:
            return Decision(order=Operation.CAPTURE)  # the hold is not as good as new, but it is what there is
        return Decision(release="authorization_lapsed" if known.intent is Intent.COLLECT else "")
    if known.status == AUTHORIZED:
        return Decision(look_again=True)  # invariant: what-cannot-be-taken-stays-held
    move = legal_move(known, FAILED, told.reason)
    # Held all the same, perhaps: after its time nobody would ask about it any more.
    return Decision(move=move, look_again=move is None and known.expired(now) and not known.refused)


def _nothing_paid(
    known: Known, asked_by: Cause, now: datetime, *, why_not: str = "checkout_expired", hold_is_over: bool = False
) -> Decision:
    """The checkout is open, or was forgotten by the provider: nothing is over before its time. `why_not` is said then."""
    if hold_is_over and known.is_current and known.status == AUTHORIZED:
        return Decision(move=_let_go(known, "authorization_lapsed"))  # invariant: a-hold-that-is-gone-counts-no-more
    if known.is_current and known.status in OPEN:
        if known.intent is Intent.RELEASE:
            return Decision(move=Move(CANCELED, known.intent_reason))
        if asked_by is Cause.CANCEL:
            return Decision(move=Move(CANCELED, "giver_cancelled"))
        if known.expired(now):
            return Decision(move=Move(FAILED, why_not))
    return Decision()


# --- What the provider says of the payment ----------------------------------------------------------------------------


def _on_payment(known: Known, told: Payment, asked_by: Cause, now: datetime) -> Decision:
    if _is_somebody_elses(known, told):
        return Decision(forget_checkout=True)
    if fault := mismatch(known.request, told):
        # What is not taken yet never will be; what is taken already waits for a person, uncounted.
        taken = told.state in {PaymentState.CAPTURED, PaymentState.PENDING} or _holds(told)
        move = legal_move(known, PENDING, fault) if taken else legal_move(known, FAILED, fault, entry=_void_if_held(known))
        return Decision(move=move if known.is_current else None, for_a_person=fault)
    order = wanted_order(known, told, now) if _may_order(known, told) else None
    not_held_yet = order in TAKING and told.state is not PaymentState.AUTHORIZED
    if not_held_yet and known.goal_is_full:  # for good: the giver is told so
        return Decision(move=legal_move(known, CANCELED, "goal_is_full"), release="goal_is_full")
    if order is not None:
        return Decision(order=order, needs_room=not_held_yet)
    if _is_renewed_in_vain(known, told, now):
        return Decision(release="authorization_lapsed")
    if told.is_held:
        return Decision()  # the order was not obeyed, and is given again: nothing is over while money is held
    if told.state in {PaymentState.OPEN, PaymentState.APPROVED, PaymentState.LAPSED}:
        lapsed = told.state is PaymentState.LAPSED
        nothing = _nothing_paid(known, asked_by, now, hold_is_over=lapsed or _is_held_no_more(known, told))
        return replace(nothing, waits_for_payer="" if lapsed or known.refused else told.state)
    # invariant: an-older-checkout-moves-nothing
    rule = _ON_STATE if known.is_current else _ON_STATE_OF_AN_OLDER_CHECKOUT
    move = rule[told.state](known, told) if told.state in rule else None
    owes = told.payee_owes_minor
    if move is None and owes and known.is_captured and known.ordered is None:
        # invariant: what-was-won-is-sent-again
        order = Operation.PULL_BACK if owes > 0 else Operation.SEND_AGAIN
        return Decision(order=order, amount_minor=abs(owes))
    waits = told.for_a_person or _refused_waits(known, told)
    return Decision(move=move, refunds_told=True, for_a_person=waits)


def _holds(told: Payment) -> bool:
    """Whether the provider holds the money, whatever it was to do with it."""
    return told.state is PaymentState.AUTHORIZED or told.is_held  # invariant: what-was-to-be-taken-is-held-as-well


def _is_held_no_more(known: Known, told: Payment) -> bool:
    """Whether it is only approved even after an order to hold it, or where none is wanted: the giver has agreed once more."""
    asked = known.ordered is Operation.AUTHORIZE or known.intent is Intent.RELEASE
    return asked and told.state is PaymentState.APPROVED  # invariant: what-is-only-approved-is-not-held


def _is_renewed_in_vain(known: Known, told: Payment, now: datetime) -> bool:
    """The provider has renewed what it holds, and yet lets it go as soon as before."""
    renewed = known.is_current and known.ordered is Operation.RENEW and told.state is PaymentState.AUTHORIZED
    return renewed and known.intent is Intent.COLLECT and replace(known, hold_expires_at=told.expires_at).hold_lapses_soon(now)


def _refused_waits(known: Known, told: Payment) -> str:
    """What a person is to see to after a refused order."""
    if not known.refused:
        return ""
    if told.payee_owes_minor:
        return "payee_owes" if told.payee_owes_minor > 0 else "payee_is_owed"
    return "cannot_be_taken" if told.state is PaymentState.AUTHORIZED else ""


def _may_order(known: Known, told: Payment) -> bool:
    """One order to one answer; what was just renewed may be taken in the same go."""
    renewed = known.ordered is Operation.RENEW and told.state is PaymentState.AUTHORIZED
    return known.ordered is None or (renewed and known.is_current and known.intent is Intent.CAPTURE)


def _is_somebody_elses(known: Known, told: Payment) -> bool:
    """Whether a checkout that the giver has named turns out to be for another contribution."""
    unproven = known.begins_at_the_button and not known.request.payment_reference and not known.order_is_out
    return unproven and told.reference != known.request.reference


def _let_go(known: Known, why: str, told_reason: str = "") -> Move | None:
    released = known.intent_reason if known.intent is Intent.RELEASE else ""
    return legal_move(known, CANCELED, told_reason or released or why, entry=_void_if_held(known))


_ON_STATE: Mapping[PaymentState, Callable[[Known, Payment], Move | None]] = {
    PaymentState.PENDING: lambda known, told: legal_move(known, PENDING, told.reason),
    PaymentState.AUTHORIZED: lambda known, told: legal_move(
        known, AUTHORIZED, told.reason, entry=entries.authorization(known.request.amount_minor)
    ),
    PaymentState.CAPTURED: taken_money.on_taken,
    PaymentState.DECLINED: lambda known, told: legal_move(known, FAILED, told.reason, entry=_void_if_held(known)),
    PaymentState.VOIDED: lambda known, told: _let_go(known, "voided_by_provider", told.reason),
    PaymentState.REVERSED: taken_money.on_taken,
}
"""What a contribution becomes, by what the provider says of its current checkout."""


_ON_STATE_OF_AN_OLDER_CHECKOUT: Mapping[PaymentState, Callable[[Known, Payment], Move | None]] = {
    PaymentState.CAPTURED: taken_money.older_taken,
    PaymentState.REVERSED: taken_money.older_taken,
}


def _void_if_held(known: Known) -> Entry | None:
    # invariant: a-void-frees-what-was-held
    return entries.void(known.request.amount_minor) if known.status == AUTHORIZED else None


_STAGES: Mapping[PaymentState, Stage] = {
    PaymentState.OPEN: Stage.OPEN,
    PaymentState.APPROVED: Stage.APPROVED,
    PaymentState.PENDING: Stage.APPROVED,
    PaymentState.AUTHORIZED: Stage.HELD,
    PaymentState.CAPTURED: Stage.TAKEN,
    PaymentState.REVERSED: Stage.TAKEN,
    PaymentState.VOIDED: Stage.OVER,
    PaymentState.LAPSED: Stage.OVER,
}
"""DECLINED leaves the checkout open: the giver may try again in it. Not where the provider closes checkouts: that tells of
a decline only once nobody can pay any more, and there would be nothing left to close."""


def _stage(known: Known, told: Told) -> Stage:
    if isinstance(told, Payment):
        stage = Stage.HELD if told.is_held else _STAGES.get(told.state, known.stage)
        if told.state is PaymentState.DECLINED:
            # After a review, too: nobody is thinking about it any more, and another try takes an order of ours.
            stage = Stage.OVER if known.can_close else Stage.OPEN if known.stage is Stage.APPROVED else known.stage
        unpaid = stage in {Stage.OPEN, Stage.APPROVED}
        return Stage.OVER if unpaid and not known.is_current else stage
    if isinstance(told, Refusal) and known.ordered is None:
        return Stage.OVER  # the provider knows no such checkout (any more)
    return known.stage


def _with_hold(decision: Decision, known: Known, told: Told) -> Decision:
    """What is learnt of the money with a move, or of a hold that was renewed."""
    if not isinstance(told, Payment) or (decision.order is not None and known.ordered is not Operation.RENEW):
        return decision
    held = told.state is PaymentState.AUTHORIZED
    if decision.move is None and not held:
        return decision
    expires_at = told.expires_at if held else None
    return replace(decision, payment_reference=told.provider_reference, hold_expires_at=expires_at, seen_held=held)


def _look(known: Known, told: Told, now: datetime) -> Look:
    """When to ask again, where nothing else is to be done now."""
    state = told.state if isinstance(told, Payment) else None
    held = isinstance(told, Payment) and _holds(told)
    undecided = isinstance(told, Payment) and told.has_open_dispute
    if known.refused and state is PaymentState.AUTHORIZED:
        return Look.DAILY
    if isinstance(told, Payment) and told.payee_owes_minor and known.is_captured:
        return Look.DAILY if known.refused else Look.PACED
    if known.ordered in BETWEEN_US_AND_PAYEES and not isinstance(told, Payment):
        return Look.PACED  # nobody knows whether it was done
    if known.owes_back() or state is PaymentState.PENDING or undecided or isinstance(told, Silence):
        return Look.SLOW if known.status == SETTLED and known.is_current and not known.owes_back() else Look.PACED
    if not known.is_current:
        return Look.PACED if held or not known.expired(now) else Look.NEVER
    if known.status == SETTLED:
        return Look.NEVER if known.no_company else Look.SLOW
    if known.status in OPEN:
        nothing_to_learn = (isinstance(told, NotOpened) and known.charge is not Charge.WAITS) or state in {
            PaymentState.LAPSED,
            PaymentState.VOIDED,
        }
        # invariant: what-is-pending-is-asked-about-again
        return Look.WHEN_EXPIRED if nothing_to_learn and known.status == SUBMITTED else Look.PACED
    if isinstance(told, NotOpened):
        return Look.NEVER
    was_held = known.stage is Stage.HELD and state is PaymentState.APPROVED  # an old answer, perhaps: look once more
    still_held = known.status == AUTHORIZED or held or was_held
    told_no = known.ordered in {Operation.CLOSE, Operation.VOID} and isinstance(told, Refusal)
    return Look.PACED if still_held or told_no or known.may_be_tried_again(now) else Look.NEVER
