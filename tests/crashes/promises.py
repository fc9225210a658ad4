"""The part of the proof about what the clients were told: nothing acknowledged is lost, and each wish has come true once."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

from tests.crashes.told import ASKED, DONE, NO, TheirGift, TheirRefund, Told

LOST, TWICE, STUCK, WRONG = "lost", "taken twice", "stuck", "wrong"

TAKEN = {"Settled", "Refunded", "Reversed"}
GIVEN_UP = {"Canceled", "Failed", "Refunded"}


class Fault(NamedTuple):
    """What is not as it must be: LOST, TWICE, STUCK or WRONG, and a sentence."""

    kind: str
    what: str


def broken(told: Told) -> Iterator[Fault]:
    """Every promise that was not kept."""
    yield from _goals(told)
    yield from _gifts(told)
    yield from _keys(told)


def _goals(told: Told) -> Iterator[Fault]:
    from goals.models import SavingGoal

    by_key = defaultdict(list)
    for goal in SavingGoal.objects.all():
        by_key[goal.external_item_id].append(goal)
    for theirs in told.goals:
        made = by_key[theirs.key]
        if theirs.id and theirs.id not in {goal.public_id for goal in made}:
            yield Fault(LOST, f"goal {theirs.id} was acknowledged and is not there")
        if len(made) > 1:
            yield Fault(WRONG, f"the Idempotency-Key {theirs.key} made {len(made)} goals")
        is_deleted = any(goal.deleted_at for goal in made)
        if (theirs.deletion == DONE and not is_deleted) or (theirs.deletion == NO and is_deleted):
            yield Fault(LOST, f"goal {theirs.id}: the client's word on its deletion is {theirs.deletion!r}, ours another")


def _gifts(told: Told) -> Iterator[Fault]:
    from contributions.models import Contribution

    goal_deletions = {goal.id: goal.deletion for goal in told.goals}
    by_key = defaultdict(list)
    for one in Contribution.objects.select_related("goal").prefetch_related("refunds"):
        by_key[one.contributor].append(one)
    for theirs in told.gifts:
        made = by_key[theirs.key]
        living = [one for one in made if one.status != "Failed" or one.public_id == theirs.id]
        if len(living) > 1:
            yield Fault(WRONG, f"the Idempotency-Key {theirs.key} made {len(living)} contributions")
        if theirs.refused and any(one.status not in GIVEN_UP for one in made):
            yield Fault(WRONG, f"the contribution under {theirs.key} was refused and is there")
        if not theirs.id:
            continue
        ours = next((one for one in made if one.public_id == theirs.id), None)
        if ours is None:
            yield Fault(LOST, f"contribution {theirs.id} was acknowledged and is not there")
            continue
        yield from _gift(theirs, ours, goal_deletions[theirs.goal])


def _gift(theirs: TheirGift, ours: Any, goal_deletion: str) -> Iterator[Fault]:
    if (ours.amount_minor, ours.goal.public_id) != (theirs.amount_minor, theirs.goal):
        yield Fault(LOST, f"contribution {theirs.id} is over another amount or to another goal than was acknowledged")
    if (theirs.deletion == DONE and not ours.deleted_at) or (theirs.deletion == NO and ours.deleted_at):
        yield Fault(LOST, f"contribution {theirs.id}: the client's word on its deletion is {theirs.deletion!r}, ours another")
    possible = _possible_statuses(theirs, goal_deletion)
    if ours.status not in possible:
        kind = STUCK if ours.status in {"Submitted", "Pending"} else LOST
        yield Fault(kind, f"contribution {theirs.id} is {ours.status} and can only be {sorted(possible)}: {asdict(theirs)}")
    by_reason = defaultdict(list)
    for refund in ours.refunds.all():
        by_reason[refund.reason].append(refund)
    for refund in theirs.refunds:
        yield from _refund(theirs, refund, by_reason[refund.key])
    acknowledged = sum(refund.acknowledged_minor for refund in theirs.refunds)
    if not theirs.scenario.startswith("chargeback") and ours.refunded_minor < acknowledged:
        yield Fault(LOST, f"contribution {theirs.id}: {acknowledged} acknowledged as refunded, {ours.refunded_minor} are")
    wished = theirs.scenario == "refund_in_dashboard" or any(not refund.refused for refund in theirs.refunds)
    if ours.refunded_minor and not wished and theirs.deletion == NO and goal_deletion == NO:
        yield Fault(WRONG, f"contribution {theirs.id}: {ours.refunded_minor} were refunded and nobody asked for it")


def _refund(gift: TheirGift, theirs: TheirRefund, made: list[Any]) -> Iterator[Fault]:
    if len(made) > 1:
        yield Fault(TWICE, f"the Idempotency-Key {theirs.key} made {len(made)} refunds of {gift.id}")
    if theirs.id and [(one.public_id, one.amount_minor) for one in made] != [(theirs.id, theirs.acknowledged_minor)]:
        yield Fault(LOST, f"refund {theirs.id} of {gift.id} was acknowledged and is not there as it was")
    if theirs.refused and made:
        yield Fault(WRONG, f"the refund under {theirs.key} was refused and is there")


def _possible_statuses(gift: TheirGift, goal_deletion: str) -> set[str]:
    """What the gift can have become, as its client would expect after everything it did and was told."""
    if gift.outcome == "none":
        possible = {"Submitted"}
    elif gift.outcome == "cancel":
        possible = {"Canceled"} if gift.bounced_to else {"Canceled", "Submitted"}
    elif gift.outcome == "decline":
        possible = {"Failed"}
    else:
        possible = {"Immediate": {"Settled"}, "OnGoalReached": {"Authorized", "Settled"}, "Manual": {"Authorized"}}[gift.policy]
        if gift.capture != NO:
            possible = {"Settled"} if gift.capture == DONE else {"Settled", "Authorized"}
        if any(not refund.refused for refund in gift.refunds):
            given_back = sum(refund.acknowledged_minor for refund in gift.refunds)
            possible = {"Refunded"} if given_back == gift.amount_minor else possible | {"Refunded"}
        if gift.scenario.startswith("chargeback") and possible & TAKEN:
            possible = possible | TAKEN
        if gift.scenario == "refund_in_dashboard" and "Settled" in possible:
            possible = possible | {"Refunded"}
    if DONE in {gift.deletion, goal_deletion}:
        # What was settled before its goal was deleted stays so; what was deleted itself does not.
        return GIVEN_UP | (possible - {"Submitted", "Pending", "Authorized"} if gift.deletion != DONE else set())
    if ASKED in {gift.deletion, goal_deletion}:
        return GIVEN_UP | possible
    return possible


def _keys(told: Told) -> Iterator[Fault]:
    """Every Idempotency-Key under which something was acknowledged holds its answer, about that record and no other."""
    from api.models import IdempotencyKey

    answered = IdempotencyKey.objects.values_list("key", "record_id", "answer_status")
    records = {key: (record_id, status) for key, record_id, status in answered}
    made = [*told.goals, *told.gifts, *(refund for gift in told.gifts for refund in gift.refunds)]
    for one in made:
        record_id, status = records.get(one.key, ("", None))
        if one.id and (record_id, status) != (one.id, 201):
            yield Fault(LOST, f"the Idempotency-Key {one.key} made {one.id}, and now stands for {record_id!r} and {status}")
