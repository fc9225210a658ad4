"""Goals: how they are made and changed, and whether they may still collect."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

import clock
import encryption
import returning
from bigint import bigint
from goals import goal_log
from goals.models import Payee, PaymentAccount, SavingGoal
from goals.state import has_ended
from ownership import row_key
from partners.models import Partner
from providers.payees import PayeeState

MOST_A_GOAL_CAN_HOLD_MINOR = 10**18
"""Sums stay far inside a 64-bit integer, whatever the currency's decimals."""


class StaleVersion(Exception):
    """The goal has changed since the client read it."""


class CurrencyIsFixed(Exception):
    """The currency cannot change once a contribution exists."""


class GoalHasEnded(Exception):
    """EndDate has passed: no contribution can be made."""


class PayeeIsGone(Exception):
    """The payee was deleted at this moment."""


class GoalIsClosed(Exception):
    """The client has closed the goal: it takes no new gifts."""


class SumTooLarge(Exception):
    """The goal would hold more than can be counted."""


@dataclass(frozen=True)
class GoalChange:
    """What a client asks a goal to be: values by field name, and the payment accounts by provider.

    A provider whose credentials are None keeps what is stored; one that is not named is retired; a Payee stands for
    credentials that are kept with it. `accounts` None leaves all as they are.
    `is_partial`: it says what is to be otherwise, not what the goal is to be.
    """

    values: Mapping[str, Any]
    accounts: Mapping[str, str | Payee | None] | None = field(default=None)
    is_partial: bool = False


def create(partner: Partner, change: GoalChange, *, public_id: str) -> SavingGoal:
    """Store a new goal with its accounts; the one that is there already where the id was used before."""
    with transaction.atomic():
        goal, is_new = SavingGoal.objects.get_or_create(public_id=public_id, partner=partner, defaults=dict(change.values))
        if is_new:
            paid = _set_accounts(goal, change.accounts or {})
            goal_log.tell_made(goal, paid)
    return goal


def edit(goal: SavingGoal, change: GoalChange, *, activity: int | None = None) -> SavingGoal:
    """Change the goal as it was read, all or nothing; its version rises by one, unless a partial change changes nothing.

    `activity`: the client's If-Match stands for totals and contributions too, so these must not have moved either.
    Raises StaleVersion, CurrencyIsFixed.
    """
    changes_currency = change.values.get("currency", goal.currency) != goal.currency
    with transaction.atomic():
        unchanged = SavingGoal.objects.filter(**row_key(goal), version=goal.version, deleted_at=None)
        if activity is not None:
            unchanged = unchanged.filter(activity=activity)
        if changes_currency:
            unchanged = unchanged.filter(activity=0)  # the first contribution raises it
        if change.is_partial and not _changes(goal, change):
            if not unchanged.exists():
                raise StaleVersion
            return goal
        another_end = {"end_told": False} if change.values.get("ends_at", goal.ends_at) != goal.ends_at else {}
        changed = {"version": F("version") + bigint(1), **change.values, **another_end}
        now = returning.update_one(unchanged, **changed)
        if now is None:
            current = SavingGoal.objects.get(**row_key(goal))
            if changes_currency and current.version == goal.version and current.activity:
                raise _currency_is_fixed()
            raise StaleVersion
        paid = _set_accounts(goal, change.accounts) if change.accounts is not None else None
        goal_log.tell_changed(goal, change.values, paid)
    now.partner = goal.partner
    return now


def _changes(goal: SavingGoal, change: GoalChange) -> bool:
    """Whether anything would be otherwise than it was read."""
    if any(getattr(goal, column) != value for column, value in change.values.items()):
        return True
    return change.accounts is not None and pays_otherwise(goal, change.accounts)


def pays_otherwise(goal: SavingGoal, accounts: Mapping[str, str | Payee | None]) -> bool:
    """Whether edit() would change to whom the goal is paid, and at which providers."""
    stored = {account.provider: account for account in live_accounts(goal)}
    if stored.keys() != accounts.keys():
        return True
    return any(paid is not None and not _pays(stored[provider], paid) for provider, paid in accounts.items())


def check_edit(goal: SavingGoal, change: GoalChange) -> None:
    """Whether edit() would do it with the goal as it was read. Raises CurrencyIsFixed."""
    if goal.activity and change.values.get("currency", goal.currency) != goal.currency:
        raise _currency_is_fixed()


def _currency_is_fixed() -> CurrencyIsFixed:
    return CurrencyIsFixed("The goal has contributions or matchers, so its Currency cannot change any more.")


