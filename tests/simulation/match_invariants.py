"""What must hold of gifts that no provider has: what a goal marks apart, and what matchers have added. Read from the tables,
without any of the service's own code."""

from collections import defaultdict
from typing import Any

from tests.simulation.books import Books, rows
from tests.simulation.side import Wrong

TAKEN = {"Settled", "Refunded", "Reversed"}


def check(books: Books) -> None:
    """At every moment at which nobody is in the middle of something. Raises Wrong."""
    _check_marks(books)
    matched = _Matches(books)
    for matcher in matched.matchers.values():
        peak, total = matched.added_by(matcher)
        if peak > matcher.maximum_minor:
            raise Wrong(f"{matcher.public_id} has added {peak} at one time, and its cap is {matcher.maximum_minor}")
        if total != matcher.matched_minor:
            raise Wrong(f"{matcher.public_id} says that it has added {matcher.matched_minor}, its matches are {total}")
    for (gift, number), left in matched.left.items():
        matcher, one = matched.matchers[number], books.by_public_id[gift]
        if one.match_of is not None:
            raise Wrong(f"{gift} is a match, and was matched")
        if left > (one.settled_minor or 0) * matcher.percent // 100:
            raise Wrong(f"{gift} of {one.settled_minor} is matched by {left}, at {matcher.percent} %")


def check_rest(books: Books) -> None:
    """Once nothing is on its way any more. Raises Wrong."""
    if rows("SELECT * FROM contributions_matchdue"):
        raise Wrong("a gift's matches are stuck")
    matched = _Matches(books)
    goals = {goal.id: goal for goal in books.goals}
    for gift in books.contributions.values():
        kept = (gift.settled_minor or 0) - gift.refunded_minor - gift.reversed_minor if gift.status in TAKEN else 0
        for matcher in matched.matchers.values():
            left = matched.left.get((gift.public_id, matcher.id), 0)
            share = kept * matcher.percent // 100
            if left > share:
                raise Wrong(f"{gift.public_id}: {left} of its matches are left, and of itself {kept}")
            is_limited = goals[gift.goal_id].overfunding != "Allowed" or goals[gift.goal_id].deleted_at is not None
            is_full = matched.added_by(matcher)[0] == matcher.maximum_minor
            if left < share and matched.has_to_match(books, matcher, gift) and not (is_limited or is_full):
                raise Wrong(f"{gift.public_id}: only {left} of {kept} was matched, at {matcher.percent} %")


def _check_marks(books: Books) -> None:
    for goal in books.goals:
        own = [one for one in books.contributions.values() if one.goal_id == goal.id]
        apart = defaultdict(int)
        for one in own:
            apart[books.local_name(one)] += sum(entry.collected_delta_minor for entry in books.entries_of(one))
        if (goal.offline_minor, goal.matched_minor) != (apart["offline"], apart["match"]):
            raise Wrong(f"{goal.public_id} marks {goal.offline_minor, goal.matched_minor} apart, not {dict(apart)}")


class _Matches:
    """The matchers by their keys, and what is left of the matches of each gift by each of them."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.matchers = {one.id: one for one in rows("SELECT * FROM goals_matcher")}
        of_account = {one.account_id: one.id for one in self.matchers.values()}
        self.matches: dict[int, set[int]] = defaultdict(set)
        self.left: dict[tuple[str, int], int] = defaultdict(int)
        for one in books.contributions.values():
            if one.match_of is not None:
                number = of_account[books.checkouts[one.checkout_id].account_id]
                self.matches[number].add(one.id)
                self.left[one.match_of, number] += (one.settled_minor or 0) - one.refunded_minor

    def added_by(self, matcher: Any) -> tuple[int, int]:
        """The most that it has added at any time, and what it has now, by the ledger."""
        peak = total = 0
        for entry in sorted(self.books.entries, key=lambda one: int(one.id)):
            if entry.contribution_id in self.matches[matcher.id]:
                total += entry.collected_delta_minor
                peak = max(peak, total)
        return peak, total

    @staticmethod
    def has_to_match(books: Books, matcher: Any, gift: Any) -> bool:
        """Whether the gift was taken while the matcher stood, at a moment that is neither its first nor its last.

        Not where it is to go back, although the provider refuses that for now.
        """
        if gift.match_of is not None or gift.goal_id != matcher.goal_id or gift.intent == "release":
            return False
        taken = next((one.at for one in books.changes_of(gift) if one.to_status in TAKEN), None)
        return taken is not None and matcher.created_at < taken and (not matcher.deleted_at or taken < matcher.deleted_at)
