"""The worker's look at pledges: each that is due, one after the other. No provider is asked, so nobody waits for one."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import OperationalError
from django.db.models import Q

import clock
import leases
import log_context
from ownership import row_key
from pledges import erasing, rounds, steps
from pledges.changes import whole
from pledges.models import Pledge

log = logging.getLogger(__name__)

BATCH = 100
AGAIN_AFTER = timedelta(minutes=10)
"""When a pledge is looked at again that something went wrong with."""


def follow_all_due(stopped: Callable[[], bool] = lambda: False, *, whether_due_or_not: bool = False) -> int:
    """Do what is to be done with every pledge whose time has come, each once; returns how many there were.

    `whether_due_or_not`: those too that have a gift on its way. One that goes wrong is logged and does not keep the others
    waiting: it is looked at again in a later round.
    """
    number, is_due = 0, Q(due_at__lte=clock.now())
    rows = whole().filter(is_due | Q(is_out=True) if whether_due_or_not else is_due)
    for pledge in leases.in_batches(rows, BATCH, whether_due_or_not=whether_due_or_not):
        if stopped():
            break
        number += 1
        with log_context.bound(request_id=log_context.new_request_id()):
            _follow(pledge)
    return number


def _follow(pledge: Pledge) -> None:
    try:
        if steps.follow(pledge).state_reason == "giver_erased":
            erasing.erase_all([pledge])  # made as the giver was being erased
    except OperationalError:
        raise
    except Exception:  # the next one must not pay for it
        Pledge.objects.filter(**row_key(pledge)).update(due_at=clock.now() + AGAIN_AFTER)
        log.exception("pledge not followed", extra={"pledge": pledge.public_id})


def run(stop: threading.Event) -> None:
    """In a thread of a worker, until `stop`; whatever ends it before sets `stop`."""
    rounds.run(stop, follow_all_due)
