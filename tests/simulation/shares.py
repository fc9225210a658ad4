"""What must hold of everybody's share in a payment, to the smallest unit. Raises Wrong where it does not."""

from typing import Any

from contributions.models import Attention, Contribution
from providers.stripe.amounts import step_minor
from tests.simulation.side import TruePayment, TrueRefund, Wrong

CAPTURES = {"capture", "further_capture"}


def check_captures(one: Any, here: list[Any], payment: TruePayment) -> None:
    """The provider's fee, the payee's net and the operator's fee. `here`: what the books have of this payment."""
    captures = [entry for entry in here if entry.kind in CAPTURES]
    if payment.shares is None or not captures or sum(entry.amount_minor for entry in captures) != payment.taken:
        return
    for name, true in zip(("fee_minor", "net_minor", "platform_fee_minor"), payment.shares, strict=True):
        booked = [getattr(entry, name) for entry in captures]
        if None not in booked and sum(booked) != true:
            raise Wrong(f"{one.public_id}: {name} of {booked} in the books, and {true} at the provider's")


def check_refund(refund: Any, entries: list[Any], real: TrueRefund | None) -> None:
    """What went back of the operator's fee. `entries`: of the refund's contribution."""
    booked = [entry.platform_fee_minor for entry in entries if entry.kind == "refund" and entry.refund_id == refund.id]
    true = real.platform_fee_minor if real else None
    if true is not None and booked and booked[0] not in {None, true}:
        raise Wrong(f"refund {refund.public_id} gave {booked[0]} of the fee back in the books, and {true} at the provider's")


def check_payee_at_rest(contribution: Contribution, payment: TruePayment) -> None:
    """Disputes and undone refunds are settled with the payee, to what Stripe carries; or a person knows that they cannot be."""
    if payment.payee_has is None or payment.payee_is_due is None:
        return
    if abs(payment.payee_has - payment.payee_is_due) <= step_minor(payment.currency):
        return
    waits = Attention.objects.filter(kind__in=["payee_owes", "payee_is_owed"], about=contribution.public_id)
    if not waits.exists():
        raise Wrong(f"{contribution}: the payee has {payment.payee_has}, and is due {payment.payee_is_due}")
