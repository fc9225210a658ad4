"""The proof after the storm: what the people were told, what the provider's own ledger says, and what the service has
written down must be one story. Nothing lost, nothing taken twice, nothing stuck.

`python -m tests.crashes.proof` reads what the people were told from stdin and prints what it finds, as JSON, about the
database at DATABASE_URL.
"""

import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

from tests.crashes.people import ASKED, DONE, NO, TheirGift, TheirRefund, Told

LOST, TWICE, STUCK, WRONG = "lost", "taken twice", "stuck", "wrong"

TAKEN = {"Settled", "Refunded", "Reversed"}
GIVEN_UP = {"Canceled", "Failed", "Refunded"}

STATUSES = {
    "open": {"Submitted", "Canceled", "Failed"},
    "approved": {"Canceled", "Failed"},  # and that only because the client did not want it any more
    "declined": {"Failed", "Canceled"},
    "denied": {"Failed", "Canceled"},
    "in_review": set(),
    "authorized": {"Authorized"},
    "captured": {"Settled", "Refunded"},
    "voided": {"Canceled", "Failed"},
    "reversed": {"Reversed", "Refunded"},
}
"""What a contribution may be, by what the provider says of its checkout once everything has been found out."""


class Fault(NamedTuple):
    """What is not as it must be: LOST, TWICE, STUCK or WRONG, and a sentence."""

    kind: str
    what: str


def faults(told: Told) -> Iterator[Fault]:
    """Everything that is not as it must be; to be asked when nobody uses the service and everything due is done."""
    yield from (Fault(WRONG, what) for what in told.faults)
    yield from _goals(told)
    yield from _gifts(told)
    yield from _keys(told)
    yield from _checkouts()
    yield from _contributions()
    yield from _refunds()
    yield from _totals()
    yield from _stuck()


# --- What the clients were told -------------------------------------------------------------------------------------


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


# --- What the provider says -----------------------------------------------------------------------------------------


def _checkouts() -> Iterator[Fault]:
    """Each payment at the provider is a checkout here, and its contribution has become what the provider says of the current
    one."""
    from contributions.models import Checkout, ProviderRequest
    from providers.sandbox.models import SandboxCheckout, SandboxRequest

    opened = Checkout.objects.exclude(provider_checkout_id="").select_related("contribution")
    checkouts = {one.provider_checkout_id: one for one in opened}
    refused = set(
        ProviderRequest.objects.filter(operation="capture", outcome="refused").values_list("contribution_id", "checkout_number")
    )
    captures = Counter(SandboxRequest.objects.filter(operation="capture").values_list("checkout_id", flat=True))
    paid: Counter[str] = Counter()
    for checkout in SandboxCheckout.objects.prefetch_related("refunds"):
        if captures[checkout.pk] > 1:
            yield Fault(TWICE, f"checkout {checkout.checkout_id} was captured {captures[checkout.pk]} times")
        known, taken = checkouts.get(checkout.checkout_id), checkout.state in {"captured", "reversed"}
        paid[checkout.reference] += taken
        if known is None:
            if checkout.state != "open":
                yield Fault(LOST, f"checkout {checkout.checkout_id} is {checkout.state} and no contribution knows it")
            continue
        ours = known.contribution
        if taken and (ours.pk, known.number) in refused:
            yield Fault(
                TWICE, f"contribution {ours.public_id}: another capture was ordered, and only the provider's no stopped it"
            )
        if known.pk != ours.checkout_id:
            if checkout.state not in {"open", "approved", "declined", "voided"}:
                yield Fault(WRONG, f"contribution {ours.public_id}: an older checkout of it is {checkout.state}")
            continue
        if ours.amount_minor != checkout.amount_minor or ours.public_id != checkout.reference:
            yield Fault(WRONG, f"contribution {ours.public_id} and its checkout are over different amounts")
        if ours.status == "Canceled" and taken:
            if sum(refund.amount_minor for refund in checkout.refunds.all()) != checkout.amount_minor:
                yield Fault(LOST, f"contribution {ours.public_id} is Canceled, and its money was taken and not given back")
        elif ours.status not in STATUSES[checkout.state]:
            kind = LOST if taken else STUCK
            yield Fault(kind, f"contribution {ours.public_id} is {ours.status}, its checkout {checkout.state}")
        if checkout.state == "approved" and ours.intent != "release":
            yield Fault(STUCK, f"contribution {ours.public_id}: the giver approved, and nothing was taken")
    for reference, times in paid.items():
        if times > 1:
            yield Fault(TWICE, f"contribution {reference} was paid in {times} checkouts")


def _contributions() -> Iterator[Fault]:
    """What is taken or held here is taken or held there; each history is whole and has only legal moves."""
    from contributions.models import Contribution
    from contributions.status import MOVES
    from providers.sandbox.models import SandboxCheckout

    states = dict(SandboxCheckout.objects.values_list("checkout_id", "state"))
    for one in Contribution.objects.select_related("checkout").prefetch_related("status_changes"):
        state = states.get(one.checkout.provider_checkout_id, "")
        if one.status in TAKEN and state not in {"captured", "reversed"}:
            yield Fault(WRONG, f"contribution {one.public_id} is {one.status}, and the provider took nothing")
        if one.status == "Authorized" and state != "authorized":
            yield Fault(WRONG, f"contribution {one.public_id} is Authorized, and the provider holds nothing")
        changes = sorted(one.status_changes.all(), key=lambda change: change.version)
        if [change.version for change in changes] != list(range(1, one.version + 1)):
            yield Fault(WRONG, f"contribution {one.public_id}: its history has gaps")
            continue
        came_from = ""
        for change in changes:
            move = (change.from_status, change.to_status)
            legal = move in MOVES or move == ("", "Submitted") or (came_from == change.to_status and not change.event)
            if change.from_status != came_from or not legal:
                yield Fault(WRONG, f"contribution {one.public_id}: its history goes from {came_from!r} to {move}")
            came_from = change.to_status
        if came_from != one.status:
            yield Fault(WRONG, f"contribution {one.public_id} is {one.status}, its history ends with {came_from}")


