"""A payment company that takes no time, in the place of the simulator, where the service itself is measured.

The simulator keeps its books in the service's own process and database, which no payment company does: what it costs there
says nothing of the service. This one keeps none: every checkout opens, its giver has approved it, and what is to be taken is
taken. `install` puts it in the place of the simulator's adapter in this process.
"""

import secrets
from typing import Any


def install() -> None:
    """From now on the simulator's adapter answers at once, and its tables stay as they are."""
    from ids import new_id
    from providers.base import OpenedCheckout, Payment, PaymentRequest, PaymentState
    from providers.sandbox.adapter import SandboxProvider

    def payment(request: PaymentRequest, state: PaymentState, reference: str) -> Payment:
        told = {"amount_minor": request.amount_minor, "currency": request.currency, "payee": request.payee}
        correlation_id = secrets.token_hex(8)
        return Payment(state, reference=request.reference, provider_reference=reference, correlation_id=correlation_id, **told)

    def open_checkout(self: Any, request: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        checkout_id = new_id()
        url = f"http://127.0.0.1:8000/sandbox/checkout/{checkout_id}"
        return OpenedCheckout(checkout_id, url, correlation_id=secrets.token_hex(8))

    def find(self: Any, request: PaymentRequest) -> Payment:
        return payment(request, PaymentState.APPROVED, "")

    def capture(self: Any, request: PaymentRequest, *, request_id: str) -> Payment:
        return payment(request, PaymentState.CAPTURED, f"SIM{secrets.token_hex(8).upper()}")

    for call in (open_checkout, find, capture):
        setattr(SandboxProvider, call.__name__, call)
