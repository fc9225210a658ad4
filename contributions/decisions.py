"""What follows from what a provider says of a payment. Pure: no Django, no clock, no network, and nothing is written here.

`decide` is asked until it says neither an order nor a move: sync.py gives the order or makes the move that it names, and
asks again with what is known then. The whole table is printed into docs/decision_table.md by decision_table.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from contributions import entries
from contributions.causes import Cause
from contributions.decision_types import Decision, Known, Look, Move, NotOpened, Operation, Refusal, Silence, Told
from contributions.entries import Entry
from contributions.status import (
    AUTHORIZED,
    CANCELED,
    FAILED,
    MOVES,
    OPEN,
    PENDING,
    REFUNDED,
    REVERSED,
    SETTLED,
    SUBMITTED,
    Intent,
    Stage,
    Status,
)
from providers.base import Payment, PaymentRequest, PaymentState


def decide(known: Known, told: Told, asked_by: Cause, now: datetime) -> Decision:
    """What follows from the provider's answer. Pure: same input, same decision."""
    if isinstance(told, Silence):
        decision = _on_silence(known, asked_by)
    elif isinstance(told, Refusal):
        decision = _on_refusal(known, told, asked_by, now)
    elif isinstance(told, NotOpened):
        decision = _nothing_paid(known, asked_by, now)
    else:
        decision = _on_payment(known, told, asked_by, now)
    stage = _stage(known, told)
    if decision.for_a_person and stage is Stage.APPROVED:
        stage = Stage.OPEN  # what does not match is never taken, so nothing is on its way
    decision = replace(decision, stage=stage, look=_look(known, told, now))
    return _with_hold(decision, known, told)


def wanted_order(known: Known, payment: Payment, now: datetime) -> Operation | None:
    """What to tell the provider, given what it says of the payment; None to leave things as they are."""
    state, held = payment.state, payment.state is PaymentState.AUTHORIZED
    if known.is_current and known.status in {SETTLED, REFUNDED, REVERSED}:
        return None  # it was taken: whatever the provider says now, nothing is to be ordered
    given_up = not known.is_current or known.status in {FAILED, CANCELED}
    if state is PaymentState.OPEN and given_up and known.can_close:
        return Operation.CLOSE
    if known.intent is Intent.RELEASE or not known.is_current:  # invariant: what-is-unwanted-is-not-captured
        return Operation.VOID if held else None  # invariant: what-is-unwanted-is-let-go
    if state is PaymentState.OPEN and known.can_pay_by_token and known.status in OPEN and not known.expired(now):
        return Operation.PAY
    if state is PaymentState.APPROVED:
        return Operation.CAPTURE if known.request.capture_at_once else Operation.AUTHORIZE
    if held and known.intent is Intent.CAPTURE:  # invariant: a-hold-is-taken-only-when-asked
        return Operation.CAPTURE
    if held and known.status == AUTHORIZED and known.hold_lapses_soon(now):
        return Operation.RENEW
    return None


def mismatch(request: PaymentRequest, payment: Payment) -> str:
    """Which of the four things that must agree does not; empty where all do."""
    for name, ours, theirs in (
        ("amount", request.amount_minor, payment.amount_minor),
        ("currency", request.currency, payment.currency),
        ("payee", request.payee, payment.payee),
        ("reference", request.reference, payment.reference),
    ):
        if ours != theirs:  # invariant: what-is-paid-is-what-was-asked
            return f"{name}_mismatch"
    return ""


# --- No answer, and a definite no -------------------------------------------------------------------------------------


def _on_silence(known: Known, asked_by: Cause) -> Decision:
    """Nobody knows. Where the giver says, or the provider said before it fell silent, that it was approved: Pending."""
    ordered = known.ordered not in {None, Operation.CLOSE}
    unknown = known.is_current and known.status == SUBMITTED and (ordered or asked_by is Cause.RETURN)
    return Decision(
        move=Move(PENDING, "provider_unreachable") if unknown else None,  # invariant: an-unknown-outcome-is-no-failure
        silent=True,
        may_have_been_paid=ordered and known.intent is not Intent.RELEASE,
    )


