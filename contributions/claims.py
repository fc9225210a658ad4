"""Leases: one at a time finds out about a contribution, and whoever dies holding it is overtaken."""

import random
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from contributions.models import Contribution
from ids import new_id

LEASE_SECONDS = 60
"""Longer than any provider is given to answer; after it the claim is anybody's."""

PACE_SECONDS = (5, 15, 30, 60, 120, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
"""How long to wait before the 1st, 2nd, ... question to a provider; the last one repeats. Each varies by a fifth.

A contribution that has moved starts again from the first: what has just changed soon changes again."""


def take(contribution_pk: int) -> Contribution | None:
    """Claim the contribution and read it; None where somebody else has it."""
    now, token = timezone.now(), new_id()
    claimed = (
        Contribution.objects.filter(pk=contribution_pk)
        .filter(Q(claimed_until=None) | Q(claimed_until__lt=now))
        .update(claim_token=token, claimed_until=now + timedelta(seconds=LEASE_SECONDS))
    )
    if not claimed:
        return None
    return Contribution.objects.select_related("goal", "account").get(pk=contribution_pk)


def release(contribution: Contribution, *, ask_again: bool, moved: bool) -> None:
    """Give the claim back, if it is still ours, and say whether and how soon the provider is to be asked again."""
    follow_ups = 0 if moved else contribution.follow_ups + 1
    Contribution.objects.filter(pk=contribution.pk, claim_token=contribution.claim_token).update(
        claim_token="",
        claimed_until=None,
        follow_ups=follow_ups,
        follow_up_at=next_follow_up(follow_ups) if ask_again else None,
    )


def next_follow_up(follow_ups: int) -> datetime:
    """When to ask after `follow_ups` questions without an outcome."""
    pace = PACE_SECONDS[min(follow_ups, len(PACE_SECONDS) - 1)]
    return timezone.now() + timedelta(seconds=pace * random.uniform(0.8, 1.2))  # noqa: S311 - jitter


def is_claimed(contribution: Contribution, *, now: datetime) -> bool:
    """Whether somebody is finding out about it right now."""
    return contribution.claimed_until is not None and contribution.claimed_until > now
