"""What our books say of a pledge, read once: what decisions.decide is asked with."""

from collections.abc import Mapping
from types import MappingProxyType

import clock
from contributions.models import Contribution
from contributions.reopening import may_be_paid
from contributions.status import AUTHORIZED, CANCELED, FAILED, TAKEN
from givers.models import Permission
from givers.states import ACTIVE, PermissionState
from goals.state import State, state_of
from pledges.decisions import Known, Outcome
from pledges.models import Pledge
from pledges.schedule import Every
from pledges.states import PledgeState

OVER_AT: Mapping[State, str] = MappingProxyType(
    {
        State.CLOSED: "goal_closed",
        State.REACHED: "goal_reached",
        State.MISSED: "goal_ended",
        State.ENDED: "goal_ended",
    }
)
"""Why a pledge ends, by its goal's State."""

OVER_WITH: Mapping[PermissionState, str] = MappingProxyType(
    {PermissionState.REVOKED: "permission_revoked", PermissionState.EXPIRED: "permission_expired"}
)


def known_of(pledge: Pledge, gift: Contribution | None) -> Known:
    """`gift`: the one of its present number."""
    return Known(
        state=PledgeState(pledge.state),
        start=pledge.start_date,
        every=Every(pledge.every),
        zone=pledge.zone,
        number=pledge.number,
        next_at=pledge.next_at,
        end=pledge.end_date,
        tries=pledge.tries,
        failed_at=pledge.failed_at,
        tried_at=pledge.tried_at if pledge.is_out or pledge.tries else None,
        is_out=pledge.is_out,
        looks=pledge.looks,
        outcome=outcome_of(gift),
        reason=(gift.status_reason if gift is not None else "") or pledge.failure,
        over=why_over(pledge),
    )


def outcome_of(gift: Contribution | None) -> Outcome:
    """What has become of a gift, or what can be done with it."""
    if gift is None:
        return Outcome.NONE
    if gift.status in {*TAKEN, AUTHORIZED}:
        return Outcome.MADE
    if gift.status in {FAILED, CANCELED}:
        return Outcome.FAILED if gift.status == FAILED and may_be_paid(gift) else Outcome.OVER
    return Outcome.OPEN


def why_over(pledge: Pledge) -> str:
    """Why none of its gifts can be made any more; empty: they can."""
    if pledge.giver.erased_at is not None:
        return "giver_erased"
    if pledge.goal.deleted_at is not None:
        return "goal_deleted"
    if reason := _over_with(pledge.permission):
        return reason
    return OVER_AT.get(state_of(pledge.goal, now=clock.now()), "")


def _over_with(permission: Permission) -> str:
    if permission.state == ACTIVE and permission.ends_at is not None and permission.ends_at <= clock.now():
        return OVER_WITH[PermissionState.EXPIRED]
    return OVER_WITH.get(PermissionState(permission.state), "")
