"""Calls to the Amazon Pay API: signed, sent again where that is safe, and what kind of no an answer is.

Every request may be sent again: under an idempotency key it is carried out once, and a checkout is completed once and a
charge cancelled once whatever is sent.
"""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from providers.amazon.signing import Signer
from providers.base import KeysRefused, ProviderUnavailable
from providers.kit.calls import Caller, Reply
from providers.kit.reading import code, json_of
from providers.kit.refusals import Refused, is_definite
from providers.kit.retries import TEMPORARY, RetryPolicy
from providers.kit.transport import Answer

RETRIES = RetryPolicy(TEMPORARY - {409})
"""A 409 of Amazon's is an answer: what was asked does not fit the state."""

NOT_OUR_KEYS = frozenset({"InvalidRequestSignature", "InvalidAuthentication", "InvalidHeaderValue", "MissingHeader"})
"""Reason codes that speak of how we sign, and not of what we asked."""


class AmazonRefused(Refused):
    """A refusal of Amazon's: its one code is the reasonCode."""

    def __init__(self, status: int, reason_code: str, correlation_id: str) -> None:
        super().__init__(status, (reason_code,), reason_code, correlation_id)


class AmazonPayClient:
    """One Amazon Pay account's keys. Thread-safe; `base` without a slash at its end."""

    def __init__(self, base: str, signer: Signer, *, trust_roots_file: str = "") -> None:
        self.base = base
        self.signer = signer
        self.caller = Caller("amazon", "x-amz-pay-request-id", trust_roots_file=trust_roots_file, retries=RETRIES)

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
    ) -> Reply:
        """One question or order; `operation` is what the log calls it.

        Raises AmazonRefused; ProviderUnavailable where the outcome is unknown.
        """
        if not self.signer.can_sign:
            raise ProviderUnavailable("the service has no Amazon Pay keys")
        url, content = self._url(path), b"" if body is None else json.dumps(body).encode()
        answer = self.caller.send(
            operation,
            method,
            url,
            headers=partial(self.signer.headers, method, url, content, idempotency_key=idempotency_key),
            body=content or None,
            repeatable=True,
        )
        return self._understood(operation, answer)

    def _url(self, path: str) -> str:
        base = self.base.removesuffix("/sandbox").removesuffix("/live")
        return base + ("/v2" if self.has_keys_of_one_environment else f"/{self.environment}/v2") + path

    def _understood(self, operation: str, answer: Answer) -> Reply:
        data, correlation_id = json_of(answer.body), self.caller.correlation_id(answer)
        if answer.status in {200, 201, 202} and data is not None:
            return Reply(answer.status, data, correlation_id)
        reason_code = code(data.get("reasonCode")) if data else ""
        if answer.status == 401 or reason_code in NOT_OUR_KEYS:
            self.caller.log_keys_refused(operation, answer)
            raise KeysRefused(f"{operation}: Amazon does not take our signature ({answer.status} {reason_code})")
        if not (is_definite(answer.status) or answer.status == 409) or not reason_code:
            raise ProviderUnavailable(f"{operation}: answered {answer.status}, which says nothing of the outcome")
        self.caller.log_refusal(operation, answer, reason_code)
        raise AmazonRefused(answer.status, reason_code, correlation_id)


def host_of(base: str) -> str:
    return urlsplit(base).netloc
