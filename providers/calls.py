"""What every adapter's client does alike: the same call again where that is safe, a rest where one is asked for, the log."""

import json
import logging
import random
import re
import time
from collections.abc import Callable
from typing import Any

from providers import wire
from providers.base import ProviderUnavailable

log = logging.getLogger(__name__)

TRIES = 3
PAUSE_SECONDS = 0.3
"""Before the second try; twice as long before the third. Each varies by a half."""

LEAST_SECONDS_FOR_A_TRY = 2.0
MOST_SECONDS_OF_REST = 300.0
"""However long a provider asks us to leave it alone, we ask again after this."""

PASSING = frozenset({408, 409, 500, 502, 503, 504})
"""The provider has trouble, or is at the same request already: the same request may be sent again."""

_UNPRINTABLE = re.compile(r"[^A-Za-z0-9._:-]")


class Caller:
    """Calls one provider. Thread-safe. `correlation_header` is where it numbers its answers, `passing` the answers after
    which the same request may be sent again."""

    def __init__(
        self, provider: str, correlation_header: str, *, trust_roots_file: str = "", passing: frozenset[int] = PASSING
    ) -> None:
        self.provider = provider
        self._passing = passing
        self.wire = wire.Wire(trust_roots_file=trust_roots_file)
        self._correlation_header = correlation_header
        self._resting_until = 0.0

    def send(self, operation: str, method: str, url: str, *, headers: dict[str, str], content: bytes | None) -> wire.Answer:
        """One call, sent once and logged without body or key. Raises ProviderUnavailable."""
        if time.monotonic() < self._resting_until:
            raise ProviderUnavailable(f"{operation}: the provider asked to be left alone for a while")
        about, started = {"provider": self.provider, "operation": operation}, time.monotonic()
        try:
            answer = self.wire.send(method, url, headers=headers, body=content)
        except wire.NoAnswer as error:
            seconds = round(time.monotonic() - started, 3)
            log.warning("no answer from provider", extra=about | {"error": str(error), "seconds": seconds})
            raise
        said = {"status": answer.status, "correlation_id": self.correlation_id(answer)}
        log.info("provider answered", extra=about | said | {"seconds": round(time.monotonic() - started, 3)})
        if answer.status == 429:
            self._resting_until = time.monotonic() + _rest_seconds(answer.headers.get("Retry-After", ""))
        return answer

    def patiently(self, attempt: Callable[[], wire.Answer], *, repeatable: bool) -> wire.Answer:
        """What an attempt is answered; made again, a few times, where that is safe. Raises what the last attempt raises."""
        with wire.at_most(wire.CALL_SECONDS):
            for tries_left in range(TRIES - 1, 0, -1):
                try:
                    answer = attempt()
                except wire.NoAnswer:
                    if not (repeatable and _pause(tries_left)):
                        raise
                    continue
                if answer.status not in self._passing or not (repeatable and _pause(tries_left)):
                    return answer
            return attempt()

    def correlation_id(self, answer: wire.Answer) -> str:
        """The provider's own number of this answer: what its support asks for."""
        return _UNPRINTABLE.sub("", answer.headers.get(self._correlation_header, ""))[:64]


def _pause(tries_left: int) -> bool:
    """Waits before another try; False where there is no time left for one."""
    pause = PAUSE_SECONDS * 2 ** (TRIES - 1 - tries_left) * random.uniform(0.5, 1.5)  # noqa: S311 - jitter
    if wire.seconds_left() < pause + LEAST_SECONDS_FOR_A_TRY:
        return False
    time.sleep(pause)
    return True


def _rest_seconds(retry_after: str) -> float:
    """Seconds; a date, rubbish or nothing counts as a short while."""
    wanted = float(retry_after) if re.fullmatch(r"[0-9]{1,9}", retry_after) else 5.0
    return min(max(wanted, 1.0), MOST_SECONDS_OF_REST)


# --- Reading what strangers wrote ---------------------------------------------------------------------------------------


def json_of(body: bytes) -> dict[str, Any] | None:
    """The JSON object; None for anything else, however hostile."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def word(value: object) -> str:
    """A code of a provider's, fit for a log line; empty for anything else."""
    return _UNPRINTABLE.sub("", value)[:80] if isinstance(value, str) else ""


def text(value: object) -> str:
    """The text; empty for anything else."""
    return value if isinstance(value, str) else ""


def an_object(value: object) -> dict[str, Any]:
    """The JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[dict[str, Any]]:
    """The objects in a JSON array; none for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
