"""A gift under a giver's standing permission: paid at once in the giver's place where one covers it; else as usual, and why.

Whatever happens, one checkout at a time can take money: the giver is led to the provider's page only once it is certain that
nothing was taken under the permission, and nothing will be.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from contributions import reopening, room
from contributions.causes import Cause
from contributions.models import Contribution
from contributions.opening import NewGift, record_gift
from contributions.status import SUBMITTED, Stage
from contributions.sync import sync
from contributions.ways_to_pay import PayeeCannotBePaid
from givers import permissions, pins
from givers.models import Giver, Permission
from givers.permissions import NoRoom
from givers.states import ACTIVE, EXPIRED, REQUESTED, REVOKED, PermissionState
from goals.models import PaymentAccount, SavingGoal
from goals.rules import live_accounts
from lookups import one_or_none
from ownership import row_key
from providers import registry
from providers.base import AmountRefused, ProviderNotOffered, ProviderRefused, ProviderUnavailable

WHY_NOT: Mapping[str, str] = MappingProxyType(
    {
        "no_permission": "the giver has no permission at a provider of the goal",
        "permission_not_agreed": "the giver has not agreed to the permission yet",
        "permission_revoked": "the giver's permission was revoked",
        "permission_expired": "the giver's permission has expired",
        "permission_other_currency": "the giver's permission is for another currency",
        "permission_maximum": "Amount is more than the permission's MaximumAmount",
        "permission_used_up": "what is left of the permission's MaximumTotal does not cover Amount",
        "permission_not_usable": "the goal's payee cannot be paid under the giver's permission",
        "authentication_required": "the provider wants the giver to prove who they are",
        "instrument_declined": "the giver's instrument was declined",
    }
)
"""Why a gift was not paid under a permission, by a short code; any other code is the provider's."""


@dataclass(frozen=True)
class Given:
    """What came of it."""

    contribution: Contribution
    why_not: str = ""
    """Why it was not paid under a permission: one of WHY_NOT, or the provider's reason; empty where it was, or may be."""


def notice(why_not: str) -> str:
    """The same as a sentence for a header: ASCII, without commas."""
    because = WHY_NOT.get(why_not, f"the provider refused ({why_not})")
    return f"The gift was not paid under a permission: {because}; send the giver to ProviderURL."


def give(goal: SavingGoal, gift: NewGift, *, public_id: str, opens: bool = True, is_repeated: bool = True) -> Given:
    """Record the gift and have it paid under one of the giver's permissions, else open its checkout.

    Safe to repeat with the same `public_id`: the PIN was right then. `opens` False asks no provider now: the worker does.
    Raises PinNeeded, PinWrong, PinLocked, TooManyHashes, and what record_gift() raises but NoRoom.
    """
    if not gift.uses_permission or gift.giver is None:
        _check_pin(gift, public_id, is_repeated=is_repeated)
        return Given(record_gift(goal, gift, public_id=public_id, opens=opens, is_repeated=is_repeated))
    known = one_or_none(Contribution.objects.whole().filter(public_id=public_id)) if is_repeated else None
    if known is None:
        pins.verify(gift.giver, gift.pin)
        known, why_not = _recorded(goal, gift, gift.giver, public_id)
        if known is None:
            return Given(record_gift(goal, gift, public_id=public_id, opens=opens, is_repeated=False), why_not)
    elif known.current_checkout.permission_id is None:
        return Given(record_gift(goal, gift, public_id=public_id, opens=opens))
    return _paid(known, gift.scenario) if opens else Given(known)


def _check_pin(gift: NewGift, public_id: str, *, is_repeated: bool) -> None:
    """A PIN that nobody has asked for is looked at all the same: what pays from the giver's balance may send it."""
    if gift.giver is None or gift.pin is None or gift.beside is None:
        return
    if not is_repeated or not Contribution.objects.filter(public_id=public_id, partner_id=gift.giver.partner_id).exists():
        pins.verify(gift.giver, gift.pin)


def _paid(contribution: Contribution, scenario: str) -> Given:
    result = sync(contribution, cause=Cause.CLIENT, scenario=scenario)
    now = result.contribution
    if not result.asked or now.status != SUBMITTED:
        return Given(now)
    opened = _with_a_checkout(now)
    return Given(opened, "" if _is_charged(opened) else result.waits_for_payer or "permission_revoked")


def _is_charged(contribution: Contribution) -> bool:
    """Whether it was paid under its permission, or may be: the provider holds it, and it was to be taken in one more step."""
    checkout = contribution.current_checkout
    is_named = checkout.permission_id is not None and checkout.provider_checkout_id != ""
    return is_named and checkout.stage != Stage.OVER


def _with_a_checkout(contribution: Contribution) -> Contribution:
    """With one that the giver pays in; where there is none now, /pay/{id} opens it when the giver comes."""
    try:
        return reopening.open_checkout(contribution, contribution.provider)
    except (
        ProviderRefused,
        ProviderUnavailable,
        reopening.NotOnOffer,
        reopening.BeingOpened,
        room.GoalIsFull,
        room.GoalIsReserved,
    ):
        return Contribution.objects.whole().get(**row_key(contribution))


# --- Which permission -------------------------------------------------------------------------------------------------


def _recorded(goal: SavingGoal, gift: NewGift, giver: Giver, public_id: str) -> tuple[Contribution | None, str]:
    """Recorded under the first permission that covers it; None, and why, where none does."""
    accounts = {one.provider: one for one in ([gift.account] if gift.account else live_accounts(goal))}
    why_not = _why_none_is_usable(giver, accounts)
    for permission, why in _covering(goal, gift, permissions.usable(giver, accounts, goal.currency)):
        why_not = why
        if why:
            continue
        under = replace(gift, permission=permission, account=accounts[permission.provider])
        try:
            return record_gift(goal, under, public_id=public_id, is_repeated=False), ""
        except NoRoom:
            why_not = "permission_used_up"
        except (AmountRefused, PayeeCannotBePaid, ProviderNotOffered):
            why_not = "permission_not_usable"  # as usual it may be paid elsewhere, or the client is told why not
    return None, why_not


def _covering(goal: SavingGoal, gift: NewGift, found: list[Permission]) -> Iterator[tuple[Permission, str]]:
    """Each permission, and why it does not cover the gift; empty where it seems to."""
    for permission in found:
        if not _is_offered(permission, is_test=goal.partner.is_test):
            yield permission, "permission_not_usable"
        elif permission.currency != goal.currency:
            yield permission, "permission_other_currency"
        elif gift.amount_minor > permission.maximum_minor:
            yield permission, "permission_maximum"
        else:
            yield permission, ""


def _is_offered(permission: Permission, *, is_test: bool) -> bool:
    """Whether new gifts are paid by the adapter that has the permission."""
    try:
        return registry.adapter_offered(permission.provider, is_test=is_test).key == permission.adapter
    except ProviderNotOffered:
        return False


def _why_none_is_usable(giver: Giver, accounts: Mapping[str, PaymentAccount]) -> str:
    last = giver.permissions.filter(provider__in=list(accounts)).order_by("-pk").first()
    if last is None:
        return "no_permission"
    return _WHEN_OVER[PermissionState(last.state)]


_WHEN_OVER: Mapping[PermissionState, str] = MappingProxyType(
    {
        REQUESTED: "permission_not_agreed",
        ACTIVE: "permission_expired",  # its end has come, and the worker has not
        REVOKED: "permission_revoked",
        EXPIRED: "permission_expired",
    }
)
