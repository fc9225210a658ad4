"""The whole of decisions.decide as Markdown: `python -m contributions.decision_table` writes docs/decision_table.md.

Every cell is what decide() answers for the facts in decision_cases.py; nothing of it is written by hand. No Django here.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from contributions.causes import Cause
from contributions.decision_cases import (
    AMOUNT_MINOR,
    CONDITIONS,
    EARLIER,
    KINDS,
    NOW,
    WHERE_BOOKED,
    Case,
    answers,
    payment_in,
    usual,
)
from contributions.decision_types import Decision, Known, Look, Move, Told
from contributions.decisions import decide
from contributions.status import SETTLED, Intent, Status
from providers.base import PaymentState

PAGE = Path(__file__).resolve().parent.parent / "docs" / "decision_table.md"

MOST_STEPS = 5
"""Moves that follow from one answer, and an order or nothing after them: more is a fault of the rules."""

INTRO = """# What follows from what a provider says

Written by `python -m contributions.decision_table`, which asks `decide` in `contributions/decisions.py` for every
cell; a test holds this page up to date. Change the rule, not the page.

**How to read it.** One table for each Status of a contribution. A row is what the provider of its current checkout
says, a column what is wanted of the contribution: `collect` (to be paid), `capture` (what is held is to be taken
now), `release` (nothing more is to be taken).

- **order capture**: the provider is told so, and its answer is looked up in the same table. It is followed by no
  second order; what is done if the provider just repeats itself stands behind "still so".
- **→ Settled** (reason) + capture: the new Status, its StatusReason, and the entry in the ledger. *its reason* is the
  provider's.
