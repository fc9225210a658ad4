"""The gate of permissions: nothing else in the project writes a permission's state."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

import clock
import returning
from bigint import bigint
from givers.content import permission_content
from givers.events import OF_STATES
from givers.models import Permission
from givers.states import MOVES, OVER, PermissionState
from notifications import outbox
from ownership import row_key
from partners import audit_log

log = logging.getLogger(__name__)


class IllegalMove(Exception):
    """The table in givers/states.py has no such move."""


def begin(permission: Permission) -> None:
    """Store a new permission, Requested, and tell the partner. To be called inside a transaction, as its last statement."""
    permission.save(force_insert=True)
    _announce(permission, permission.created_at)


def advance(permission: Permission, to: PermissionState, *, reason: str = "", leased: bool = False, **columns: Any) -> bool:
    """Make one legal move: state, version, the audit log and the partner's event together, or nothing.

    The row must still be at the version and in the state with which `permission` was read, and where it is `leased` under the
    lease with which it was read: False means that somebody else was first. `columns` change with the move.

    Raises IllegalMove.
    """
    came_from, now = PermissionState(permission.state), clock.now()
    if (came_from, to) not in MOVES:
        raise IllegalMove(f"{came_from} -> {to}")
    ended = {"ended_at": now} if to in OVER else {}
    with transaction.atomic():
        unchanged = Permission.objects.filter(**row_key(permission), version=permission.version, state=came_from.value)
        if leased:
            unchanged = unchanged.filter(lease_token=permission.lease_token)
        moved = {"state": to.value, "state_reason": reason, "version": F("version") + bigint(1), **ended, **columns}
        if not returning.update_in_place(permission, unchanged, moved):
            return False
        told = {"state": to.value, "reason": reason}
        of = permission.partner_id
        audit_log.record(OF_STATES[to], permission.public_id, partner_id=of, before={"state": came_from.value}, after=told)
        _announce(permission, now)
    about = {"permission": permission.public_id, "from": came_from, "to": to, "reason": reason}
    log.info("permission moved", extra=about)
    return True


def _announce(permission: Permission, at: datetime) -> None:
    content = permission_content(permission, for_event=True)
    event = OF_STATES[PermissionState(permission.state)]
    about, version = permission.public_id, permission.version
    outbox.announce(permission.giver.partner_id, event, content, about=about, version=version, at=at)
