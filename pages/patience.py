"""How a giver's browser finds out: the provider is asked, or somebody else who is at it is waited for."""

import time

import clock
from contributions import leases
from contributions.causes import Cause
from contributions.checkout import sync
from contributions.models import Contribution
from pages.redirect import is_unpaid

PATIENCE_SECONDS = 20
"""How long a giver waits for somebody else to find out, before the answer is what is known."""


def find_out(contribution: Contribution, cause: Cause, *, token: str = "") -> Contribution:
    """Ask the provider, or wait for somebody else who is at it. `token`: what the giver pays with, if anything.

    Who was at it may have asked before the giver approved, or have died over it: before the giver is told that nothing
    was paid, the provider is asked after all.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    contribution = sync(contribution, cause=cause, token=token)
    while not contribution.was_asked_about and time.monotonic() < until:
        time.sleep(0.1)
        contribution = Contribution.objects.select_related("goal", "account").get(pk=contribution.pk)
        if not leases.is_leased(contribution, now=clock.now()):
            if not is_unpaid(contribution):
                break
            contribution = sync(contribution, cause=cause, token=token)
    return contribution
