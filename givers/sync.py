"""Ask the provider how a permission stands, do what follows, and write it down.

One function behind the return page, webhooks, clients and the worker. None of them is believed: each only makes us ask. What
is over here is then ended at the provider as well, for as long as it takes.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

import clock
import encryption
import leases
from givers.decisions import Decision, Known, Look, Silence, Told, Unknown, decide
from givers.models import Permission
from givers.states import ACTIVE, OVER, REQUESTED, REVOKED, PermissionState
from givers.transitions import advance
from ids import new_id
from ownership import row_key
from providers import registry
from providers.base import ProviderRefused, ProviderUnavailable
from providers.permissions import (
    KeepsPermissions,
    PermissionRequest,
    PermissionTold,
    check_keeps_permissions,
    is_agreed_on_our_page,
)

log = logging.getLogger(__name__)

DAY_SECONDS = 24 * 3600
PACE_SECONDS = (60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600)
"""How long to wait before the next question about a giver who has not agreed yet, or an end that was not confirmed."""

MOST_CHARACTERS = 255
"""Of a set-up's id."""

MOST_SETUPS = 20
"""How often one permission can be set up: whoever has its address could make some at the provider without end."""


@dataclass(frozen=True)
class Result:
    """What came of asking."""

    permission: Permission
    """As it is now."""
    asked: bool
    """False: somebody else was at it."""
    silent: bool = False


class BeingAsked(Exception):
    """Somebody else is asking about the permission at this moment."""


class TooManySetups(Exception):
    """It was set up MOST_SETUPS times."""


def read(permission: Permission) -> Permission:
    """The permission as it is now, with its giver and partner."""
    return Permission.objects.select_related("giver__partner").get(**row_key(permission))


def sync(permission: Permission, *, heard: bool = False) -> Result:
    """Ask, act on the answer, record it. Whoever holds the lease does it alone; anybody else gets what is known.

    `heard`: by a webhook, whose news whoever is asking may have been answered before: then the worker asks once more.
    """
    leased = leases.take(permission, also=("giver__partner",))
    if leased is None:
        if heard:
            Permission.objects.filter(**row_key(permission)).update(due_at=clock.now())
        return Result(read(permission), asked=False)
    asking = _Asking(leased)
    try:
        asking.run()
    finally:
        asking.release()
    return Result(read(permission), asked=True, silent=asking.silent)


def bring_back(permission: Permission, setup_id: str) -> bool:
    """Whether a set-up that a giver brings back from the provider's button was made for the permission; it is followed up then.

    Another one takes the place of the one that is stored only while nobody has agreed in that, as the provider says, and nobody
    else is asking: they may be obtaining its token at this moment. Raises ProviderUnavailable, BeingAsked.
    """
    adapter = adapter_of(permission)
    if not is_agreed_on_our_page(adapter) or not 0 < len(setup_id) <= MOST_CHARACTERS:
        return False
    if not adapter.is_set_up_of(request_for(permission), setup_id):
        return False
    leased = leases.take(permission, also=("giver__partner",))
    if leased is None:  # invariant: a-set-up-does-not-give-way-while-somebody-asks
        raise BeingAsked
    asking = _Asking(leased)
    try:
        if leased.setup_id:
            asking.run()
        if asking.silent:
            raise ProviderUnavailable("whether the giver has agreed in the set-up before is not known")
        if leased.state == REQUESTED:
            leases.held(leased).update(setup_id=setup_id)
            asking.due_at = clock.now()
    finally:
        asking.release()
    return True


def open_setup(permission: Permission, scenario: str = "") -> Permission:
    """Have the page opened where the giver agrees, if there is none; returns the permission as it is then.

    A provider that refuses ends it: Revoked, with the provider's reason. Raises BeingAsked, TooManySetups, ProviderUnavailable.
    """
    leased = leases.take(permission, also=("giver__partner",))
    if leased is None:
        raise BeingAsked
    try:
        if leased.state == REQUESTED and not leased.setup_id:
            _set_up(leased, scenario)
    finally:
        leases.give_back(leased)
    return read(permission)


def _set_up(leased: Permission, scenario: str) -> None:
    if leased.setups > MOST_SETUPS:
        raise TooManySetups
    try:
        wanted = replace(request_for(leased), scenario=scenario)
        opened = adapter_of(leased).ask_permission(wanted, request_id=leased.request_id)
    except ProviderUnavailable as error:
        log.warning("permission not set up", extra={"permission": leased.public_id, "error": str(error)})
        raise
    except ProviderRefused as refusal:
        log.warning("permission refused", extra={"permission": leased.public_id, "reason": refusal.reason})
        advance(leased, REVOKED, reason=refusal.reason, leased=True, due_at=None)
        return
    leases.held(leased).update(setup_id=opened.setup_id, url=opened.url, attempts=0, due_at=leases.due_after(0, PACE_SECONDS))


