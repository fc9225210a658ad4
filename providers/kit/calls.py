"""Calls to one provider: sent again where that is safe and may help, and logged."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings

import metrics
import tracing
from providers.kit import transport
from providers.kit.deadline import at_most
from providers.kit.proxied import ProxiedTransport, Sends
from providers.kit.reading import code
from providers.kit.retries import RetryPolicy, Tries
from providers.kit.transport import Answer, NoAnswer, Transport, public_trust

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reply:
    """What a provider answered to a call that it carried out: the JSON object, empty where there was none."""

    status: int
    data: Mapping[str, Any]
    correlation_id: str
    """The provider's own number of the answer: what its support asks for."""


class Caller:
    """Calls one provider. Thread-safe.

    `correlation_header` is where it numbers its answers; `retries` says after which of them the same request is sent again.
    `proxied_account`: whose secret is in the provider proxy, through which its calls go then; empty: they go directly.
    """

    def __init__(
        self,
        provider: str,
        correlation_header: str,
        *,
        trust_roots_file: str = "",
        retries: RetryPolicy = RetryPolicy(),  # noqa: B008 - immutable
        proxied_account: str = "",
    ) -> None:
        self.provider = provider
        trust = partial(public_trust, trust_roots_file)
        self.transport = Transport(trust)
        """For what needs no secret."""
        self.way_out: Sends = self.transport
        if proxied_account:
            url, keys = settings.PROVIDER_PROXY_URL, settings.PROVIDER_PROXY_KEYS
            self.way_out = ProxiedTransport(proxied_account, url, keys, trust)
        self._retries = retries
        self._correlation_header = correlation_header

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
            tries = Tries(self._retries)
            while True:
                try:
                    named = {**headers(), **tracing.outgoing_headers()}
                    with self.logged(operation) as answers:
                        answers.append(self.way_out.send(method, url, headers=named, body=body))
                except NoAnswer as failure:
                    if not (repeatable and tries.wait(failure.answer)):
                        raise
                    continue
                answer = answers[0]
                if answer.status == 401 and renew_login is not None:
                    renew_login(named)
                    renew_login = None
                elif not (repeatable and self._retries.may_send_again(answer) and tries.wait(answer)):
                    return answer

    @contextmanager
    def logged(self, operation: str) -> Iterator[list[Answer]]:
        """Logs one call, without body or key; its answer is to be put into the list."""
        about, started, answers = {"provider": self.provider, "operation": operation}, time.monotonic(), list[Answer]()
        with tracing.span(f"{self.provider} {operation}", is_call=True, about=about) as span:
            try:
                yield answers
            except NoAnswer as error:
                seconds = round(time.monotonic() - started, 3)
                log.warning("no answer from provider", extra=about | {"error": str(error), "seconds": seconds})
                self._count(operation, "no_answer", seconds)
                raise
            for answer in answers:
                told = {"status": answer.status, "correlation_id": self.correlation_id(answer)}
                seconds = round(time.monotonic() - started, 3)
                log.info("provider answered", extra=about | told | {"seconds": seconds})
                span.set_attributes(told)
                self._count(operation, _outcome(answer.status), seconds)

    def _count(self, operation: str, outcome: str, seconds: float) -> None:
        metrics.PROVIDER_CALLS.labels(self.provider, operation, outcome).inc()
        metrics.PROVIDER_CALL_SECONDS.labels(self.provider).observe(seconds)

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


def _outcome(status: int) -> str:
    """What came of a call, for the metrics: a few words, whatever a provider answers."""
    if status == 401:
        return "keys_refused"
    return "ok" if status < 400 else "refused" if status < 500 else "error"
