"""Calls to one provider: sent again where that is safe, held back while the provider asks for it, and logged."""

import logging
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from providers.base import ProviderUnavailable
from providers.kit import transport
from providers.kit.deadline import at_most, seconds_left
from providers.kit.reading import code
from providers.kit.transport import Answer, NoAnswer, Transport, public_trust

log = logging.getLogger(__name__)

TRIES = 3
PAUSE_SECONDS = 0.3
"""Before the second try; twice as long before the third. Each varies by a half."""

LEAST_SECONDS_FOR_A_TRY = 2.0
MOST_SECONDS_OF_REST = 300.0
"""However long a provider asks us to wait, we ask again after this."""

TEMPORARY = frozenset({408, 409, 500, 502, 503, 504})
"""The provider has trouble, or is at the same request already: the same request may be sent again."""


@dataclass(frozen=True)
class Reply:
    """What a provider answered to a call that it carried out: the JSON object, empty where there was none."""

    status: int
    data: Mapping[str, Any]
    correlation_id: str
    """The provider's own number of the answer: what its support asks for."""


class Caller:
    """Calls one provider. Thread-safe.

    `correlation_header` is where it numbers its answers; after a status in `temporary` the same request may be sent again.
    """

    def __init__(
        self, provider: str, correlation_header: str, *, trust_roots_file: str = "", temporary: frozenset[int] = TEMPORARY
    ) -> None:
        self.provider = provider
        self.transport = Transport(partial(public_trust, trust_roots_file))
        self._temporary = temporary
        self._correlation_header = correlation_header
        self._resting_until = 0.0

    def send(
        self,
        operation: str,
        method: str,
        url: str,
        *,
        headers: Callable[[], Mapping[str, str]],
        body: bytes | None,
        repeatable: bool,
        renew_login: Callable[[Mapping[str, str]], None] | None = None,
    ) -> Answer:
        """The answer of the last try; `headers` are made anew for each. Raises ProviderUnavailable.

        `repeatable`: it is safe to send it again. After the first 401, `renew_login` is
        given the headers that were refused, and it is sent once more.
        """
        with at_most(transport.CALL_SECONDS):
            tries_left = TRIES - 1
            while True:
                try:
                    named = headers()
                    with self.logged(operation) as answers:
                        answers.append(self.transport.send(method, url, headers=named, body=body))
                except NoAnswer:
                    if not (repeatable and tries_left and _pause(tries_left)):
                        raise
                else:
                    if answers[0].status == 401 and renew_login is not None:
                        renew_login(named)
                        renew_login = None
                        continue
                    temporary = answers[0].status in self._temporary
                    if not (temporary and repeatable and tries_left and _pause(tries_left)):
                        return answers[0]
                tries_left -= 1

    @contextmanager
    def logged(self, operation: str) -> Iterator[list[Answer]]:
        """Logs one call, without body or key; its answer is to be put into the list.

        Raises ProviderUnavailable while the provider has asked not to be called.
        """
        if time.monotonic() < self._resting_until:
            raise ProviderUnavailable(f"{operation}: the provider asked to be left alone for a while")
        about, started, answers = {"provider": self.provider, "operation": operation}, time.monotonic(), list[Answer]()
        try:
            yield answers
        except NoAnswer as error:
            seconds = round(time.monotonic() - started, 3)
            log.warning("no answer from provider", extra=about | {"error": str(error), "seconds": seconds})
            raise
        for answer in answers:
            told = {"status": answer.status, "correlation_id": self.correlation_id(answer)}
            log.info("provider answered", extra=about | told | {"seconds": round(time.monotonic() - started, 3)})
            if answer.status == 429:
                self._resting_until = time.monotonic() + _rest_seconds(answer.headers.get("Retry-After", ""))

    def correlation_id(self, answer: Answer) -> str:
        """The provider's own number of this answer: what its support asks for."""
        return code(answer.headers.get(self._correlation_header, ""), longest=64)

    def log_refusal(self, operation: str, answer: Answer, issues: str) -> None:
        """A definite no, in the provider's codes."""
        log.warning("provider refused", extra={**self._about(operation, answer), "issues": issues})

    def log_keys_refused(self, operation: str, answer: Answer) -> None:
        """The operator has to see to it: nothing works any more."""
        log.error("provider does not take our keys", extra=self._about(operation, answer))

    def _about(self, operation: str, answer: Answer) -> dict[str, Any]:
        told = {"status": answer.status, "correlation_id": self.correlation_id(answer)}
        return {"provider": self.provider, "operation": operation, **told}


def _pause(tries_left: int) -> bool:
    """Waits before another try; False where there is no time left for one."""
    pause = PAUSE_SECONDS * 2 ** (TRIES - 1 - tries_left) * random.uniform(0.5, 1.5)  # noqa: S311 - jitter
    if seconds_left() < pause + LEAST_SECONDS_FOR_A_TRY:
        return False
    time.sleep(pause)
    return True


def _rest_seconds(retry_after: str) -> float:
    """Seconds; a date, rubbish or nothing counts as a short while."""
    wanted = float(retry_after) if re.fullmatch(r"[0-9]{1,9}", retry_after) else 5.0
    return min(max(wanted, 1.0), MOST_SECONDS_OF_REST)
