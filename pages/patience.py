"""A giver's browser waits while the provider is asked, by us or by somebody else who is at it, or until it has heard the news.

No transaction is open meanwhile.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from contributions.causes import Cause
from contributions.models import Contribution
from contributions.status import MAY_BE_PAID, SUBMITTED, Intent, Stage
from contributions.sync import SyncResult, sync
from ownership import row_key
from pages.redirect import is_unpaid
from pages.sentence_types import NOT_YET

PATIENCE_SECONDS = 20
"""How long a giver waits for somebody else to find out, before the answer is what is known."""

LAG_SECONDS = 20
"""How long a giver who comes back waits for a provider that has not heard yet that they agreed."""

LAG_AT_BANK_SECONDS = 5
"""The same for who comes from their bank: it may as well have said no, and then they are to go on with another card."""

LAG_PAUSES_SECONDS = (0.5, 1, 1.5, 2, 3, 4)
"""Between the questions; the last one repeats."""

MOST_WAITING, MOST_WAITING_FOR_ONE = 4, 2
"""How many givers wait for such news in one process, and how many of them for the same gift: each holds a thread."""


def sync_patiently(contribution: Contribution, cause: Cause, *, token: str = "") -> SyncResult:
    """Ask the provider, or wait for somebody else who is at it. `token`: what the giver pays with, if anything.

    Who was at it may have asked before the giver approved, or have died over it: before the giver is told that nothing
    was paid, the provider is asked after all.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    result = sync(contribution, cause=cause, token=token)
    while not result.asked and time.monotonic() < until:
        time.sleep(0.1)
        contribution = Contribution.objects.whole().get(**row_key(contribution))
        result = SyncResult(contribution, asked=False)
        if not contribution.current_checkout.is_leased():
            if not is_unpaid(contribution):
                break
            result = sync(contribution, cause=cause, token=token)
    return result


def sync_until_heard(contribution: Contribution, *, from_bank: bool = False, waits: bool = True) -> SyncResult:
    """For a giver who comes back: ask, and where the giver `waits` ask again while the provider has not heard that they agreed.

    A provider's answer can be behind the giver's browser: the order is still open, or the order to take the money is refused
    as not approved.
    """
    until = time.monotonic() + (LAG_AT_BANK_SECONDS if from_bank else LAG_SECONDS) * waits
    result = sync_patiently(contribution, Cause.RETURN)
    if not _has_not_heard(result):
        return result
    with _place_for(contribution) as there_is_one:
        questions = 0
        while there_is_one and _has_not_heard(result):
            pause = LAG_PAUSES_SECONDS[min(questions, len(LAG_PAUSES_SECONDS) - 1)]
            if time.monotonic() + pause > until:
                break
            _pause(pause)
            questions += 1
            now = Contribution.objects.whole().get(**row_key(contribution))
            if now.checkout_id != contribution.checkout_id:
                return SyncResult(now, asked=False)  # another checkout has taken its place
            result = sync_patiently(now, Cause.RETURN)
    return result


def _pause(seconds: float) -> None:
    time.sleep(seconds)


def can_still_be_taken(result: SyncResult) -> bool:
    """Whether nothing is paid as far as the provider says, and yet may be, in the checkout that the giver comes from."""
    contribution = result.contribution
    if not result.asked:  # there was somebody at it all the time, or there still is: see is_unpaid
        return contribution.status == SUBMITTED and is_unpaid(contribution)
    unpaid = contribution.status in MAY_BE_PAID and contribution.intent != Intent.RELEASE
    return unpaid and bool(result.waits_for_payer) and contribution.current_checkout.stage != Stage.OVER


def _has_not_heard(result: SyncResult) -> bool:
    return can_still_be_taken(result) and result.waits_for_payer in NOT_YET


_lock = threading.Lock()
_waiting: list[str] = []


@contextmanager
def _place_for(contribution: Contribution) -> Iterator[bool]:
    """A place to wait in; False where there is none left."""
    gift = contribution.public_id
    with _lock:
        there_is_one = len(_waiting) < MOST_WAITING and _waiting.count(gift) < MOST_WAITING_FOR_ONE
        if there_is_one:
            _waiting.append(gift)
    try:
        yield there_is_one
    finally:
        if there_is_one:
            with _lock:
                _waiting.remove(gift)
