"""The gate: nothing else in the project writes a contribution's status, its history or its books."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

import clock
import leases
import metrics
import prepared
from contributions import booking, followers, goal_events, matched, shares
from contributions.booking import Evidence
from contributions.content import contribution_content
from contributions.entries import CAPTURES, DISPUTES, REFUNDS, Entry
from contributions.event_types import event_type
from contributions.models import Checkout, Contribution, StatusChange
from contributions.status import MOVES, PENDING, SUBMITTED, WITHOUT_END, Status
from notifications import outbox
from notifications.models import WebhookEndpoint
from ownership import row_key

log = logging.getLogger(__name__)

_ONE = prepared.Plus(1)
_OWN_COLUMNS = prepared.own_columns(Contribution)
_OF_CHECKOUT = [column.name for column in Checkout._meta.concrete_fields if not column.is_relation]


class IllegalMove(Exception):
    """The table in contributions/status.py has no such move."""


def begin(contribution: Contribution, checkout: Checkout, *, at: datetime | None = None) -> None:
    """Store a new contribution, Submitted, with its first checkout: inside a transaction, that ends with `announce_new`.

    `at`: when that was, where it is dated otherwise.
    """
    contribution.status = SUBMITTED
    prepared.insert(contribution)
    event = event_type(None, SUBMITTED, None)
    _remember(contribution, "", event, "", at or contribution.created_at)
    prepared.insert(checkout)
    prepared.update(Contribution, row_key(contribution), {"checkout": checkout.pk})
    contribution.checkout = checkout


def announce_new(contribution: Contribution, *, at: datetime | None = None) -> None:
    """Tell the partner of a contribution that has just begun. `at`: as in `begin`."""
    content, event = contribution_content(contribution, contribution.goal), event_type(None, SUBMITTED, None)
    _announce(contribution, event, content, None, at or contribution.created_at)


def advance(
    contribution: Contribution,
    to: Status,
    *,
    cause: str,
    reason: str = "",
    entry: Entry | None = None,
    evidence: Evidence | None = None,
    leased: Checkout | None = None,
    leased_columns: Mapping[str, object] | None = None,
    besides: Callable[[], object] = lambda: None,
    **columns: Any,
) -> bool:
    """Make one legal move: status, version, history, ledger, goal totals and the partner's event together, or nothing.

    False, and nothing written: the row is not as `contribution` was read (version, status, refunds asked for), or the checkout
    `leased` no longer under its lease. `columns`, `leased_columns` and what `besides` writes are written with it. To the status
    that it has: for what clients can see besides, a partial refund say. Safe to repeat. Raises IllegalMove.
    """
    came_from, now = _came_from(contribution, to), clock.now()
    sums = _sums_with(contribution, entry, evidence, now)
    event = event_type(came_from, to, entry.kind if entry and sums else None)
    columns = {**_columns_of_move(came_from, to, reason, another_checkout="checkout" in columns), **sums, **columns}
    # invariant: move-history-books-and-event-are-one-transaction
    with _as_before_if_it_fails(contribution, leased), transaction.atomic():
        if not _compare_and_set(contribution, to, columns, leased, leased_columns or {}):
            transaction.set_rollback(True)
            return False
        contribution.checkout = columns.get("checkout", contribution.checkout)  # invariant: the-goal-is-not-written-back
        besides()
        _remember(contribution, came_from, event, reason, now)  # invariant: history-is-written-with-the-move
        # invariant: an-event-shows-what-is-true-after-the-move
        content = contribution_content(contribution, contribution.goal)
        listeners = outbox.listeners(contribution.goal.partner_id, event)  # before the goal's row is locked
        booking.enter(contribution, entry, evidence, cause, now)  # invariant: books-are-written-with-the-move
        matched.leave_word(contribution, came_from, entry, cause, now)  # invariant: a-match-is-due-with-the-move
        _announce(contribution, event, content, listeners, now)  # invariant: an-event-is-written-with-the-move
        goal_events.tell_if_reached(contribution.goal, entry, now)
    _count_and_log(contribution, came_from, reason, cause)
    return True


def _came_from(contribution: Contribution, to: Status) -> Status:
    """The status that it has. Raises IllegalMove where nothing leads from there to the other."""
    came_from = Status(contribution.status)
    if came_from != to and (came_from, to) not in MOVES:
        raise IllegalMove(f"{came_from} -> {to}")
    return came_from


@contextmanager
def _as_before_if_it_fails(*rows: Model | None) -> Iterator[None]:
    """These copies hold what the database does: what was rolled back has not moved, and its lease is not given back."""
    before = [(row, dict(vars(row))) for row in rows if row is not None]
    try:
        yield
    except BaseException:
        for row, was in before:
            vars(row).update(was)
        raise


def _count_and_log(contribution: Contribution, came_from: Status, reason: str, cause: str) -> None:
    """After the move."""
    metrics.CONTRIBUTIONS_MOVED.labels(contribution.status, "test" if contribution.goal.partner.is_test else "live").inc()
    moved = {"from": came_from, "to": contribution.status, "reason": reason, "cause": cause}
    log.info("contribution moved", extra={"contribution": contribution.public_id, **moved, "version": contribution.version})


def _columns_of_move(came_from: Status, to: Status, reason: str, *, another_checkout: bool) -> dict[str, object]:
    """What follows from the statuses alone, and from another checkout's becoming the current one."""
    because = {"status_reason": reason} if came_from != to else {}
    return {**(shares.nothing_taken_yet() if another_checkout else {}), **because, **_reservation_in(to)}


