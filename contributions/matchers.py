"""Matchers of a goal: made and deleted, never edited. What they add is in matching.py."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

import clock
from bigint import bigint
from contributions.opening import GoalIsGone
from goals.models import Matcher, PaymentAccount, SavingGoal
from lookups import one_or_none
from ownership import row_key
from partners import audit_log
from providers.local.spec import MATCH

MOST_MATCHERS = 10
"""Of one goal: each gift is looked at once for each."""


class TooManyMatchers(Exception):
    """The goal has as many as it can have."""


class StaleMatcher(Exception):
    """The matcher has moved since it was read."""


@dataclass(frozen=True)
class NewMatcher:
    """What a client asks for; the cap in minor units of the goal's currency."""

    name: str
    maximum_minor: int
    percent: int = 100


def create(goal: SavingGoal, wish: NewMatcher, *, public_id: str) -> Matcher:
    """Store a new matcher of the goal as it was read; the one that is there already where the id was used before.

    It matches what is Settled from then on. Raises TooManyMatchers, GoalIsGone.
    """
    with transaction.atomic():
        goals = SavingGoal.objects.filter(**row_key(goal), currency=goal.currency, deleted_at=None)
        # Its row is locked from here on: a gift is Settled before the matcher is there, or sees that there is one.
        if not goals.update(is_matched=True, activity=F("activity") + bigint(1)):
            raise GoalIsGone("The goal was deleted or changed at this moment; read it again.")
        known = one_or_none(Matcher.objects.filter(public_id=public_id, partner_id=goal.partner_id))
        if known is not None:
            return known
        check_number(goal)
        now = clock.now()
        account = PaymentAccount.objects.create(goal=goal, provider=MATCH.name, credentials_encrypted="", retired_at=now)
        matcher = Matcher.objects.create(
            public_id=public_id,
            partner_id=goal.partner_id,
            goal=goal,
            account=account,
            name=wish.name,
            percent=wish.percent,
            maximum_minor=wish.maximum_minor,
            created_at=now,
        )
        audit_log.record("matcher.made", public_id, partner_id=goal.partner_id, after=_told(matcher, goal))
    return matcher


def check_number(goal: SavingGoal) -> None:
    """Raises TooManyMatchers where the goal can have no further one."""
    if Matcher.objects.filter(goal=goal, deleted_at=None).count() >= MOST_MATCHERS:
        raise TooManyMatchers(f"The goal has {MOST_MATCHERS} matchers, and can have no more: delete one of them first.")


def delete(matcher: Matcher, *, version: int | None = None) -> None:
    """It matches nothing that is Settled from now on; what it has added stays, and goes back with its gifts.

    `version` None deletes it whatever it has added meanwhile. Raises StaleMatcher.
    """
    with transaction.atomic():
        live = Matcher.objects.filter(**row_key(matcher), deleted_at=None)
        if version is not None:
            live = live.filter(version=version)
        if not live.update(deleted_at=clock.now()):
            if Matcher.objects.filter(**row_key(matcher), deleted_at=None).exists():
                raise StaleMatcher
            return
        matcher.refresh_from_db()
        goal = matcher.goal
        told = _told(matcher, goal) | {"matched_minor": matcher.matched_minor}
        audit_log.record("matcher.deleted", matcher.public_id, partner_id=matcher.partner_id, before=told)


def _told(matcher: Matcher, goal: SavingGoal) -> dict[str, object]:
    """As the audit log tells of it: without its name, which is a person's perhaps."""
    return {
        "goal": goal.public_id,
        "percent": matcher.percent,
        "maximum_minor": matcher.maximum_minor,
        "currency": goal.currency,
    }
