"""What must hold of the events: one for each change, as GET shows it, and of goals what their books say."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contributions.content import contribution_content
from contributions.models import Contribution
from tests.simulation.books import Books, without_lease
from tests.simulation.side import Wrong


@dataclass(frozen=True)
class Total:
    """What counts of a goal, and of how much."""

    counted: int
    wanted: int


class EventInvariants:
    """Checked after every step. Raises Wrong where one does not hold."""

    def __init__(self) -> None:
        self.seen_entries = 0
        self.totals: dict[str, Total] = {}
        self.reached: Counter[str] = Counter()
        self.compared: dict[int, tuple[Any, ...]] = {}
        """By contribution: the rows with which GET was last seen to show what the event shows."""

    def check(self, books: Books) -> None:
        """What must hold at every moment at which nobody is in the middle of something."""
        if [event.position for event in books.events] != list(range(1, len(books.events) + 1)):
            raise Wrong("the positions of the events have a gap")
        self._check_changes(books)
        self._check_goals(books)

    def _check_changes(self, books: Books) -> None:
        """The partner is told of each version, once, as GET showed it, in the order in which they came; and of nothing else."""
        changes = {(books.contributions[change.contribution_id].public_id, change.version): change for change in books.changes}
        events = [event for event in books.events if event.type.startswith("contribution.")]
        told = [(event.about, event.version) for event in events]
        if sorted(told) != sorted(changes):
            raise Wrong(f"the partner is told of {sorted(told)}, and what happened is {sorted(changes)}")
        if told != sorted(told, key=lambda one: changes[one].id):
            raise Wrong("the events are in another order than the changes")
        for event in events:
            shown, change = json.loads(event.content), changes[event.about, event.version]
            if (event.type, shown["Status"], shown["RecordVersionNumber"]) != (change.event, change.to_status, change.version):
                raise Wrong(f"event {event.position} tells of {event.type} and shows {shown['Status']}")
        self._check_what_get_shows(books, {(event.about, event.version): event for event in events})

    def _check_what_get_shows(self, books: Books, told: dict[tuple[str, int], Any]) -> None:
        """GET at each version shows what its event shows, now and whenever it is asked again after a row of it has changed."""
        goals = {goal.id: goal for goal in books.goals}
        rows = {
            one.id: (
                one,
                goals[one.goal_id],
                without_lease(books.checkouts[one.checkout_id]),
                told.get((one.public_id, one.version)),
            )
            for one in books.contributions.values()
        }
        changed = [number for number, now in rows.items() if self.compared.get(number) != now]
        for one in Contribution.objects.whole().filter(pk__in=changed) if changed else []:
            shown, event = contribution_content(one, one.goal), told[one.public_id, one.version]
            if shown != json.loads(event.content):
                raise Wrong(f"event {event.position}, {event.type}, shows {event.content}, and GET shows {shown}")
        self.compared = rows

    def _check_goals(self, books: Books) -> None:
        """A goal is called reached as often as its ledger takes it across, and its end is told once at most."""
        told = Counter(event.about for event in books.events if event.type == "goal.reached")
        ends = Counter(event.about for event in books.events if event.type in {"goal.ended", "goal.missed"})
        if any(number > 1 for number in ends.values()):
            raise Wrong(f"the ends of goals are told {ends} times")
        for goal in books.goals:
            held_counts = goal.capture_policy == "OnGoalReached"
            new = [entry for entry in books.entries if entry.goal_id == goal.id and entry.id > self.seen_entries]
            before = self.totals.get(goal.public_id, Total(goal.starting_minor, goal.goal_minor))
            counted, crossings = before.counted, 0
            for entry in sorted(new, key=lambda entry: entry.id):
                after = counted + entry.collected_delta_minor + (entry.authorized_delta_minor if held_counts else 0)
                crossings += counted < goal.goal_minor <= after
                counted = after
            risen = told[goal.public_id] - self.reached[goal.public_id]
            if before.wanted == goal.goal_minor and risen != crossings:
                raise Wrong(f"{goal.public_id} was reached {crossings} times, and that was told {risen} times")
            if before.wanted != goal.goal_minor and not new and risen != (before.counted < before.wanted and _is_full(goal)):
                raise Wrong(f"{goal.public_id} was edited to {goal.goal_minor}, and told as reached {risen} times")
            self.totals[goal.public_id] = Total(counted, goal.goal_minor)
        self.reached, self.seen_entries = told, max((entry.id for entry in books.entries), default=0)

    def check_rest(self, books: Books, long_ago: datetime) -> None:
        """Every goal that has ended long ago has been told as ended. All that GET shows is looked at once more."""
        self.compared = {}
        self.check(books)
        ends = {event.about for event in books.events if event.type in {"goal.ended", "goal.missed"}}
        for goal in books.goals:
            ended = goal.ends_at is not None and _moment(goal.ends_at) < long_ago and goal.deleted_at is None
            if ended != (goal.public_id in ends) and (ended or goal.ends_at is None):
                raise Wrong(f"{goal.public_id} ended at {goal.ends_at}, and that was {'not ' if ended else ''}told")


def _is_full(goal: Any) -> bool:
    held = goal.authorized_minor if goal.capture_policy == "OnGoalReached" else 0
    return bool(goal.starting_minor + goal.collected_minor + held >= goal.goal_minor)


def _moment(value: Any) -> datetime:
    """SQLite gives moments as text."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
