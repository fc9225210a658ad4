"""Two programs of a partner in a history: one reads only the feed of events, the other only polls. Their books must agree."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from contributions.content import contribution_content
from contributions.models import Contribution
from notifications.messages import event_content
from notifications.models import Event
from tests.simulation.side import Wrong
from tests.simulation.world import World

Books = dict[str, dict[str, Any]]
"""What a partner knows of each of its contributions."""


class Follower:
    """Reads the feed and nothing else: the last event of each contribution counts."""

    def __init__(self) -> None:
        self.books: Books = {}
        self.position = 0

    def reads(self, most: int) -> None:
        """A page of what came after the last one that it has seen."""
        for event in Event.objects.filter(position__gt=self.position).order_by("position")[:most]:
            told = event_content(event)
            self.position = event.position
            if "Contribution" in told:
                self.takes(told["Contribution"])

    def takes(self, shown: dict[str, Any]) -> None:
        known = self.books.get(shown["Id"], {"RecordVersionNumber": 0})
        if shown["RecordVersionNumber"] != known["RecordVersionNumber"] + 1:
            raise Wrong(f"the feed goes from version {known['RecordVersionNumber']} to {shown}")
        self.books[shown["Id"]] = shown


class Poller:
    """GETs contributions and reads nothing else. Also those that it has deleted, which a client could not: all are compared."""

    def __init__(self) -> None:
        self.books: Books = {}

    def polls(self) -> None:
        for one in Contribution.objects.whole():
            self.books[one.public_id] = json.loads(json.dumps(contribution_content(one, one.goal)))


class Followed(World):
    """A history in which one partner program follows the feed, and another polls, each as often as it happens to."""

    def __init__(self, seed: int, *side: Any) -> None:
        super().__init__(seed, *side)
        self.follower, self.poller = Follower(), Poller()

    def _one_step(self, action: Callable[[], str] | None = None) -> None:
        super()._one_step(action)
        # By the step, not by chance: the history of a seed stays what it is.
        if self.step % 3 == 0:
            self.follower.reads(1 + self.step % 7)
        if self.step % 4 == 0:
            self.poller.polls()

    def _come_to_rest(self) -> None:
        super()._come_to_rest()
        self.follower.reads(100_000)
        self.poller.polls()
        if self.follower.books != self.poller.books:
            raise Wrong(f"the books differ: {_differences(self.follower.books, self.poller.books)}")


def _differences(feed: Mapping[str, Any], polled: Mapping[str, Any]) -> list[str]:
    names = sorted(set(feed) | set(polled))
    apart = [name for name in names if feed.get(name) != polled.get(name)]
    return [f"{name}: by the feed {feed.get(name)}, by polling {polled.get(name)}" for name in apart]
