"""Gifts whose money no company moves are Settled in the transaction that records them: there is nobody to wait for."""

from contributions import entries
from contributions.causes import Cause
from contributions.models import Contribution
from contributions.payment_requests import payment_request_for
from contributions.status import SETTLED, Stage
from contributions.transitions import Evidence, advance
from providers import registry


def settle(contribution: Contribution, *, cause: Cause) -> None:
    """Settle a contribution that has just begun, by its adapter's word. Inside the transaction of `begin`, after all of that.

    Its checkout is over from the start: nobody looks at it again.
    """
    checkout = contribution.current_checkout
    opened = registry.adapter(checkout.adapter).open_checkout(payment_request_for(contribution, checkout), request_id="")
    settled = advance(
        contribution,
        SETTLED,
        cause=cause,
        entry=entries.capture(contribution.amount_minor),
        evidence=Evidence(checkout.number),
        leased=checkout,
        leased_columns={"stage": Stage.TAKEN, "provider_checkout_id": opened.checkout_id, "due_at": None},
    )
    if not settled:
        raise RuntimeError(f"{contribution.public_id} has changed in the transaction that records it")
