"""Leases: one at a time finds out about a contribution or a refund, and whoever dies holding it is overtaken."""

import random
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Q

import clock
from contributions.models import Contribution, Refund
from ids import new_id

LEASE_SECONDS = 60
"""Longer than any provider is given to answer; after it the claim is anybody's."""

PACE_SECONDS = (5, 15, 30, 60, 120, 300, 900, 1800, 3600, 3600, 3600, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
"""How long to wait before the 1st, 2nd, ... question to a provider; the last one repeats. Each varies by a fifth.

Hourly while a checkout at PayPal lives: approved within three hours, it has to be completed within three more, and
the giver may have closed the browser.

A contribution that has moved starts again from the first: what has just changed soon changes again.
"""

SETTLED_PACE_SECONDS = tuple(days * 24 * 3600 for days in (1, 7, 30, 60, 90, 120, 180))
"""When what is settled is looked at again for a chargeback or a refund that the provider's report did not reach us about.

Each is counted from the look before, the first from the last change: 1, 8, 38, 98, 188, 308 and 488 days after it. Who
else asks in between, and how often, makes no difference to these days.
"""

Claimable = TypeVar("Claimable", Contribution, Refund)


def take(record: Claimable) -> Claimable | None:
    """Claim the record and read it anew; None where somebody else has it."""
    rows: Any = type(record)._default_manager
    now, token = clock.now(), new_id()
    claimed = (  # invariant: nobody-takes-what-another-holds
        rows.filter(pk=record.pk)
        .filter(Q(lease_until=None) | Q(lease_until__lt=now))
        .update(lease_token=token, lease_until=now + timedelta(seconds=LEASE_SECONDS))
    )
    mine: Claimable | None = rows.get(pk=record.pk) if claimed else None
    return mine


def renew(record: Claimable) -> bool:
    """Start the lease anew before an order that moves money; False where somebody else has taken it over since."""
    rows: Any = type(record)._default_manager
    mine = rows.filter(pk=record.pk, lease_token=record.lease_token)
    return bool(mine.update(lease_until=clock.now() + timedelta(seconds=LEASE_SECONDS)))


def release(
    record: Claimable,
    *,
    due_at: datetime | None,
    ask_again: bool,
    moved: bool,
    next_at: datetime | None = None,
    not_after: datetime | None = None,
) -> None:
    """Give the claim back, if it is still ours, and say whether and how soon the provider is to be asked again.

    `due_at` is what due_at was when the claim was taken: whoever has set it to another moment since then wants
    something of this record, and that stays. `next_at` is when to ask again; None: at the usual pace,
    but `not_after` that moment, where there is one.
    """
    attempts = 0 if moved else record.attempts + 1
    rows: Any = type(record)._default_manager
    mine = rows.filter(pk=record.pk, lease_token=record.lease_token)
    next_at = next_at or next_try_at(attempts)
    next_at = min(next_at, not_after) if not_after else next_at
    with transaction.atomic():
        mine.filter(due_at=due_at).update(attempts=attempts, due_at=next_at if ask_again else None)
        mine.update(lease_token="", lease_until=None)


def next_try_at(attempts: int) -> datetime:
    """When to ask after `attempts` questions without an outcome."""
    pace = PACE_SECONDS[min(attempts, len(PACE_SECONDS) - 1)]
    return clock.now() + timedelta(seconds=pace * random.uniform(0.8, 1.2))  # noqa: S311 - jitter


def next_slow_look(changed_at: datetime, *, answered: bool) -> datetime | None:
    """When to look again at what is settled and last changed then; None: never more.

    A look that was not answered is made up for, a day later. Each varies by a fifth, but is never early.
    """
    now, day = clock.now(), changed_at
    if not answered:
        return _late_by_up_to_a_fifth(now, SETTLED_PACE_SECONDS[0])
    for pace in SETTLED_PACE_SECONDS:
        if day + timedelta(seconds=pace) > now:
            return _late_by_up_to_a_fifth(day, pace)
        day += timedelta(seconds=pace)
    return None


def _late_by_up_to_a_fifth(start: datetime, pace: int) -> datetime:
    return start + timedelta(seconds=pace * random.uniform(1, 1.2))  # noqa: S311 - jitter


def is_leased(record: Contribution | Refund, *, now: datetime) -> bool:
    """Whether somebody is finding out about it right now."""
    return record.lease_until is not None and record.lease_until > now
