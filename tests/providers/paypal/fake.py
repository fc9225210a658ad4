"""A PayPal of our own, over real HTTP: stateful, strict, and able to go wrong in every way of faults.FAULTS.

    with FakePayPal() as paypal:
        ...                                  # the service talks to paypal.base_url
        paypal.approve(order_id)             # the giver, at the approval page
        paypal.next("capture", "do_then_drop")
    assert paypal.violations == []

What it knows of PayPal's rules is in orders.py and payments.py, what it answers in answers.py; this module is the door:
addresses, tokens, request ids, faults.
"""

import contextlib
import functools
import json
import secrets
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from tests.planted_secrets import planted
from tests.providers.fake_server import FakeServer
from tests.providers.line import Call, Reply
from tests.providers.paypal import representations, schemas, webhooks
from tests.providers.paypal.answers import Answers, Said
from tests.providers.paypal.errors import ISSUES, Refusal, refusal
from tests.providers.paypal.faults import BEFORE, CONTENT, FAULTS
from tests.providers.paypal.line import ROUTES, Handler
from tests.providers.paypal.partners import Partners
from tests.providers.paypal.payments import Books
from tests.providers.paypal.reading import basic_credentials, check_json, with_query
from tests.providers.paypal.records import Account, App, FakeAuthorization, FakeCapture, FakeDispute, FakeOrder, FakeRefund
from tests.providers.paypal.signing import Signing
from tests.providers.paypal.vault import Vault
from tests.providers.paypal.vault_answers import VaultAnswers

ORDERS_IDS_ARE_KEPT, PAYMENTS_IDS_ARE_KEPT, VAULTS_IDS_ARE_KEPT = timedelta(hours=6), timedelta(days=45), timedelta(hours=3)
TOKEN_SECONDS = 31668

OPERATIONS = {operation for operation, _, _ in ROUTES}
WITHOUT_TOKEN = {"token", "certificate", "checkout_page", "checkout_choice", "elsewhere"}
KEPT = {"create", "capture", "authorize", "capture_authorization", "reauthorize", "void", "refund"}
KEPT |= {"save_wallet", "exchange"}
"""Operations whose PayPal-Request-Id is remembered."""
NOT_PAYPAL = {"drop", "reset", "silence", "error_502", "redirect", "redirect_307", "teapot", "rate_limited"}
"""Faults whose answer is nobody's, a proxy's, or one that PayPal's specification does not speak of (429)."""


STATUSES = {"error_500": 500, "error_503": 503, "rate_limited": 429, "unauthorized": 401, "token_dies": 401}
"""Faults whose answer is no more than that."""


