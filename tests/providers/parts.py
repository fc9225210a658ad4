"""What a gift says of its money, for each provider's test of parts."""

from contributions.audit import faults_in_the_books
from contributions.causes import Cause
from contributions.sync import sync
from tests.providers.gift import Gift


def seen(gift: Gift) -> tuple[str | None, ...]:
    """Status, CurrentAmount, SettledAmount, RefundedAmount, ReversedAmount. The books are right."""
    assert list(faults_in_the_books()) == []
    sums = (gift.value(name) for name in ("SettledAmount", "RefundedAmount", "ReversedAmount"))
    return gift.status[0], gift.current_amount, *sums


def look(gift: Gift) -> None:
    """The worker's look at what was taken weeks ago: no webhook told of anything."""
    sync(gift.row, cause=Cause.WORKER)
