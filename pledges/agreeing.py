"""A pledge is made: by a giver who has agreed, with the PIN where there is one, and under a permission that covers it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from django.db import transaction

import clock
from givers import permissions, pins
from givers.models import Giver, Permission
from goals.models import SavingGoal
from goals.rules import live_accounts
from goals.state import State, state_of
from lookups import one_or_none
from ownership import row_key
from partners import audit_log
from pledges import reminders, schedule
from pledges.changes import announce, whole
from pledges.models import Pledge
from pledges.schedule import Every
from pledges.states import Happening
from providers import registry
from providers.base import ProviderNotOffered


class PledgeNotCovered(Exception):
    """No permission of the giver's covers what is pledged."""


class GoalTakesNoPledges(Exception):
    """The goal is reached, closed or over: a pledge would end before its first gift."""


@dataclass(frozen=True, kw_only=True)
class NewPledge:
    """What a partner asks for in a giver's name. The amount is in minor units of the goal's currency."""

    giver: Giver
    permission: Permission | None
    """None: the giver's oldest that covers it."""
    amount_minor: int
    every: Every
    start: date
    end: date | None
    zone: ZoneInfo
    contributor: str
    message: str | None = None
    reference: str = ""
    is_anonymous: bool = False
    pin: str | None = field(default=None, repr=False)


def make(goal: SavingGoal, wish: NewPledge, *, public_id: str, is_repeated: bool = True) -> Pledge:
    """Record the pledge; the one that is there already where the id was used before.

    Raises GoalTakesNoPledges, PledgeNotCovered, PinNeeded, PinWrong, PinLocked, TooManyHashes.
    """
    known = one_or_none(whole().filter(public_id=public_id, partner_id=goal.partner_id)) if is_repeated else None
    if known is not None:
        return known
    permission = check(goal, wish)
    pins.verify(wish.giver, wish.pin)
    pledge = _wished(goal, wish, permission, public_id)
    with transaction.atomic():
        if not Giver.objects.filter(**row_key(wish.giver), erased_at=None).select_for_update(no_key=True).exists():
            raise PledgeNotCovered("Nothing can be pledged: the giver was erased at this moment.")
        pledge.save(force_insert=True)
        pledged = {"goal": goal.public_id, "giver": wish.giver.public_id, "permission": permission.public_id}
        amount = {"amount_minor": wish.amount_minor, "currency": goal.currency, "every": wish.every.value}
        audit_log.record(Happening.MADE.value, public_id, partner_id=goal.partner_id, after={**pledged, **amount})
        reminders.remind_of_first(pledge)
        announce(pledge, Happening.MADE)
    return pledge


def _wished(goal: SavingGoal, wish: NewPledge, permission: Permission, public_id: str) -> Pledge:
    """Not stored."""
    now = clock.now()
    return Pledge(
        public_id=public_id,
        goal=goal,
        giver=wish.giver,
        permission=permission,
        amount_minor=wish.amount_minor,
        currency=goal.currency,
        every=wish.every.value,
        start_date=wish.start,
        end_date=wish.end,
        zone_name=wish.zone.key,
        contributor=wish.contributor,
        message=wish.message,
        reference=wish.reference,
        is_anonymous=wish.is_anonymous,
        next_at=schedule.due_at(wish.start, wish.every, 1, wish.zone),
        due_at=now,
        created_at=now,
    )


def check(goal: SavingGoal, wish: NewPledge) -> Permission:
    """The permission under which it would be made. Raises GoalTakesNoPledges, PledgeNotCovered."""
    state = state_of(goal, now=clock.now())
    if state is not State.OPEN:
        raise GoalTakesNoPledges(f"The goal is {state}: it takes no pledges.")
    why_not = "the giver has no permission that is Active at a provider of the goal"
    for permission in _usable(goal, wish):
        why_not = _why_not_covered(goal, wish, permission)
        if not why_not:
            return permission
    raise PledgeNotCovered(f"Nothing can be pledged: {why_not}.")


def _usable(goal: SavingGoal, wish: NewPledge) -> Iterable[Permission]:
    found = permissions.usable(wish.giver, [one.provider for one in live_accounts(goal)], goal.currency)
    return [one for one in found if wish.permission is None or one.pk == wish.permission.pk]


def _why_not_covered(goal: SavingGoal, wish: NewPledge, permission: Permission) -> str:
    """Empty where it covers each gift. What is used of it by then nobody knows."""
    if permission.currency != goal.currency:
        return "the giver's permission is for another currency"
    if permission.maximum_minor < wish.amount_minor:
        return "Amount is more than the permission's MaximumAmount"
    if permission.total_minor is not None and permission.total_minor - permission.used_minor < wish.amount_minor:
        return "what is left of the permission's MaximumTotal does not cover Amount"
    try:
        adapter = registry.adapter_offered(permission.provider, is_test=goal.partner.is_test)
    except ProviderNotOffered:
        return f"{permission.provider} is not offered any more"
    return (
        ""
        if adapter.key == permission.adapter
        else f"the giver has agreed to gifts at another account of {permission.provider}"
    )
