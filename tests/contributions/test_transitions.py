"""The gate: every legal move, no other, and nothing half-written."""

import itertools

import pytest
from contributions.ledger import entry_for

from contributions.models import Contribution, LedgerEntry, StatusChange
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
    "Failed": {"Authorized", "Settled"},
    "Canceled": {"Authorized", "Settled"},
    "Refunded": set(),
}
"""The wire contract's table, written out once more."""


@pytest.fixture
def contribution(gift):
    return Contribution.objects.get()


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
    assert (change.from_status, change.to_status, change.version, change.event) == (
        came_from,
        to,
        2,
        f"contribution.{to.lower()}",
    )
    assert SavingGoal.objects.get().activity == activity + 1


@pytest.mark.parametrize(
    ("came_from", "to"), [pair for pair in itertools.product(LEGAL, LEGAL) if pair[1] not in LEGAL[pair[0]]]
)
def test_an_illegal_move_is_refused_without_a_trace(contribution, came_from, to):
    Contribution.objects.update(status=came_from)
    contribution.refresh_from_db()
    before = rows()
    with pytest.raises(IllegalMove):
        advance(contribution, Status(to), cause="test")
    assert rows() == before


def test_the_table_is_the_contracts():
    assert {(a.value, b.value) for a, b in MOVES} == {(a, b) for a in LEGAL for b in LEGAL[a]}


@pytest.mark.parametrize("column", ["version", "lease_token", "status"])
def test_a_move_from_an_outdated_reading_writes_nothing(contribution, column):
    outdated = Contribution.objects.get()
    Contribution.objects.update(**{column: {"version": 9, "lease_token": "somebody", "status": "Pending"}[column]})
    before = rows()
    entry = entry_for(outdated, Status.SETTLED, None)
    assert advance(outdated, Status.SETTLED, cause="test", entry=entry) is False
    assert rows() == before


def test_a_move_that_breaks_in_the_middle_is_not_made_at_all(contribution, monkeypatch):
    before = rows()

    def broken(*_, **__):
        raise RuntimeError("disk full")

    monkeypatch.setattr(LedgerEntry.objects, "create", broken)
    entry = entry_for(contribution, Status.SETTLED, None)
    with pytest.raises(RuntimeError):
        advance(contribution, Status.SETTLED, cause="test", entry=entry)
    assert rows() == before


@pytest.mark.parametrize(
    ("came_from", "to", "deltas"),
    [
        ("Submitted", "Settled", (2000, 0)),
        ("Submitted", "Authorized", (0, 2000)),
        ("Authorized", "Settled", (2000, -2000)),
        ("Authorized", "Canceled", (0, -2000)),
        ("Authorized", "Failed", (0, -2000)),
        ("Submitted", "Canceled", None),
        ("Pending", "Failed", None),
    ],
)
def test_what_each_move_writes_into_the_books(contribution, came_from, to, deltas):
    contribution.status = came_from
    entry = entry_for(contribution, Status(to), None)
    assert (entry and (entry.collected_delta_minor, entry.authorized_delta_minor)) == deltas
