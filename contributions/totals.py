"""Goals' totals that are not what the ledger says, put right."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from bigint import bigint
from contributions.audit import goals_with_wrong_totals, with_ledger_sums
from contributions.audit_of_matches import goals_with_wrong_marks, with_marked_sums
from goals.models import SavingGoal
from money import text_of
from partners import audit_log

log = logging.getLogger(__name__)


COLUMNS = {
    "collected_minor": "settled total",
    "authorized_minor": "authorized total",
    "offline_minor": "marked as Offline",
    "matched_minor": "marked as Match",
}
"""The totals, and what a sentence calls each."""
_ALWAYS_TOLD = ("collected_minor", "authorized_minor")


@dataclass(frozen=True)
class Correction:
    """A goal's totals before and after, in minor units of its currency, by their columns."""

    goal: str
    currency: str
    totals: Mapping[str, tuple[int, int]]

    def __str__(self) -> str:
        told = [
            f"{COLUMNS[name]} {text_of(before, self.currency)} -> {text_of(after, self.currency)} {self.currency}"
            for name, (before, after) in self.totals.items()
            if name in _ALWAYS_TOLD or before != after
        ]
        return f"goal {self.goal}: {', '.join(told)}"


def rebuild(*, dry_run: bool) -> Iterator[Correction]:
    """Put each goal's wrong totals right, one goal at a time; yields what was done, or with `dry_run` what would be."""
    wrong = {*goals_with_wrong_totals().order_by().values_list("pk", "partner_id")}
    wrong |= {*goals_with_wrong_marks().order_by().values_list("pk", "partner_id")}
    for pk, partner_id in sorted(wrong):
        row = SavingGoal.objects.filter(pk=pk, partner_id=partner_id)
        correction = _correction(row.get(), row) if dry_run else _rebuild_one(row)
        if correction is not None:
            yield correction


def _rebuild_one(row: QuerySet[SavingGoal]) -> Correction | None:
    """None: somebody else has put it right in the meantime.

    Whoever enters something in the ledger changes the goal's row in the same transaction. So under the lock of that row the
    committed entries are exactly those that its totals should count, and whoever waits for the lock adds to the new totals.
    """
    with transaction.atomic():
        goal = row.select_for_update(no_key=True).get()
        # A statement of its own: the one that waits for the lock would add up the entries from before the wait.
        correction = _correction(goal, row)
        was, now = ({name: both[of] for name, both in correction.totals.items()} for of in (0, 1))
        if was == now:
            return None
        row.update(**now, activity=F("activity") + bigint(1))  # the ETag changes with the totals
        audit_log.record("goal.totals_rebuilt", goal.public_id, partner_id=goal.partner_id, before=was, after=now)
    log.warning("totals rebuilt", extra={"goal": goal.public_id, "correction": str(correction)})
    return correction


def _correction(goal: SavingGoal, row: QuerySet[SavingGoal]) -> Correction:
    sums: Any = with_ledger_sums(row).get()
    marks: Any = with_marked_sums(row).get()
    proven = {
        "collected_minor": sums.collected_sum,
        "authorized_minor": sums.authorized_sum,
        "offline_minor": marks.offline_minor_sum,
        "matched_minor": marks.matched_minor_sum,
    }
    return Correction(goal.public_id, goal.currency, {name: (getattr(goal, name), proven[name]) for name in COLUMNS})
