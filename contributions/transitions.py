"""The one gate: nothing else in the project writes a contribution's status, its history or its books."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

import clock
from bigint import bigint
from contributions.content import contribution_content
from contributions.ledger import Entry
from contributions.models import Contribution, LedgerEntry, StatusChange
from contributions.status import MOVES, SUBMITTED, Status
from goals.models import SavingGoal
from notifications import outbox

log = logging.getLogger(__name__)


class IllegalMove(Exception):
    """The table in contributions/status.py has no such move."""


def begin(contribution: Contribution) -> None:
    """Store a new contribution, Submitted. To be called inside a transaction."""
    contribution.status = SUBMITTED
    contribution.save(force_insert=True)
    _remember(contribution, from_status="", event="contribution.submitted", reason="", at=contribution.created_at)


def advance(
    contribution: Contribution, to: Status, *, reason: str = "", cause: str, entry: Entry | None = None, **also: object
) -> bool:
    """Make one legal move: status, version, history, ledger, goal totals and the partner's event together, or nothing.

    The row must still be at the version, in the status, under the claim and with the refunds asked for with which
    `contribution` was read: False means that somebody else changed it first, and nothing was written. `also` are further
    columns that change with the move. Safe to repeat and to call late. Raises IllegalMove.
    """
    came_from = Status(contribution.status)
    if (came_from, to) not in MOVES:
        raise IllegalMove(f"{came_from} -> {to}")
    return _write(contribution, to, MOVES[came_from, to], reason, cause, entry, {"status_reason": reason, **also})


def note(contribution: Contribution, *, reason: str, cause: str, entry: Entry | None = None, **also: object) -> bool:
    """Record something that a client can see and that leaves the status as it is: a partial refund, say.

    Version, history, ledger and totals as with advance(), under the same conditions.
    """
    return _write(contribution, Status(contribution.status), "", reason, cause, entry, also)


def _write(
    contribution: Contribution,
    to: Status,
    event: str,
    reason: str,
    cause: str,
    entry: Entry | None,
    columns: dict[str, object],
) -> bool:
    came_from, now = contribution.status, clock.now()
    with transaction.atomic():  # invariant: move-history-books-and-event-are-one-transaction
        moved = Contribution.objects.filter(  # invariant: a-move-names-what-it-was-read-as
            pk=contribution.pk,
            version=contribution.version,
            status=came_from,
            lease_token=contribution.lease_token,
            refunds_reserved_minor=contribution.refunds_reserved_minor,  # what a chargeback takes depends on it
        ).update(status=to, version=F("version") + bigint(1), **columns)
        if not moved:
            return False
        contribution.refresh_from_db()  # invariant: the-goal-is-read-anew-after-the-move
        # invariant: history-is-written-with-the-move
        _remember(contribution, from_status=came_from, event=event, reason=reason, at=now)
        # invariant: an-event-shows-what-is-true-after-the-move
        content = contribution_content(contribution, contribution.goal) if event else {}
        _enter(contribution, entry, cause, now)  # invariant: books-are-written-with-the-move
        _announce(contribution, event, content, now)  # invariant: an-event-is-written-with-the-move
    log.info(
        "contribution moved",
        extra={
            "contribution": contribution.public_id,
            "from": came_from,
            "to": to,
            "reason": reason,
            "cause": cause,
            "version": contribution.version,
        },
    )
    return True


def _remember(contribution: Contribution, *, from_status: str, event: str, reason: str, at: datetime) -> None:
    StatusChange.objects.create(
        contribution=contribution,
        version=contribution.version,
        from_status=from_status,
        to_status=contribution.status,
        reason=reason,
        event=event,
        at=at,
    )


def _enter(contribution: Contribution, entry: Entry | None, cause: str, now: datetime) -> None:
    if entry:
        LedgerEntry.objects.create(
            contribution=contribution,
            goal_id=contribution.goal_id,
            kind=entry.kind,
            currency=contribution.currency,
            amount_minor=entry.amount_minor,
            collected_delta_minor=entry.collected_delta_minor,
            authorized_delta_minor=entry.authorized_delta_minor,
            fee_minor=entry.fee_minor,
            net_minor=entry.net_minor,
            refund=entry.refund,
            provider_reference=entry.provider_reference,
            correlation_id=entry.correlation_id,
            cause=cause,
            at=now,
        )
    # Late, so that a busy goal's row is locked for as short a time as can be.
    SavingGoal.objects.filter(pk=contribution.goal_id).update(
        activity=F("activity") + bigint(1),
        collected_minor=F("collected_minor") + bigint(entry.collected_delta_minor if entry else 0),
        authorized_minor=F("authorized_minor") + bigint(entry.authorized_delta_minor if entry else 0),
    )


def _announce(contribution: Contribution, event: str, content: dict[str, Any], now: datetime) -> None:
    # Last of all: it locks the row that all of the partner's events are counted in.
    if event:
        outbox.announce(
            contribution.goal.partner_id,
            event,
            content,
            about=contribution.public_id,
            version=contribution.version,
            at=now,
        )
