"""The newest contributions of goals, however many a goal has.

PostgreSQL would rather walk the primary key backwards through everybody's contributions than read the few that it wants by
their index; so that it may not, the goal is a range of one, and the order begins with it. For many goals there is one SELECT
for each in one statement: whatever ranks the contributions of a goal would read all of them.
"""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from contributions.models import Contribution
from goals.models import SavingGoal

NEWEST_IDS = """
SELECT id FROM (
    SELECT id, goal_id FROM contributions_contribution
    WHERE goal_id >= {goal} AND partner_id = {partner} AND deleted_at IS NULL
    ORDER BY goal_id, id DESC LIMIT {most}
) AS newest WHERE goal_id = {goal}
"""
"""The ids of a goal's newest visible contributions. `goal` and `partner` stand for its key and its partner's, in any SQL.

So many are read from this goal on, then those of the goal alone are kept. Of a range that ends with the goal, which is known
only as the statement runs, PostgreSQL would take it that there are few in it, and read and sort them all.
"""


ORDER = ("goal_id", "-pk")
"""The newest first, of rows that are `of_goal`."""


def of_goal(rows: QuerySet[Contribution], goal: SavingGoal) -> QuerySet[Contribution]:
    """Those of this goal."""
    return rows.filter(goal__gte=goal.pk, goal__lte=goal.pk, partner_id=goal.partner_id)


def of_goals(goals: Sequence[SavingGoal], most: int) -> dict[int, list[Contribution]]:
    """So many of the newest visible contributions of each goal that may have any, the newest first: one statement for all.

    Each has its goal, its current checkout and who is paid by that.
    """
    found: dict[int, list[Contribution]] = {goal.pk: [] for goal in goals if goal.activity}
    if not found:
        return found
    each = NEWEST_IDS.format(goal="%s", partner="%s", most="%s")
    by_pk = {goal.pk: goal for goal in goals}
    values = [value for pk in found for value in (pk, by_pk[pk].partner_id, most, pk)]
    ids = RawSQL(" UNION ALL ".join([each] * len(found)), values)  # noqa: S611 - our own text
    partners = {goal.partner_id for goal in goals}
    gifts = Contribution.objects.filter(pk__in=ids, partner_id__in=partners).select_related("checkout__account")
    for gift in gifts.order_by("-pk"):
        gift.goal = by_pk[gift.goal_id]
        found[gift.goal_id].append(gift)
    return found
