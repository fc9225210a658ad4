"""Whether a payment is the one that was asked for. Pure, as decisions.py."""

from providers.base import Payment, PaymentRequest, PaymentState

MISMATCHES = tuple(f"{name}_mismatch" for name in ("amount", "currency", "payee", "reference"))
"""What `mismatch` finds: such a payment waits for a person, and is not counted."""


def mismatch(request: PaymentRequest, payment: Payment) -> str:
    """Which of the four things that must agree does not; empty where all do.

    Of what was held a part may be taken, in the provider's dashboard; of what was to be taken at once nobody takes a part.
    """
    for name, ours, theirs in (
        ("amount", request.amount_minor, payment.amount_minor),
        ("currency", request.currency, payment.currency),
        ("payee", request.payee, payment.payee),
        ("reference", request.reference, payment.reference),
    ):
        if ours != theirs:  # invariant: what-is-paid-is-what-was-asked
            return f"{name}_mismatch"
    if payment.taken_minor is not None and payment.state in {PaymentState.CAPTURED, PaymentState.REVERSED}:
        least = request.amount_minor if request.capture_at_once else 1
        if not least <= payment.taken_minor <= request.amount_minor:
            return "amount_mismatch"
    return ""
