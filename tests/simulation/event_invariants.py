"""What must hold of the events: one for each change, as GET shows it. What they tell of goals: goal_invariants.py."""

import json
from typing import Any

from contributions.content import contribution_content
from contributions.models import Contribution
from tests.simulation.books import Books, without_lease
from tests.simulation.side import Wrong


class EventInvariants:
    """Checked after every step. Raises Wrong where one does not hold."""

    def __init__(self) -> None:
        self.compared: dict[int, tuple[Any, ...]] = {}
        """By contribution: the rows with which GET was last seen to show what the event shows."""

    def check(self, books: Books) -> None:
        """What must hold at every moment at which nobody is in the middle of something."""
        if [event.position for event in books.events] != list(range(1, len(books.events) + 1)):
            raise Wrong("the positions of the events have a gap")
        self._check_changes(books)

    def _check_changes(self, books: Books) -> None:
        """The partner is told of each version, once, as GET showed it, in the order in which they came; and of nothing else."""
        own = {number: one for number, one in books.contributions.items() if not books.is_purchase(one)}
        changes = {
            (own[one.contribution_id].public_id, one.version): one for one in books.changes if one.contribution_id in own
        }
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
            if not books.is_purchase(one)
        }
        changed = [number for number, now in rows.items() if self.compared.get(number) != now]
        for one in Contribution.objects.whole().filter(pk__in=changed) if changed else []:
            shown, event = contribution_content(one, one.goal), told[one.public_id, one.version]
            if shown != json.loads(event.content):
                raise Wrong(f"event {event.position}, {event.type}, shows {event.content}, and GET shows {shown}")
        self.compared = rows

    def check_rest(self, books: Books) -> None:
        """All that GET shows is looked at once more."""
        self.compared = {}
        self.check(books)
