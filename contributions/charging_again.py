"""A gift that could not be charged is charged once more under its permission; and one that nobody was asked for is called off.

For pledges: nobody is there who could pay otherwise. At most one checkout can take money, as in reopening.py. No provider is
asked here: the worker does.
"""

from functools import partial

from django.db import transaction
from django.db.models import Max

import clock
import leases
from contributions import charges, pace, room
from contributions.causes import Cause
from contributions.decision_types import Charge
from contributions.models import Checkout, Contribution
from contributions.platform_fees import fee_for
from contributions.reopening import MOST_CHECKOUTS, TooManyTries, may_be_paid
from contributions.status import CANCELED, SUBMITTED, Stage
from contributions.transitions import advance
from givers import permissions
from givers.models import Permission
from goals.models import PaymentAccount
from goals.state import is_limited
from ownership import row_key
from providers import registry


class BeingPaid(Exception):
    """Somebody pays it at this moment, or may have: nothing else is begun."""


class TooLate(Exception):
    """It is not to be paid any more: it was called off, or its time is over."""


def charge_again(contribution: Contribution, permission: Permission, account: PaymentAccount) -> None:
    """Have it charged once more. To be called inside a transaction; the worker asks the provider.

    Raises BeingPaid, TooLate, TooManyTries, NoRoom, GoalIsFull, GoalIsReserved: nothing has changed then.
    """
    with transaction.atomic():
        mine = _locked(contribution)
        last = mine.current_checkout
        if not may_be_paid(mine):
            raise TooLate
        if last.is_leased() or charges.is_unknown(last) or last.stage not in {Stage.RECORDED, Stage.OVER}:
            raise BeingPaid  # invariant: no-charge-beside-another-checkout
        checkout = _recorded(mine, permission, account)
        take_room = partial(permissions.reserve, permission, mine.amount_minor)
        over = {"stage": Stage.OVER, **({} if last.provider_checkout_id else {"due_at": None})}
        moved = advance(
            mine,
            SUBMITTED,
            cause=Cause.WORKER,
            leased=last,
            leased_columns=over,
            besides=take_room,
            checkout=checkout,
            reserved_until=room.reserved_from_now(),
        )
        if not moved:
            raise BeingPaid
        if is_limited(mine.goal):
            room.check_room(mine)  # its row is locked by the move


def call_off(contribution: Contribution, *, for_good: bool) -> bool:
    """Cancel it where nobody has been asked for it yet; False where somebody has, or is about to."""
    with transaction.atomic():
        mine = _locked(contribution)
        checkout = mine.current_checkout
        if mine.status != SUBMITTED or checkout.is_leased() or charges.standing_of(checkout) is not Charge.DUE:
            return False
        give_back = partial(charges.follow, checkout, Stage.OVER)
        over = {"stage": Stage.OVER, "due_at": None}
        reason = "pledge_ended" if for_good else "pledge_paused"
        return advance(
            mine, CANCELED, reason=reason, cause=Cause.SERVICE, leased=checkout, leased_columns=over, besides=give_back
        )


def _locked(contribution: Contribution) -> Contribution:
    """As it is now and stays until the end of the transaction, its checkout too."""
    rows = Contribution.objects.filter(**row_key(contribution))
    rows.select_for_update(no_key=True).values_list("pk").get()
    mine = Contribution.objects.whole().select_related("checkout__permission").get(**row_key(contribution))
    leases.held(mine.current_checkout).select_for_update(no_key=True).values_list("pk").first()
    return mine


def _recorded(mine: Contribution, permission: Permission, account: PaymentAccount) -> Checkout:
    """Another checkout, which takes its part of the permission."""
    highest: int = mine.checkouts.aggregate(highest=Max("number"))["highest"]
    if highest >= MOST_CHECKOUTS:
        raise TooManyTries
    return Checkout.objects.create(
        contribution=mine,
        number=highest + 1,
        account=account,
        adapter=registry.adapter_offered(account.provider, is_test=mine.goal.partner.is_test).key,
        capture_policy=mine.goal.capture_policy,
        platform_fee_minor=fee_for(mine.goal.partner, account, mine.amount_minor, mine.currency),
        permission=permission,
        permission_minor=mine.amount_minor,
        created_at=clock.now(),
        due_at=pace.next_try_at(0),
    )
