"""Goals: how they are made and changed, and whether they may still collect."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

import clock
import encryption
from bigint import bigint
from goals.models import PaymentAccount, SavingGoal
from partners.models import Partner

MOST_A_GOAL_CAN_HOLD_MINOR = 10**18
"""Sums stay far inside a 64-bit integer, whatever the currency's decimals."""


class StaleVersion(Exception):
    """The record has changed since the client read it."""

    def __init__(self, current: SavingGoal) -> None:
        super().__init__(f"The goal is at version {current.version} now: GET it, redo the change and send that version.")
        self.current_version = current.version


class CurrencyIsFixed(Exception):
    """The currency cannot change once a contribution exists."""


class GoalHasEnded(Exception):
    """EndDate has passed: no contribution can be made."""


class GoalIsFull(Exception):
    """The goal would hold more than can be counted."""


@dataclass(frozen=True)
class GoalChange:
    """What a client asks a goal to be: values by field name, and the payment accounts by provider.

    A provider whose credentials are None keeps what is stored; one that is not named is retired;
    `accounts` None leaves all as they are.
    """

    values: Mapping[str, Any]
    accounts: Mapping[str, str | None] | None = field(default=None)


def create(partner: Partner, change: GoalChange, *, public_id: str) -> SavingGoal:
    """Store a new goal with its accounts; the one that is there already where the id was used before."""
    with transaction.atomic():
        goal, is_new = SavingGoal.objects.get_or_create(public_id=public_id, defaults={"partner": partner, **change.values})
        if is_new:
            _set_accounts(goal, change.accounts or {})
    return goal


def edit(goal: SavingGoal, change: GoalChange, *, activity: int | None = None) -> SavingGoal:
    """Change the goal as it was read, all or nothing; its version rises by one.

    `activity`: the client's If-Match stands for totals and contributions too, so these must not have moved either.
    Raises StaleVersion, CurrencyIsFixed.
    """
    changes_currency = change.values.get("currency", goal.currency) != goal.currency
    with transaction.atomic():
        unchanged = SavingGoal.objects.filter(pk=goal.pk, version=goal.version, deleted_at=None)
        if activity is not None:
            unchanged = unchanged.filter(activity=activity)
        if changes_currency:
            unchanged = unchanged.filter(activity=0)  # the first contribution raises it
        if not unchanged.update(version=F("version") + bigint(1), **change.values):
            current = SavingGoal.objects.get(pk=goal.pk)
            if changes_currency and current.version == goal.version and current.activity:
                raise CurrencyIsFixed("The goal has contributions, so its Currency cannot change any more.")
            raise StaleVersion(current)
        if change.accounts is not None:
            _set_accounts(goal, change.accounts)
        goal.refresh_from_db()
    return goal


def live_accounts(goal: SavingGoal) -> list[PaymentAccount]:
    """The accounts that new contributions may be paid to, in the order in which they were given."""
    return list(goal.payment_accounts.filter(retired_at=None).order_by("pk"))


def check_may_collect(goal: SavingGoal, amount_minor: int, *, now: datetime) -> None:
    """Raises GoalHasEnded, GoalIsFull."""
    if goal.ends_at is not None and now > goal.ends_at:
        raise GoalHasEnded("The goal's EndDate has passed: it takes no contributions any more.")
    if goal.current_minor + goal.authorized_minor + amount_minor > MOST_A_GOAL_CAN_HOLD_MINOR:
        raise GoalIsFull("The goal cannot hold an amount as large as this.")


def _set_accounts(goal: SavingGoal, accounts: Mapping[str, str | None]) -> None:
    new = {provider: credentials for provider, credentials in accounts.items() if credentials is not None}
    for account in live_accounts(goal):
        if account.provider in new and _pays(account, new[account.provider]):
            del new[account.provider]
        elif account.provider in new or account.provider not in accounts:
            PaymentAccount.objects.filter(pk=account.pk).update(retired_at=clock.now())
    for provider, credentials in new.items():
        PaymentAccount.objects.create(goal=goal, provider=provider, credentials_encrypted=encryption.encrypt(credentials))


def _pays(account: PaymentAccount, credentials: str) -> bool:
    """Whether these are the account's credentials; credentials that nobody can read any more can only be replaced."""
    try:
        return account.credentials == credentials
    except encryption.UnreadableSecret:
        return False
