"""Leases: one process at a time works on a record, and whoever dies holding one is overtaken.

A lease is a random token and a moment, written by one UPDATE where there is no live lease. No transaction is held while
the holder asks a provider or a partner's server.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Case, F, Q, Value, When

import clock
import returning
from ids import new_id
from ownership import this_row

LEASE_SECONDS = 60
"""Longer than any provider is given to answer; after it the record is anybody's."""


class Leased(models.Model):
    """Who works on a record until when, when it is due next, and how often it was tried."""

    lease_token = models.CharField(max_length=22, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    """When to work on it next; None: there is nothing left to do."""
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def is_leased(self) -> bool:
        """Whether somebody works on it at this moment, as far as this copy of the row tells."""
        return self.lease_until is not None and self.lease_until > clock.now()

    def take_new_lease(self) -> Self:
        """Put a lease on a row that is about to be inserted; returns it."""
        self.lease_token, self.lease_until = new_id(), clock.now() + timedelta(seconds=LEASE_SECONDS)
        return self

    def take_over(self, columns: Mapping[str, Any]) -> None:
        """What give_back() has just written into the row, in this copy of it."""
        for name, value in columns.items():
            setattr(self, name, value)
        self.lease_token, self.lease_until = "", None


Record = TypeVar("Record", bound=Leased)


def take(record: Record, *, if_due: bool = False, also: Sequence[str] = ()) -> Record | None:
    """Lease the record and read it anew; None where somebody else has it, or with `if_due` where it is not due.

    `also`: the relations that are read with it, as select_related takes them.
    """
    token, now = new_id(), clock.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    available = this_row(record).filter(free)  # invariant: nobody-takes-what-another-holds
    if if_due:
        available = available.filter(due_at__lte=now)
    lease = {"lease_token": token, "lease_until": now + timedelta(seconds=LEASE_SECONDS)}
    if not also:
        taken: Record | None = returning.update_one(available, **lease)
        return taken
    if not available.update(**lease):
        return None
    leased: Record = this_row(record).select_related(*also).get()
    return leased


def renew(record: Leased) -> bool:
    """Start the lease anew before a call that moves money; False where somebody else has taken it over since."""
    return bool(held(record).update(lease_until=clock.now() + timedelta(seconds=LEASE_SECONDS)))


def held(record: Leased) -> models.QuerySet[Any]:
    """The record's row, for as long as it is under the lease that this copy of it was read with."""
    mine: models.QuerySet[Any] = this_row(record).filter(lease_token=record.lease_token)
    return mine


def give_back(record: Leased, **columns: Any) -> bool:
    """Write these columns and give the lease back, by one UPDATE; False where somebody else has taken it over since."""
    return bool(held(record).update(**columns, lease_token="", lease_until=None))


def release(record: Leased, *, was_due_at: datetime | None, due_at: datetime | None, attempts: int) -> bool:
    """Give the lease back, if it is still ours, and say when the record is due next; False where somebody else has it."""
    return bool(held(record).update(**given_back(was_due_at=was_due_at, due_at=due_at, attempts=attempts)))


def given_back(*, was_due_at: datetime | None, due_at: datetime | None, attempts: int) -> dict[str, Any]:
    """The columns by which an UPDATE of what is `held` gives the lease back, and says when the record is due next.

    `was_due_at` is what due_at was when the lease was taken: whoever has set it to another moment since wants something of
    this record, and that stays.
    """
    as_it_was = Q(due_at=was_due_at)
    due = Value(due_at, output_field=models.DateTimeField())
    tried = Value(attempts, output_field=models.PositiveIntegerField())
    return {
        "lease_token": "",
        "lease_until": None,
        "due_at": Case(When(as_it_was, then=due), default=F("due_at")),
        "attempts": Case(When(as_it_was, then=tried), default=F("attempts")),
    }
