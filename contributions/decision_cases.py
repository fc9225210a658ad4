"""Made-up facts for contributions/decision_table.py: what can be known of a contribution, and what a provider can say of it.

A cell is a status, an intent and what the provider says: one of KINDS. No Django here.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from contributions.causes import Cause
from contributions.decision_types import (
    BETWEEN_US_AND_PAYEES,
    TAKING,
    Charge,
    Known,
    NotOpened,
    Operation,
    Refusal,
    Silence,
    Told,
)
from contributions.decisions import decide
from contributions.status import AUTHORIZED, CANCELED, OPEN, REFUNDED, REVERSED, SETTLED, TAKEN, Intent, Stage, Status
from providers.base import Payment, PaymentRequest, PaymentState

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(days=30), NOW - timedelta(days=1)
AMOUNT_MINOR = 2000

NOT_OPENED, SILENT, SILENT_TO_ORDER = "not opened yet", "no answer", "no answer to an order"
UNKNOWN_THERE, PAYER = "knows no such checkout", "payer must act"
REFUSES = {order: f"refuses {order}" for order in Operation}
IN_PART = {state: f"{state} in part" for state in (PaymentState.CAPTURED, PaymentState.REVERSED)}
OWES, IS_OWED = "captured; the payee owes", "captured; the payee is owed"
"""What the payee has of the payment is not what disputes have left of it: see Payment.payee_owes_minor."""

ONLY_HELD = "approved and held so far"
"""It was to be taken at once, and the provider only holds it: see Payment.is_held."""
DISPUTED = "captured; a dispute is open"
"""See Payment.has_open_dispute."""

KINDS = (
    NOT_OPENED,
    *PaymentState,
    ONLY_HELD,
    *IN_PART.values(),
    DISPUTED,
    OWES,
    IS_OWED,
    SILENT,
    SILENT_TO_ORDER,
    UNKNOWN_THERE,
    PAYER,
    *REFUSES.values(),
)
"""What a provider can say, in the order of the rows."""

SILENT_BESIDES = (Operation.VOID, Operation.RENEW, *sorted(BETWEEN_US_AND_PAYEES))
"""Orders whose silence is that of an order, although they take nothing. Silence to a close is that of a question."""

Case = tuple[Known, Told, Cause]


def usual(status: Status, intent: Intent) -> Known:
    """A contribution in this status as it usually is: paid at once, not expired, its hold good for long."""
    request = PaymentRequest(
        provider="PayPal",
        reference="gift",
        amount_minor=AMOUNT_MINOR,
        currency="USD",
        payee="payee",
        capture_at_once=True,
        description="",
        return_url="",
        cancel_url="",
        checkout_id="checkout",
    )
    return Known(
        request=request,
        status=status,
        intent=intent,
        intent_reason="why it is released" if intent is Intent.RELEASE else "",
        stage=Stage.OPEN,
        is_current=True,
        expires_at=LATER,
        hold_expires_at=LATER if status is AUTHORIZED else None,
        captured_minor=AMOUNT_MINOR if status in TAKEN else 0,
        refunded_minor=AMOUNT_MINOR if status is REFUNDED else 0,
        going_back_minor=AMOUNT_MINOR if status is REFUNDED else 0,
        lost_minor=AMOUNT_MINOR if status is REVERSED else 0,
    )


def payment_in(state: PaymentState) -> Payment:
    return Payment(state, AMOUNT_MINOR, "USD", "payee", "gift", provider_reference="payment", reason="its reason")


def payment_in_part(state: PaymentState) -> Payment:
    """Three quarters of it were taken, or a quarter of what was taken was taken back."""
    taken_minor = AMOUNT_MINOR * 3 // 4 if state is PaymentState.CAPTURED else AMOUNT_MINOR
    return replace(
        payment_in(state), taken_minor=taken_minor, lost_minor=0 if state is PaymentState.CAPTURED else AMOUNT_MINOR // 4
    )


def payment_owed(kind: str) -> Payment:
    """The payee has a quarter of it too much, or too little."""
    owes_minor = AMOUNT_MINOR // 4 if kind == OWES else -AMOUNT_MINOR // 4
    return replace(payment_in(PaymentState.CAPTURED), payee_owes_minor=owes_minor)


def payment_only_held() -> Payment:
    return replace(payment_in(PaymentState.APPROVED), is_held=True)


def payment_disputed() -> Payment:
    return replace(payment_in(PaymentState.CAPTURED), has_open_dispute=True)


def kind_of(known: Known, told: Told) -> str:
    """The row of the table that this answer belongs to: one of KINDS."""
    if isinstance(told, Payment):
        if told.is_held or told.has_open_dispute:
            return ONLY_HELD if told.is_held else DISPUTED
        if told.payee_owes_minor and told.state is PaymentState.CAPTURED:
            return OWES if told.payee_owes_minor > 0 else IS_OWED
        return IN_PART[told.state] if _is_in_part(told) else told.state
    if isinstance(told, NotOpened):
        return NOT_OPENED
    if isinstance(told, Silence):
        return SILENT if known.ordered in {None, Operation.CLOSE} else SILENT_TO_ORDER
    if told.payer_can_act:
        return PAYER
    return REFUSES[known.ordered] if known.ordered else UNKNOWN_THERE


def _is_in_part(told: Payment) -> bool:
    """Less was taken than was asked for, or less taken back than was taken."""
    taken_minor = told.amount_minor if told.taken_minor is None else told.taken_minor
    if told.state is PaymentState.REVERSED:
        return told.lost_minor is not None and told.lost_minor < taken_minor
    return told.state is PaymentState.CAPTURED and taken_minor < told.amount_minor


def answers(known: Known, kind: str) -> Iterator[Case]:
    """The cases of a row: what is known and what is told. None where the row cannot happen."""
    if kind in REFUSES.values():
        order = next(order for order, text in REFUSES.items() if text == kind)
        if order in possible_orders(known):
            yield replace(known, ordered=order), Refusal("its reason"), Cause.WORKER
    elif kind in {SILENT_TO_ORDER, PAYER}:
        orders = possible_orders(known) & {*TAKING, *(SILENT_BESIDES if kind == SILENT_TO_ORDER else ())}
        answer: Told = Silence() if kind == SILENT_TO_ORDER else Refusal("its reason", payer_can_act=True)
        for order in sorted(orders)[:1]:  # which of them makes no difference
            yield replace(known, ordered=order), answer, Cause.WORKER
    elif kind in {OWES, IS_OWED}:
        yield known, payment_owed(kind), Cause.WORKER
    elif kind in IN_PART.values():
        state = next(state for state, text in IN_PART.items() if text == kind)
        held_first = replace(known.request, capture_at_once=False)  # nobody takes a part of what is taken at once
        yield replace(known, request=held_first), payment_in_part(state), Cause.WORKER
    else:
        fixed: dict[str, Told] = {NOT_OPENED: NotOpened(), SILENT: Silence(), UNKNOWN_THERE: Refusal("unknown")}
        fixed |= {ONLY_HELD: payment_only_held(), DISPUTED: payment_disputed()}
        yield known, fixed[kind] if kind in fixed else payment_in(PaymentState(kind)), Cause.WORKER


@cache  # a row for each order asks it of the same
def possible_orders(known: Known) -> frozenset[Operation]:
    """Every order that can follow from some answer, whatever the conditions are."""
    lost = replace(payment_in(PaymentState.REVERSED), payee_owes_minor=AMOUNT_MINOR)  # and pulled back while it is Reversed
    owed = [payment_owed(OWES), payment_owed(IS_OWED), lost]
    payments = [*map(payment_in, PaymentState), payment_only_held(), *owed]
    answers_to_a_question: list[Told] = [*payments, *([NotOpened()] if known.status in OPEN else [])]
    conditions = [_under(changes, (known, NotOpened(), Cause.WORKER))[0] for changes in _every_choice_of_conditions()]
    orders = {
        decide(then, told, Cause.WORKER, NOW).order for then, told in itertools.product(conditions, answers_to_a_question)
    }
    return frozenset(order for order in orders if order)


# --- Conditions -------------------------------------------------------------------------------------------------------

Change = Callable[[Case], Case]


def _knowing(**facts: object) -> Change:
    return lambda case: (replace(case[0], **facts), case[1], case[2])  # type: ignore[arg-type]


def _asked_by(cause: Cause) -> Change:
    return lambda case: (case[0], case[1], cause)


def _hold_first(case: Case) -> Case:
    return replace(case[0], request=replace(case[0].request, capture_at_once=False)), case[1], case[2]


CONDITIONS: dict[str, tuple[str, Change]] = {
    "giver came back": ("the giver's return from the provider made us ask", _asked_by(Cause.RETURN)),
    "giver cancelled": ("the giver came by the provider's cancel link", _asked_by(Cause.CANCEL)),
    "time over": ("`CHECKOUT_EXPIRY_HOURS` are over", _knowing(expires_at=EARLIER)),
    "to be held first": ("the goal's CapturePolicy is Manual or OnGoalReached", _hold_first),
    "hold lapses soon": ("what is held lapses within a day", _knowing(hold_expires_at=NOW)),
    "goal is full": (
        "the goal's Overfunding leaves no room for the gift: asked before money is taken or held",
        _knowing(goal_is_full=True),
    ),
    "token sent": ("the giver has just sent a token to pay with", _knowing(can_pay_by_token=True)),
    "under a permission": (
        "it is to be paid in the giver's place, and nobody was asked for that yet",
        _knowing(under_permission=True, charge=Charge.DUE),
    ),
    "asked for under a permission": (
        "the same, and what came of it is not known",
        _knowing(under_permission=True, charge=Charge.OUT),
    ),
    "taken back since": (
        "the same, and the giver has taken the permission back, which its provider has not confirmed yet",
        _knowing(under_permission=True, charge=Charge.WAITS),
    ),
    "in the books": ("its capture is in the ledger already", _knowing(captured_minor=AMOUNT_MINOR)),
    "all going back": (
        "refunds of the whole amount are done or on their way",
        _knowing(captured_minor=AMOUNT_MINOR, going_back_minor=AMOUNT_MINOR, lost_minor=0),
    ),
}


WHERE_BOOKED = {"in the books": (CANCELED,), "all going back": (CANCELED, SETTLED, REVERSED)}
"""The conditions that the books can only be in with these statuses."""


def _under(changes: Iterable[Change], case: Case) -> Case:
    for change in changes:
        case = change(case)
    return case


def _every_choice_of_conditions() -> Iterator[tuple[Change, ...]]:
    """Those that orders depend on."""
    changes = (
        _hold_first,
        _knowing(hold_expires_at=NOW),
        _knowing(can_pay_by_token=True),
        _knowing(can_close=True),
        _knowing(expires_at=EARLIER),
        _knowing(under_permission=True, charge=Charge.DUE),
        _knowing(under_permission=True, charge=Charge.OUT),
    )
    for number in range(len(changes) + 1):
        yield from itertools.combinations(changes, number)
