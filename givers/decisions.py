"""What follows from what a provider says of a permission. Pure: no Django, no clock, no network."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from givers.states import ACTIVE, EXPIRED, MOVES, REQUESTED, REVOKED, PermissionState
from providers.permissions import PermissionTold, Standing


@dataclass(frozen=True)
class Known:
    """What our books say of a permission at the moment at which it was leased."""

    state: PermissionState
    is_late: bool = False
    """The giver's time to agree is over."""
    has_ended: bool = False
    """EndDate has passed."""


@dataclass(frozen=True)
class Silence:
    """The provider did not answer, or not so that it can be understood."""


@dataclass(frozen=True)
class Unknown:
    """The provider knows no such permission."""


Told = PermissionTold | Silence | Unknown


class Look(StrEnum):
    """When to ask the provider again."""

    PACED = "at growing intervals"
    DAILY = "daily"


@dataclass(frozen=True)
class Decision:
    """At most one move."""

    to: PermissionState | None = None
    reason: str = ""
    look: Look = Look.PACED
    forget_setup: bool = False
    """Nobody can agree to this set-up any more: who comes again is given another one."""


def decide(known: Known, told: Told) -> Decision:
    """What follows from the provider's answer."""
    decision = _what_follows(known, told)
    if decision.to is not None and (known.state, decision.to) not in MOVES:
        return Decision(look=Look.DAILY)
    return decision


def _what_follows(known: Known, told: Told) -> Decision:
    usual = Decision(look=Look.PACED if known.state is REQUESTED else Look.DAILY)
    if isinstance(told, Silence):
        return usual
    if known.has_ended:
        return Decision(EXPIRED, "end_date")
    if isinstance(told, PermissionTold):
        if told.standing is Standing.ACTIVE and told.token:  # invariant: a-permission-is-active-by-the-providers-word
            return Decision(ACTIVE) if known.state is REQUESTED else usual
        if told.standing in _OVER and (known.state is ACTIVE or told.standing is not Standing.LAPSED):
            to, reason = _OVER[told.standing]
            return Decision(to, reason)
    if known.state is ACTIVE:
        return usual
    if known.is_late:
        return Decision(EXPIRED, "not_agreed")
    lapsed = isinstance(told, Unknown) or told.standing is Standing.LAPSED
    return Decision(look=Look.PACED, forget_setup=lapsed)


_OVER: Mapping[Standing, tuple[PermissionState, str]] = {
    Standing.DECLINED: (REVOKED, "giver_declined"),
    Standing.REVOKED: (REVOKED, "revoked_at_provider"),
    Standing.EXPIRED: (EXPIRED, "expired_at_provider"),
    Standing.LAPSED: (EXPIRED, "expired_at_provider"),
}
"""What a permission becomes that the provider says is over, and why."""
