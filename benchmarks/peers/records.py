"""What the peers written with Django ask the database: with the ORM, as its tutorial does."""

import hashlib
from collections import defaultdict
from typing import Any

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from contributions.models import Contribution
from goals.models import PaymentAccount, SavingGoal
from partners.models import ApiKey, Partner

NESTED = 100
"""How many of its newest gifts a goal shows."""


def partner_of(authorization: str) -> Partner | None:
    """Whose live key the Authorization header carries."""
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
    lives = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    key = ApiKey.objects.select_related("partner").filter(lives, digest=digest, algorithm="", revoked_at=None).first()
    return key.partner if key else None


def gift_of(partner: Partner, gift_id: str) -> Contribution | None:
    """The partner's gift with all that is shown of it."""
    whole = Contribution.objects.select_related("goal__partner", "checkout__account")
    return whole.filter(public_id=gift_id, goal__partner=partner, deleted_at=None).first()


def goal_of(partner: Partner, goal_id: str) -> SavingGoal | None:
    """The partner's goal, open to gifts."""
    mine = SavingGoal.objects.select_related("partner").filter(public_id=goal_id, partner=partner)
    return mine.filter(deleted_at=None, closed_at=None).first()


def savings_of(partner: Partner, limit: int) -> list[tuple[SavingGoal, list[PaymentAccount], list[Contribution]]]:
    """The newest goals with their accounts and newest gifts: three statements."""
    goals = list(SavingGoal.objects.select_related("partner").filter(partner=partner, deleted_at=None).order_by("-pk")[:limit])
    accounts, gifts = defaultdict[Any, Any](list), defaultdict[Any, Any](list)
    for account in PaymentAccount.objects.filter(goal__in=goals, retired_at=None).order_by("pk"):
        accounts[account.goal_id].append(account)
    place = Window(RowNumber(), partition_by=F("goal_id"), order_by=F("pk").desc())
    shown = Contribution.objects.select_related("goal__partner", "checkout__account").filter(goal__in=goals, deleted_at=None)
    for gift in shown.annotate(place=place).filter(place__lte=NESTED).order_by("-pk"):
        gifts[gift.goal_id].append(gift)
    return [(goal, accounts[goal.pk], gifts[goal.pk]) for goal in goals]


def tag(gift: Contribution) -> str:
    """Its ETag as XML."""
    return f'"{gift.version}x"'
