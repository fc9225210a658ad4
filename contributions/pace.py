"""When to ask a provider again."""

import random
from datetime import datetime, timedelta

import clock
import leases

PACE_SECONDS = (5, 15, 30, 60, 120, 300, 900, 1800, 3600, 3600, 3600, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
"""How long to wait before the 1st, 2nd, ... question to a provider; the last one repeats. Each varies by a fifth.

Hourly while a checkout at PayPal lives: approved within three hours, it has to be completed within three more, and
the giver may have closed the browser.

What has moved starts again from the first: what has just changed soon changes again.
"""

ATTEMPTS_BEFORE_A_PERSON = 30
"""After so many questions without an outcome, some two weeks, a person is told; it is asked about all the same, daily."""

SETTLED_PACE_SECONDS = tuple(days * 24 * 3600 for days in (1, 7, 30, 60, 90, 120, 180))
"""When what is settled is looked at again for a chargeback or a refund that no webhook told us about.

Each is counted from the look before, the first from the last change: 1, 8, 38, 98, 188, 308 and 488 days after it. Who
else asks in between, and how often, makes no difference to these days.
"""


def next_try_at(attempts: int) -> datetime:
    """When to ask after `attempts` questions without an outcome."""
    return leases.due_after(attempts, PACE_SECONDS)


def next_slow_look(changed_at: datetime, *, answered: bool) -> datetime | None:
    """When to look again at what is settled and last changed then; None: never more.

    A look that was not answered is made up for, a day later. Each varies by a fifth, but is never early.
    """
    now, day = clock.now(), changed_at
    if not answered:
        return _late_by_up_to_a_fifth(now, SETTLED_PACE_SECONDS[0])
    for pace in SETTLED_PACE_SECONDS:
        if day + timedelta(seconds=pace) > now:
            return _late_by_up_to_a_fifth(day, pace)
        day += timedelta(seconds=pace)
    return None


def _late_by_up_to_a_fifth(start: datetime, pace: int) -> datetime:
    return start + timedelta(seconds=pace * random.uniform(1, 1.2))  # noqa: S311 - jitter
