"""Gifts whose money no company moves are Settled in the transaction that records them: there is nobody to wait for."""

from datetime import datetime

import clock
from contributions import entries
from contributions.booking import Evidence
from contributions.causes import Cause
from contributions.models import Checkout, Contribution
from contributions.payment_requests import payment_request_for
from contributions.status import SETTLED, Stage
from contributions.transitions import advance, announce_new, begin
from goals.models import PaymentAccount
from providers import registry


def record(contribution: Contribution, account: PaymentAccount, *, cause: Cause, moved_at: datetime | None = None) -> None:
    """Store a new contribution as Settled, paid to this account. Inside a transaction that knows that its goal is there.

    `moved_at`: when the money came, where that was long before; its history and its events are of now all the same.
    """
    now = clock.now()
    adapter = registry.adapter_offered(account.provider, is_test=contribution.goal.partner.is_test)
    checkout = Checkout(
        contribution=contribution,
        account=account,
        adapter=adapter.key,
        capture_policy=contribution.goal.capture_policy,
        created_at=now,
    )
    begin(contribution, checkout, at=now)
    announce_new(contribution, at=now)
    settle(contribution, cause=cause, moved_at=moved_at)


def settle(contribution: Contribution, *, cause: Cause, moved_at: datetime | None = None) -> None:
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
        evidence=Evidence(checkout.number, moved_at=moved_at),
        leased=checkout,
        leased_columns={"stage": Stage.TAKEN, "provider_checkout_id": opened.checkout_id, "due_at": None},
    )
    if not settled:
        raise RuntimeError(f"{contribution.public_id} has changed in the transaction that records it")
