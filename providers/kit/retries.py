"""When a call is sent again, and after which pause: one policy for every provider, for one call at a time.

Nothing here is remembered from one call to the next: a lock or a limit that one payment meets is no other payment's trouble.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

import clock
from providers.kit.deadline import seconds_left
from providers.kit.transport import Answer

TRIES = 3
"""How often one call is sent while there is no answer, or one that tells of the provider's own trouble."""

TRIES_WHEN_BUSY = 5
"""How often where the provider has done nothing yet, being too busy or at the same object already."""

PAUSE_SECONDS = 0.3
"""Before the second try; twice as long before each later one. Each varies by a half."""

LEAST_SECONDS_FOR_A_TRY = 2.0

BUSY = frozenset({425, 429})
"""RFC 8470 and RFC 6585: nothing was done, come again."""

TEMPORARY = BUSY | {408, 409, 500, 502, 503, 504}
"""The provider has trouble, or is at the same request already: the same request may be sent again."""


@dataclass(frozen=True)
class RetryPolicy:
    """After which answers the same request may be sent again.

    `statuses` say so by themselves. `is_busy` finds an answer that says it by a code. `advice_header` is where a provider says
    it itself, "true" or "false", whatever the status.
    """

    statuses: frozenset[int] = TEMPORARY
    is_busy: Callable[[Answer], bool] = lambda answer: answer.status in BUSY
    advice_header: str = ""

    def may_send_again(self, answer: Answer) -> bool:
        """Whether another try can lead to something else."""
        advice = answer.headers.get(self.advice_header, "").strip().lower() if self.advice_header else ""
        if advice in {"true", "false"}:
            return advice == "true"
        return answer.status in self.statuses or self.is_busy(answer)


class Tries:
    """Counts the tries of one call, and waits between them."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._sent = 0

    def wait(self, answer: Answer | None = None) -> bool:
        """Waits before another try, as long as the last answer asks for (None: there was none); False where there is to be
        no other: it was tried often enough, or the deadline comes before."""
        self._sent += 1
        busy = answer is not None and self._policy.is_busy(answer)
        if self._sent >= (TRIES_WHEN_BUSY if busy else TRIES):
            return False
        pause = PAUSE_SECONDS * 2 ** (self._sent - 1)
        asked = retry_after_seconds(answer.headers.get("Retry-After")) if answer is not None else None
        # Never before the moment that was asked for; and not all at that very moment who were told the same one.
        pause = pause * random.uniform(0.5, 1.5) + (asked or 0.0)  # noqa: S311 - jitter
        if seconds_left() < pause + LEAST_SECONDS_FOR_A_TRY:
            return False
        time.sleep(pause)
        return True


def retry_after_seconds(text: str | None) -> float | None:
    """Seconds from now, of either form that RFC 9110 10.2.3 knows; 0 for a moment that is over; None where it is neither."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) <= 300 else float("inf")
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - clock.now()).total_seconds(), 0.0)