- "asked again" says when the provider is asked next: at *growing* intervals, *slowly* (for months), *at expiry* (when
  the giver's time to pay is over). Without it, never, unless a webhook, the giver or the client makes us ask.
- "goes back": money that was taken and is not wanted is refunded.
- A line that begins with a condition, such as *time over*, says what is done instead where it holds. No line: it
  changes nothing.
- **order close** is given where the provider can close a checkout, so that nobody pays in it; "else" is for all
  others.
- `·` cannot happen: that order is never given there.

| Condition | It holds where |
| --- | --- |
"""

OLDER_CHECKOUT = """## An older checkout

Another checkout has taken its place. Nothing is taken in it any more, whatever the Status and the intent are, and
neither changes; what was taken in it all the same goes back to the giver. `Settled` stands for any Status.

"""

MISMATCHES = """## What is told does not match

The amount, the currency, the payee or the reference is another than was asked for. No order is ever given, and a person
has to look (the log says `payment does not match`). `amount_mismatch` stands for any of the four.

"""


# --- One cell ---------------------------------------------------------------------------------------------------------


def follow(known: Known, told: Told, asked_by: Cause, now: datetime = NOW) -> list[Decision]:
    """The decisions that follow from one answer when moves are made: the last one has an order, or nothing to do."""
    decisions = [decide(known, told, asked_by, now)]
    while decisions[-1].order is None and decisions[-1].move is not None:
        if len(decisions) == MOST_STEPS:
            raise RuntimeError(f"more than {MOST_STEPS} steps follow from {told}")
        known = known.following(decisions[-1])
        decisions.append(decide(known, told, asked_by, now))
    return decisions


def _cell(known: Known, kind: str) -> str:
    """What follows usually, and a line for each condition that changes it."""
    for case in answers(known, kind):
        first = _text(case)
        lines = [first]
        for name, (_, change) in CONDITIONS.items():
            if known.status not in WHERE_BOOKED.get(name, (known.status,)):
                continue
            text = _text(change(case))
            if text != first:
                lines.append(f"*{name}:* {text}")
        return "<br>".join(lines)
    return "·"


def _text(case: Case) -> str:
    known, told, asked_by = case
    parts = _steps(known, told, asked_by)
    closing = _steps(replace(known, can_close=True), told, asked_by)
    if closing != parts:
        otherwise = [part for part in parts if part.startswith("asked again")]
        close = f"**order close**, else {otherwise[0]}" if otherwise else "**order close**"
        parts = [*(part for part in parts if part not in otherwise), close]
    return "; ".join(parts) or "nothing"


def _steps(known: Known, told: Told, asked_by: Cause) -> list[str]:
    decisions = follow(known, told, asked_by)
    parts: list[str] = []
    for decision in decisions:
        parts += _part(known, decision)
        if decision.move:
            known = known.following(decision)
    last = decisions[-1]
    if last.order:
        again = _steps(replace(known, ordered=last.order), told, asked_by)
        return [*parts, f"still so: {', '.join(again)}"] if again else parts
    if known.owes_back():
        parts.append("goes back")
    if last.look is not Look.NEVER:
        parts.append(f"asked again {_WHEN[last.look]}")
    return parts


_WHEN = {Look.PACED: "growing", Look.DAILY: "daily", Look.SLOW: "slowly", Look.WHEN_EXPIRED: "at expiry"}


def _part(known: Known, decision: Decision) -> Iterable[str]:
    if decision.order:
        yield f"**order {decision.order}**"
    if decision.move:
        yield _move(known, decision.move)
    if decision.release:
        yield f"released ({decision.release})"
    if decision.forget_checkout:
        yield "this checkout is forgotten: it is somebody else's"
    if decision.look_again:
        yield "**asked at once**: what the provider says then decides"
    if decision.for_a_person and decision.move is None:
        yield "for a person"


def _move(known: Known, move: Move) -> str:
    to = f"stays {move.to}" if move.to is known.status else f"**→ {move.to}**"
    reason = f" ({move.reason})" if move.reason else ""
    entry = f" + {move.entry.kind}" if move.entry else ""
    return to + reason + entry


# --- The page ---------------------------------------------------------------------------------------------------------


def page() -> str:
    """The whole of docs/decision_table.md."""
    conditions = "".join(f"| *{name}* | {holds} |\n" for name, (holds, _) in CONDITIONS.items())
    tables = [f"## {status}\n\n{_table_of(status)}" for status in Status]
    return "\n".join([INTRO + conditions, *tables, _older_checkouts(), _mismatches()])


def _table_of(status: Status) -> str:
    rows = []
    for kind in KINDS:
        collect, capture, release = (_cell(usual(status, intent), kind) for intent in Intent)
        same = capture == collect != "·"
        rows.append(
            [kind, collect, "as collect" if same else capture, "as collect" if same and release == collect else release]
        )
    return _markdown(["The provider says", *Intent], rows)


def _older_checkouts() -> str:
    known = replace(usual(SETTLED, Intent.COLLECT), is_current=False, captured_minor=0)
    columns = {
        "nothing taken in it": known,
        "taken, and in the books": replace(known, captured_minor=AMOUNT_MINOR),
        "taken, and all going back": replace(known, captured_minor=AMOUNT_MINOR, going_back_minor=AMOUNT_MINOR),
    }
    rows = [[kind, *(_older_cell(one, kind) for one in columns.values())] for kind in KINDS]
    return OLDER_CHECKOUT + _markdown(["The provider says", *columns], rows)


def _older_cell(known: Known, kind: str) -> str:
    for known_then, told, asked_by in answers(known, kind):
        in_time, late = (_text((one, told, asked_by)) for one in (known_then, replace(known_then, expires_at=EARLIER)))
        return in_time if late == in_time else f"{in_time}<br>*time over:* {late}"
    return "·"


def _mismatches() -> str:
    taken = {PaymentState.CAPTURED, PaymentState.AUTHORIZED, PaymentState.PENDING}
    groups = {"held, taken or pending": taken, "anything else": set(PaymentState) - taken}
    rows = []
    for status in Status:
        cells = []
        for states in groups.values():
            texts = {_mismatch(usual(status, intent), state) for state in states for intent in Intent}
            cells.append("<br>".join(sorted(texts)))
        rows.append([status, *cells])
    return MISMATCHES + _markdown(["Status", *groups], rows)


def _mismatch(known: Known, state: PaymentState) -> str:
    decision = decide(known, replace(payment_in(state), amount_minor=1), Cause.WORKER, NOW)
    return _move(known, decision.move) if decision.move else "for a person alone"


def _markdown(head: Iterable[str], rows: Iterable[list[str]]) -> str:
    """Rows that say the same are one."""
    merged: dict[tuple[str, ...], list[str]] = {}
    for name, *cells in rows:
        merged.setdefault(tuple(cells), []).append(name)
    head = list(head)
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |"]
    lines += [f"| {', '.join(names)} | {' | '.join(cells)} |" for cells, names in merged.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
