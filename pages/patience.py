"""A giver's browser waits while the provider is asked, by us or by somebody else who is at it."""

import time

from contributions.causes import Cause
from contributions.models import Contribution
from contributions.sync import SyncResult, sync
from pages.redirect import is_unpaid

PATIENCE_SECONDS = 20
"""How long a giver waits for somebody else to find out, before the answer is what is known."""


def sync_patiently(contribution: Contribution, cause: Cause, *, token: str = "") -> SyncResult:
    """Ask the provider, or wait for somebody else who is at it. `token`: what the giver pays with, if anything.

    Who was at it may have asked before the giver approved, or have died over it: before the giver is told that nothing
    was paid, the provider is asked after all.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    result = sync(contribution, cause=cause, token=token)
    while not result.asked and time.monotonic() < until:
        time.sleep(0.1)
        contribution = Contribution.objects.whole().get(pk=contribution.pk)
        result = SyncResult(contribution, asked=False)
        if not contribution.current_checkout.is_leased():
            if not is_unpaid(contribution):
                break
            result = sync(contribution, cause=cause, token=token)
    return result
