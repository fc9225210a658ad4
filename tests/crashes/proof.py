"""The proof after the storm: what the people were told, what the provider's own ledger says, and what the service has
written down must be one story. Nothing lost, nothing taken twice, nothing stuck.

`python -m tests.crashes.proof` reads what the people were told from stdin and prints what it finds, as JSON, about the
database at DATABASE_URL.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.crashes import promises
from tests.crashes.promises import LOST, STUCK, TAKEN, TWICE, WRONG, Fault
from tests.crashes.told import Told

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


def faults(told: Told) -> Iterator[Fault]:
    """Everything that is not as it must be; to be asked when nobody uses the service and everything due is done."""
    yield from (Fault(WRONG, what) for what in told.faults)
    yield from promises.broken(told)
    yield from _checkouts()
    yield from _contributions()
    yield from _refunds()
    yield from _totals()
    yield from _stuck()


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
        if known.pk == ours.checkout_id:
            yield from _current(checkout, ours, taken)
        elif checkout.state not in {"open", "approved", "declined", "voided"}:
            yield Fault(WRONG, f"contribution {ours.public_id}: an older checkout of it is {checkout.state}")
    for reference, times in paid.items():
        if times > 1:
            yield Fault(TWICE, f"contribution {reference} was paid in {times} checkouts")


def _current(checkout: Any, ours: Any, taken: bool) -> Iterator[Fault]:
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
            legal = move in MOVES or move == ("", "Submitted") or came_from == change.to_status
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
