"""Contributions: gifts, how they stand, and money given back."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from whipround.reading import Amount, decimal_text, written
from whipround.records import Change, Contribution, Refund
from whipround.requests_of import Requests, given

LONGEST_HOLD_SECONDS = 30
"""How long the service holds an answer."""


class Contributions(Requests):
    """What can be done with gifts."""

    def create_contribution(
        self,
        goal_id: str,
        *,
        amount: Amount,
        contributor: str,
        message: str | None = None,
        provider_name: str | None = None,
        reference: str | None = None,
        memo: str | None = None,
        anonymous: bool | None = None,
        confirmation_url: str | None = None,
        cancel_url: str | None = None,
        language: str | None = None,
        metadata: Mapping[str, str] | None = None,
        giver_id: str | None = None,
        use_permission: bool | None = None,
        pin: str | None = None,
        idempotency_key: str | None = None,
    ) -> Contribution:
        """A new gift: send the giver's browser to its `provider_url` next.

        With `use_permission` (and `pin` where the giver has one) it is paid at once where a permission covers it. Where
        none does it is Submitted: `on_notice` is told why, and `provider_url` is the way.

        `idempotency_key`: a name of yours for this one intent (new_idempotency_key() makes one). Keep it with the order: the
        same call with it, however often, makes one gift. Left out, one is made for this call's own tries.
        """
        body = written(Contribution, given(locals(), but="goal_id idempotency_key"))
        return self._act(Contribution, "SavingGoal", goal_id, "Contributions", body=body, idempotency_key=idempotency_key)

    def get_contribution(self, contribution_id: str) -> Contribution:
        """The gift as it stands now."""
        return self._one(Contribution, self.connection.call("GET", "Contribution", contribution_id))

    def wait_for_contribution(self, known: Contribution, *, seconds: float = LONGEST_HOLD_SECONDS) -> Contribution | None:
        """The gift as soon as it is not as `known` has it; None where nothing has changed after so many seconds.

        0 asks once. `known` must have its `etag`: one that came with a list or a goal is answered at once.
        """
        until = time.monotonic() + seconds
        while True:
            hold = max(0, min(LONGEST_HOLD_SECONDS, round(until - time.monotonic())))
            answer = self.connection.call(
                "GET",
                "Contribution",
                known.id,
                query={"wait": str(hold)} if hold else None,
                headers={"If-None-Match": known.etag} if known.etag else None,
                more_seconds=hold,
            )
            if answer.status != 304:
                return self._one(Contribution, answer)
            left = until - time.monotonic()
            if left < 0.5:
                return None
            # No room to hold the answer: it came at once, and says when to ask again.
            time.sleep(min(left, answer.retry_after or 0.0 if hold else 1.0))

    def list_contributions(self, goal_id: str, *, status: str | None = None, limit: int = 50) -> Iterator[Contribution]:
        """A goal's gifts, newest first, page by page as you go."""
        return self._pages(Contribution, "SavingGoal", goal_id, "Contributions", query={"Status": status}, limit=limit)

    def list_all_contributions(self, *, limit: int = 50, **filters: str) -> Iterator[Contribution]:
        """Gifts across your goals. Filters by their names on the wire: Status, Reference, ExternalItemId, ProviderName,
        From, To, SettledFrom, SettledTo."""
        return self._pages(Contribution, "Contributions", query=filters, limit=limit)

    def delete_contribution(self, contribution_id: str, *, etag: str | None = None) -> None:
        """Cancel what is Submitted, let go what is Authorized. Raises Conflict for what is Pending or Settled."""
        self.connection.call("DELETE", "Contribution", contribution_id, headers={"If-Match": etag} if etag else None)

    def capture(self, contribution_id: str, *, idempotency_key: str | None = None) -> Contribution:
        """Take what is held. Look at the `status`: where the provider is silent it is still Authorized, and taken later."""
        return self._act(Contribution, "Contribution", contribution_id, "Capture", idempotency_key=idempotency_key)

    def check(self, contribution_id: str) -> Contribution:
        """Have the provider asked now. At most once in ten seconds: a second call waits for so long."""
        return self._act(Contribution, "Contribution", contribution_id, "Check")

    def refund(
        self,
        contribution_id: str,
        *,
        amount: Amount | None = None,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> Refund:
        """Give back so much, or all that is left. Keep the idempotency key with your own record of the refund."""
        body = {"Amount": None if amount is None else decimal_text(amount), "Reason": reason}
        body = {name: value for name, value in body.items() if value is not None}
        return self._act(Refund, "Contribution", contribution_id, "Refunds", body=body, idempotency_key=idempotency_key)

    def list_refunds(self, contribution_id: str, *, limit: int = 50) -> Iterator[Refund]:
        """A gift's refunds, newest first; also those that the payee made in the provider's dashboard."""
        return self._pages(Refund, "Contribution", contribution_id, "Refunds", query={}, limit=limit)

    def list_all_refunds(self, *, limit: int = 50, **filters: str) -> Iterator[Refund]:
        """Refunds across your goals, with the filters of list_all_contributions."""
        return self._pages(Refund, "Refunds", query=filters, limit=limit)

    def get_history(self, contribution_id: str) -> list[Change]:
        """Each version of a gift: when, what status, why."""
        document = self.connection.call("GET", "Contribution", contribution_id, "History").document
        return [Change.read(one) for one in document.get("Change", [])]

    def validate_contribution(self, goal_id: str, **elements: Any) -> list[str]:
        """What create_contribution would say: the notices. Nothing is stored. Raises Problem with the faults."""
        return self._validate("SavingGoal", goal_id, "Contributions", body=written(Contribution, elements))
