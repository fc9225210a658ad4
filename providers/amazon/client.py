"""Calls to the Amazon Pay API: signed, sent again where that is safe, and what kind of no an answer is.

Every order of ours may be sent again: under an idempotency key it is obeyed once, and a checkout is completed once and a
charge cancelled once whatever is sent.
"""

import json
import logging
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from providers import wire
from providers.amazon.signing import Signer
from providers.base import ProviderUnavailable

log = logging.getLogger(__name__)

TRIES = 3
PAUSE_SECONDS = 0.3
"""Before the second try; twice as long before the third. Each varies by a half."""

LEAST_SECONDS_FOR_A_TRY = 2.0
MOST_SECONDS_OF_REST = 300.0
"""However long Amazon asks us to leave it alone, we ask again after this."""

PASSING = frozenset({408, 425, 500, 502, 503, 504})
"""Amazon has trouble: the same request may be sent again."""

NOT_OUR_KEYS = frozenset({"InvalidRequestSignature", "InvalidAuthentication", "InvalidHeaderValue", "MissingHeader"})
"""Reason codes that speak of how we sign, and not of what we asked."""

_UNPRINTABLE = re.compile(r"[^A-Za-z0-9._:-]")


class AmazonRefused(Exception):
    """A definite no, in Amazon's own words: nothing was done. Read by the adapter, never by its callers."""

    def __init__(self, status: int, reason_code: str, request_id: str) -> None:
        super().__init__(f"{status} {reason_code}")
        self.http_status = status
        self.reason_code = reason_code
        self.request_id = request_id


@dataclass(frozen=True)
class Said:
    """What Amazon answered to a call that it obeyed."""

    status: int
    data: Mapping[str, Any]
    request_id: str


class AmazonPayClient:
    """One Amazon Pay account's keys. Thread-safe; `base` without a slash at its end."""

    def __init__(self, base: str, signer: Signer, *, trust_roots_file: str = "") -> None:
        self.base = base
        self.signer = signer
        self.wire = wire.Wire(trust_roots_file=trust_roots_file)
        self._resting_until = 0.0

    @property
    def environment(self) -> str:
        """live or sandbox; newer keys say it themselves, older ones by the end of the base's path."""
        if self.signer.public_key_id.startswith("SANDBOX"):
            return "sandbox"
        return "sandbox" if self.base.endswith("/sandbox") else "live"

    @property
    def has_keys_of_one_environment(self) -> bool:
        return self.signer.public_key_id.startswith(("LIVE", "SANDBOX"))

    def call(
        self, operation: str, method: str, path: str, *, body: Mapping[str, Any] | None = None, idempotency_key: str = ""
    ) -> Said:
        """One question or order; `operation` is what the log calls it.

        Raises AmazonRefused; ProviderUnavailable where the outcome is unknown.
        """
        if not self.signer.can_sign:
            raise ProviderUnavailable("the service has no Amazon Pay keys")
        content = b"" if body is None else json.dumps(body).encode()
        with wire.at_most(wire.CALL_SECONDS):
            for tries_left in range(TRIES - 1, -1, -1):
                try:
                    answer = self._send(operation, method, path, content, idempotency_key)
                except wire.NoAnswer:
                    if not self._may_try_again(tries_left):
                        raise
                    continue
                if answer.status in PASSING and self._may_try_again(tries_left):
                    continue
                return self._understood(operation, answer)
        raise ProviderUnavailable(f"{operation}: no answer")  # pragma: no cover - the last try returns or raises

    def _url(self, path: str) -> str:
        base = self.base.removesuffix("/sandbox").removesuffix("/live")
        return base + ("/v2" if self.has_keys_of_one_environment else f"/{self.environment}/v2") + path

    def _send(self, operation: str, method: str, path: str, content: bytes, idempotency_key: str) -> wire.Answer:
        if time.monotonic() < self._resting_until:
            raise ProviderUnavailable(f"{operation}: Amazon asked to be left alone for a while")
        url, started = self._url(path), time.monotonic()
        headers = self.signer.headers(method, url, content, idempotency_key=idempotency_key)
        try:
            answer = self.wire.send(method, url, headers=headers, body=content or None)
        except wire.NoAnswer as error:
            seconds = round(time.monotonic() - started, 3)
            log.warning("no answer from amazon", extra={"operation": operation, "error": str(error), "seconds": seconds})
            raise
        log.info(
            "amazon answered",
            extra={
                "operation": operation,
                "status": answer.status,
                "correlation_id": request_id_of(answer),
                "seconds": round(time.monotonic() - started, 3),
            },
        )
        if answer.status == 429:
            self._resting_until = time.monotonic() + _rest_seconds(answer.headers.get("Retry-After", ""))
        return answer

    @staticmethod
    def _may_try_again(tries_left: int) -> bool:
        pause = PAUSE_SECONDS * 2 ** (TRIES - 1 - tries_left) * random.uniform(0.5, 1.5)  # noqa: S311 - jitter
        if not tries_left or wire.seconds_left() < pause + LEAST_SECONDS_FOR_A_TRY:
            return False
        time.sleep(pause)
        return True

    def _understood(self, operation: str, answer: wire.Answer) -> Said:
        data, request_id = _json_of(answer.body), request_id_of(answer)
        if answer.status in {200, 201, 202} and data is not None:
            return Said(answer.status, data, request_id)
        code = data.get("reasonCode") if data else None
        reason_code = _UNPRINTABLE.sub("", code)[:80] if isinstance(code, str) else ""
        if answer.status == 401 or reason_code in NOT_OUR_KEYS:
            log.error("amazon does not take our keys", extra={"status": answer.status, "correlation_id": request_id})
            raise ProviderUnavailable(f"{operation}: Amazon does not take our signature ({answer.status} {reason_code})")
        if answer.status not in {400, 403, 404, 409, 422} or not reason_code:
            raise ProviderUnavailable(f"{operation}: answered {answer.status}, which says nothing of the outcome")
        log.warning(
            "amazon refused",
            extra={"operation": operation, "status": answer.status, "issues": reason_code, "correlation_id": request_id},
        )
        raise AmazonRefused(answer.status, reason_code, request_id)


def host_of(base: str) -> str:
    return urlsplit(base).netloc


def request_id_of(answer: wire.Answer) -> str:
    """Amazon's own number of this answer: what its support asks for."""
    return _UNPRINTABLE.sub("", answer.headers.get("x-amz-pay-request-id", ""))[:64]


def _json_of(body: bytes) -> dict[str, Any] | None:
    """The JSON object; None for anything else, however hostile."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _rest_seconds(retry_after: str) -> float:
    """Seconds; a date, rubbish or nothing counts as a short while."""
    wanted = float(retry_after) if re.fullmatch(r"[0-9]{1,9}", retry_after) else 5.0
    return min(max(wanted, 1.0), MOST_SECONDS_OF_REST)
