"""The worker's look at pledges: each that is due, one after the other. No provider is asked, so nobody waits for one."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import OperationalError, close_old_connections, connection

import clock
import log_context
from ownership import row_key
from pledges import steps
from pledges.changes import whole
from pledges.models import Pledge

log = logging.getLogger(__name__)

BATCH = 100
ROUND_SECONDS = 3.0
AGAIN_AFTER = timedelta(minutes=10)
"""When a pledge is looked at again that something went wrong with."""


def follow_all_due(stopped: Callable[[], bool] = lambda: False) -> int:
    """Do what is to be done with every pledge whose time has come, each once; returns how many there were.

    One that goes wrong is logged and does not keep the others waiting: it is looked at again in a later round.
    """
    number, last = 0, 0
    now = clock.now()
    while batch := list(whole().filter(due_at__lte=now, pk__gt=last).order_by("pk")[:BATCH]):
        for pledge in batch:
            if stopped():
                return number
            number += 1
            with log_context.bound(request_id=log_context.new_request_id()):
                _follow(pledge)
        last = batch[-1].pk
    return number


def _follow(pledge: Pledge) -> None:
    try:
        steps.follow(pledge)
    except OperationalError:
        raise
    except Exception:  # the next one must not pay for it
        Pledge.objects.filter(**row_key(pledge)).update(due_at=clock.now() + AGAIN_AFTER)
        log.exception("pledge not followed", extra={"pledge": pledge.public_id})


def run(stop: threading.Event) -> None:
    """In a thread of a worker, until `stop`; whatever ends it before sets `stop`."""
    try:
        while not stop.is_set():
            close_old_connections()
            try:
                follow_all_due(stop.is_set)
            except OperationalError:
                log.exception("the database did not answer; trying again")
            stop.wait(ROUND_SECONDS)
    finally:
        stop.set()
        connection.close()
