"""The end of a look at a checkout: whether a move was all that follows, and when the provider is asked again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import clock
from contributions import pace
from contributions.causes import Cause
from contributions.decision_types import LAPSE_MARGIN, Decision, Look, Told
from contributions.models import Checkout, Contribution
from contributions.snapshot import expires_at
from contributions.status import AUTHORIZED
from providers.base import Payment


def is_all(then: Decision, told: Told, checkout: Checkout) -> bool:
    """Whether nothing is left after a move but what its own UPDATE can do. `then`: what is decided after it."""
    waits = checkout.attempts >= pace.ATTEMPTS_BEFORE_A_PERSON or then.for_a_person != checkout.for_a_person
    if not isinstance(told, Payment) or waits or checkout.contribution.checkout_id != checkout.pk:
        return False
    return then.is_the_end and not (then.refunds_told and (told.refunds or told.given_back_minor))


@dataclass(frozen=True)
class Before:
    """How the checkout stood as it was leased, and who asks."""

    asked_by: Cause
    due_at: datetime | None
    attempts: int


def due(
    before: Before,
    decision: Decision,
    contribution: Contribution,
    *,
    status: str,
    hold_ends_at: datetime | None,
    moved: bool,
) -> dict[str, Any]:
    """When to ask again, as leases.release takes it. `decision`: the last one; `status`, `hold_ends_at`: as after it."""
    attempts = 0 if moved else before.attempts + 1
    due_at = _due_at(before, decision, contribution, attempts, moved=moved)
    if decision.look is Look.PACED and due_at and status == AUTHORIZED and hold_ends_at:
        in_time = hold_ends_at - LAPSE_MARGIN
        due_at = min(due_at, in_time) if in_time > clock.now() else due_at
    return {"was_due_at": before.due_at, "due_at": due_at, "attempts": attempts}


def _due_at(before: Before, decision: Decision, contribution: Contribution, attempts: int, *, moved: bool) -> datetime | None:
    """None: never."""
    match decision.look:
        case Look.NEVER:
            return None
        case Look.WHEN_EXPIRED:
            return expires_at(contribution)
        case Look.DAILY:
            return clock.now() + timedelta(days=1)
        case Look.SLOW:
            if not moved and before.asked_by is not Cause.WORKER:
                return before.due_at  # days that are set do not move with who else asks
            changed_at = clock.now() if moved else contribution.status_changes.latest("version").at
            return pace.next_slow_look(changed_at, answered=not decision.silent)
        case Look.PACED:
            return pace.next_try_at(attempts)