def _on_refusal(known: Known, told: Refusal, asked_by: Cause, now: datetime) -> Decision:
    if told.payer_can_act:
        waiting = _nothing_paid(known, asked_by, now, why_not=told.reason)
        return replace(waiting, waits_for_payer=told.reason, payer_action_url=told.payer_action_url)
    if known.ordered is None:
        return _nothing_paid(known, asked_by, now)  # it knows no such checkout: nothing was paid in it
    if not known.is_current or known.ordered in {Operation.CLOSE, Operation.VOID}:
        return Decision()  # the next question tells what has become of it
    if known.ordered is Operation.RENEW:
        return Decision(release="authorization_lapsed" if known.intent is Intent.COLLECT else "")
    held = known.status == AUTHORIZED
    failed = _move(known, FAILED, told.reason, entry=_void_if_held(known))
    return Decision(move=failed, release=told.reason if held else "")  # what is held still is let go next


def _nothing_paid(known: Known, asked_by: Cause, now: datetime, *, why_not: str = "checkout_expired") -> Decision:
    """The checkout is open, or was forgotten by the provider: nothing is over before its time. `why_not` is said then."""
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
    fault = mismatch(known.request, told)
    if fault:
        # What is not taken yet never will be; what is taken already waits for a person, uncounted.
        taken = told.state in {PaymentState.CAPTURED, PaymentState.AUTHORIZED, PaymentState.PENDING}
        move = _move(known, PENDING, fault) if taken else _move(known, FAILED, fault, entry=_void_if_held(known))
        return Decision(move=move if known.is_current else None, for_a_person=fault)
    order = wanted_order(known, told, now) if known.ordered is None else None
    if order is not None:
        return Decision(order=order)
    if told.state in {PaymentState.OPEN, PaymentState.APPROVED, PaymentState.LAPSED}:
        waits_for = "" if told.state is PaymentState.LAPSED else told.state
        return replace(_nothing_paid(known, asked_by, now), waits_for_payer=waits_for)
    # invariant: an-older-checkout-moves-nothing
    rule = _ON_STATE if known.is_current else _ON_STATE_OF_AN_OLDER_CHECKOUT
    move = rule[told.state](known, told) if told.state in rule else None
    return Decision(move=move, refunds_told=True)


def _is_somebody_elses(known: Known, told: Payment) -> bool:
    """Whether a checkout that the giver has named turns out to be for another contribution."""
    unproven = known.begins_at_the_button and not known.request.payment_reference and not known.order_is_out
    return unproven and told.reference != known.request.reference


def _on_captured(known: Known, told: Payment) -> Move | None:
    amount = known.request.amount_minor
    if known.status == CANCELED and known.intent is Intent.RELEASE:
        # Money for what the client cancelled: into the books, and then back to the giver. The status stays Canceled.
        if known.is_captured:  # invariant: unwanted-money-is-entered
            return None
        return Move(CANCELED, "unwanted_money", entries.capture(amount, was_held=False))
    if known.status == REVERSED:
        return Move(SETTLED, told.reason, entries.reversal_won(known.lost_minor))  # invariant: a-won-dispute-is-entered
    return _move(known, SETTLED, told.reason, entry=_capture_unless_entered(known))


def _on_reversed(known: Known, told: Payment) -> Move | None:
    """Taken, and taken back by the provider."""
    if known.status not in {SETTLED, REVERSED}:  # invariant: a-chargeback-before-the-capture-is-entered-once
        if known.going_back_minor == known.request.amount_minor:
            return None  # nothing left to take back: it has gone back to the giver, or is on its way
        return _move(known, SETTLED, "", entry=_capture_unless_entered(known))  # it was taken before it was taken back
    rest = known.request.amount_minor - known.going_back_minor  # invariant: a-chargeback-takes-only-what-is-left
    return _move(known, REVERSED, told.reason or "chargeback", entry=entries.reversal(rest))


def _on_voided(known: Known, told: Payment) -> Move | None:
    released = known.intent_reason if known.intent is Intent.RELEASE else ""
    return _move(known, CANCELED, told.reason or released or "voided_by_provider", entry=_void_if_held(known))


