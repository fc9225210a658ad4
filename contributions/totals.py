"""Goals' totals that are not what the ledger says, put right."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from bigint import bigint
from contributions.audit import goals_with_wrong_totals, with_ledger_sums
from goals.models import SavingGoal
from money import text_of
from partners import audit_log

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Correction:
    """A goal's totals before and after, in minor units of its currency."""

    goal: str
    currency: str
    collected_minor: tuple[int, int]
    authorized_minor: tuple[int, int]

    def __str__(self) -> str:
        settled, authorized = (
            " -> ".join(text_of(minor, self.currency) for minor in total)
            for total in (self.collected_minor, self.authorized_minor)
        )
        return f"goal {self.goal}: settled total {settled} {self.currency}, authorized total {authorized} {self.currency}"


def rebuild(*, dry_run: bool) -> Iterator[Correction]:
    """Put each goal's wrong totals right, one goal at a time; yields what was done, or with `dry_run` what would be."""
    if dry_run:
        for goal in goals_with_wrong_totals().order_by("pk"):
            yield _correction(goal, goal)
        return
    for pk, partner_id in list(goals_with_wrong_totals().order_by("pk").values_list("pk", "partner_id")):
        correction = _rebuild_one(pk, partner_id)
        if correction is not None:
            yield correction


def _rebuild_one(pk: int, partner_id: int) -> Correction | None:
    """None: somebody else has put it right in the meantime.

    Whoever enters something in the ledger changes the goal's row in the same transaction. So under the lock of that row the
    committed entries are exactly those that its totals should count, and whoever waits for the lock adds to the new totals.
    """
    with transaction.atomic():
        row = SavingGoal.objects.filter(pk=pk, partner_id=partner_id)
        goal = row.select_for_update(no_key=True).get()
        # A statement of its own: the one that waits for the lock would add up the entries from before the wait.
        sums = with_ledger_sums(row).get()
        if (goal.collected_minor, goal.authorized_minor) == (sums.collected_sum, sums.authorized_sum):
            return None
        row.update(
            collected_minor=sums.collected_sum,
            authorized_minor=sums.authorized_sum,
            activity=F("activity") + bigint(1),  # the ETag changes with the totals
        )
        correction = _correction(goal, sums)
        both = correction.collected_minor, correction.authorized_minor
        was, now = ({"collected_minor": of[0], "authorized_minor": of[1]} for of in zip(*both, strict=True))
        audit_log.record("goal.totals_rebuilt", goal.public_id, partner_id=goal.partner_id, before=was, after=now)
    log.warning("totals rebuilt", extra={"goal": goal.public_id, "correction": str(correction)})
    return correction


def _correction(goal: SavingGoal, sums: Any) -> Correction:
    return Correction(
        goal.public_id,
        goal.currency,
        (goal.collected_minor, sums.collected_sum),
        (goal.authorized_minor, sums.authorized_sum),
    )
