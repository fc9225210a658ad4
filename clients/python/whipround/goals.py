"""Saving goals."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whipround.reading import Amount, written
from whipround.records import PaymentProvider, SavingGoal
from whipround.requests_of import Requests, given


class Goals(Requests):
    """What can be done with goals."""

    def create_goal(
        self,
        *,
        external_item_id: str,
        name: str,
        goal_amount: Amount,
        payment_providers: Iterable[PaymentProvider],
        starting_amount: Amount | None = None,
        currency: str | None = None,
        end_date: str | None = None,
        capture_policy: str | None = None,
        confirmation_url: str | None = None,
        cancel_url: str | None = None,
        overfunding: str | None = None,
        minimum_amount: Amount | None = None,
        maximum_amount: Amount | None = None,
        suggested_amounts: Iterable[Amount] | None = None,
        description: str | None = None,
        image_url: str | None = None,
        metadata: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> SavingGoal:
        """A new goal. The two URLs are where givers go afterwards, with ?Id= added."""
        body = written(SavingGoal, given(locals(), but="idempotency_key"))
        return self._one(SavingGoal, self.connection.call("POST", "savings", body=body, idempotency_key=idempotency_key))

    def get_goal(self, goal_id: str) -> SavingGoal:
        """The goal as it stands now, with the newest 50 of its contributions."""
        return self._one(SavingGoal, self.connection.call("GET", "SavingGoal", goal_id))

    def get_goal_if_changed(self, known: SavingGoal) -> SavingGoal | None:
        """The goal where anything in it is not as `known` has it, its contributions included; else None."""
        answer = self.connection.call("GET", "SavingGoal", known.id, headers={"If-None-Match": known.etag})
        return None if answer.status == 304 else self._one(SavingGoal, answer)

    def list_goals(
        self, *, external_item_id: str | None = None, goal_id: str | None = None, state: str | None = None, limit: int = 50
    ) -> Iterator[SavingGoal]:
        """Your goals, newest first, page by page as you go. `limit`: how many a page."""
        query = {"ExternalItemId": external_item_id, "Id": goal_id, "State": state}
        return self._pages(SavingGoal, "savings", query=query, limit=limit)

    def replace_goal(self, goal: SavingGoal) -> SavingGoal:
        """Make the goal what it is here: read it, change it (`dataclasses.replace`), and send it back. This is PUT.

        Raises VersionConflict where it has changed since it was read.
        """
        body = goal.written() | {"RecordVersionNumber": goal.version}
        return self._one(SavingGoal, self.connection.call("PUT", "SavingGoal", goal.id, body=body))

    def update_goal(self, goal_id: str, version: int, **changes: Any) -> SavingGoal:
        """Change what is named, such as `name="..."`; None takes an element away. This is PATCH.

        Raises VersionConflict where the goal is not at this version.
        """
        body = written(SavingGoal, changes) | {"RecordVersionNumber": version}
        return self._one(SavingGoal, self.connection.call("PATCH", "SavingGoal", goal_id, body=body))

    def delete_goal(self, goal_id: str, *, etag: str | None = None) -> None:
        """Cancel its open gifts and let go what it holds; what is settled stays. With `etag` only where nothing has changed."""
        self.connection.call("DELETE", "SavingGoal", goal_id, headers={"If-Match": etag} if etag else None)

    def close_goal(self, goal_id: str, *, idempotency_key: str | None = None) -> SavingGoal:
        """No new gifts; checkouts that are open go on."""
        return self._act(SavingGoal, "SavingGoal", goal_id, "Close", idempotency_key=idempotency_key)

    def reopen_goal(self, goal_id: str, *, idempotency_key: str | None = None) -> SavingGoal:
        """Gifts again."""
        return self._act(SavingGoal, "SavingGoal", goal_id, "Reopen", idempotency_key=idempotency_key)

    def validate_goal(self, **elements: Any) -> list[str]:
        """What create_goal would say: the notices. Nothing is stored. Raises Problem with the faults."""
        return self._validate("savings", body=written(SavingGoal, elements))
