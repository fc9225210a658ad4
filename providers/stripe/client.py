"""Calls to Stripe's API: forms in, JSON out, and what kind of no an answer is."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from providers import wire
from providers.base import ProviderUnavailable
from providers.calls import Caller, json_of, word

log = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"
"""Every answer has the shape of this version, whatever the account's own is: https://docs.stripe.com/api/versioning"""

Form = Sequence[tuple[str, str]]
"""Names with their brackets, and values."""


class StripeRefused(Exception):
    """A definite no, in Stripe's own words: nothing was done. Read by the adapter, never by its callers."""

    def __init__(self, status: int, error: Mapping[str, Any], request_id: str) -> None:
        self.http_status = status
        self.code = word(error.get("code"))
        self.decline_code = word(error.get("decline_code"))
        self.param = error["param"][:200] if isinstance(error.get("param"), str) else ""
        self.request_id = request_id
        super().__init__(" ".join(filter(None, (str(status), word(error.get("type")), self.code, self.decline_code))))


@dataclass(frozen=True)
class Said:
    """What Stripe answered to a call that it obeyed."""

    data: Mapping[str, Any]
    request_id: str
    """Stripe's own number of the answer: what its support asks for."""


class StripeClient:
    """One Stripe account. Thread-safe; `base` without a slash at its end."""

    def __init__(self, base: str, secret_key: str, *, trust_roots_file: str = "") -> None:
        self.base = base
        self._secret_key = secret_key
        self.caller = Caller("stripe", "Request-Id", trust_roots_file=trust_roots_file)

    def call(self, operation: str, method: str, path: str, form: Form = (), *, request_id: str = "") -> Said:
        """One question or order, sent again only where that is safe: a GET, or under its Idempotency-Key.

        `operation` is what the log calls it. `form` is the query of a GET, the body of a POST.
        Raises StripeRefused; ProviderUnavailable where the outcome is unknown.
        """
        if not self._secret_key:
            raise ProviderUnavailable("the service has no Stripe keys")
        url, content = self.base + path, None
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self._secret_key}", "Stripe-Version": API_VERSION}
        if method == "GET":
            url += f"?{urlencode(form)}" if form else ""
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            content = urlencode(form).encode()
        if request_id:
            headers["Idempotency-Key"] = request_id  # invariant: stripe-is-sent-an-idempotency-key

        def attempt() -> wire.Answer:
            return self.caller.send(operation, method, url, headers=headers, content=content)

        answer = self.caller.patiently(attempt, repeatable=method == "GET" or bool(request_id))
        return self._understood(operation, answer)

    def _understood(self, operation: str, answer: wire.Answer) -> Said:
        data, request_id = json_of(answer.body), self.caller.correlation_id(answer)
        error = data.get("error") if data else None
        if answer.status == 200 and data is not None and error is None:
            return Said(data, request_id)
        if answer.status == 401:
            about = {"provider": "stripe", "status": answer.status, "correlation_id": request_id}
            log.error("provider does not take our keys", extra=about)
            raise ProviderUnavailable(f"{operation}: Stripe does not take STRIPE_SECRET_KEY")
        definite = answer.status in {400, 402, 403, 404} and isinstance(error, dict)
        if not definite or not isinstance(error, dict) or error.get("type") not in {"card_error", "invalid_request_error"}:
            raise ProviderUnavailable(f"{operation}: answered {answer.status}, which says nothing of the outcome")
        refused = StripeRefused(answer.status, error, request_id)
        log.warning(
            "provider refused",
            extra={
                "provider": "stripe",
                "operation": operation,
                "status": answer.status,
                "issues": str(refused),
                "correlation_id": request_id,
            },
        )
        raise refused
