"""Pledges: an amount every week or month, under a giver's permission."""

from collections.abc import Iterator

from whipround.reading import Amount, written
from whipround.records import Pledge
from whipround.requests_of import Requests, given


class Pledges(Requests):
    """What can be done with pledges."""

    def create_pledge(
        self,
        goal_id: str,
        *,
        giver_id: str,
        amount: Amount,
        every: str,
        permission_id: str | None = None,
        start_date: str | None = None,
        end_date: str | None = None,
        time_zone: str | None = None,
        contributor: str | None = None,
        message: str | None = None,
        anonymous: bool | None = None,
        reference: str | None = None,
        pin: str | None = None,
        idempotency_key: str | None = None,
    ) -> Pledge:
        """So much every `Week` or `Month`; `next_date` says when the first gift is made. `pin` where the giver has one.

        Raises Conflict where no permission of the giver covers it.
        """
        body = written(Pledge, given(locals(), but="goal_id idempotency_key"))
        return self._act(Pledge, "SavingGoal", goal_id, "Pledges", body=body, idempotency_key=idempotency_key)

    def get_pledge(self, pledge_id: str) -> Pledge:
        return self._one(Pledge, self.connection.call("GET", "Pledge", pledge_id))

    def list_pledges(self, goal_id: str, *, state: str | None = None, limit: int = 50) -> Iterator[Pledge]:
        """A goal's, newest first, page by page as you go."""
        return self._pages(Pledge, "SavingGoal", goal_id, "Pledges", query={"State": state}, limit=limit)

    def list_all_pledges(self, *, giver_id: str | None = None, state: str | None = None, limit: int = 50) -> Iterator[Pledge]:
        """Across your goals, of one giver or of all."""
        return self._pages(Pledge, "Pledges", query={"GiverId": giver_id, "State": state}, limit=limit)

    def pause_pledge(self, pledge_id: str, *, idempotency_key: str | None = None) -> Pledge:
        """No gift is begun until it is resumed."""
        return self._act(Pledge, "Pledge", pledge_id, "Pause", idempotency_key=idempotency_key)

    def resume_pledge(self, pledge_id: str, *, idempotency_key: str | None = None) -> Pledge:
        """It goes on with the first gift that is due from now on."""
        return self._act(Pledge, "Pledge", pledge_id, "Resume", idempotency_key=idempotency_key)

    def end_pledge(self, pledge_id: str, *, etag: str | None = None) -> None:
        """End it for good. It can be read all the same."""
        self.connection.call("DELETE", "Pledge", pledge_id, headers={"If-Match": etag} if etag else None)
