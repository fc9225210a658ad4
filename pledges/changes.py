"""The gate of pledges: each change of one, its audit entry and the partner's event, together or not at all."""

import logging
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

import clock
import returning
from bigint import bigint
from notifications import outbox
from ownership import row_key
from partners import audit_log
from pledges import schedule
from pledges.calling_off import call_off
from pledges.content import pledge_content
from pledges.models import Pledge
from pledges.schedule import Every
from pledges.states import ACTIVE, ENDED, MOVES, OF_STATES, PAUSED, Happening, PledgeState

log = logging.getLogger(__name__)

MOST_TRIES = 5


class PledgeChanged(Exception):
    """Somebody else has changed the pledge each time that it was to be changed."""


class PledgeIsOver(Exception):
    """It has ended, and nothing makes it go on."""


class IllegalMove(Exception):
    """The table in pledges/states.py has no such move."""


def read(pledge: Pledge) -> Pledge:
    """The pledge as it is now, with all that it hangs on."""
    return whole().get(**row_key(pledge))


def whole() -> QuerySet[Pledge]:
    """Pledges with all that they hang on."""
    return Pledge.objects.select_related("goal__partner", "giver__partner", "permission")


def write(pledge: Pledge, **columns: Any) -> bool:
    """Change the pledge as it was read, in the caller's transaction; its version rises. False: somebody else was first."""
    # invariant: a-step-is-made-once
    unchanged = Pledge.objects.filter(**row_key(pledge), version=pledge.version, state=pledge.state, looks=pledge.looks)
    changed = {**columns, "version": F("version") + bigint(1)}
    return returning.update_in_place(pledge, unchanged, changed)


def announce(pledge: Pledge, happening: Happening) -> None:
    """Tell the partner, as the last statement of the caller's transaction."""
    content = pledge_content(pledge, for_event=True)
    about, version = pledge.public_id, pledge.version
    outbox.announce(pledge.partner_id, happening.value, content, about=about, version=version, at=clock.now())


def move(pledge: Pledge, to: PledgeState, reason: str, **columns: Any) -> bool:
    """Pause, resume or end it, in the caller's transaction; False: somebody else was first. Raises IllegalMove."""
    came_from = PledgeState(pledge.state)
    if (came_from, to) not in MOVES:
        raise IllegalMove(f"{came_from} -> {to}")
    due_at = pledge.due_at if pledge.is_out else None
    ended_at = clock.now() if to is ENDED else None
    if not write(pledge, **{"state": to.value, "state_reason": reason, "due_at": due_at, "ended_at": ended_at, **columns}):
        return False
    told = {"state": to.value, "reason": reason}
    audit_log.record(
        OF_STATES[to].value, pledge.public_id, partner_id=pledge.partner_id, before={"state": came_from.value}, after=told
    )
    announce(pledge, OF_STATES[to])
    log.info("pledge moved", extra={"pledge": pledge.public_id, "from": came_from, "to": to, "reason": reason})
    return True


# --- By a person ------------------------------------------------------------------------------------------------------


def pause(pledge: Pledge, reason: str) -> Pledge:
    """No gift is begun from here on; returns it as it is then. Raises PledgeIsOver, PledgeChanged."""
    return _by_a_person(pledge, PAUSED, reason)


def end(pledge: Pledge, reason: str) -> Pledge:
    """The same, for good. One that has ended stays as it is. Raises PledgeChanged."""
    return _by_a_person(pledge, ENDED, reason)


def resume(pledge: Pledge) -> Pledge:
    """Go on with the first gift that is due from now on; returns it as it is then. Raises PledgeIsOver, PledgeChanged."""
    return _by_a_person(pledge, ACTIVE, "")


def _by_a_person(pledge: Pledge, to: PledgeState, reason: str) -> Pledge:
    for _ in range(MOST_TRIES):
        if pledge.state == to:
            return pledge
        if pledge.state == ENDED:
            raise PledgeIsOver("The pledge has ended: let the giver make another one.")
        columns = _from_now_on(pledge) if to is ACTIVE else {}
        with transaction.atomic():
            moved = move(pledge, to, reason, **columns)
        if moved:
            if to is not ACTIVE:
                call_off(pledge)
            return pledge
        pledge = read(pledge)
    raise PledgeChanged("The pledge is changing at this moment: try again.")


def _from_now_on(pledge: Pledge) -> dict[str, Any]:
    """What was missed meanwhile is not made up for."""
    now = clock.now()
    if pledge.is_out:
        return {"due_at": now}
    every = Every(pledge.every)
    number = max(pledge.number, schedule.last_due(pledge.start_date, every, now, pledge.zone) + 1)
    next_at = schedule.due_at(pledge.start_date, every, number, pledge.zone)
    return {"number": number, "next_at": next_at, "tries": 0, "failed_at": None, "failure": "", "due_at": now}
