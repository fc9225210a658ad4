"""Matchers: who adds so many percent to each gift of a goal."""

from collections.abc import Iterator

from whipround.reading import Amount, written
from whipround.records import Matcher
from whipround.requests_of import Requests, given


class Matchers(Requests):
    """What can be done with matchers."""

    def create_matcher(
        self, goal_id: str, *, name: str, maximum_total: Amount, percent: int | None = None, idempotency_key: str | None = None
    ) -> Matcher:
        """Each gift that settles from now on is matched, by 100 percent unless told otherwise, until the total is reached."""
        body = written(Matcher, given(locals(), but="goal_id idempotency_key"))
        return self._act(Matcher, "SavingGoal", goal_id, "Matchers", body=body, idempotency_key=idempotency_key)

    def get_matcher(self, matcher_id: str) -> Matcher:
        return self._one(Matcher, self.connection.call("GET", "Matcher", matcher_id))

    def list_matchers(self, goal_id: str, *, limit: int = 50) -> Iterator[Matcher]:
        """A goal's, newest first, page by page as you go."""
        return self._pages(Matcher, "SavingGoal", goal_id, "Matchers", query={}, limit=limit)

    def delete_matcher(self, matcher_id: str, *, etag: str | None = None) -> None:
        """No gift is matched any more; what was matched stays."""
        self.connection.call("DELETE", "Matcher", matcher_id, headers={"If-Match": etag} if etag else None)
