"""Permissions that the worker asks about, and those that a webhook names."""

import logging
from collections.abc import Callable, Iterable

from django.db.models import Q

import clock
import log_context
from givers.models import Permission
from givers.sync import lookup_of, sync
from ids import is_id
from lookups import one_or_none
from partners.tags import by_public_id

log = logging.getLogger(__name__)

_ALL = Q()
BATCH = 100


def sync_all_due(condition: Q = _ALL, stopped: Callable[[], bool] = lambda: False) -> int:
    """Ask about every permission whose time has come, and which is one of these; returns how many there were.

    One that goes wrong is logged and does not keep the others waiting. Once `stopped` says so, no further one is begun.
    """
    rows = Permission.objects.filter(Q(due_at__lte=clock.now()) & condition)
    due = list(rows.order_by("due_at")[:BATCH])
    for permission in due:
        if stopped():
            break
        with log_context.bound(request_id=log_context.new_request_id()):
            try:
                sync(permission)
            except Exception:  # the next one must not pay for it; its lease was given back and it is asked about again
                log.exception("sync failed", extra={"permission": permission.public_id})
    return len(due)


def named(told: str, public_id: str, adapter_keys: Iterable[str]) -> Permission | None:
    """The permission that a provider means by its set-up's id or its token, else by our own id; None: it is none of ours."""
    keys = list(adapter_keys)
    ours = Permission.objects.select_related("giver__partner").filter(adapter__in=keys)
    found = None
    if told:
        found = ours.filter(Q(setup_id=told) | Q(lookup__in=[lookup_of(key, told) for key in keys])).order_by("pk").first()
    return found or (one_or_none(ours.filter(**by_public_id(public_id))) if is_id(public_id) else None)
