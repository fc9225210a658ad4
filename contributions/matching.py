"""Matching: somebody adds so many percent to each gift of a goal that is Settled, in a contribution of its own, up to a cap.

The gate leaves word of every gift whose money has moved, in the transaction of the move (MatchDue). Right after it, or where
the process died by the worker, the matches of the gift are brought to what is left of it: each time under the lock of the
matcher's row, and from what the rows say then. So it makes no difference how often it is done, by how many at once.

Locks: a matcher's row first, then as everywhere a contribution, its checkout, its goal. The gate changes no row of matching.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F, QuerySet

import clock
from bigint import bigint
from contributions import refund_outcomes, reservations, room, settling
from contributions.causes import Cause
from contributions.models import Contribution, MatchDue, MatchedGift
from contributions.status import SETTLED, TAKEN, Intent
from goals import state
from goals.models import Matcher, Overfunding, SavingGoal
from goals.rules import MOST_A_GOAL_CAN_HOLD_MINOR
from ownership import row_key
from partners.tags import new_id_of

log = logging.getLogger(__name__)

BATCH = 100
AGAIN_AFTER = timedelta(minutes=1)
"""What has gone wrong is tried again then, and keeps nobody else waiting meanwhile."""


def share_minor(kept_minor: int, percent: int) -> int:
    """So many percent of it, rounded down to what the currency can be paid in."""
    return kept_minor * percent // 100


def kept_minor(gift: Contribution) -> int:
    """What is left of the gift for its goal: 0 where it does not count (any more)."""
    if gift.status not in TAKEN or gift.intent == Intent.RELEASE:
        return 0
    return (gift.settled_minor or 0) - gift.refunded_minor - gift.reversed_minor


# --- Worked off -------------------------------------------------------------------------------------------------------


def follow(gift: Contribution) -> None:
    """Right after something has moved: bring the gift's matches to it. What goes wrong is logged, and left to the worker."""
    if gift.goal.is_matched and gift.match_of is None:
        _work_off(list(MatchDue.objects.filter(gift=gift).order_by("pk")[:BATCH]))


def work_off_due(stopped: Callable[[], bool] = lambda: False) -> int:
    """Of every gift whose matches are due now; returns how many gifts there were. What becomes due meanwhile has its turn in
    the next round."""
    number, now = 0, clock.now()
    newest = MatchDue.objects.order_by("-pk").values_list("pk", flat=True).first()
    while newest is not None and not stopped():
        due = list(MatchDue.objects.filter(due_at__lte=now, pk__lte=newest).order_by("due_at", "pk")[:BATCH])
        number += _work_off(due)
        if len(due) < BATCH:
            break
    return number


def _work_off(due: Sequence[MatchDue]) -> int:
    """In the order in which they moved; returns how many gifts there were."""
    matchers: dict[int, Matcher] = {}
    gifts: dict[int, list[MatchDue]] = {}
    for one in due:
        gifts.setdefault(one.gift_id, []).append(one)
    for its in gifts.values():
        try:
            _bring_all(its, matchers)
        except Exception:
            log.exception("matches not made", extra={"gift": its[0].gift_id})
            _of(its).update(due_at=clock.now() + AGAIN_AFTER)
    return len(gifts)


def _bring_all(due: Sequence[MatchDue], known: dict[int, Matcher]) -> None:
    """Every matcher's share of one gift; then the word of it goes. `known`: matchers that were read for others of these."""
    of_gift = {"gift": due[0].gift_id, "partner": due[0].partner_id}
    for row in MatchedGift.objects.filter(**of_gift).select_related("matcher").order_by("pk"):
        _bring(row, known.setdefault(row.matcher_id, row.matcher))
    _of(due).delete()


def _of(due: Sequence[MatchDue]) -> QuerySet[MatchDue]:
    return MatchDue.objects.filter(pk__in=[one.pk for one in due], partner_id=due[0].partner_id)


