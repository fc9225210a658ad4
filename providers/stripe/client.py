"""Calls to Stripe's API: forms in, JSON out, and what kind of no an answer is."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from providers.base import KeysRefused, ProviderUnavailable
from providers.kit.calls import Caller, Reply
from providers.kit.proxy_wire import is_mark
from providers.kit.reading import an_object, code, json_of, matching
from providers.kit.refusals import Refused, is_definite
from providers.kit.retries import BUSY, RetryPolicy
from providers.kit.transport import Answer
from providers.stripe.proxied import account_name

API_VERSION = "2026-10-28.endive"
"""Every answer has the shape of this version, whatever the account's own is: https://docs.stripe.com/api/versioning"""

TYPES_OF_A_NO = frozenset({"card_error", "invalid_request_error", "idempotency_error"})
"""Of an error: https://docs.stripe.com/api/errors, read in November 2026. An api_error is trouble of Stripe's own."""

BUSY_CODES = frozenset({"lock_timeout", "rate_limit"})
"""Another request is at the same object, or there were too many: https://docs.stripe.com/error-codes, read in November 2026."""

Form = Sequence[tuple[str, str]]
"""Names with their brackets, and values."""


class StripeRefused(Refused):
    """A refusal of Stripe's: its code, or its type where it has none; beside it stand a decline code and the field
    that is wrong."""

    def __init__(self, status: int, error: Mapping[str, Any], correlation_id: str) -> None:
        self.code = code(error.get("code"))
        self.decline_code = code(error.get("decline_code"))
        named = an_object(error.get("payment_intent")).get("id")
        self.intent_id = matching(re.compile(r"pi_[A-Za-z0-9]{1,250}"), named)
        """Of the payment that was refused, where it was made to be paid at once."""
        self.param = error["param"][:200] if isinstance(error.get("param"), str) else ""
        told = " ".join(filter(None, (code(error.get("type")), self.code, self.decline_code)))
        super().__init__(status, (self.code or code(error.get("type")),), told, correlation_id)


def _is_busy(answer: Answer) -> bool:
    error = an_object((json_of(answer.body) or {}).get("error")) if 400 <= answer.status < 500 else {}
    return answer.status in BUSY or error.get("code") in BUSY_CODES


RETRIES = RetryPolicy(is_busy=_is_busy, advice_header="Stripe-Should-Retry")
"""Stripe may say itself whether another try can help, as its own clients read it: https://docs.stripe.com/error-low-level"""


class StripeClient:
    """One Stripe account. Thread-safe; `base` without a slash at its end. The key may be the mark of one in the proxy."""

    def __init__(self, base: str, secret_key: str, *, trust_roots_file: str = "") -> None:
        self.base = base
        self._secret_key = secret_key
        account = account_name(secret_key) if is_mark(secret_key) else ""
        self.caller = Caller(
            "stripe", "Request-Id", trust_roots_file=trust_roots_file, retries=RETRIES, proxied_account=account
        )

    def call(self, operation: str, method: str, path: str, form: Form = (), *, request_id: str = "") -> Reply:
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
        repeatable = method == "GET" or bool(request_id)
        answer = self.caller.send(operation, method, url, headers=lambda: headers, body=content, repeatable=repeatable)
        return self._understood(operation, answer)

    def _understood(self, operation: str, answer: Answer) -> Reply:
        data, correlation_id = json_of(answer.body), self.caller.correlation_id(answer)
        error = data.get("error") if data else None
        if answer.status == 200 and data is not None and error is None:
            return Reply(200, data, correlation_id)
        if answer.status == 401:
            self.caller.log_keys_refused(operation, answer)
            raise KeysRefused(f"{operation}: Stripe does not take STRIPE_SECRET_KEY")
        if not is_definite(answer.status) or not isinstance(error, dict) or error.get("type") not in TYPES_OF_A_NO:
            raise ProviderUnavailable(f"{operation}: answered {answer.status}, which says nothing of the outcome")
        refused = StripeRefused(answer.status, error, correlation_id)
        self.caller.log_refusal(operation, answer, str(refused))
        raise refused
