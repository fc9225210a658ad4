"""The worker's round: ask about whatever is open and due, and do what has become due."""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db.models import Q, QuerySet

import clock
import leases
import log_context
import tracing
from contributions import followers, giver_erasure, goal_events, matching, payees
from contributions.captures import mark_what_is_due
from contributions.causes import Cause
from contributions.models import Checkout, Refund
from contributions.refunds import sync_refund
from contributions.status import AUTHORIZED, OPEN, Intent
from contributions.sync import sync_checkout
from givers import due as standing_permissions

log = logging.getLogger(__name__)
BATCH = 100

Record = TypeVar("Record", Checkout, Refund)


def sync_all_due(*, whether_due_or_not: bool = False, stopped: Callable[[], bool] = lambda: False) -> int:
    """Ask about every checkout and refund whose time has come, each once; returns how many there were.

    `whether_due_or_not` sets the pacing aside: everything that has no outcome yet is asked about.
    One that goes wrong is logged and does not keep the others waiting. Once `stopped` says so, no further one is begun.
    """
    mark_what_is_due()
    payees.check_all_due()
    standing_permissions.sync_all_due(stopped=stopped)
    giver_erasure.go_on_with_all(stopped)
    followers.work_off(stopped)
    pending = Q(status=Refund.Status.PENDING)
    unfinished = Q(contribution__status__in=[*OPEN, AUTHORIZED]) | Q(contribution__intent=Intent.RELEASE)
    in_hand = Q(unfinished, due_at__isnull=False)
    refunds = Refund.objects.filter(is_due() | pending if whether_due_or_not else is_due())
    number = sync_each(refunds, stopped, whether_due_or_not=whether_due_or_not)
    # After the refunds: what they tell makes checkouts due.
    checkouts = Checkout.objects.filter(is_due() | in_hand if whether_due_or_not else is_due())
    number += sync_each(checkouts, stopped, whether_due_or_not=whether_due_or_not)
    if mark_what_is_due():  # by what was just learnt
        number += sync_each(Checkout.objects.filter(is_due()), stopped)
    matching.work_off_due(stopped)
    goal_events.tell_what_has_ended()
    return number


def is_due() -> Q:
    """A row whose time has come."""
    return Q(due_at__lte=clock.now())


def sync_each(rows: QuerySet[Record], stopped: Callable[[], bool], *, whether_due_or_not: bool = False) -> int:
    """Ask about each of these checkouts or refunds, once; returns how many there were. As sync_all_due."""
    number = 0
    for record in leases.in_batches(rows, BATCH, whether_due_or_not=whether_due_or_not):
        if stopped():
            break
        number += 1
        with log_context.bound(request_id=log_context.new_request_id()), tracing.span(f"sync {type(record).__name__.lower()}"):
            _ask(record)
    return number


def _ask(record: Checkout | Refund) -> None:
    try:
        if isinstance(record, Refund):
            sync_refund(record, cause=Cause.WORKER)
        else:
            sync_checkout(record, cause=Cause.WORKER)
    except Exception:  # the next one must not pay for it; its lease was given back and it is asked about again
        log.exception("sync failed", extra={"record": record.pk, "kind": type(record).__name__})
