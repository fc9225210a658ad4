"""Calls to PayPal's REST API: the access token, what may be sent again, and what kind of no an answer is."""

import base64
import json
import logging
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from providers import wire
from providers.base import ProviderUnavailable
from providers.calls import PASSING, Caller, json_of, objects, word

log = logging.getLogger(__name__)

TOKEN_MARGIN_SECONDS = 60.0


class PayPalRefused(Exception):
    """A definite no, in PayPal's own words: nothing was done. Read by the adapter, never by its callers."""

    def __init__(self, status: int, name: str, issues: tuple[str, ...], links: Mapping[str, str], debug_id: str) -> None:
        super().__init__(f"{status} {name} {' '.join(issues)}".strip())
        self.http_status = status
        self.name = name
        self.issues = issues
        self.links = links
        self.debug_id = debug_id


@dataclass(frozen=True)
class Said:
    """What PayPal answered to a call that it obeyed: empty where it had nothing to say."""

    status: int
    data: Mapping[str, Any]
    debug_id: str


class PayPalClient:
    """One PayPal app. Thread-safe; `base` without a slash at its end."""

    def __init__(self, base: str, client_id: str, client_secret: str, *, trust_roots_file: str = "") -> None:
        self.base = base
        self.client_id = client_id
        self._secret = client_secret
        self.caller = Caller("paypal", "PayPal-Debug-Id", trust_roots_file=trust_roots_file)
        self._token = ""
        self._token_ends_at = 0.0
        self._one_at_a_time = threading.Lock()

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | bytes | None = None,
        request_id: str = "",
        auth_assertion: str = "",
        repeatable: bool = False,
    ) -> Said:
        """One question or order, sent again only where that is safe: a GET, or under its PayPal-Request-Id.

        `operation` is what the log calls it; `repeatable` says that a POST moves nothing.
        Raises PayPalRefused; ProviderUnavailable where the outcome is unknown.
        """
        headers = {"Accept": "application/json"}
        if method != "GET":
            headers |= {"Content-Type": "application/json", "Prefer": "return=representation"}
        if request_id:
            headers["PayPal-Request-Id"] = request_id
        if auth_assertion:
            headers["PayPal-Auth-Assertion"] = auth_assertion
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        repeatable = repeatable or method == "GET" or bool(request_id)

        def attempt() -> wire.Answer:
            return self._authorized(operation, method, path, headers, content)

        return self._understood(operation, self.caller.patiently(attempt, repeatable=repeatable))

    def check_keys(self) -> None:
        """Raises ProviderUnavailable where PayPal does not take them."""
        with wire.at_most(wire.CALL_SECONDS):
            self._current_token()

    # --- sending ----------------------------------------------------------------------------------------------------

    def _authorized(
        self, operation: str, method: str, path: str, headers: dict[str, str], content: bytes | None
    ) -> wire.Answer:
        token = self._current_token()
        answer = self._send(operation, method, path, headers | {"Authorization": f"Bearer {token}"}, content)
        if answer.status == 401:  # revoked, or a clock is wrong: one new token, and the same request once more
            self._forget(token)
            token = self._current_token()
            answer = self._send(operation, method, path, headers | {"Authorization": f"Bearer {token}"}, content)
        return answer

    def _send(self, operation: str, method: str, path: str, headers: dict[str, str], content: bytes | None) -> wire.Answer:
        return self.caller.send(operation, method, self.base + path, headers=headers, content=content)

    # --- the access token -------------------------------------------------------------------------------------------

    def _current_token(self) -> str:
        if time.monotonic() < self._token_ends_at:
            return self._token
        if not (self.client_id and self._secret):
            raise ProviderUnavailable("the service has no PayPal keys")
        if not self._one_at_a_time.acquire(timeout=max(0.0, wire.seconds_left())):
            raise ProviderUnavailable("token: nobody got one in time")
        try:
            if time.monotonic() >= self._token_ends_at:  # or somebody else has fetched it while we waited
                self._fetch_token()
            return self._token
        finally:
            self._one_at_a_time.release()

    def _fetch_token(self) -> None:
        keys = base64.b64encode(f"{self.client_id}:{self._secret}".encode()).decode()
        headers = {
            "Authorization": f"Basic {keys}",
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        content = urlencode({"grant_type": "client_credentials"}).encode()
        answer = self._send("token", "POST", "/v1/oauth2/token", headers, content)
        if answer.status in {400, 401, 403}:
            about = {"provider": "paypal", "status": answer.status, "correlation_id": self.caller.correlation_id(answer)}
            log.error("provider does not take our keys", extra=about)
            raise ProviderUnavailable("token: PayPal does not take PAYPAL_CLIENT_ID and PAYPAL_CLIENT_SECRET")
        if answer.status in PASSING:
            raise wire.NoAnswer(f"token: answered {answer.status}")
        data = json_of(answer.body) if answer.status == 200 else None
        token, seconds = (data.get("access_token"), data.get("expires_in")) if data else (None, None)
        if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]{1,4096}", token):
            raise ProviderUnavailable(f"token: answered {answer.status}, and nothing that is a token")
        lasts = float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else 0.0
        self._token = token
        self._token_ends_at = time.monotonic() + max(0.0, lasts - TOKEN_MARGIN_SECONDS)

    def _forget(self, token: str) -> None:
        with self._one_at_a_time:
            if self._token == token:
                self._token_ends_at = 0.0

    # --- understanding ----------------------------------------------------------------------------------------------

    def _understood(self, operation: str, answer: wire.Answer) -> Said:
        data, debug_id = json_of(answer.body), self.caller.correlation_id(answer)
        if answer.status in {200, 201, 202} and data is not None:
            return Said(answer.status, data, debug_id)
        if answer.status == 204:
            return Said(204, {}, debug_id)
        name = data.get("name") if data else None
        definite = answer.status in {400, 403, 404, 422} and isinstance(name, str)
        if not definite or data is None:
            raise ProviderUnavailable(f"{operation}: answered {answer.status}, which says nothing of the outcome")
        issues = tuple(word(one.get("issue")) for one in objects(data.get("details")))
        links = {word(one.get("rel")): one["href"] for one in objects(data.get("links")) if isinstance(one.get("href"), str)}
        log.warning(
            "provider refused",
            extra={
                "provider": "paypal",
                "operation": operation,
                "status": answer.status,
                "issues": " ".join(issues),
                "correlation_id": debug_id,
            },
        )
        raise PayPalRefused(answer.status, word(name), issues, links, debug_id)