def _refunds() -> Iterator[Fault]:
    """What is refunded here was given back there, and the other way round, to the cent."""
    from contributions.models import Contribution, Refund
    from providers.sandbox.models import SandboxRefund

    given_back = Counter[str]()
    there = {}
    for refund in SandboxRefund.objects.select_related("checkout").exclude(state="failed"):
        given_back[refund.checkout.reference] += refund.amount_minor
        # What was given back in the provider's dashboard has no reference of ours.
        there[refund.reference or refund.refund_id] = (refund.amount_minor, refund.checkout.reference)
    for refund in Refund.objects.select_related("contribution"):
        at_the_provider = there.pop(refund.public_id, None) or there.pop(refund.provider_reference, None)
        here = (refund.amount_minor, refund.contribution.public_id)
        if refund.status == "Completed" and at_the_provider != here:
            yield Fault(LOST, f"refund {refund.public_id} is Completed; the provider says {at_the_provider}")
        if refund.status == "Failed" and at_the_provider is not None:
            yield Fault(WRONG, f"refund {refund.public_id} is Failed, and the provider gave the money back")
    for reference in there:
        yield Fault(WRONG, f"the provider gave back {there[reference]} as {reference!r}, which we do not know")
    for one in Contribution.objects.all():
        if one.refunded_minor != given_back[one.public_id]:
            yield Fault(LOST, f"contribution {one.public_id}: {one.refunded_minor} refunded, {given_back[one.public_id]} there")
        if given_back[one.public_id] > one.amount_minor:
            yield Fault(TWICE, f"contribution {one.public_id}: more was given back than was given")


def _totals() -> Iterator[Fault]:
    """Each goal's totals are what the provider took and holds for it."""
    from contributions.models import Checkout
    from goals.models import SavingGoal
    from providers.sandbox.models import SandboxCheckout

    opened = Checkout.objects.exclude(provider_checkout_id="")
    goal_of = dict(opened.values_list("provider_checkout_id", "contribution__goal_id"))
    collected, held = Counter[int](), Counter[int]()
    for checkout in SandboxCheckout.objects.prefetch_related("refunds"):
        goal_id = goal_of.get(checkout.checkout_id, 0)
        if checkout.state == "captured":
            back = sum(refund.amount_minor for refund in checkout.refunds.all() if refund.state != "failed")
            collected[goal_id] += checkout.amount_minor - back
        if checkout.state == "authorized":
            held[goal_id] += checkout.amount_minor
    for goal in SavingGoal.objects.all():
        ours, theirs = (goal.collected_minor, goal.authorized_minor), (collected[goal.pk], held[goal.pk])
        if ours != theirs:
            yield Fault(WRONG, f"goal {goal.public_id}: (collected, held) is {ours} here and {theirs} at the provider's")


# --- What never ends ------------------------------------------------------------------------------------------------


def _stuck() -> Iterator[Fault]:
    from django.db.models import F

    import clock
    from contributions.models import Checkout, Contribution, LedgerEntry, Refund

    now = clock.now()
    for model in (Checkout, Refund):
        for leased in model._default_manager.filter(lease_until__gt=now):
            yield Fault(STUCK, f"{model.__name__} {leased} is leased by somebody who is dead")
    captured = set(LedgerEntry.objects.filter(kind="capture").values_list("contribution_id", flat=True))
    for refund in Refund.objects.filter(status="Pending"):
        yield Fault(STUCK, f"refund {refund.public_id} is Pending for ever")
    for one in Contribution.objects.select_related("goal"):
        unwanted, goal = one.intent == "release", one.goal
        if unwanted and one.status in {"Settled", "Canceled"} and one.pk in captured and one.refunded_minor < one.amount_minor:
            yield Fault(STUCK, f"contribution {one.public_id}: money that nobody wanted was not given back")
        if unwanted and one.status in {"Submitted", "Pending", "Authorized"}:
            yield Fault(STUCK, f"contribution {one.public_id} is unwanted and still {one.status}")
        if one.status == "Authorized" and one.intent == "capture":
            yield Fault(STUCK, f"contribution {one.public_id} is to be captured and still Authorized")
        if one.status == "Pending":
            yield Fault(STUCK, f"contribution {one.public_id} is Pending for ever")
        if goal.deleted_at and one.status in {"Submitted", "Pending", "Authorized"}:
            yield Fault(STUCK, f"contribution {one.public_id} of a deleted goal is still {one.status}")
    reached = Contribution.objects.filter(status="Authorized", checkout__capture_policy="OnGoalReached", goal__deleted_at=None)
    for one in reached.filter(
        goal__goal_minor__lte=F("goal__starting_minor") + F("goal__collected_minor") + F("goal__authorized_minor")
    ):
        yield Fault(STUCK, f"contribution {one.public_id} is Authorized although its goal is reached")


def sums() -> dict[str, Any]:
    """How much there is of what: so that nobody calls an empty storm a proof."""
    from contributions.models import Contribution, ProviderRequest
    from providers.sandbox.models import SandboxRefund

    return {
        "statuses": dict(Counter(Contribution.objects.values_list("status", flat=True))),
        "orders_asked_again": ProviderRequest.objects.filter(attempts__gt=1).count(),
        "refunds": SandboxRefund.objects.count(),
    }


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    found = list(faults(Told.read(json.load(sys.stdin))))
    json.dump({"faults": found, **sums()}, sys.stdout)


if __name__ == "__main__":
    main()
