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

import clock
from tests.providers.fake_server import FakeServer
from tests.providers.line import Call, Reply
from tests.providers.paypal import representations, schemas, webhooks
from tests.providers.paypal.answers import Answers
from tests.providers.paypal.errors import ISSUES, Refusal, refusal
from tests.providers.paypal.faults import BEFORE, CONTENT, FAULTS, changed
from tests.providers.paypal.line import ROUTES, Handler
from tests.providers.paypal.payments import Books
from tests.providers.paypal.reading import basic_credentials, check_json, with_query
from tests.providers.paypal.records import Account, App, FakeAuthorization, FakeCapture, FakeOrder, FakeRefund
from tests.providers.paypal.signing import Signing

ORDERS_IDS_ARE_KEPT, PAYMENTS_IDS_ARE_KEPT = timedelta(hours=6), timedelta(days=45)
TOKEN_SECONDS = 31668

OPERATIONS = {operation for operation, _, _ in ROUTES}
WITHOUT_TOKEN = {"token", "certificate", "checkout_page", "checkout_choice", "elsewhere"}
KEPT = {"create", "capture", "authorize", "capture_authorization", "reauthorize", "void", "refund"}
"""Operations whose PayPal-Request-Id is remembered."""
MOCKABLE = {
    "create", "get", "capture", "authorize", "get_authorization", "capture_authorization", "reauthorize", "void",
    "get_capture", "refund", "get_refund",
}  # fmt: skip
"""Operations that listen to the header PayPal-Mock-Response."""
NOT_PAYPAL = {"drop", "reset", "silence", "error_502", "redirect", "redirect_307", "teapot", "rate_limited"}
"""Faults whose answer is nobody's, a proxy's, or one that PayPal's specification does not speak of (429)."""


