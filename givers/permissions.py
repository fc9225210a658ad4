"""Standing permissions: asked for, taken back, and how much of one is left."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

import clock
from bigint import bigint
from givers.models import Giver, Permission
from givers.states import ACTIVE, OVER, REVOKED
from givers.sync import BeingAsked, TooManySetups, agree_until, open_setup, read, sync
from givers.transitions import advance, begin
from ids import new_id
from lookups import one_or_none
from ownership import row_key
from partners import audit_log
from providers import registry
from providers.base import ProviderUnavailable
from providers.permissions import PermissionRequest, check_keeps_permissions

MOST_MOVED_AT_ONCE = 5


class PermissionRefused(Exception):
    """The provider refused to set the permission up: it is recorded as Revoked."""

    def __init__(self, permission: Permission) -> None:
        super().__init__(
            f"{permission.provider} refused to ask the giver ({permission.state_reason}). The permission "
            f"{permission.public_id} is recorded as Revoked."
        )
        self.permission, self.reason = permission, permission.state_reason


class PermissionChanged(Exception):
    """Somebody else has changed the permission each time that it was to be taken back."""


class NoRoom(Exception):
    """The permission is over, or what is left of its MaximumTotal does not cover the amount."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a partner asks a giver to agree to. Amounts are in minor units of `currency`."""

    provider: str
    currency: str
    maximum_minor: int
    total_minor: int | None = None
    ends_at: datetime | None = None
    ends_with_the_day: bool = False
    confirmation_url: str = ""
    cancel_url: str = ""
    scenario: str = ""
    """What the simulator is to make of it; no other provider looks at this."""


def check(giver: Giver, wish: Wish) -> str:
    """The key of the adapter that is to ask the giver. Raises PermissionNotOffered, ProviderNotOffered, AmountRefused."""
    provider = registry.adapter_offered(wish.provider, is_test=giver.partner.is_test)
    request = PermissionRequest(
        provider=wish.provider,
        reference="",
        giver=giver.public_id,
        currency=wish.currency,
        maximum_minor=wish.maximum_minor,
        total_minor=wish.total_minor,
        ends_at=wish.ends_at,
        description="",
        return_url="",
        cancel_url="",
    )
    check_keeps_permissions(wish.provider, provider).check_permission(request)
    return provider.key


def ask(giver: Giver, wish: Wish, *, public_id: str, opens: bool = True, is_repeated: bool = True) -> Permission:
    """Record the permission, Requested, and have the page opened where the giver agrees; returns it as it is then.

    A provider that is silent fails nothing: the page is opened when the giver comes to PermissionURL, as with `opens` False.
    Safe to repeat with the same `public_id`; `is_repeated` False: nobody has tried. Raises PermissionRefused,
    PermissionNotOffered, ProviderNotOffered, AmountRefused.
    """
    rows = Permission.objects.select_related("giver__partner").filter(public_id=public_id, partner_id=giver.partner_id)
    permission = (one_or_none(rows) if is_repeated else None) or _record(giver, wish, public_id)
    if opens and not permission.setup_id and permission.state not in OVER:
        try:
            permission = open_setup(permission, wish.scenario)
        except (ProviderUnavailable, BeingAsked, TooManySetups):
            permission = read(permission)
    if permission.state == REVOKED and not permission.setup_id and not permission.agreed_at:
        raise PermissionRefused(permission)
    return permission


def _record(giver: Giver, wish: Wish, public_id: str) -> Permission:
    permission = Permission(
        public_id=public_id,
        giver=giver,
        provider=wish.provider,
        adapter=check(giver, wish),
        currency=wish.currency,
        maximum_minor=wish.maximum_minor,
        total_minor=wish.total_minor,
        ends_at=wish.ends_at,
        ends_with_the_day=wish.ends_with_the_day,
        confirmation_url=wish.confirmation_url,
        cancel_url=wish.cancel_url,
        request_id=new_id(),
        created_at=clock.now(),
    )
    permission.due_at = agree_until(permission)
    with transaction.atomic():
        asked = {"provider": wish.provider, "currency": wish.currency, "maximum_minor": wish.maximum_minor}
        asked_for = {**asked, "total_minor": wish.total_minor}
        audit_log.record("permission.requested", public_id, partner_id=giver.partner_id, after=asked_for)
        begin(permission)
    return permission


def revoke(permission: Permission, reason: str) -> Permission:
    """Take it back: no gift is begun under it from here on, and the provider is told, now or by the worker.

    One that is over stays as it is. Returns it as it is then. Raises PermissionChanged.
    """
    for _ in range(MOST_MOVED_AT_ONCE):
        if permission.state in OVER:
            return permission
        if advance(permission, REVOKED, reason=reason, due_at=clock.now()):
            return sync(permission).permission
        permission = read(permission)
    raise PermissionChanged("The permission is changing at this moment: try again.")


def look_soon(permission: Permission) -> None:
    """The provider has refused a gift under it: the worker asks how it stands."""
    Permission.objects.filter(**row_key(permission), state=ACTIVE).update(due_at=clock.now())


# --- Used -------------------------------------------------------------------------------------------------------------


def usable(giver: Giver, providers: Iterable[str], currency: str) -> list[Permission]:
    """The giver's permissions that gifts can be made under now at one of these providers, the oldest first.

    Those in another currency come before all others: where none covers a gift, the last one tells why.
    """
    found = Permission.objects.select_related("giver__partner").filter(giver=giver, state=ACTIVE, provider__in=list(providers))
    return sorted(found.filter(_not_ended()).order_by("pk"), key=lambda one: one.currency == currency)


def reserve(permission: Permission, amount_minor: int) -> None:
    """Take so much of what is left of it, in the database's arithmetic: however many ask at once, it is never too much.

    To be called in the transaction that records the gift. Raises NoRoom.
    """
    left = Q(total_minor=None) | Q(total_minor__gte=F("used_minor") + bigint(amount_minor))
    rows = Permission.objects.filter(**row_key(permission), state=ACTIVE, maximum_minor__gte=amount_minor)
    # invariant: a-permission-covers-no-more-than-its-limit
    if not rows.filter(left & _not_ended()).update(used_minor=F("used_minor") + bigint(amount_minor)):
        raise NoRoom


def give_back(permission_id: int, partner_id: int, amount_minor: int) -> None:
    """So much of it is left again, since a gift came to nothing. Called once for each gift: see contributions/charges.py."""
    rows = Permission.objects.filter(pk=permission_id, partner_id=partner_id)
    rows.update(used_minor=F("used_minor") - bigint(amount_minor))


def _not_ended() -> Q:
    return Q(ends_at=None) | Q(ends_at__gt=clock.now())
