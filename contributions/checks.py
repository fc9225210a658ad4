"""A client that will not wait for the worker: the provider is asked now, but not more than once in ten seconds a gift."""

import math
from datetime import timedelta
from time import monotonic, sleep

from django.db.models import Q

import clock
from contributions.causes import Cause
from contributions.models import Contribution, Refund
from contributions.refunds import sync_refund
from contributions.sync import SyncResult, sync
from ownership import row_key

SECONDS_BETWEEN = 10
"""A provider is not asked more often about one gift, however many clients and processes would."""

PATIENCE_SECONDS = 15
"""How long a client waits for somebody else who is asking at this moment."""


class CheckedJustNow(Exception):
    """The provider was asked about this gift less than SECONDS_BETWEEN ago."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"The provider was asked about this contribution a moment ago: ask again in {seconds} s.")
        self.headers = {"Retry-After": str(seconds)}


class ProviderSilent(Exception):
    """The provider does not answer, so nothing new is known."""

    def __init__(self, contribution: Contribution) -> None:
        super().__init__(
            f"{contribution.provider or 'The provider'} does not answer at this moment, so how the contribution stands is not "
            "known. The service goes on asking by itself."
        )
        self.headers = {"Retry-After": str(SECONDS_BETWEEN)}


def check_now(contribution: Contribution) -> Contribution:
    """Ask the provider about the payment, and about refunds without an outcome; returns the contribution as it then is.

    Where no checkout is open yet there is nobody to ask, and it is as it was. Raises CheckedJustNow, ProviderSilent.
    """
    _take_turn(contribution)
    result = _ask(contribution)
    if result.silent or not result.asked:
        raise ProviderSilent(result.contribution)
    pending = Refund.objects.filter(contribution=contribution, status=Refund.Status.PENDING)
    for refund in pending:
        sync_refund(refund, cause=Cause.CLIENT)
    return Contribution.objects.whole().get(**row_key(contribution)) if pending else result.contribution


def _take_turn(contribution: Contribution) -> None:
    """By one UPDATE: of two who ask at once one has the turn, whichever processes they came to."""
    now, between = clock.now(), timedelta(seconds=SECONDS_BETWEEN)
    its_turn = Q(check_asked_at=None) | Q(check_asked_at__lte=now - between)
    row = Contribution.objects.filter(**row_key(contribution))
    if row.filter(its_turn).update(check_asked_at=now):
        return
    asked_at = row.values_list("check_asked_at", flat=True).get() or now
    left = (asked_at + between - now).total_seconds()
    raise CheckedJustNow(min(SECONDS_BETWEEN, max(1, math.ceil(left))))


def _ask(contribution: Contribution) -> SyncResult:
    """Whoever is asking at this moment may have begun before the news: then we ask after them."""
    until = monotonic() + PATIENCE_SECONDS
    result = sync(contribution, cause=Cause.CLIENT)
    while not result.asked and monotonic() < until:
        sleep(0.1)
        now = Contribution.objects.whole().get(**row_key(contribution))
        if not now.current_checkout.is_leased():
            result = sync(now, cause=Cause.CLIENT)
    return result
