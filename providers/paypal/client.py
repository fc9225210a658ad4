"""Calls to PayPal's REST API: the access token, what may be sent again, and what kind of no an answer is."""

import base64
import json
import re
import threading
import time
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from providers.base import KeysRefused, ProviderUnavailable
from providers.kit import transport
from providers.kit.calls import Caller, Reply
from providers.kit.deadline import at_most, seconds_left
from providers.kit.proxy_wire import is_mark
from providers.kit.reading import code, json_of, objects, text
from providers.kit.refusals import Refused, is_definite
from providers.kit.retries import TEMPORARY
from providers.kit.transport import Answer, NoAnswer
from providers.paypal.proxied import TOKEN_PATH, account_name

TOKEN_MARGIN_SECONDS = 60.0


class PayPalRefused(Refused):
    """A refusal of PayPal's. `codes` are its issues, or its name where it has none; `links` are where it leads, by relation."""

    def __init__(self, status: int, name: str, issues: tuple[str, ...], links: Mapping[str, str], correlation_id: str) -> None:
        super().__init__(status, issues, " ".join(dict.fromkeys((name, *issues))), correlation_id)
        self.links = links


class PayPalClient:
    """One PayPal app. Thread-safe; `base` without a slash at its end. The secret may be the mark of one in the proxy."""

    def __init__(self, base: str, client_id: str, client_secret: str, *, trust_roots_file: str = "") -> None:
        self.base = base
        self.client_id = client_id
        self._secret = client_secret
        account = account_name(client_id) if is_mark(client_secret) else ""
        self.caller = Caller("paypal", "PayPal-Debug-Id", trust_roots_file=trust_roots_file, proxied_account=account)
        self._token = ""
        self._token_ends_at = 0.0
        self.scopes: frozenset[str] = frozenset()
        """What PayPal lets the app do, as it said with the last token."""
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
    ) -> Reply:
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
        answer = self.caller.send(
            operation,
            method,
            self.base + path,
            headers=partial(self._with_token, headers),
            body=body if isinstance(body, bytes) or body is None else json.dumps(body).encode(),
            repeatable=repeatable or method == "GET" or bool(request_id),
            renew_login=self._forget_token,  # revoked, or a clock is wrong
        )
        return self._understood(operation, answer)

    def check_keys(self) -> None:
        """Raises ProviderUnavailable where PayPal does not take them."""
        with at_most(transport.CALL_SECONDS):
            self._with_token({})

    # --- the access token -------------------------------------------------------------------------------------------

    def _with_token(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers with an access token, which is fetched where there is none. Raises ProviderUnavailable."""
        if not (self.client_id and self._secret):
            raise ProviderUnavailable("the service has no PayPal keys")
        if time.monotonic() >= self._token_ends_at:
            if not self._one_at_a_time.acquire(timeout=max(0.0, seconds_left())):
                raise ProviderUnavailable("token: nobody got one in time")
            try:
                if time.monotonic() >= self._token_ends_at:  # or somebody else has fetched it while we waited
                    with self.caller.logged("token") as answers:
                        answers.append(self.caller.way_out.send("POST", **self._token_request()))
                    self._keep_token(answers[0])
            finally:
                self._one_at_a_time.release()
        return {**headers, "Authorization": f"Bearer {self._token}"}

    def _token_request(self) -> dict[str, Any]:
        keys = base64.b64encode(f"{self.client_id}:{self._secret}".encode()).decode()
        headers = {
            "Authorization": f"Basic {keys}",
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode({"grant_type": "client_credentials"}).encode()
        return {"url": f"{self.base}{TOKEN_PATH}", "headers": headers, "body": body}

    def _keep_token(self, answer: Answer) -> None:
        if answer.status in {400, 401, 403}:
            self.caller.log_keys_refused("token", answer)
            raise KeysRefused("token: PayPal does not take PAYPAL_CLIENT_ID and PAYPAL_CLIENT_SECRET")
        if answer.status in TEMPORARY:
            raise NoAnswer(f"token: answered {answer.status}", answer=answer)
        data = json_of(answer.body) if answer.status == 200 else None
        token, seconds = (data.get("access_token"), data.get("expires_in")) if data else (None, None)
        if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]{1,4096}", token):
            raise ProviderUnavailable(f"token: answered {answer.status}, and nothing that is a token")
        lasts = float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else 0.0
        self._token = token
        self.scopes = frozenset(text(data.get("scope")).split()) if data else frozenset()
        self._token_ends_at = time.monotonic() + max(0.0, lasts - TOKEN_MARGIN_SECONDS)

    def _forget_token(self, refused: Mapping[str, str]) -> None:
        """Unless another thread has fetched a new one meanwhile."""
        with self._one_at_a_time:
            if refused.get("Authorization") == f"Bearer {self._token}":
                self._token_ends_at = 0.0

    # --- understanding ----------------------------------------------------------------------------------------------

    def _understood(self, operation: str, answer: Answer) -> Reply:
        data, correlation_id = json_of(answer.body), self.caller.correlation_id(answer)
        if answer.status in {200, 201, 202} and data is not None:
            return Reply(answer.status, data, correlation_id)
        if answer.status == 204:
            return Reply(204, {}, correlation_id)
        name = data.get("name") if data else None
        issues = tuple(code(one.get("issue")) for one in objects(data.get("details"))) if data else ()
        # A 401 speaks of our keys, unless it says that it is the account: then another login changes nothing.
        definite = is_definite(answer.status) or (answer.status == 401 and "INVALID_ACCOUNT_STATUS" in issues)
        if not definite or data is None or not isinstance(name, str):
            raise ProviderUnavailable(f"{operation}: answered {answer.status}, which says nothing of the outcome")
        links = {code(one.get("rel")): one["href"] for one in objects(data.get("links")) if isinstance(one.get("href"), str)}
        self.caller.log_refusal(operation, answer, " ".join(issues))
        raise PayPalRefused(answer.status, code(name), issues or (code(name),), links, correlation_id)
