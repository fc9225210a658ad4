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

PACE_SECONDS = (5, 15, 30, 60, 120, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
"""How long to wait before the 1st, 2nd, ... question to a provider; the last one repeats. Each varies by a fifth.

A contribution that has moved starts again from the first: what has just changed soon changes again.
"""

SETTLED_PACE_SECONDS = tuple(days * 24 * 3600 for days in (1, 7, 30, 60, 90, 120, 180))
"""When what is settled is looked at again for a chargeback or a refund that the provider's report did not reach us about."""

Claimable = TypeVar("Claimable", Contribution, Refund)


def take(record: Claimable) -> Claimable | None:
    """Claim the record and read it anew; None where somebody else has it."""
    rows: Any = type(record)._default_manager
    now, token = clock.now(), new_id()
    claimed = (
        rows.filter(pk=record.pk)
        .filter(Q(claimed_until=None) | Q(claimed_until__lt=now))
        .update(claim_token=token, claimed_until=now + timedelta(seconds=LEASE_SECONDS))
    )
    mine: Claimable | None = rows.get(pk=record.pk) if claimed else None
    return mine


def renew(record: Claimable) -> bool:
    """Start the lease anew before an order that moves money; False where somebody else has taken it over since."""
    rows: Any = type(record)._default_manager
    mine = rows.filter(pk=record.pk, claim_token=record.claim_token)
    return bool(mine.update(claimed_until=clock.now() + timedelta(seconds=LEASE_SECONDS)))


def release(
    record: Claimable, *, due_at: datetime | None, ask_again: bool, moved: bool, paces: tuple[int, ...] = PACE_SECONDS
) -> None:
    """Give the claim back, if it is still ours, and say whether and how soon the provider is to be asked again.

    `due_at` is what follow_up_at was when the claim was taken: whoever has set it to another moment since then wants
    something of this record, and that stays.
    """
    follow_ups = 0 if moved else record.follow_ups + 1
    rows: Any = type(record)._default_manager
    mine = rows.filter(pk=record.pk, claim_token=record.claim_token)
    with transaction.atomic():
        mine.filter(follow_up_at=due_at).update(
            follow_ups=follow_ups, follow_up_at=next_follow_up(follow_ups, paces) if ask_again else None
        )
        mine.update(claim_token="", claimed_until=None)


def next_follow_up(follow_ups: int, paces: tuple[int, ...] = PACE_SECONDS) -> datetime:
    """When to ask after `follow_ups` questions without an outcome."""
    pace = paces[min(follow_ups, len(paces) - 1)]
    return clock.now() + timedelta(seconds=pace * random.uniform(0.8, 1.2))  # noqa: S311 - jitter


def is_claimed(record: Contribution | Refund, *, now: datetime) -> bool:
    """Whether somebody is finding out about it right now."""
    return record.claimed_until is not None and record.claimed_until > now
