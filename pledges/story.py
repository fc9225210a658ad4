"""What an operator is told of the pledge that made a gift, as data: which one it is, and what it does next."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import clock
from contributions.models import Contribution
from contributions.story_causes import OVER_BECAUSE
from money import text_of
from pledges.calling_off import gift_of
from pledges.changes import whole
from pledges.decisions import RETRY_AFTER, End, decide
from pledges.knowing import known_of
from pledges.models import Pledge, PledgedGift
from pledges.states import ENDED, PAUSED

BECAUSE: Mapping[str, str] = MappingProxyType(
    {
        **OVER_BECAUSE,
        "client_paused": "the partner has paused it",
        "client_ended": "the partner has ended it",
        "giver_ended": "the giver has ended it, on their private page",
        "giver_erased": "the giver was erased",
        "end_date": "no gift is due before its EndDate any more",
        "goal_reached": "the goal is reached",
        "goal_closed": "the partner has closed the goal",
        "goal_ended": "the goal's EndDate has passed",
        "permission_revoked": "the giver's permission was taken back",
        "permission_expired": "the giver's permission has expired",
        "permission_used_up": "what is left of the permission's MaximumTotal does not cover the amount",
        "goal_is_reserved": "what is left to the goal is reserved for others who are paying",
        "sum_too_large": "the goal can hold no more",
        "payee_cannot_be_paid": "the goal's payee cannot be paid at {provider} now",
        "provider_not_offered": "the goal is not paid at {provider} any more, or at another account of it",
        "giver_has_not_paid": "the giver has opened a checkout for it and has not paid",
        "tried_too_often": "it was tried to be paid as often as any gift can be",
    }
)
"""By StateReason and FailureReason."""


def pledge_of(gift: Contribution) -> dict[str, Any] | None:
    """The pledge that made it, the gift's number in it, and in a sentence what the pledge does next; None: none did."""
    if gift.pledge_public_id is None:
        return None
    made = PledgedGift.objects.get(contribution=gift)
    pledge = whole().get(pk=made.pledge_id, partner_id=made.partner_id)
    return {
        "id": pledge.public_id,
        "number": made.number,
        "made_at": made.created_at,
        "amount": text_of(pledge.amount_minor, pledge.currency),
        "currency": pledge.currency,
        "every": pledge.every,
        "start_date": pledge.start_date,
        "end_date": pledge.end_date,
        "time_zone": pledge.zone_name,
        "state": pledge.state,
        "state_reason": pledge.state_reason,
        "gifts_made": pledge.gifts_made,
        "gifts_skipped": pledge.gifts_skipped,
        "next_number": pledge.number,
        "next_at": pledge.next_at,
        "failed_tries": pledge.tries,
        "failure_reason": pledge.failure,
        "next": _next(pledge),
    }


def _next(pledge: Pledge) -> str:
    if pledge.state == ENDED:
        return f"nothing: it has ended, since {_because(pledge, pledge.state_reason)}"
    if pledge.state == PAUSED:
        return f"nothing before the partner resumes it: it has paused, since {_because(pledge, pledge.state_reason)}"
    if pledge.is_out:
        return f"gift {pledge.number} is on its way: the worker looks for its outcome, {_moment(pledge.due_at)}"
    step = decide(known_of(pledge, gift_of(pledge)), clock.now())
    if isinstance(step, End):
        return f"it ends when the worker looks at it, {_moment(pledge.due_at)}, since {_because(pledge, step.reason)}"
    if not pledge.tries:
        return f"gift {pledge.number}, {_moment(pledge.next_at)}"
    why = _because(pledge, pledge.failure)
    last = " for the last time" if pledge.tries == len(RETRY_AFTER) else ""
    return f"gift {pledge.number} again{last}, {_moment(pledge.next_at)}: it has failed {pledge.tries} times, since {why}"


def _because(pledge: Pledge, reason: str) -> str:
    return BECAUSE.get(reason, reason or "no reason was told").format(provider=pledge.permission.provider)


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "-"
