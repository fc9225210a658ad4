"""Leases: one process at a time works on a record, and whoever dies holding one is overtaken.

A lease is a random token and a moment, written by one UPDATE where there is no live lease. No transaction is held while
the holder asks a provider or a partner's server.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Case, F, Q, Value, When

import clock
import prepared
import prepared_models
from ids import new_id
from ownership import key_of, this_row

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
Row = TypeVar("Row", bound=models.Model)


def take(record: Record, *, if_due: bool = False, also: Sequence[str] = ()) -> Record | None:
    """Lease the record and read it anew; None where somebody else has it, or with `if_due` where it is not due.

    `also`: the relations that are read with it, as select_related takes them.
    """
    model, available, now = type(record), key_of(record), clock.now()
    available["lease_until"] = _NotAfter(now)  # invariant: nobody-takes-what-another-holds
    if if_due:
        available["due_at__lte"] = now
    lease = {"lease_token": new_id(), "lease_until": now + timedelta(seconds=LEASE_SECONDS)}
    if not also:
        taken: Record | None = prepared.update_one(model, available, lease)
        return taken
    if not prepared.update(model, available, lease):
        return None
    leased: Record = prepared_models.one_where(_rows_with(model, tuple(also)), key_of(record))
    return leased


@cache
def _rows_with(model: type[Leased], also: tuple[str, ...]) -> Callable[[], models.QuerySet[Any]]:
    return lambda: model._base_manager.select_related(*also)


class _NotAfter(prepared.Computed):
    """A condition: the moment of the column is over, or there is none."""

    def __init__(self, now: datetime) -> None:
        self.given = [(now, _MOMENT)]

    @staticmethod
    def expression(column: str, *given: Any) -> Q:
        return Q(**{column: None}) | Q(**{f"{column}__lt": given[0]})


def renew(record: Leased) -> bool:
    """Start the lease anew before a call that moves money; False where somebody else has taken it over since."""
    until = clock.now() + timedelta(seconds=LEASE_SECONDS)
    return bool(prepared.update(type(record), held_key(record), {"lease_until": until}))


def due_after(attempts: int, pace_seconds: Sequence[float]) -> datetime:
    """When to work on it again after so many tries: the waits of the table one after the other, of which the last repeats."""
    return due_in_about(pace_seconds[min(attempts, len(pace_seconds) - 1)])


def due_in_about(seconds: float) -> datetime:
    """So long from now, give or take a fifth: those that came in a crowd do not come back in one."""
    return clock.now() + timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - jitter


def in_batches(rows: models.QuerySet[Row], number: int, *, whether_due_or_not: bool = False) -> Iterator[Row]:
    """Each of these rows once, so many read at a time: what is due in the order in which it became so, as its index has it;
    else in the order of the keys, since what is worked on is due again later."""
    order = ("pk",) if whether_due_or_not else ("due_at", "pk")
    batch = list(rows.order_by(*order)[:number])
    while batch:
        last: Any = batch[-1]
        due_at, pk = last.due_at, last.pk
        yield from batch
        is_behind = Q(pk__gt=pk)
        if not whether_due_or_not:
            is_behind = Q(due_at__gte=due_at) & (Q(due_at__gt=due_at) | is_behind)
        batch = list(rows.filter(is_behind).order_by(*order)[:number]) if len(batch) == number else []


def held_key(record: Leased) -> dict[str, Any]:
    """What finds the record's row for as long as it is under the lease that this copy of it was read with."""
    return key_of(record) | {"lease_token": record.lease_token}


def held(record: Leased) -> models.QuerySet[Any]:
    """The same as a queryset."""
    mine: models.QuerySet[Any] = this_row(record).filter(lease_token=record.lease_token)
    return mine


def give_back(record: Leased, **columns: Any) -> bool:
    """Write these columns and give the lease back, by one UPDATE; False where somebody else has taken it over since."""
    return bool(prepared.update(type(record), held_key(record), {**columns, "lease_token": "", "lease_until": None}))


def release(record: Leased, *, was_due_at: datetime | None, due_at: datetime | None, attempts: int) -> bool:
    """Give the lease back, if it is still ours, and say when the record is due next; False where somebody else has it."""
    columns = given_back(was_due_at=was_due_at, due_at=due_at, attempts=attempts)
    return bool(prepared.update(type(record), held_key(record), columns))


def given_back(*, was_due_at: datetime | None, due_at: datetime | None, attempts: int) -> dict[str, Any]:
    """The columns by which an UPDATE of what is `held` gives the lease back, and says when the record is due next.

    `was_due_at` is what due_at was when the lease was taken: whoever has set it to another moment since wants something of
    this record, and that stays.
    """
    return {
        "lease_token": "",
        "lease_until": None,
        "due_at": _IfDue(was_due_at, due_at, _MOMENT),
        "attempts": _IfDue(was_due_at, attempts, _NUMBER),
    }


class _IfDue(prepared.Computed):
    """A new value where the row is due as it was, else the one that it has."""

    def __init__(self, was_due_at: datetime | None, then: Any, field: Any) -> None:
        self.given = [(was_due_at, _MOMENT), (then, field)]

    @staticmethod
    def expression(column: str, *given: Any) -> Case:
        was_due_at, then = given
        return Case(When(Q(due_at=was_due_at), then=Value(None) if then is None else then), default=F(column))


_MOMENT: Any = models.DateTimeField()
_NUMBER: Any = models.PositiveIntegerField()
