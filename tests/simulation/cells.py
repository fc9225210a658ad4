"""Which cells of the decision table a simulation has been in, and which ones it cannot be in, with the reason.

A cell is what decides which rule applies: the contribution's status, what the provider says (a row of docs/decision_table.md)
and the intent, where `capture` counts as `collect` for all that is not held. For an older checkout it is the row alone:
neither status nor intent makes a difference there. tests/contributions/test_decision_rules.py proves both.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import NamedTuple
from unittest import mock

from contributions import decision_cases, sync
from contributions.causes import Cause
from contributions.decision_cases import (
    DISPUTED,
    IS_OWED,
    KINDS,
    NOT_OPENED,
    NOW,
    ONLY_HELD,
    OWES,
    PAYER,
    REFUSES,
    SILENT_TO_ORDER,
    UNKNOWN_THERE,
    answers,
    kind_of,
    usual,
)
from contributions.decision_types import Decision, Known, Operation, Told
from contributions.decisions import decide
from contributions.status import AUTHORIZED, CANCELED, FAILED, REFUNDED, REVERSED, SETTLED, Intent, Status
from providers.base import PaymentState

OLDER = "older checkout"


class Cell(NamedTuple):
    """`status` and `intent` are OLDER and empty for a checkout that another one has replaced."""

    status: str
    says: str
    intent: str

    def __str__(self) -> str:
        return " / ".join(part for part in self if part)


def cell_of(known: Known, told: Told) -> Cell:
    """The cell that this question is answered from."""
    says = kind_of(known, told)
    if not known.is_current:
        return Cell(OLDER, says, "")
    same = known.intent is Intent.CAPTURE and says not in {PaymentState.AUTHORIZED, REFUSES[Operation.RENEW]}
    return Cell(known.status, says, Intent.COLLECT if same else known.intent)


@cache
def every_cell() -> frozenset[Cell]:
    """All that can be told apart; an order is answered only where it is given, or where the move went that followed."""
    possible_orders = cache(decision_cases.possible_orders)  # of each it is asked for every row
    with mock.patch.object(decision_cases, "possible_orders", possible_orders):
        return frozenset(_cells())


def _cells() -> Iterator[Cell]:
    current = [usual(status, intent) for status in Status for intent in Intent]
    older = replace(usual(SETTLED, Intent.COLLECT), is_current=False)
    for known, told, asked_by in (case for one in [*current, older] for kind in KINDS for case in answers(one, kind)):
        move = decide(known, told, asked_by, NOW).move
        yield cell_of(known, told)
        yield cell_of(known.after(move) if move else known, told)


@contextmanager
def recorded() -> Iterator[Counter[Cell]]:
    """How often each cell was asked for inside the with statement."""
    seen: Counter[Cell] = Counter()

    def remember(known: Known, told: Told, asked_by: Cause, now: datetime) -> Decision:
        seen[cell_of(known, told)] += 1
        return decide(known, told, asked_by, now)

    with mock.patch.object(sync, "decide", remember):
        yield seen


def faults(seen: Iterable[Cell]) -> list[str]:
    """The cells that must not be reached, a sentence each."""
    wrong = [f"{cell} was reached, although {reasons_for(cell)[0]}" for cell in sorted(seen) if reasons_for(cell)]
    return wrong + [f"{cell} is no cell of the table" for cell in sorted(seen) if cell not in every_cell()]


# --- What cannot be reached ---------------------------------------------------------------------------------------------

TAKEN = {SETTLED, REFUNDED, REVERSED}
HELD_OR_TAKEN = {AUTHORIZED, *TAKEN}
UNPAID_STATES = {PaymentState.OPEN, PaymentState.APPROVED, PaymentState.LAPSED}
TAKING = (Operation.AUTHORIZE, Operation.CAPTURE, Operation.PAY)
ANSWERS_TO_TAKING = {SILENT_TO_ORDER, PAYER, *(REFUSES[order] for order in TAKING)}

UNREACHABLE: dict[str, Callable[[Cell], bool]] = {
    "what was never opened was never approved": (lambda cell: cell.says == NOT_OPENED and cell.status in HELD_OR_TAKEN),
    "a provider that has taken the money does not say that nothing is paid": (
        lambda cell: cell.status in TAKEN and cell.says in {*UNPAID_STATES, UNKNOWN_THERE}
    ),
    "a provider that has held the money knows of it, and that the giver has agreed": (
        lambda cell: cell.status == AUTHORIZED and cell.says in {PaymentState.OPEN, UNKNOWN_THERE}
    ),
    "what was taken is not held, declined or let go afterwards": (
        lambda cell: cell.status in TAKEN and cell.says in {PaymentState.AUTHORIZED, PaymentState.DECLINED, PaymentState.VOIDED}
    ),
}
"""By reason, the cells for which it holds. One that is reached all the same makes its reason wrong: the test says so."""


BETWEEN_US_AND_PAYEES = {OWES, IS_OWED, REFUSES[Operation.PULL_BACK], REFUSES[Operation.SEND_AGAIN]}


def is_lived_elsewhere(cell: Cell) -> bool:
    """What only Stripe or Amazon tells, and chance alone reaches here. tests/providers/stripe/test_lost_disputes.py,
    tests/providers/amazon/test_only_held.py and tests/providers/amazon/test_chargebacks.py live through it. What is said to a
    charge is lived through by tests/givers/test_gifts.py, and by permissions.py where chance wants it."""
    if cell.says == REFUSES[Operation.CHARGE] or (cell.says == PAYER and cell.intent == Intent.RELEASE):
        return True
    if cell.says in {ONLY_HELD, DISPUTED}:
        return True
    if cell.says == REFUSES[Operation.VOID] and cell.status in {FAILED, CANCELED} and cell.intent != Intent.RELEASE:
        return True  # what was only held, once it could not be taken in time
    return cell.says in BETWEEN_US_AND_PAYEES or (cell.status in TAKEN and cell.says == SILENT_TO_ORDER)


def reasons_for(cell: Cell) -> list[str]:
    """Why no history can be in it."""
    return [reason for reason, holds in UNREACHABLE.items() if holds(cell)]
