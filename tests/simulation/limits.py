"""What must hold of goals whose gifts are limited: no gift is let in where there is no room for it.

Three things may take such a goal beyond its amount all the same, and are left out (docs/decisions/0056-overfunding.md): money
that was taken without an order of ours, a refund that has failed and a dispute that was won after others had given, and
what the client has changed of the goal itself: its highest GoalAmount counts.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from tests.simulation.books import Books
from tests.simulation.goal_owners import GoalAmount
from tests.simulation.side import TruePayment, Wrong

PAID = {"Authorized", "Settled", "Refunded", "Reversed"}
CAME_BACK = {"reversal_won", "refund_undone"}


class Limits:
    """Checked after every step, with the others of invariants.py."""

    def __init__(self, goal_amounts: Sequence[GoalAmount]) -> None:
        self.goal_amounts = goal_amounts
        self.highest: dict[str, int] = {}
        """The highest GoalAmount that each goal has had, be it for a part of a step."""
        self.seen_amounts = 0
        self.unlimited: set[int] = set()
        """Goals of which something has come back that others may have given meanwhile."""

    def check(self, books: Books, truth: Iterable[TruePayment]) -> None:
        """Raises Wrong."""
        without_order = {one.reference for one in truth if one.by_itself or one.by_the_giver}
        self.unlimited |= {entry.goal_id for entry in books.entries if entry.kind in CAME_BACK}
        for one in books.contributions.values():
            if one.status in PAID and one.reserved_until is not None:
                raise Wrong(f"{one.public_id} is {one.status}, and reserves its amount besides")
        for amount in self.goal_amounts[self.seen_amounts :]:
            self.highest[amount.goal] = max(amount.goal_minor, self.highest.get(amount.goal, 0))
        self.seen_amounts = len(self.goal_amounts)
        for goal in books.goals:
            self.highest[goal.public_id] = max(goal.goal_minor, self.highest.get(goal.public_id, 0))
            if goal.overfunding != "Allowed" and goal.id not in self.unlimited:
                self._check_goal(goal, [one for one in books.contributions.values() if one.goal_id == goal.id], without_order)

    def _check_goal(self, goal: Any, own: list[Any], without_order: set[str]) -> None:
        counted = [_counted_minor(one) for one in own if one.public_id not in without_order]
        largest = max(counted, default=0) if goal.overfunding == "LastGift" else 0
        too_much = goal.starting_minor + sum(counted) - largest - self.highest[goal.public_id]
        if too_much > 0 or (goal.overfunding == "LastGift" and largest and too_much == 0):
            raise Wrong(f"{goal.public_id} ({goal.overfunding}) holds {sum(counted)} of {self.highest[goal.public_id]}")


def _counted_minor(one: Any) -> int:
    """What the goal has of it, or holds."""
    if one.status == "Authorized":
        return int(one.amount_minor)
    return int((one.settled_minor or 0) - one.refunded_minor - one.reversed_minor)
