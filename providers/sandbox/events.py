"""What happens at the simulated provider by itself, and nobody ordered: disputes, slow refunds, somebody at its dashboard."""

import secrets
from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.db.models import Sum

from providers.sandbox.models import SandboxCheckout, SandboxRefund

State = SandboxCheckout.State


def let_it_happen(what: str, checkout: SandboxCheckout) -> None:
    """Do what a webhook will tell of. Most webhooks tell of what is done already. To be called in a transaction."""
    if what in EVENTS:
        EVENTS[what](checkout)


def going_back_minor(checkout: SandboxCheckout) -> int:
    """What is given back or on its way back, in minor units."""
    living = checkout.refunds.exclude(state=SandboxRefund.State.FAILED)
    return living.aggregate(sum=Sum("amount_minor"))["sum"] or 0


def left_minor(checkout: SandboxCheckout) -> int:
    """What was taken and neither goes back nor was lost."""
    taken_minor = checkout.amount_minor if checkout.taken_minor is None else checkout.taken_minor
    return taken_minor - going_back_minor(checkout) - checkout.lost_minor


def new_refund_id() -> str:
    """The simulated provider's own id of a refund."""
    return "SIMR" + secrets.token_hex(8).upper()


def end_refunds(checkout: SandboxCheckout) -> None:
    """Everything that takes its time comes to its end."""
    denied = checkout.scenario == "refund_denied"
    over = SandboxRefund.State.FAILED if denied else SandboxRefund.State.COMPLETED
    checkout.refunds.filter(state=SandboxRefund.State.PENDING).update(state=over)


def _undo_refunds(checkout: SandboxCheckout) -> None:
    checkout.refunds.filter(state=SandboxRefund.State.COMPLETED).update(state=SandboxRefund.State.FAILED)


def _take_a_part(checkout: SandboxCheckout) -> None:
    part = checkout.amount_minor * 3 // 4 or checkout.amount_minor
    held = SandboxCheckout.objects.filter(pk=checkout.pk, state=State.AUTHORIZED)
    held.update(state=State.CAPTURED, taken_minor=part)


def _let_go(checkout: SandboxCheckout) -> None:
    SandboxCheckout.objects.filter(pk=checkout.pk, state=State.AUTHORIZED).update(state=State.VOIDED)


def _charge_back_a_part(checkout: SandboxCheckout) -> None:
    part = max(left_minor(checkout) // 4, 0)
    SandboxCheckout.objects.filter(pk=checkout.pk, state=State.CAPTURED).update(lost_minor=part)


def _charge_back(checkout: SandboxCheckout) -> None:
    SandboxCheckout.objects.filter(pk=checkout.pk, state=State.CAPTURED).update(state=State.REVERSED)


def _win_the_dispute(checkout: SandboxCheckout) -> None:
    SandboxCheckout.objects.filter(pk=checkout.pk, state=State.REVERSED).update(state=State.CAPTURED)


def _give_back_in_the_dashboard(checkout: SandboxCheckout) -> None:
    checkout = SandboxCheckout.objects.select_for_update(no_key=True).get(pk=checkout.pk)
    left = left_minor(checkout)
    if checkout.state != State.CAPTURED or not left:
        return
    refund_id = new_refund_id()
    SandboxRefund.objects.create(
        refund_id=refund_id,
        checkout=checkout,
        request_id=refund_id,  # nobody requested it
        reference="",
        amount_minor=left,
        state=SandboxRefund.State.COMPLETED,
    )


EVENTS: Mapping[str, Callable[[SandboxCheckout], None]] = MappingProxyType(
    {
        "refund_over": end_refunds,
        "refund_undone": _undo_refunds,
        "captured_in_part": _take_a_part,
        "hold_ended": _let_go,
        "chargeback_in_part": _charge_back_a_part,
        "refund_in_dashboard": _give_back_in_the_dashboard,
        "chargeback": _charge_back,
        "chargeback_won": _charge_back,
        "dispute_won": _win_the_dispute,
    }
)
"""By the webhook that tells of it."""

AFTER_THE_HOLD = ("captured_in_part", "hold_ended")
"""Scenarios, and webhooks of the same name, that begin once the money is held."""

AFTER_THE_CAPTURE = ("chargeback", "chargeback_won", "chargeback_in_part", "refund_in_dashboard")
"""Scenarios, and webhooks of the same name, that begin once the money is taken."""

NEXT_EVENT: Mapping[str, str] = MappingProxyType({"chargeback_won": "dispute_won"})
"""What comes next once a webhook has arrived."""