class FakePayPal(Answers, Signing, FakeServer):
    """The whole of it."""

    handler = Handler
    operations = frozenset(OPERATIONS)
    faults = frozenset(FAULTS)

    def __init__(self, *, listens: bool = True, judges: bool = True) -> None:
        """`judges`: by PayPal's own specification, which takes longer than all the rest."""
        super().__init__(listens=listens)
        self.books = Books(lambda: self.now, self._announce)
        self.app = App(self.books.account("platform@example.org"))
        self._apps = [self.app]
        self.token_seconds = TOKEN_SECONDS
        self.remembers_declines = True
        """Whether the request id of a declined capture gets the same decline again, whatever the giver pays with now."""
        self._tokens: dict[str, tuple[App, datetime]] = {}
        self._kept: dict[tuple[str, str, str], tuple[datetime, Callable[[], Reply]]] = {}
        self._reports: list[tuple[str, dict[str, Any]]] = []
        self._authorities: dict[str, webhooks.CertificateAuthority] = {}
        self._certificates: dict[str, tuple[str, str]] = {}
        self._judges = judges
        self._folder = tempfile.TemporaryDirectory(prefix="fake-paypal-") if listens else None

    def __exit__(self, *exc_info: object) -> None:
        super().__exit__(*exc_info)
        if self._folder:
            self._folder.cleanup()

    # --- who, and what time it is -------------------------------------------------------------------------------------

    @property
    def client_id(self) -> str:
        return self.app.client_id

    @property
    def client_secret(self) -> str:
        return self.app.client_secret

    @property
    def webhook_id(self) -> str:
        return self.app.webhook_id

    @FakeServer.now.setter
    def now(self, moment: datetime) -> None:
        with self._lock:
            self._ahead = moment - clock.now()
            self.books.let_go_what_is_too_old()

    def account(self, email: str) -> Account:
        """Somebody's PayPal account, to be switched: confirmed, consents, closed, restricted, penniless."""
        return self.books.account(email)

    def new_app(self, email: str) -> App:
        """Credentials of somebody's own: orders of one app are unknown to every other."""
        app = App(self.books.account(email))
        self._apps.append(app)
        return app

    # --- state --------------------------------------------------------------------------------------------------------

    @property
    def orders(self) -> dict[str, FakeOrder]:
        return self.books.orders

    @property
    def authorizations(self) -> dict[str, FakeAuthorization]:
        return self.books.authorizations

    @property
    def captures(self) -> dict[str, FakeCapture]:
        return self.books.captures

    @property
    def refunds(self) -> dict[str, FakeRefund]:
        return self.books.refunds

    # --- the giver ----------------------------------------------------------------------------------------------------

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
        with self._lock:
            order = self.orders[order_id]
            order.given_up = True
            return with_query(order.cancel_url, token=order.id)

    # --- what is done in PayPal's dashboard, and by PayPal ------------------------------------------------------------

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

    def review(self, capture_id: str, reason: str = "PENDING_REVIEW") -> None:
        """A COMPLETED capture is PENDING again."""
        with self._lock:
            self.books.review(self.captures[capture_id], reason)

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

    def json_of(self, what: FakeOrder | FakeCapture | FakeAuthorization | FakeRefund) -> dict[str, Any]:
        """An order, capture, authorization or refund as PayPal's JSON."""
        kinds: dict[type, Callable[[Any, str], dict[str, Any]]] = {
            FakeOrder: representations.whole_order,
            FakeCapture: representations.capture,
            FakeAuthorization: representations.authorization,
            FakeRefund: representations.refund,
        }
        return kinds[type(what)](what, self.base_url)

    # --- one request --------------------------------------------------------------------------------------------------

    def answer(self, call: Call) -> Reply:
        with self._lock:
            self.calls.append(call)
            call.debug_id = "f" + secrets.token_hex(6)
            self._note_violations_of_the_request(call)
            call.fault = self.next_fault_of(call.operation)
            try:
                reply = self._do(call)
            except Refusal as no:
                reply = self._refused(call, no)
            call.status, call.answer = reply.status, reply.value
            reply.headers.setdefault("PayPal-Debug-Id", call.debug_id)
            if call.fault not in ISSUES and call.fault not in NOT_PAYPAL:
                self._note_violations_of_the_answer(call)
            if call.fault in CONTENT and reply.status < 400 and reply.value is not None:
                reply.value = changed(call.fault, reply.value)
            return reply

    def _refused(self, call: Call, no: Refusal) -> Reply:
        if call.operation == "token":
            error = {"error": no.issue, "error_description": no.description}
            return Reply(no.status, error)
        reply = Reply(no.status, no.body(call.debug_id))
        if no.status in (429, 503):
            reply.headers["Retry-After"] = self.retry_after
        return reply

    def _note_violations_of_the_request(self, call: Call) -> None:
        if not self._judges:
            return
        body = None
        if call.body and call.operation in schemas.OPERATIONS:
            with contextlib.suppress(ValueError):
                body = json.loads(call.body)
        found = schemas.request_faults(call.operation, call.headers, call.values, body)
        self.violations += [f"request {call.method} {call.path}: {fault}" for fault in found]

    def _note_violations_of_the_answer(self, call: Call) -> None:
        if not self._judges:
            return
        found = schemas.answer_faults(call.operation, call.status, call.answer)
        self.violations += [f"answer {call.status} to {call.method} {call.path}: {fault}" for fault in found]

    def _do(self, call: Call) -> Reply:
        if call.operation == "":
            raise Refusal(404)
        if call.fault in BEFORE or call.fault in ISSUES:
            return self._fail_before(call)
        if call.operation in WITHOUT_TOKEN:
            return getattr(self, f"_{call.operation}")(call)
        app = self._app_of(call)
        if call.method == "POST":
            check_json(call)
        self._listen_to_the_mock_header(call)
        if call.operation not in KEPT or not call.request_id:
            if call.operation == "create" and (call.json or {}).get("payment_source") and not call.request_id:
                raise refusal("PAYPAL_REQUEST_ID_REQUIRED")
            return getattr(self, f"_{call.operation}")(call, app)
        return self._do_once(call, app)

    def _do_once(self, call: Call, app: App) -> Reply:
        if len(call.request_id) > 108:
            raise refusal("INVALID_STRING_LENGTH", field="PayPal-Request-Id")
        key = (app.client_id, call.request_id, f"{call.method} {call.path}")
        kept_for = ORDERS_IDS_ARE_KEPT if call.path.startswith("/v2/checkout/") else PAYMENTS_IDS_ARE_KEPT
        if key in self._kept and self.now < self._kept[key][0] + kept_for:
            call.replayed = True
            return self._kept[key][1]()
        try:
            reply, again = getattr(self, f"_{call.operation}")(call, app, replay=True)
        except Refusal as no:
            if no.remembered and self.remembers_declines:
                self._kept[key] = (self.now, functools.partial(self._refused, call, no))
            raise
        self._kept[key] = (self.now, again)
        return reply

    def _fail_before(self, call: Call) -> Reply:
        if answer := self.answer_of_somebody_else(call.fault):
            return answer
        issues = {"error_500": Refusal(500), "error_503": Refusal(503), "rate_limited": Refusal(429)}
        issues |= {"unauthorized": Refusal(401), "token_dies": Refusal(401)}
        if call.fault == "token_dies":
            self._tokens.clear()
        if call.fault in issues:
            raise issues[call.fault]
        if call.fault == "forbidden":
            raise refusal("PERMISSION_DENIED")
        if call.fault == "in_progress":
            raise refusal("PREVIOUS_REQUEST_IN_PROGRESS")
        raise self._mocked(call, call.fault)

    def _mocked(self, call: Call, issue: str) -> Refusal:
        order = self.orders.get(call.values.get("id", ""))
        links = self._ways_back(order) if order and issue == "INSTRUMENT_DECLINED" else ()
        return refusal(issue, links=links)

    def _listen_to_the_mock_header(self, call: Call) -> None:
        if call.operation not in MOCKABLE or "paypal-mock-response" not in call.headers:
            return
        try:
            issue = json.loads(call.headers["paypal-mock-response"])["mock_application_codes"]
        except (ValueError, KeyError, TypeError):
            return
        if issue in ISSUES:
            raise self._mocked(call, issue)

    # --- tokens -------------------------------------------------------------------------------------------------------

    def _token(self, call: Call) -> Reply:
        who = basic_credentials(call.headers.get("authorization", ""))
        app = next((app for app in self._apps if (app.client_id, app.client_secret) == who), None)
        if app is None:
            raise Refusal(401, "invalid_client", description="Client Authentication failed")
        if dict(parse_qsl(call.body.decode())).get("grant_type") != "client_credentials":
            raise Refusal(400, "unsupported_grant_type", description="unsupported grant_type")
        token = "A21AA" + secrets.token_urlsafe(60)
        self._tokens[token] = (app, self.now + timedelta(seconds=self.token_seconds))
        said = {
            "scope": "https://uri.paypal.com/services/payments/realtimepayment "
            "https://uri.paypal.com/services/payments/payment/authcapture "
            "https://uri.paypal.com/services/payments/refund https://uri.paypal.com/services/applications/webhooks",
            "access_token": token,
            "token_type": "Bearer",
            "app_id": "APP-80W284485P519543T",
            "expires_in": self.token_seconds,
            "nonce": f"{self.now:%Y-%m-%dT%H:%M:%SZ}{secrets.token_urlsafe(32)}",
        }
        return Reply(200, said)

    def _app_of(self, call: Call) -> App:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        app, until = self._tokens.get(token, (None, self.now))
        if scheme.lower() != "bearer" or app is None or self.now >= until:
            raise Refusal(401)
        return app