def _bring(row: MatchedGift, matcher: Matcher) -> None:
    """This matcher's share of the gift, to what is left of it."""
    with transaction.atomic():
        matcher = Matcher.objects.select_for_update(no_key=True).get(**row_key(matcher))  # invariant: a-cap-is-read-under-lock
        row = MatchedGift.objects.get(**row_key(row))
        # Read after the lock: what moves it later leaves word again.
        gift = Contribution.objects.whole().get(pk=row.gift_id, partner_id=row.partner_id)
        kept, moved = kept_minor(gift), 0
        wanted = share_minor(kept, matcher.percent)
        if kept > row.kept_minor:
            moved = _add(matcher, gift, wanted - row.matched_minor)
        elif kept < row.kept_minor:
            moved = -_take_back(matcher, gift, row.matched_minor - wanted)  # invariant: a-refund-takes-its-share-back
        if moved:
            _count(matcher, moved)  # invariant: a-cap-is-counted-in-the-database
        # invariant: a-gift-is-matched-once
        MatchedGift.objects.filter(**row_key(row)).update(kept_minor=kept, matched_minor=F("matched_minor") + bigint(moved))


# --- More, and less ---------------------------------------------------------------------------------------------------


def _add(matcher: Matcher, gift: Contribution, wanted_minor: int) -> int:
    """A match of so much, or of what the cap and the goal leave room for; returns of how much."""
    goal = SavingGoal.objects.select_for_update(no_key=True).get(pk=matcher.goal_id, partner_id=matcher.partner_id)
    goal.partner = gift.goal.partner
    minor = min(wanted_minor, matcher.maximum_minor - matcher.matched_minor, _room(goal))
    if minor <= 0:
        return 0
    now = clock.now()
    match = Contribution(
        public_id=new_id_of(gift.partner_id),
        goal=goal,
        partner_id=gift.partner_id,
        amount_minor=minor,
        currency=gift.currency,
        contributor=matcher.name,
        match_of=gift.public_id,
        created_at=now,
    )
    settling.record(match, matcher.account, cause=Cause.MATCHER)
    return minor


def _room(goal: SavingGoal) -> int:
    """How much a match may be, whose goal is locked: a match is asked for by nobody, so it takes what there is room for.

    Neither Close nor EndDate nor what a single gift may be keeps it out: the gift that it matches was let in.
    """
    if goal.deleted_at is not None:
        return 0
    most = MOST_A_GOAL_CAN_HOLD_MINOR - goal.current_minor - goal.authorized_minor
    if not state.is_limited(goal):
        return most
    remaining = state.remaining_minor(goal, room.reserved_now(goal))
    return most if remaining and goal.overfunding == Overfunding.LAST_GIFT else min(most, remaining)


def _take_back(matcher: Matcher, gift: Contribution, less_minor: int) -> int:
    """Give so much of the gift's matches back to the matcher, the newest first; returns how much."""
    if less_minor <= 0:
        return 0
    matches = Contribution.objects.whole().filter(partner_id=gift.partner_id, match_of=gift.public_id, status=SETTLED)
    left = less_minor
    for match in matches.filter(checkout__account=matcher.account_id).order_by("-pk"):
        back = min(left, match.left_minor)
        if back:
            refund = reservations.reserve(match.current_checkout, back, Cause.MATCHER, public_id=new_id_of(gift.partner_id))
            refund_outcomes.complete(refund, cause=Cause.MATCHER)
            left -= back
    if left:
        raise RuntimeError(f"{gift.public_id}: {left} of its matches by {matcher.public_id} are not there")
    return less_minor


def _count(matcher: Matcher, minor: int) -> None:
    """So much more, or less, is matched. The database itself lets no cap be overstepped."""
    within = Matcher.objects.filter(**row_key(matcher), matched_minor__lte=F("maximum_minor") - bigint(minor))
    if not within.update(matched_minor=F("matched_minor") + bigint(minor), version=F("version") + bigint(1)):
        raise RuntimeError(f"the cap of {matcher.public_id} was overstepped under its lock")