_ON_STATE: Mapping[PaymentState, Callable[[Known, Payment], Move | None]] = {
    PaymentState.PENDING: lambda known, told: _move(known, PENDING, told.reason),
    PaymentState.AUTHORIZED: lambda known, told: _move(
        known, AUTHORIZED, told.reason, entry=entries.authorization(known.request.amount_minor)
    ),
    PaymentState.CAPTURED: _on_captured,
    PaymentState.DECLINED: lambda known, told: _move(known, FAILED, told.reason, entry=_void_if_held(known)),
    PaymentState.VOIDED: _on_voided,
    PaymentState.REVERSED: _on_reversed,
}
"""What a contribution becomes, by what the provider says of its current checkout."""


def _older_captured(known: Known, told: Payment) -> Move | None:
    """Taken in a checkout that another one has replaced: into the books, and then back to the giver."""
    if not known.is_captured:  # invariant: what-an-older-checkout-took-is-entered
        return Move(known.status, "paid_twice", entries.capture(known.request.amount_minor, was_held=False))
    won = entries.reversal_won(known.lost_minor)
    return Move(known.status, "dispute_won", won) if won else None  # invariant: a-dispute-won-late-is-entered


def _older_reversed(known: Known, told: Payment) -> Move | None:
    rest = known.request.amount_minor - known.going_back_minor - known.lost_minor
    lost = entries.reversal(rest) if known.is_captured else None
    return Move(known.status, "chargeback", lost) if lost else None


_ON_STATE_OF_AN_OLDER_CHECKOUT: Mapping[PaymentState, Callable[[Known, Payment], Move | None]] = {
    PaymentState.CAPTURED: _older_captured,
    PaymentState.REVERSED: _older_reversed,
}


# --- Small parts ------------------------------------------------------------------------------------------------------


def _move(known: Known, to: Status, reason: str, *, entry: Entry | None = None) -> Move | None:
    """The move, where the table of moves has it."""
    return Move(to, reason, entry) if (known.status, to) in MOVES else None


def _void_if_held(known: Known) -> Entry | None:
    # invariant: a-void-frees-what-was-held
    return entries.void(known.request.amount_minor) if known.status == AUTHORIZED else None


def _capture_unless_entered(known: Known) -> Entry | None:
    if known.is_captured:
        return None
    # invariant: what-is-taken-is-held-no-more
    return entries.capture(known.request.amount_minor, was_held=known.status == AUTHORIZED)


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
        stage = _STAGES.get(told.state, known.stage)
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
    if not isinstance(told, Payment) or decision.order is not None:
        return decision
    held = told.state is PaymentState.AUTHORIZED
    if decision.move is None and not held:
        return decision
    expires_at = told.expires_at if held else None
    return replace(decision, payment_reference=told.provider_reference, hold_expires_at=expires_at)


def _look(known: Known, told: Told, now: datetime) -> Look:
    """When to ask again, where nothing else is to be done now."""
    state = told.state if isinstance(told, Payment) else None
    if known.owes_back() or state is PaymentState.PENDING or isinstance(told, Silence):
        return Look.SLOW if known.status == SETTLED and known.is_current and not known.owes_back() else Look.PACED
    if not known.is_current:
        return Look.PACED if state is PaymentState.AUTHORIZED or not known.expired(now) else Look.NEVER
    if known.status == SETTLED:
        return Look.SLOW
    if known.status in OPEN:
        nothing_to_learn = isinstance(told, NotOpened) or state in {PaymentState.LAPSED, PaymentState.VOIDED}
        # invariant: what-is-pending-is-asked-about-again
        return Look.WHEN_EXPIRED if nothing_to_learn and known.status == SUBMITTED else Look.PACED
    if isinstance(told, NotOpened):
        return Look.NEVER
    still_held = known.status == AUTHORIZED or state is PaymentState.AUTHORIZED
    told_no = known.ordered in {Operation.CLOSE, Operation.VOID} and isinstance(told, Refusal)
    return Look.PACED if still_held or told_no or known.may_be_tried_again(now) else Look.NEVER