class _Asking:
    """One permission, from the lease to its release."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission
        self.was_due_at, self.attempts, self.version = permission.due_at, permission.attempts, permission.version
        self.silent = False
        self.due_at: datetime | None = leases.due_after(permission.attempts, PACE_SECONDS)

    def run(self) -> None:
        mine = self.permission
        if mine.state not in OVER:
            self._follow(known_of(mine))
        if mine.state in OVER:
            self._end_it_there()

    def _ask(self, known: Known) -> Told:
        """Nobody knows of what has no set-up yet, and what has ended here need not be asked about."""
        mine = self.permission
        if not mine.setup_id or (known.state is ACTIVE and known.has_ended):
            return Unknown()
        try:
            return adapter_of(mine).find_permission(request_for(mine), request_id=f"{mine.request_id}-token")
        except ProviderUnavailable as error:
            log.warning("provider did not answer", extra={"permission": mine.public_id, "error": str(error)})
            self.silent = True
            return Silence()
        except ProviderRefused as refusal:
            log.warning("provider refused", extra={"permission": mine.public_id, "reason": refusal.reason})
            return Unknown()

    def _follow(self, known: Known) -> None:
        mine, told = self.permission, self._ask(known)
        decision = decide(known, told)
        if decision.look is Look.DAILY:
            self.due_at = self._tomorrow()
        if decision.to is not None:
            if advance(mine, decision.to, reason=decision.reason, leased=True, **_columns_with(mine, decision, told)):
                self.due_at = self._tomorrow() if decision.to is ACTIVE else clock.now()
        elif decision.forget_setup:
            if mine.setup_id:
                again = {"setup_id": "", "url": "", "request_id": new_id(), "setups": mine.setups + 1}
                leases.held(mine).update(**again)
            self.due_at = agree_until(mine)  # nobody has to be asked before the giver comes

    def _tomorrow(self) -> datetime:
        """In about a day; when the permission ends, where that comes first."""
        at = leases.due_in_about(DAY_SECONDS)
        return at if self.permission.ends_at is None else min(at, self.permission.ends_at)

    def _end_it_there(self) -> None:
        """The provider is to take the token no more; asked again until it has confirmed that."""
        mine = self.permission
        if mine.told_at is not None or not mine.setup_id:
            self.due_at = None
            return
        try:
            adapter_of(mine).revoke_permission(request_for(mine), request_id=f"{mine.public_id}-revoke")
        except ProviderUnavailable as error:
            log.warning("permission not ended at the provider", extra={"permission": mine.public_id, "error": str(error)})
            self.silent, self.due_at = True, leases.due_after(self.attempts, PACE_SECONDS)
            return
        except ProviderRefused as refusal:
            log.error("permission end refused", extra={"permission": mine.public_id, "reason": refusal.reason})
            self.due_at = leases.due_in_about(DAY_SECONDS)
            return
        leases.held(mine).update(told_at=clock.now())
        self.due_at = None

    def release(self) -> None:
        """Give the lease back, and say when to ask again."""
        moved = self.permission.version != self.version
        attempts = 0 if moved else self.attempts + 1
        leases.release(self.permission, was_due_at=self.was_due_at, due_at=self.due_at, attempts=attempts)


def _columns_with(permission: Permission, decision: Decision, told: Told) -> dict[str, Any]:
    """What is written with the move."""
    if decision.to is not ACTIVE or not isinstance(told, PermissionTold):
        return {}
    token = {"token_encrypted": encryption.encrypt(told.token), "lookup": lookup_of(permission.adapter, told.token)}
    return {**token, "agreed_at": clock.now()}


# --- Parts ------------------------------------------------------------------------------------------------------------


def adapter_of(permission: Permission) -> KeepsPermissions:
    """The adapter that asked for it."""
    return check_keeps_permissions(permission.provider, registry.adapter(permission.adapter))


def known_of(permission: Permission) -> Known:
    """What our books say of it."""
    now = clock.now()
    return Known(
        PermissionState(permission.state),
        is_late=now >= agree_until(permission),
        has_ended=permission.ends_at is not None and permission.ends_at <= now,
    )


def agree_until(permission: Permission) -> datetime:
    """When a giver who has not agreed is given up: as with a gift that is not paid."""
    return permission.created_at + timedelta(hours=settings.CHECKOUT_EXPIRY_HOURS)


def request_for(permission: Permission) -> PermissionRequest:
    """The permission as its provider is asked. Raises UnreadableSecret."""
    door = f"{settings.PUBLIC_BASE_URL}/providers/{permission.provider.lower()}"
    partner = permission.giver.partner
    return PermissionRequest(
        provider=permission.provider,
        reference=permission.public_id,
        giver=permission.giver.public_id,
        currency=permission.currency,
        maximum_minor=permission.maximum_minor,
        total_minor=permission.total_minor,
        ends_at=permission.ends_at,
        description=f"Gifts at {partner.name}"[:127],
        return_url=f"{door}/agreed/{permission.public_id}",
        cancel_url=f"{door}/disagreed/{permission.public_id}",
        brand=partner.name,
        setup_id=permission.setup_id,
        token=permission.token,
    )


def lookup_of(adapter: str, token: str) -> str:
    """The digest by which a token is found that nobody can read in the database."""
    return salted_hmac("givers.sync", f"{adapter}\0{token}", algorithm="sha256").hexdigest() if token else ""
