"""What a pledge's decision asks for is done here: one transaction for each step, and no provider is asked in any.

The gift is recorded with the step that makes it, or neither is; the worker's ordinary round then has it paid, and finds out
about it. So whoever dies at whatever moment leaves a pledge that has made the gift of its number once, or not yet.
"""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.db import transaction

import clock
from contributions import charging_again
from contributions.models import Contribution
from contributions.opening import GoalIsGone, NewGift, record_gift
from contributions.reopening import TooManyTries
from contributions.room import GoalIsFull, GoalIsReserved
from contributions.ways_to_pay import PayeeCannotBePaid
from givers.permissions import NoRoom
from goals.rules import GoalHasEnded, GoalIsClosed, SumTooLarge, live_accounts
from partners.tags import new_id_of
from pledges import decisions, reminders
from pledges.calling_off import gift_of
from pledges.changes import announce, move, read, write
from pledges.decisions import Done, End, Give, GiveUp, Known, Step, TryAgain, Wait, decide
from pledges.knowing import known_of
from pledges.models import Pledge, PledgedGift
from pledges.states import ENDED, PAUSED, Happening
from providers import registry
from providers.base import AmountRefused, ProviderNotOffered

log = logging.getLogger(__name__)

MOST_STEPS = 6
"""A gift has an outcome, the pledge goes on, makes another one, or ends: more never follow from one look."""

WHY_NOT: Mapping[type[Exception], str] = MappingProxyType(
    {
        NoRoom: "permission_used_up",
        GoalIsFull: "goal_is_full",
        GoalIsReserved: "goal_is_reserved",
        SumTooLarge: "sum_too_large",
        PayeeCannotBePaid: "payee_cannot_be_paid",
        ProviderNotOffered: "provider_not_offered",
        AmountRefused: "amount_refused",
        charging_again.BeingPaid: "giver_has_not_paid",
        TooManyTries: "tried_too_often",
    }
)
"""Why a gift could not even be recorded, or charged again, as a FailureReason."""

NOT_NOW = (GoalIsClosed, GoalHasEnded, GoalIsGone)
"""The goal has changed at this moment: the next look tells how it stands."""


class NotYet(Exception):
    """Nothing came of the step, and nothing was written: look again."""


def follow(pledge: Pledge) -> Pledge:
    """Do all that is to be done with the pledge now; returns it as it is then. Safe to repeat, and from many places at once."""
    for _ in range(MOST_STEPS):
        gift = gift_of(pledge)
        known, now = known_of(pledge, gift), clock.now()
        step = decide(known, now)
        if isinstance(step, Wait):
            _wait(pledge, step)
            return pledge
        try:
            with transaction.atomic():
                if not _make(pledge, gift, known, step):
                    raise NotYet
        except (NotYet, *NOT_NOW) as error:
            log.info("pledge is looked at again", extra={"pledge": pledge.public_id, "because": type(error).__name__})
            return read(pledge)
        pledge = read(pledge)
    return pledge


def _wait(pledge: Pledge, step: Wait) -> None:
    """Nothing that anybody sees. Whoever has changed it meanwhile has said when to look."""
    rows = Pledge.objects.filter(pk=pledge.pk, partner_id=pledge.partner_id, version=pledge.version)
    rows.update(due_at=step.until, looks=step.looks)


def _make(pledge: Pledge, gift: Contribution | None, known: Known, step: Step) -> bool:
    match step:
        case Give():
            return _give(pledge, gift, known, step)
        case Done():
            made = {"gifts_made": pledge.gifts_made + 1, "gifts_skipped": pledge.gifts_skipped + step.skipped}
            return _go_on(pledge, Happening.GIFT_MADE, number=step.number, next_at=step.next_at, failure="", **made)
        case TryAgain():
            return _fail(pledge, step)
        case GiveUp():
            return _give_up(pledge, step)
        case End():
            return move(pledge, ENDED, step.reason)
    return False


# --- The gift ---------------------------------------------------------------------------------------------------------


