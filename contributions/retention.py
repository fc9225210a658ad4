"""What is no money is kept for as long as the operator has set, and then goes: once a day, in small transactions.

Money is never purged: amounts, ledger, history, refunds, disputes and requests to providers stay for ever.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.apps import apps
from django.conf import settings
from django.db import OperationalError, close_old_connections, connection
from django.db.models import Q, QuerySet

import clock
import leases
from contributions import erased_matchers, erasure, giver_erasure, kept_answers
from contributions.causes import Cause
from contributions.daily import DailyWork
from contributions.models import Contribution
from contributions.redaction import EVERYTHING, MESSAGES, NAMES, PLACEHOLDER, TAKEN_AWAY, TEXTS, redacted_text
from contributions.status import AUTHORIZED, OPEN
from notifications.models import Delivery, DeliveryAttempt, Event

log = logging.getLogger(__name__)

BATCH = 200
"""So many rows are read, and deleted, at once: a writer is held for milliseconds."""

MOST_GIFTS_A_DAY = 10_000
"""Each gift that loses its name is an event that its partner is told: a backlog is worked off over days."""

DAY = timedelta(days=1)
ROUND_SECONDS = 60.0
NAME = "purge"

Stopped = Callable[[], bool]
Row = TypeVar("Row", Contribution, Event)


@dataclass(frozen=True)
class Purged:
    """What went, or would go, by what it is called."""

    numbers: dict[str, int]

    def __str__(self) -> str:
        told = [f"{number} {what}" for what, number in self.numbers.items() if number]
        return ", ".join(told) or "nothing"

    def __bool__(self) -> bool:
        return any(self.numbers.values())


def purge(*, dry_run: bool = False, stopped: Stopped = lambda: False) -> Purged:
    """Let go what is older than the settings say; `dry_run` only counts. Ends early, and safely, once `stopped` says so."""
    numbers: dict[str, int] = {}
    for elements, days, what in (
        (NAMES, settings.RETAIN_NAMES_DAYS, "names"),
        (MESSAGES, settings.RETAIN_MESSAGES_DAYS, "messages"),
    ):
        numbers[what] = _erase(_with(elements, days), elements, stopped, dry_run=dry_run) if days else 0
        numbers[f"{what} of pledges"] = _of_pledges(elements, days, stopped, dry_run=dry_run) if days else 0
    numbers["matchers' names"] = _erase_matchers(settings.RETAIN_NAMES_DAYS, stopped, dry_run=dry_run)
    numbers["givers"] = _erase_givers(settings.RETAIN_NAMES_DAYS, stopped, dry_run=dry_run)
    numbers["events"] = _redact_events(settings.RETAIN_EVENTS_DAYS, stopped, dry_run=dry_run)
    for rows, what in _rows_that_go():
        numbers[what] = rows.count() if dry_run else _batch_by_batch(rows, stopped, lambda some: some.delete()[0])
    return Purged(numbers)


def _before(days: int) -> datetime:
    return clock.now() - days * DAY


def _with(elements: frozenset[str], days: int) -> QuerySet[Contribution]:
    """Gifts that were made before, whose money has an outcome, and that still say one of these."""
    says = ~Q(message=None) & ~Q(message__in=["", PLACEHOLDER]) | ~Q(memo=None) & ~Q(memo="")
    if elements == NAMES:
        says = ~Q(contributor=PLACEHOLDER) | ~Q(reference__in=["", PLACEHOLDER]) | ~Q(metadata=[])
        says |= ~Q(confirmation_url="") | ~Q(cancel_url="")
    old = Contribution.objects.filter(created_at__lt=_before(days)).exclude(status__in=[*OPEN, AUTHORIZED])
    return old.filter(says)


def _erase(gifts: QuerySet[Contribution], elements: frozenset[str], stopped: Stopped, *, dry_run: bool) -> int:
    if dry_run:
        return gifts.count()
    number = 0
    for gift in _in_batches(gifts):
        if stopped() or number >= MOST_GIFTS_A_DAY:
            break
        try:
            number += bool(erasure.erase(gift, elements, cause=Cause.WORKER))
        except (erasure.BeingAsked, erasure.KeepsChanging) as error:
            log.warning("gift is purged another day", extra={"contribution": gift.public_id, "because": str(error)})
    return number


def _erase_givers(days: int, stopped: Stopped, *, dry_run: bool) -> int:
    """Givers who were made before, have given nothing since, and have agreed to nothing that is good yet."""
    if not days:
        return 0
    idle = giver_erasure.idle_since(_before(days))
    if dry_run:
        return idle.count()
    number = 0
    for giver in list(idle.order_by("pk")[:BATCH]):
        if stopped():
            break
        giver_erasure.begin(giver)
        number += 1
    return number


def _of_pledges(elements: frozenset[str], days: int, stopped: Stopped, *, dry_run: bool) -> int:
    """Of pledges that ended before: a living one names its giver in its next gift. The table is of a room above this one."""
    columns = {"contributor": PLACEHOLDER, "reference": ""} if elements == NAMES else {"message": None}
    ended = apps.get_model("pledges", "Pledge")._default_manager.filter(ended_at__lt=_before(days)).exclude(**columns)
    return ended.count() if dry_run else _batch_by_batch(ended, stopped, lambda rows: rows.update(**columns))


def _erase_matchers(days: int, stopped: Stopped, *, dry_run: bool) -> int:
    """Of those that were deleted so long ago."""
    if not days:
        return 0
    ended = erased_matchers.ended_before(_before(days))
    return ended.count() if dry_run else sum(erased_matchers.erase(one) for one in list(ended[:BATCH]) if not stopped())


def _redact_events(days: int, stopped: Stopped, *, dry_run: bool) -> int:
    """The copies in events; the gifts themselves keep what they say."""
    if not days:
        return 0
    number = 0
    old = Event.objects.filter(at__lt=_before(days), type__startswith="contribution.")
    for event in _in_batches(old.filter(_says_something())):
        if stopped():
            break
        if dry_run:
            number += redacted_text(event.content, EVERYTHING) != event.content
        else:
            number += erasure.redact_event(event)
    return number


def _says_something() -> Q:
    """What is left in an event's JSON; a quotation mark within a text has a backslash there, so no text looks like a name."""
    says = Q()
    for name in TEXTS:
        says |= Q(content__contains=f'"{name}": "') & ~Q(content__contains=f'"{name}": "{PLACEHOLDER}"')
    for name in TAKEN_AWAY:
        says |= Q(content__contains=f'"{name}": ')
    return says