def _compare_and_set(
    contribution: Contribution,
    to: Status,
    columns: Mapping[str, object],
    leased: Checkout | None,
    leased_columns: Mapping[str, object],
) -> bool:
    """Contribution first, then checkout: everybody locks the rows in this order. The contribution is then as it is there."""
    unchanged = dict(  # invariant: a-move-names-what-it-was-read-as
        row_key(contribution),
        version=contribution.version,
        status=contribution.status,
        refunds_reserved_minor=contribution.refunds_reserved_minor,  # what a chargeback takes depends on it
    )
    now = prepared.update(Contribution, unchanged, {"status": to, "version": _ONE, **columns}, reads=_OWN_COLUMNS)
    if now is None:
        return False
    if leased is not None and not _still_held(leased, leased_columns):
        return False
    prepared.put_in(contribution, _OWN_COLUMNS, now)
    return True


def _still_held(leased: Checkout, columns: Mapping[str, object]) -> bool:
    mine = leases.held_key(leased)
    if not columns:
        return prepared.lock(Checkout, mine) is not None
    now = prepared.update(Checkout, mine, columns, reads=_OF_CHECKOUT)
    if now is not None:
        prepared.put_in(leased, _OF_CHECKOUT, now)
    return now is not None


def _reservation_in(to: Status) -> dict[str, object]:
    """What becomes of a reservation: what is paid or over needs none, and what may be paid yet keeps its own."""
    if to == PENDING:
        return {"reserved_until": WITHOUT_END}
    return {} if to == SUBMITTED else {"reserved_until": None}  # invariant: what-is-over-reserves-nothing


def _sums_with(contribution: Contribution, entry: Entry | None, evidence: Evidence | None, now: datetime) -> dict[str, Any]:
    """The contribution's own sums with the entry, where it is about its current checkout. No other place writes them."""
    number = contribution.current_checkout.number if contribution.checkout else 0
    # invariant: what-went-back-of-an-older-checkout-is-no-refund
    if evidence is not None and evidence.checkout_number != number:
        return {}
    told = evidence or Evidence(number)
    asked_fee_minor = contribution.checkout.platform_fee_minor if contribution.checkout else 0
    kept = shares.columns_with(contribution, entry, told, asked_fee_minor=asked_fee_minor, now=told.moved_at or now)
    return {**kept, **_sums_moved_by(contribution, entry)}


def _sums_moved_by(contribution: Contribution, entry: Entry | None) -> dict[str, int]:
    """What was taken, taken back and given back, with the entry."""
    if entry is None:
        return {}
    if entry.kind in CAPTURES:  # invariant: own-sums-have-64-bits
        return {"settled_minor": (contribution.settled_minor or 0) + entry.collected_delta_minor}
    if entry.kind in DISPUTES:
        return {"reversed_minor": contribution.reversed_minor - entry.collected_delta_minor}
    if entry.kind in REFUNDS:
        return {"refunded_minor": contribution.refunded_minor - entry.collected_delta_minor}
    return {}


def _remember(contribution: Contribution, from_status: str, event: str, reason: str, at: datetime) -> None:
    change = StatusChange(
        contribution=contribution,
        version=contribution.version,
        from_status=from_status,
        to_status=contribution.status,
        reason=reason,
        event=event,
        at=at,
    )
    prepared.insert(change)


def _announce(
    contribution: Contribution, event: str, content: dict[str, Any], to: Sequence[WebhookEndpoint] | None, now: datetime
) -> None:
    # Last of all: it locks the row that all of the partner's events are counted in.
    if followers.announce(contribution, event, now):
        return
    # invariant: every-change-is-announced
    partner_id, about, version = contribution.goal.partner_id, contribution.public_id, contribution.version
    outbox.announce(partner_id, event, content, about=about, version=version, at=now, to=to)
