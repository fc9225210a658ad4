"""A rehearsal from its beginning to its sheet. No transaction is open while the partner is called."""

import logging
import threading
import time
from collections.abc import Callable, Iterator

from django.db import IntegrityError, OperationalError, close_old_connections, connection, transaction

import clock
import leases
import log_context
from goals.models import SavingGoal
from partners.models import Partner
from partners.tags import new_id_of
from rehearsals import gifts
from rehearsals.days import DAYS
from rehearsals.gifts import CannotRehearse
from rehearsals.models import Rehearsal
from rehearsals.stage import SECONDS_A_DAY, Check, OutOfTime, Stage

log = logging.getLogger(__name__)

SECONDS_IN_ALL = 150.0
"""What is not played by then is told as not played."""

MOST_ATTEMPTS = 2
"""Whoever dies over a rehearsal is overtaken once; then it is over."""

ROUND_SECONDS = 1.0


class RehearsalRunning(Exception):
    """The partner has a rehearsal that is not over."""


def begin(
    partner: Partner, *, confirmation_url: str = "", cancel_url: str = "", public_id: str = "", leased: bool = False
) -> Rehearsal:
    """Write down that a rehearsal is wanted; the one that is there already where the id was used before.

    `leased`: the caller plays it, and no worker. An address that is not given is that of the partner's newest goal that has
    one. Raises CannotRehearse (a live partner, or nothing to pay with), RehearsalRunning.
    """
    known = Rehearsal.objects.filter(public_id=public_id, partner=partner).first() if public_id else None
    if known is not None:
        return known
    _check_can_be_played(partner)
    now = clock.now()
    rehearsal = Rehearsal(
        public_id=public_id or new_id_of(partner.pk),
        partner=partner,
        confirmation_url=confirmation_url or _newest(partner, "confirmation_url"),
        cancel_url=cancel_url or _newest(partner, "cancel_url"),
        created_at=now,
        due_at=now,
    )
    if leased:
        rehearsal.take_new_lease()
    try:
        with transaction.atomic():
            rehearsal.save(force_insert=True)
    except IntegrityError:
        raise _running() from None
    return rehearsal


def check(partner: Partner) -> None:
    """Whether begin() would write one down, as things are. Raises CannotRehearse, RehearsalRunning."""
    _check_can_be_played(partner)
    if Rehearsal.objects.filter(partner=partner, over_at=None).exists():
        raise _running()


def _check_can_be_played(partner: Partner) -> None:
    if not partner.is_test:
        raise CannotRehearse("A rehearsal is played with a test key: nothing of it may touch live records.")
    gifts.simulated_provider()


def _running() -> RehearsalRunning:
    return RehearsalRunning("You have a rehearsal that is not over: wait for its sheet.")


def _newest(partner: Partner, column: str) -> str:
    goals = SavingGoal.objects.filter(partner=partner, deleted_at=None).exclude(**{column: ""}).order_by("-pk")
    return goals.values_list(column, flat=True).first() or ""


def play(rehearsal: Rehearsal, *, tell: Callable[[Check], None] = lambda check: None) -> bool:
    """Play it if it is due; False where somebody else is at it, or it is over."""
    leased = leases.take(rehearsal, if_due=True)
    if leased is not None:
        play_leased(leased, tell=tell)
    return leased is not None


def play_leased(leased: Rehearsal, *, tell: Callable[[Check], None] = lambda check: None) -> None:
    """Play all days, and write down each line of the sheet as it is known."""
    checks: list[Check] = []
    if leased.attempts >= MOST_ATTEMPTS:
        checks = [Check("rehearsal", False, "broken off: the service was stopped while it was played; begin another one")]
    else:
        leases.held(leased).update(attempts=leased.attempts + 1, checks=[])
        for check in _days(leased):
            checks.append(check)
            tell(check)
            if not leases.held(leased).update(checks=_stored(checks)) or not leases.renew(leased):
                return  # overtaken: the other one writes the sheet
    leases.give_back(leased, checks=_stored(checks), due_at=None, over_at=clock.now())


def _stored(checks: list[Check]) -> list[list[str | bool | None]]:
    return [[one.name, one.passed, one.detail] for one in checks]


def _days(rehearsal: Rehearsal) -> Iterator[Check]:
    """The lines of the sheet, one after the other."""
    until = time.monotonic() + SECONDS_IN_ALL
    partner = Partner.objects.get(pk=rehearsal.partner_id)
    goal = gifts.new_goal(partner, rehearsal.confirmation_url, rehearsal.cancel_url)
    leases.held(rehearsal).update(goal_id_shown=goal.public_id)
    stage = Stage(partner, goal, until)
    for name, day in DAYS.items():
        try:
            stage.begin_day()
            yield day(stage)
        except OutOfTime:
            limits = f"a day may take {SECONDS_A_DAY:.0f} s, and a rehearsal {SECONDS_IN_ALL:.0f} s"
            yield Check(name, False, f"not played to its end, because too many answers were slow: {limits}")
        except gifts.NotHeard as error:
            yield Check(name, None, f"not played to its end: {error}")
        except OperationalError:
            raise
        except Exception as error:  # the other days are still worth playing; it is ours to look into
            log.exception("day of a rehearsal went wrong", extra={"rehearsal": rehearsal.public_id, "day": name})
            yield Check(name, None, f"not played: a fault of the service's own ({type(error).__name__})")


def passed(rehearsal: Rehearsal) -> bool:
    """Whether nothing on the sheet has failed. What was only shown does not count."""
    return all(one[1] is not False for one in rehearsal.checks)


# --- The worker's part ------------------------------------------------------------------------------------------------


def play_all_due(stopped: Callable[[], bool] = lambda: False) -> int:
    """Play whatever is due, one after the other; returns how many."""
    number = 0
    for rehearsal in Rehearsal.objects.filter(due_at__lte=clock.now()).order_by("pk"):
        if stopped():
            break
        with log_context.bound(request_id=log_context.new_request_id()):
            number += play(rehearsal)
    return number


def run(stop: threading.Event) -> None:
    """Until `stop`: in a thread of its own, as money does not wait for a partner's server."""
    try:
        while not stop.is_set():
            close_old_connections()
            try:
                play_all_due(stop.is_set)
            except OperationalError:
                log.exception("the database did not answer; trying again")
            stop.wait(ROUND_SECONDS)
    finally:
        connection.close()