def _give(pledge: Pledge, gift: Contribution | None, known: Known, step: Give) -> bool:
    """The gift, and that it is out; or that it has failed at once."""
    now = clock.now()
    out: dict[str, Any] = {
        "number": step.number,
        "is_out": True,
        "tried_at": now,
        "due_at": now + decisions.LOOKS_FOR_OUTCOME[0],
        "looks": 0,
    }
    skipped, known_version = pledge.gifts_skipped + step.skipped, pledge.version
    try:
        with transaction.atomic():
            if not write(pledge, gifts_skipped=skipped, **out):
                return False
            _record(pledge, gift if step.again else None)
            if step.skipped:
                announce(pledge, Happening.GIFTS_SKIPPED)
    except charging_again.TooLate:
        raise NotYet from None  # the gift has changed at this moment
    except tuple(WHY_NOT) as error:
        reason = next(word for kind, word in WHY_NOT.items() if isinstance(error, kind))
        version, pledge = known_version, read(pledge)
        if pledge.version != version:
            raise NotYet from None
        numbered: dict[str, Any] = {"number": step.number, "gifts_skipped": skipped, "tried_at": now}
        follows = decisions.failed(known, reason, now)
        return _fail(pledge, follows, **numbered) if isinstance(follows, TryAgain) else _give_up(pledge, follows, **numbered)
    return True


def _record(pledge: Pledge, gift: Contribution | None) -> None:
    """`gift`: the one that has failed, to be charged again."""
    accounts = {one.provider: one for one in live_accounts(pledge.goal)}
    account = accounts.get(pledge.permission.provider)
    if account is None:
        raise ProviderNotOffered(f"The goal is not paid at {pledge.permission.provider} any more.")
    if registry.adapter_offered(account.provider, is_test=pledge.goal.partner.is_test).key != pledge.permission.adapter:
        raise ProviderNotOffered(f"The giver has agreed to gifts at another account of {account.provider}.")
    if gift is not None:
        charging_again.charge_again(gift, pledge.permission, account)
        return
    wish = NewGift(
        amount_minor=pledge.amount_minor,
        contributor=pledge.contributor,
        message=pledge.message,
        account=account,
        reference=pledge.reference,
        is_anonymous=pledge.is_anonymous,
        giver=pledge.giver,
        permission=pledge.permission,
        pledge_id=pledge.public_id,
    )
    made = record_gift(pledge.goal, wish, public_id=new_id_of(pledge.partner_id), is_repeated=False)
    PledgedGift.objects.create(pledge=pledge, number=pledge.number, contribution=made, created_at=clock.now())


# --- What came of it --------------------------------------------------------------------------------------------------


def _go_on(pledge: Pledge, happening: Happening, **columns: Any) -> bool:
    """To the next gift."""
    from_anew: dict[str, Any] = {"is_out": False, "tries": 0, "failed_at": None, "looks": 0, "due_at": clock.now()}
    if not write(pledge, **from_anew, **columns):
        return False
    announce(pledge, happening)
    return True


def _fail(pledge: Pledge, step: TryAgain, **columns: Any) -> bool:
    tried: dict[str, Any] = {"tries": pledge.tries + 1, "failed_at": pledge.failed_at or clock.now(), "failure": step.reason}
    waits: dict[str, Any] = {"is_out": False, "looks": 0, "next_at": step.at, "due_at": clock.now()}
    if not write(pledge, **tried, **waits, **columns):
        return False
    reminders.remind_of_failure(pledge, pledge.number, pledge.tries)
    announce(pledge, Happening.GIFT_FAILED)
    return True


def _give_up(pledge: Pledge, step: GiveUp, **columns: Any) -> bool:
    columns |= {"number": step.number, "next_at": step.next_at, "failure": step.reason}
    number, tries = pledge.number, pledge.tries + 1
    if not _go_on(pledge, Happening.GIFT_FAILED, **columns):
        return False
    if step.pause:
        reminders.remind_of_failure(pledge, number, tries)
    return move(pledge, PAUSED, step.reason) if step.pause else True