class FakePayPal(Answers, VaultAnswers, Signing, FakeServer):
    """The whole of it."""

    handler = Handler
    operations = frozenset(OPERATIONS)
    faults = frozenset(FAULTS)
    content = CONTENT
    refusal = Refusal

    def __init__(self, *, listens: bool = True, judges: bool = True) -> None:
        """`judges`: by PayPal's own specification, which takes longer than all the rest."""
        super().__init__(listens=listens)
        self.books = Books(lambda: self.now, self._announce)
        self.orders, self.authorizations = self.books.orders, self.books.authorizations
        self.captures, self.refunds = self.books.captures, self.books.refunds
        self.vault = Vault(lambda: self.now, self.books.account)
        self.app = App(self.books.account("platform@example.org"))
        self.client_id, self.client_secret, self.webhook_id = self.app.client_id, self.app.client_secret, self.app.webhook_id
        self.partners = Partners(self.base_url)
        self.token_seconds = TOKEN_SECONDS
        self._tokens: dict[str, datetime] = {}
        """Until when each is worth something."""
        self._kept: dict[tuple[str, str], tuple[datetime, Callable[[], Reply]]] = {}
        self._reports: list[tuple[str, dict[str, Any]]] = []
        self._authorities: dict[str, webhooks.CertificateAuthority] = {}
        self._certificates: dict[str, str] = {}
        self._judges = judges
        self._folder = tempfile.TemporaryDirectory(prefix="fake-paypal-") if listens else None

    def __exit__(self, *exc_info: object) -> None:
        super().__exit__(*exc_info)
        if self._folder:
            self._folder.cleanup()

    def time_has_passed(self) -> None:
        self.books.let_go_what_is_too_old()

    def account(self, email: str) -> Account:
        """Somebody's PayPal account, to be switched: confirmed, consents, penniless."""
        return self.books.account(email)

    def approve(self, order_id: str, pays_with: str = "balance") -> str:
        """The giver agrees to pay; the address that the browser is sent to. `pays_with`: see orders.HOW_GIVERS_PAY.

        Raises ValueError where there is nothing to approve: paid already, run out.
        """
        with self._lock:
            order = self.orders[order_id]
            self.books.approve(order, pays_with)
            return with_query(order.return_url, token=order.id, PayerID=order.payer_id)

    def give_up(self, order_id: str) -> str:
        """The giver goes back without paying; the address that the browser is sent to. The order stays as it is."""
        return with_query(self.orders[order_id].cancel_url, token=order_id)

    def dashboard_refund(self, capture_id: str, amount: str | None = None) -> FakeRefund:
        """The payee gives back all that is left, or `amount`, such as "5.00"."""
        with self._lock:
            capture = self.captures[capture_id]
            money = None if amount is None else {"currency_code": capture.amount.currency, "value": amount}
            return self.books.refund_capture(capture, {} if money is None else {"amount": money})

    def reverse(self, capture_id: str, reason: str = "CHARGEBACK") -> FakeRefund:
        """PayPal takes back what is left: a chargeback, or with BUYER_COMPLAINT a dispute that the payee has lost."""
        with self._lock:
            return self.books.reverse(self.captures[capture_id], reason)

    def win_the_dispute(self, capture_id: str) -> None:
        """PayPal decides for the payee after all, and what it took back is there again."""
        with self._lock:
            self.books.win_the_dispute(self.captures[capture_id])

    def complete(self, capture_id: str) -> None:
        """A PENDING capture is COMPLETED."""
        with self._lock:
            self.books.end_pending_capture(self.captures[capture_id], "COMPLETED")

    def end_authorization_review(self, authorization_id: str, status: str) -> None:
        """A PENDING authorization becomes CREATED or DENIED."""
        with self._lock:
            self.books.end_pending_authorization(self.authorizations[authorization_id], status)

    def deny(self, capture_id: str) -> None:
        """A PENDING capture is DECLINED (the payee denied it, or the review did)."""
        with self._lock:
            self.books.end_pending_capture(self.captures[capture_id], "DECLINED")

    def end_refund(self, refund_id: str, status: str) -> None:
        """A PENDING refund becomes COMPLETED, FAILED or CANCELLED."""
        with self._lock:
            self.books.end_refund(self.refunds[refund_id], status)

    def void_in_the_dashboard(self, authorization_id: str) -> None:
        """The payee lets held money go."""
        with self._lock:
            self.books.void(self.authorizations[authorization_id])

    def forget_tokens(self) -> None:
        """Every token given out so far is worth nothing."""
        with self._lock:
            self._tokens.clear()

    def can_go_wrong_by(self, fault: str) -> bool:
        return fault in FAULTS or fault in ISSUES

    def json_of(self, what: FakeOrder | FakeCapture | FakeAuthorization | FakeRefund | FakeDispute) -> dict[str, Any]:
        """An order, capture, authorization, refund or dispute as PayPal's JSON."""
        kinds: dict[type, Callable[[Any, str], dict[str, Any]]] = {
            FakeOrder: representations.whole_order,
            FakeCapture: representations.capture,
            FakeAuthorization: representations.authorization,
            FakeRefund: representations.refund,
            FakeDispute: representations.dispute,
        }
        return kinds[type(what)](what, self.base_url)

    def headers_of(self, call: Call) -> dict[str, str]:
        return {"PayPal-Debug-Id": call.debug_id}

    def refused(self, call: Call, no: Refusal) -> Reply:
        if call.operation == "token":
            return Reply(no.status, {"error": no.issue, "error_description": no.issue})
        return Reply(
            no.status, no.body(call.debug_id), headers={"Retry-After": self.retry_after} if no.status in (429, 503) else {}
        )

    def judge_request(self, call: Call) -> None:
        if not self._judges:
            return
        body = None
        if call.body and call.operation in schemas.OPERATIONS:
            with contextlib.suppress(ValueError):
                body = json.loads(call.body)
        found = schemas.request_faults(call.operation, call.headers, call.values, body, dict(parse_qsl(call.query)))
        self.violations += [f"request {call.method} {call.path}: {fault}" for fault in found]

    def judge_answer(self, call: Call) -> None:
        if self._judges and call.fault not in ISSUES and call.fault not in NOT_PAYPAL:
            found = schemas.answer_faults(call.operation, call.status, call.answer)
            self.violations += [f"answer {call.status} to {call.method} {call.path}: {fault}" for fault in found]

    def do(self, call: Call) -> Reply:
        if call.operation == "":
            raise Refusal(404)
        if call.fault in BEFORE or call.fault in ISSUES:
            return self._fail_before(call)
        if call.operation in WITHOUT_TOKEN:
            return getattr(self, f"_{call.operation}")(call)
        self._check_token(call)
        if call.method == "POST":
            check_json(call)
        obey = getattr(self, f"_{call.operation}")
        if call.operation not in KEPT:
            return obey(call)
        if not call.request_id:
            if call.operation in {"create", "save_wallet", "exchange"}:
                raise refusal("PAYPAL_REQUEST_ID_REQUIRED")
            return obey(call)(201)
        return self._do_once(call, obey)

    def _do_once(self, call: Call, obey: Callable[[Call], Said]) -> Reply:
        if len(call.request_id) > 108:
            raise refusal("INVALID_STRING_LENGTH")
        key = (call.request_id, f"{call.method} {call.path}")
        by_path = {"/v2/checkout/": ORDERS_IDS_ARE_KEPT, "/v3/vault/": VAULTS_IDS_ARE_KEPT}
        kept_for = next((time for path, time in by_path.items() if call.path.startswith(path)), PAYMENTS_IDS_ARE_KEPT)
        if key in self._kept and self.now < self._kept[key][0] + kept_for:
            call.replayed = True
            return self._kept[key][1]()
        try:
            said = obey(call)
        except Refusal as no:
            if no.remembered:
                self._kept[key] = (self.now, functools.partial(self.refused, call, no))
            raise
        self._kept[key] = (self.now, functools.partial(said, 200))
        return said(201)

    def _fail_before(self, call: Call) -> Reply:
        if answer := self.answer_of_somebody_else(call.fault):
            return answer
        if call.fault == "token_dies":
            self._tokens.clear()
        if call.fault in STATUSES:
            raise Refusal(STATUSES[call.fault])
        issue = {"forbidden": "PERMISSION_DENIED", "in_progress": "PREVIOUS_REQUEST_IN_PROGRESS"}.get(call.fault, call.fault)
        order = self.orders.get(call.values.get("id", ""))
        raise refusal(issue, links=self._ways_back(order) if order and issue == "INSTRUMENT_DECLINED" else ())

    def _token(self, call: Call) -> Reply:
        if basic_credentials(call.headers.get("authorization", "")) != (self.client_id, self.client_secret):
            raise Refusal(401, "invalid_client")
        if dict(parse_qsl(call.body.decode())).get("grant_type") != "client_credentials":
            raise Refusal(400, "unsupported_grant_type")
        token = planted("a", "A21AA" + secrets.token_urlsafe(60), 16)
        self._tokens[token] = self.now + timedelta(seconds=self.token_seconds)
        said = {
            "scope": " ".join(f"https://uri.paypal.com/services/{one}" for one in self._scopes()),
            "access_token": token,
            "token_type": "Bearer",
            "app_id": "APP-80W284485P519543T",
            "expires_in": self.token_seconds,
            "nonce": f"{self.now:%Y-%m-%dT%H:%M:%SZ}{secrets.token_urlsafe(32)}",
        }
        return Reply(200, said)

    def _scopes(self) -> list[str]:
        vault = ["vault/payment-tokens/readwrite"] if self.vault.enabled else []
        return ["payments/realtimepayment", "payments/refund", *vault]

    def _check_token(self, call: Call) -> None:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        until = self._tokens.get(token)
        if scheme.lower() != "bearer" or until is None or self.now >= until:
            raise Refusal(401)