def close(goal: SavingGoal) -> bool:
    """No new gifts from now on; open checkouts go on. False: closed already. `goal` is as it is now in either case."""
    return _close_or_reopen(goal, SavingGoal.objects.filter(closed_at=None), closed_at=clock.now())


def reopen(goal: SavingGoal) -> bool:
    """As before it was closed; EndDate counts as ever. False: it is not closed. `goal` is as it is now in either case."""
    return _close_or_reopen(goal, SavingGoal.objects.exclude(closed_at=None), closed_at=None)


def _close_or_reopen(goal: SavingGoal, goals: QuerySet[SavingGoal], *, closed_at: datetime | None) -> bool:
    """A change of its client's, so its version rises; by one statement, so that of two at once only one does it."""
    changed = goals.filter(**row_key(goal), deleted_at=None).update(closed_at=closed_at, version=F("version") + bigint(1))
    goal.refresh_from_db()
    return bool(changed)


def live_accounts(goal: SavingGoal) -> list[PaymentAccount]:
    """The accounts that new contributions may be paid to, in the order in which they were given."""
    return live_accounts_of([goal])[goal.pk]


def live_accounts_of(goals: Iterable[SavingGoal]) -> dict[int, list[PaymentAccount]]:
    """The same of each of these goals, by its key."""
    partners = {goal.pk: goal.partner_id for goal in goals}
    found: dict[int, list[PaymentAccount]] = {pk: [] for pk in partners}
    live = PaymentAccount.objects.filter(goal__in=found, partner_id__in={*partners.values()}, retired_at=None)
    for account in live.select_related("payee").order_by("pk"):
        found[account.goal_id].append(account)
    return found


def check_may_collect(goal: SavingGoal, amount_minor: int, *, now: datetime) -> None:
    """Raises GoalIsClosed, GoalHasEnded, SumTooLarge. Whether there is room is another question: contributions/room.py."""
    if goal.closed_at is not None:
        raise GoalIsClosed("The goal is closed: it takes no new contributions. POST to its Reopen first.")
    if has_ended(goal, now=now):
        raise GoalHasEnded("The goal's EndDate has passed: it takes no contributions any more.")
    if goal.current_minor + goal.authorized_minor + amount_minor > MOST_A_GOAL_CAN_HOLD_MINOR:
        raise SumTooLarge("With this Amount the goal's sum would be too large to count: give a smaller one.")


def _set_accounts(goal: SavingGoal, accounts: Mapping[str, str | Payee | None]) -> goal_log.PaidOtherwise:
    """Returns the accounts that are retired and those that are new. Raises PayeeIsGone."""
    retired, made = [], []
    payees = _locked(goal.partner_id, {one.pk for one in accounts.values() if isinstance(one, Payee)})
    new = {
        provider: payees[paid.pk] if isinstance(paid, Payee) else paid
        for provider, paid in accounts.items()
        if paid is not None
    }
    for account in live_accounts(goal):
        if account.provider in new and _pays(account, new[account.provider]):
            del new[account.provider]
        elif account.provider in new or account.provider not in accounts:
            PaymentAccount.objects.filter(**row_key(account)).update(retired_at=clock.now())
            retired.append(account)
    for provider, paid in new.items():
        payee = paid if isinstance(paid, Payee) else None
        encrypted = paid.credentials_encrypted if isinstance(paid, Payee) else encryption.encrypt(paid) if paid else ""
        columns = {"provider": provider, "payee": payee, "credentials_encrypted": encrypted}
        made.append(PaymentAccount.objects.create(goal=goal, **columns))
        if payee is not None and payee.state == PayeeState.RESTRICTED:
            Payee.objects.filter(**row_key(payee)).update(due_at=clock.now())  # it matters from now on
    return goal_log.PaidOtherwise(retired, made)


def _locked(partner_id: int, pks: set[int]) -> dict[int, Payee]:
    """The payees as they are now, and stay until the end of the transaction. Raises PayeeIsGone."""
    rows = Payee.objects.select_for_update().filter(partner_id=partner_id, pk__in=pks, deleted_at=None)
    found = {payee.pk: payee for payee in rows.order_by("pk")}
    if len(found) < len(pks):
        raise PayeeIsGone("A payment account of this goal was deleted at this moment: give another.")
    return found


def _pays(account: PaymentAccount, paid: str | Payee) -> bool:
    """Whether it is to the account already."""
    if isinstance(paid, Payee) or account.payee_id is not None:
        return isinstance(paid, Payee) and account.payee_id == paid.pk
    return account.readable_credentials == paid
