"""What must hold of what partners are told of goals: that they are reached, and that they have ended."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from tests.simulation.books import Books
from tests.simulation.goal_owners import GoalAmount
from tests.simulation.side import Wrong

ENDS = {"goal.ended", "goal.missed"}


@dataclass(frozen=True)
class Total:
    """What counts of a goal, and of how much."""

    counted: int
    wanted: int

    @property
    def is_reached(self) -> bool:
        return self.wanted <= self.counted


class GoalInvariants:
    """Checked after every step. Raises Wrong where one does not hold."""

    def __init__(self, goal_amounts: Sequence[GoalAmount]) -> None:
        self.goal_amounts = goal_amounts
        self.seen_entries = self.seen_amounts = 0
        self.totals: dict[str, Total] = {}
        self.reached: Counter[str] = Counter()

    def check(self, books: Books) -> None:
        """A goal is called reached as often as entries and edits, one after another, take it there; its end is told once."""
        told = Counter(event.about for event in books.events if event.type == "goal.reached")
        ends = Counter(event.about for event in books.events if event.type in ENDS)
        if any(number > 1 for number in ends.values()):
            raise Wrong(f"the ends of goals are told {ends} times")
        for goal in books.goals:
            totals = list(self._totals_since(goal, books))
            crossings = sum(after.is_reached and not before.is_reached for before, after in pairwise(totals))
            risen = told[goal.public_id] - self.reached[goal.public_id]
            if risen != crossings:
                raise Wrong(f"{goal.public_id} was reached {crossings} times, and that was told {risen} times: {totals}")
            self.totals[goal.public_id] = totals[-1]
        self.reached, self.seen_entries = told, max((entry.id for entry in books.entries), default=0)
        self.seen_amounts = len(self.goal_amounts)

    def _totals_since(self, goal: Any, books: Books) -> Iterator[Total]:
        """The goal's total at the end of the last step, and after each entry and each edit since, in their order."""
        amounts = [one for one in self.goal_amounts[self.seen_amounts :] if one.goal == goal.public_id]
        first = amounts[0].goal_minor if amounts else goal.goal_minor
        total = self.totals.get(goal.public_id, Total(goal.starting_minor, first))
        yield total
        held_counts = goal.capture_policy == "OnGoalReached"
        entries = [one for one in books.entries if one.goal_id == goal.id and one.id > self.seen_entries]
        # An edit after entry 7 comes after it, and before entry 8.
        since = sorted(
            [(one.id, 0, one) for one in entries] + [(one.after_entry, 1, one) for one in amounts], key=lambda one: one[:2]
        )
        for _, _, one in since:
            if isinstance(one, GoalAmount):
                total = Total(total.counted, one.goal_minor)
            else:
                moved = one.collected_delta_minor + (one.authorized_delta_minor if held_counts else 0)
                total = Total(total.counted + moved, total.wanted)
            yield total
        yield Total(total.counted, goal.goal_minor)  # whoever edits and dies of it does nothing else in that step

    def check_rest(self, books: Books, long_ago: datetime, undecided: Set[int]) -> None:
        """Every goal that has ended long ago has been told as ended, but for what is `undecided`: ids of goals with a gift
        whose outcome only a person can find out, which may still take its goal there.
        """
        self.check(books)
        ends = {event.about for event in books.events if event.type in ENDS}
        for goal in books.goals:
            if goal.id in undecided and goal.capture_policy == "OnGoalReached":
                continue
            ended = goal.ends_at is not None and _moment(goal.ends_at) < long_ago and goal.deleted_at is None
            if ended != (goal.public_id in ends) and (ended or goal.ends_at is None):
                raise Wrong(f"{goal.public_id} ended at {goal.ends_at}, and that was {'not ' if ended else ''}told")


def _moment(value: Any) -> datetime:
    """SQLite gives moments as text."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