def _rows_that_go() -> Iterator[tuple[QuerySet[Any], str]]:
    """Rows that are deleted whole. A key is kept for a day at least: so long is the same answer promised."""
    if days := settings.RETAIN_DELIVERIES_DAYS:
        yield DeliveryAttempt.objects.filter(at__lt=_before(days)), "tries of deliveries"
        over = Delivery.objects.filter(due_at=None, lease_token="")
        yield over.filter(event__at__lt=_before(days)), "deliveries"
    forgotten = kept_answers.rows().filter(created_at__lt=_before(settings.RETAIN_IDEMPOTENCY_DAYS))
    yield forgotten.filter(Q(running_until=None) | Q(running_until__lt=_before(1))), "answers kept for retries"


def _batch_by_batch(rows: QuerySet[Any], stopped: Stopped, act: Callable[[QuerySet[Any]], int]) -> int:
    """Act on all of these rows, each batch in a transaction of its own; returns on how many. Then they are none of these."""
    number = 0
    while not stopped():
        keys = list(rows.order_by("pk").values_list("partner_id", "pk")[:BATCH])
        if keys:
            partners, pks = ({*column} for column in zip(*keys, strict=True))
            number += act(rows.model._default_manager.filter(partner_id__in=partners, pk__in=pks))
        if len(keys) < BATCH:
            break
    return number


def _in_batches(rows: QuerySet[Row]) -> Iterator[Row]:
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield from batch
        last = batch[-1].pk


# --- Once a day -------------------------------------------------------------------------------------------------------


def purge_if_due(*, stopped: Stopped = lambda: False) -> Purged | None:
    """The day's purge, where no worker has done it; None where it is not due, or another one is at it."""
    work, _ = DailyWork.objects.get_or_create(name=NAME, defaults={"due_at": clock.now()})
    leased = leases.take(work, if_due=True)
    if leased is None:
        return None
    purged = purge(stopped=lambda: stopped() or not leases.renew(leased))
    next_day: dict[str, Any] = {} if stopped() else {"due_at": clock.now() + DAY, "done_at": clock.now(), "told": str(purged)}
    leases.give_back(leased, **next_day)
    if purged:
        log.info("purged", extra={"purged": purged.numbers})
    return purged


def run(stop: threading.Event) -> None:
    """In a thread of a worker, until `stop`; whatever ends it before sets `stop`."""
    try:
        while not stop.is_set():
            close_old_connections()
            try:
                purge_if_due(stopped=stop.is_set)
            except OperationalError:
                log.exception("the database did not answer; trying again")
            stop.wait(ROUND_SECONDS)
    finally:
        stop.set()
        connection.close()
