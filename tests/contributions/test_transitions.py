"""The gate: every legal move, no other, and nothing half-written."""

import pytest

from contributions import booking, entries
from contributions.models import Checkout, Contribution, LedgerEntry, StatusChange
from contributions.status import MOVES, Status
from contributions.transitions import IllegalMove, advance
from goals.models import SavingGoal

pytestmark = pytest.mark.django_db

LEGAL = {
    "Submitted": {"Pending", "Authorized", "Settled", "Failed", "Canceled"},
    "Pending": {"Authorized", "Settled", "Failed", "Canceled"},
    "Authorized": {"Settled", "Failed", "Canceled"},
    "Settled": {"Refunded", "Reversed"},
    "Reversed": {"Settled"},
    "Failed": {"Submitted", "Authorized", "Settled"},
    "Canceled": {"Submitted", "Authorized", "Settled"},
    "Refunded": {"Settled"},
}
"""The wire contract's table, written out once more."""


@pytest.fixture
def contribution(gift):
    return Contribution.objects.whole().get()


def rows():
    return (
        list(Contribution.objects.order_by("pk").values()),
        list(SavingGoal.objects.order_by("pk").values()),
        StatusChange.objects.count(),
        LedgerEntry.objects.count(),
    )


@pytest.mark.parametrize(("came_from", "to"), [(a, b) for a in LEGAL for b in sorted(LEGAL[a])])
def test_a_legal_move_is_made_with_version_and_history(contribution, came_from, to):
    Contribution.objects.update(status=came_from)
    contribution.refresh_from_db()
    activity = contribution.goal.activity
    assert advance(contribution, Status(to), reason="because", cause="test") is True
    assert (contribution.status, contribution.status_reason, contribution.version) == (to, "because", 2)
    change = StatusChange.objects.latest("pk")
    told = (change.from_status, change.to_status, change.version, change.event)
    assert told == (came_from, to, 2, f"contribution.{to.lower()}")
    assert SavingGoal.objects.get().activity == activity + 1


@pytest.mark.parametrize("came_from", LEGAL)
def test_an_illegal_move_is_refused_without_a_trace(contribution, came_from):
    Contribution.objects.update(status=came_from)
    contribution.refresh_from_db()
    before = rows()
    for to in set(LEGAL) - LEGAL[came_from] - {came_from}:
        with pytest.raises(IllegalMove):
            advance(contribution, Status(to), cause="test")
    assert rows() == before


def test_the_table_is_the_contracts():
    assert {(a.value, b.value) for a, b in MOVES} == {(a, b) for a in LEGAL for b in LEGAL[a]}


@pytest.mark.parametrize("column", ["version", "lease_token", "status", "refunds_reserved_minor"])
def test_a_move_from_an_outdated_reading_writes_nothing(contribution, column):
    outdated = Contribution.objects.whole().get()
    value = {"version": 9, "lease_token": "somebody", "status": "Pending", "refunds_reserved_minor": 5}[column]
    (Checkout if column == "lease_token" else Contribution).objects.update(**{column: value})
    before = rows()
    capture = entries.capture(2000)
    moved = advance(outdated, Status.SETTLED, cause="test", entry=capture, leased=outdated.current_checkout)
    assert (moved, rows()) == (False, before)


def test_a_move_that_breaks_in_the_middle_is_not_made_at_all(contribution, monkeypatch):
    before = rows()

    def broken(*_, **__):
        raise RuntimeError("disk full")

    monkeypatch.setattr(booking, "_date_refund", broken)  # between the entry and the goal's totals
    with pytest.raises(RuntimeError):
        advance(contribution, Status.SETTLED, cause="test", entry=entries.capture(2000))
    assert rows() == before


TAKEN_BEFORE = {
    "further_capture": {"settled_minor": 1500},
    "refund": {"settled_minor": 2000, "refunds_reserved_minor": 500},
    "refund_undone": {"settled_minor": 2000, "refunds_reserved_minor": 500, "refunded_minor": 500},
    "reversal": {"settled_minor": 2000},
    "reversal_won": {"settled_minor": 2000, "reversed_minor": 2000},
}
"""What a contribution says of its money before such an entry; nothing before any other."""


@pytest.mark.parametrize(
    ("entry", "deltas"),
    [
        (entries.authorization(2000), (0, 2000)),
        (entries.capture(2000), (2000, 0)),
        (entries.capture(2000, held_minor=2000), (2000, -2000)),
        (entries.capture(1500, held_minor=2000), (1500, -2000)),
        (entries.further_capture(500), (500, 0)),
        (entries.void(2000), (0, -2000)),
        (entries.refund(500), (-500, 0)),
        (entries.refund_undone(500), (500, 0)),
        (entries.reversal(2000), (-2000, 0)),
        (entries.reversal_won(2000), (2000, 0)),
    ],
    ids=lambda value: str(getattr(value, "kind", "")),
)
def test_what_each_entry_does_to_the_goals_totals(contribution, entry, deltas):
    SavingGoal.objects.update(collected_minor=5000, authorized_minor=5000)
    Contribution.objects.update(**TAKEN_BEFORE.get(entry.kind, {}))
    contribution = Contribution.objects.whole().get()
    assert advance(contribution, Status.SETTLED, cause="test", entry=entry)
    written = LedgerEntry.objects.get()
    assert (written.collected_delta_minor, written.authorized_delta_minor) == deltas
    goal = SavingGoal.objects.get()
    assert (goal.collected_minor - 5000, goal.authorized_minor - 5000) == deltas
