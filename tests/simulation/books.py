"""The service's tables as they are at one moment, read without any of the service's own code."""

from collections import defaultdict, namedtuple
from functools import lru_cache
from typing import Any

from django.db import connection

LEASE = {"lease_token", "lease_until", "due_at", "attempts"}
"""Columns that say who works on a row, and when: nobody outside is shown them."""


class Books:
    """Rows as named tuples: `goals`, `entries`, `changes` (by contribution, then version),
    `events` (by position), `refunds` are lists;
    `contributions` and `checkouts` are by internal id, `by_public_id` by the public one."""

    def __init__(self) -> None:
        self.goals = rows("SELECT * FROM goals_savinggoal")
        self.entries = rows("SELECT * FROM contributions_ledgerentry")
        self.changes = rows("SELECT * FROM contributions_statuschange ORDER BY contribution_id, version")
        self.events = rows("SELECT * FROM notifications_event ORDER BY partner_id, position")
        self.refunds = rows("SELECT * FROM contributions_refund")
        self.contributions: dict[int, Any] = {one.id: one for one in rows("SELECT * FROM contributions_contribution")}
        self.checkouts: dict[int, Any] = {one.id: one for one in rows("SELECT * FROM contributions_checkout")}
        self._of_certificates = {goal.id for goal in self.goals if goal.certificates_of_id is not None}
        self.by_public_id = {one.public_id: one for one in self.contributions.values()}
        self._changes: dict[int, list[Any]] = defaultdict(list)
        for change in self.changes:
            self._changes[change.contribution_id].append(change)
        self._entries: dict[int, list[Any]] = defaultdict(list)
        for entry in self.entries:
            self._entries[entry.contribution_id].append(entry)

    def checkout_at(self, contribution: Any, provider_checkout_id: str) -> Any:
        """The contribution's checkout of this id at the provider, and of several that name it the newest: a giver may pay in a
        session of Amazon's after all in which a card was declined. None where we have never learnt of it.
        """
        own = (one for one in self.checkouts.values() if one.contribution_id == contribution.id)
        named = (one for one in own if one.provider_checkout_id == provider_checkout_id)
        return max(named, key=lambda one: int(one.number), default=None)

    def entries_of(self, contribution: Any) -> list[Any]:
        """The ledger entries of one contribution."""
        return self._entries[contribution.id]

    def changes_of(self, contribution: Any) -> list[Any]:
        """The history of one contribution, by version."""
        return self._changes[contribution.id]

    def local_name(self, contribution: Any) -> str:
        """What no provider has a part in: offline, match, certificate; empty for any other."""
        name: str = self.checkouts[contribution.checkout_id].adapter.removesuffix("_test")
        return name if name in {"offline", "match", "certificate"} else ""

    def is_purchase(self, contribution: Any) -> bool:
        """Whether a gift certificate is bought by it, of which the partner is told in other words."""
        return contribution.goal_id in self._of_certificates


def checkouts_with_address() -> set[tuple[str, str]]:
    """Of each checkout whose address we know: its contribution's public id, and its own id at the provider."""
    both = "contributions_checkout k JOIN contributions_contribution c ON k.contribution_id = c.id"
    return {tuple(row) for row in rows(f"SELECT c.public_id, k.provider_checkout_id FROM {both} WHERE k.url <> ''")}  # noqa: S608


def rows(statement: str) -> list[Any]:
    """What the statement finds, as named tuples."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = _row_class(tuple(column[0] for column in cursor.description))
        return [row(*values) for values in cursor.fetchall()]


@lru_cache
def _row_class(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns)


def without_lease(row: Any) -> tuple[Any, ...]:
    """What a row says of the thing itself."""
    return tuple(value for name, value in zip(row._fields, row, strict=True) if name not in LEASE)
