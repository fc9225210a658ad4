"""A PayPal of our own, over real HTTP: stateful, strict, and able to go wrong in every way of faults.FAULTS.

    with FakePayPal() as paypal:
        ...                                  # the service talks to paypal.base_url
        paypal.approve(order_id)             # the giver, at the approval page
        paypal.next("capture", "do_then_drop")
    assert paypal.violations == []

What it knows of PayPal's rules is in orders.py; this module is the door: addresses, tokens, request ids, faults.
"""

import base64
import contextlib
import functools
import json
import secrets
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

import clock
from tests.providers.fake_server import FakeServer
from tests.providers.line import Call, Reply
from tests.providers.paypal import representations, schemas, webhooks
from tests.providers.paypal.errors import ISSUES, Refusal, refusal
from tests.providers.paypal.faults import BEFORE, CONTENT, FAULTS, changed
from tests.providers.paypal.line import ROUTES, Handler
from tests.providers.paypal.orders import Account, Books, FakeAuthorization, FakeCapture, FakeOrder, FakeRefund
from tests.providers.paypal.page import checkout_page, sorry_page

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


@dataclass(eq=False)
class App:
    """One client of PayPal's API: its credentials, its webhook, and whose account it is."""

    account: Account
    client_id: str = field(default_factory=lambda: "A" + secrets.token_urlsafe(45))
    client_secret: str = field(default_factory=lambda: "E" + secrets.token_urlsafe(45), repr=False)
    webhook_id: str = field(default_factory=lambda: secrets.token_hex(9)[:17].upper())
    webhook_url: str = "https://give.example.test/providers/paypal/webhook"
    webhook_events: tuple[str, ...] = ("*",)


class FakePayPal(FakeServer):
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
        self._told: list[tuple[str, dict[str, Any]]] = []
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
            return _with_query(order.return_url, token=order.id, PayerID=order.payer_id)

    def give_up(self, order_id: str) -> str:
        """The giver goes back without paying; the address that the browser is sent to. The order stays as it is."""
        with self._lock:
            order = self.orders[order_id]
            order.given_up = True
            return _with_query(order.cancel_url, token=order.id)

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

    # --- webhooks -----------------------------------------------------------------------------------------------------

    @property
    def ca_pem(self) -> str:
        """The root that this fake's certificates lead to."""
        return self._authority("fake PayPal").root_pem

    @property
    def ca_file(self) -> str:
        """The path of a file with ca_pem in it; empty where nothing is to be left on the disk."""
        if self._folder is None:
            return ""
        path = Path(self._folder.name) / "ca.pem"
        path.write_text(self.ca_pem)
        return str(path)

    def _authority(self, whose: str) -> webhooks.CertificateAuthority:
        with self._lock:
            if whose not in self._authorities:
                self._authorities[whose] = webhooks.CertificateAuthority(whose, self.now)
            return self._authorities[whose]

    def certificate_url(
        self,
        *,
        common_name: str = webhooks.COMMON_NAME,
        days: tuple[int, int] = (-30, 335),
        authority: str = "fake PayPal",
        with_intermediate: bool = True,
        with_alternative_name: bool = True,
    ) -> str:
        """Where a signer's certificate is served; `days` from now it is valid from and until."""
        with self._lock:
            chain = self._authority(authority).leaf(common_name, days=days, bare=not with_alternative_name)
            if not with_intermediate:
                chain = chain[: chain.index("-----END CERTIFICATE-----")] + "-----END CERTIFICATE-----\n"
            name = f"CERT-{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
            self._certificates[name] = (authority, chain)
            return f"{self.base_url}/v1/notifications/certs/{name}"

    def webhook(
        self,
        event_type: str,
        resource: dict[str, Any] | FakeOrder | FakeCapture | FakeAuthorization | FakeRefund,
        **how: Any,
    ) -> webhooks.Webhook:
        """A signed delivery of an event that may never have happened. `how` is that of `signed`."""
        if not isinstance(resource, dict):
            resource = self.json_of(resource)
        return self.signed(webhooks.envelope(event_type, resource, self.now, self.base_url), **how)

    def signed(
        self,
        event: dict[str, Any] | bytes,
        *,
        forged: bool = False,
        changed_on_the_way: bool = False,
        webhook_id: str | None = None,
        certificate_url: str | None = None,
        unknown_ca: bool = False,
        expired: bool = False,
        not_yet_valid: bool = False,
        common_name: str = webhooks.COMMON_NAME,
        with_intermediate: bool = True,
        with_alternative_name: bool = True,
        time: str | None = None,
        algorithm: str = "SHA256withRSA",
    ) -> webhooks.Webhook:
        """An event as PayPal delivers it, or with one thing wrong with it."""
        body = event if isinstance(event, bytes) else json.dumps(event, separators=(",", ":")).encode()
        authority = "somebody" if unknown_ca else "fake PayPal"
        days = (-400, -35) if expired else (35, 400) if not_yet_valid else (-30, 335)
        url = certificate_url or self.certificate_url(
            common_name=common_name,
            days=days,
            authority=authority,
            with_intermediate=with_intermediate,
            with_alternative_name=with_alternative_name,
        )
        transmission_id = webhooks.new_transmission_id()
        time = time or self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        text = webhooks.string_to_sign(transmission_id, time, webhook_id or self.webhook_id, body)
        key = webhooks._key("a forger") if forged else self._authority(authority).key()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "PayPal/AUHD-214.0-58843829",
            "PAYPAL-TRANSMISSION-ID": transmission_id,
            "PAYPAL-TRANSMISSION-TIME": time,
            "PAYPAL-TRANSMISSION-SIG": webhooks.sign(key, text),
            "PAYPAL-CERT-URL": url,
            "PAYPAL-AUTH-ALGO": algorithm,
            "CORRELATION-ID": secrets.token_hex(7)[:13],
        }
        return webhooks.Webhook(body.replace(b"WH-", b"WH_", 1) if changed_on_the_way else body, headers)

    def webhooks_of(self, order_id: str) -> list[webhooks.Webhook]:
        """What PayPal has sent about an order so far, the oldest first; signed anew at every call."""
        with self._lock:
            self.books.let_go_what_is_too_old()
            events = [event for about, event in self._told if about == order_id]
            app = self.orders[order_id].app
        return [self.signed(event, webhook_id=app.webhook_id) for event in events]

    def _announce(self, event_type: str, order: FakeOrder, resource: Any) -> None:
        event = webhooks.envelope(event_type, self.json_of(resource), self.now, self.base_url)
        self._told.append((order.id, event))

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
            reply.headers["Retry-After"] = "7"
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
            _check_json(call)
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
        who = _basic(call.headers.get("authorization", ""))
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

    # --- orders -------------------------------------------------------------------------------------------------------

    def _ways_back(self, order: FakeOrder) -> tuple[dict[str, str], ...]:
        return (representations.link(f"{self.base_url}/checkoutnow?token={order.id}", "redirect"),)

    def _create(self, call: Call, app: App, *, replay: bool = False) -> Any:
        order = self.books.create(_object(call), app)
        whole = _wants_all(call)

        def said(status: int) -> Reply:
            show = representations.whole_order if whole else representations.minimal_order
            return Reply(status, show(order, self.base_url))

        return (said(201), lambda: said(200)) if replay else said(201)

    def _get(self, call: Call, app: App) -> Reply:
        return Reply(200, self.json_of(self.books.order(call.values["id"], app)))

    def _capture(self, call: Call, app: App, *, replay: bool = False) -> Any:
        return self._pay(call, app, self.books.capture_order, replay)

    def _authorize(self, call: Call, app: App, *, replay: bool = False) -> Any:
        return self._pay(call, app, self.books.authorize_order, replay)

    def _pay(self, call: Call, app: App, do: Callable[..., Any], replay: bool) -> Any:
        order = self.books.order(call.values["id"], app)
        whole = _wants_all(call)
        with _outcome(call.fault, order):
            do(order, self._ways_back(order))

        def said(status: int) -> Reply:
            show = representations.whole_order if whole else representations.paid_order
            return Reply(status, show(order, self.base_url))

        return (said(201), lambda: said(200)) if replay else said(201)

    # --- payments -----------------------------------------------------------------------------------------------------

    def _said(self, call: Call, what: Any, replay: bool) -> Any:
        whole = _wants_all(call)

        def said(status: int) -> Reply:
            answer = self.json_of(what)
            return Reply(status, answer if whole else representations.minimal(answer))

        return (said(201), lambda: said(200)) if replay else said(201)

    def _get_authorization(self, call: Call, app: App) -> Reply:
        return Reply(200, self.json_of(self.books.authorization(call.values["authorization_id"], app)))

    def _capture_authorization(self, call: Call, app: App, *, replay: bool = False) -> Any:
        authorization = self.books.authorization(call.values["authorization_id"], app)
        with _outcome(call.fault, authorization.order):
            capture = self.books.capture_authorization(authorization, _object(call))
        return self._said(call, capture, replay)

    def _reauthorize(self, call: Call, app: App, *, replay: bool = False) -> Any:
        authorization = self.books.authorization(call.values["authorization_id"], app)
        return self._said(call, self.books.reauthorize(authorization, _object(call)), replay)

    def _void(self, call: Call, app: App, *, replay: bool = False) -> Any:
        authorization = self.books.authorization(call.values["authorization_id"], app)
        self._check_assertion(call, app, authorization.order)
        self.books.void(authorization)

        def said() -> Reply:
            return Reply(200, self.json_of(authorization)) if _wants_all(call) else Reply(204)

        return (said(), said) if replay else said()

    def _get_capture(self, call: Call, app: App) -> Reply:
        return Reply(200, self.json_of(self.books.capture(call.values["capture_id"], app)))

    def _refund(self, call: Call, app: App, *, replay: bool = False) -> Any:
        capture = self.books.capture(call.values["capture_id"], app)
        self._check_assertion(call, app, capture.order)
        status = "PENDING" if call.fault == "pending" else "COMPLETED"
        return self._said(call, self.books.refund_capture(capture, _object(call), status), replay)

    def _get_refund(self, call: Call, app: App) -> Reply:
        return Reply(200, self.json_of(self.books.refund(call.values["refund_id"], app)))

    def _check_assertion(self, call: Call, app: App, order: FakeOrder) -> None:
        """Somebody else's money is touched only for that somebody, and only if he lets the platform."""
        if order.payee is app.account:
            return
        claims = _claims(call.headers.get("paypal-auth-assertion", ""))
        named = (
            claims.get("payer_id") == order.payee.merchant_id or claims.get("email", "").lower() == order.payee.email.lower()
        )
        if claims.get("iss") != app.client_id or not named or not order.payee.consents:
            raise refusal("PERMISSION_DENIED")

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def _verify(self, call: Call, app: App) -> Reply:
        asked = _object(call)
        if not isinstance(asked.get("webhook_event"), dict):
            said = {"name": "VALIDATION_ERROR", "message": "Invalid data provided", "debug_id": call.debug_id}
            return Reply(400, said)
        event = _raw_member(call.body, "webhook_event")
        _, pem = self._certificates.get(str(asked.get("cert_url", "")).rpartition("/")[2], ("", ""))
        known = any(app.webhook_id == asked.get("webhook_id") for app in self._apps)
        text = webhooks.string_to_sign(
            str(asked.get("transmission_id")), str(asked.get("transmission_time")), str(asked.get("webhook_id")), event
        )
        right = bool(pem) and known and asked.get("auth_algo") == "SHA256withRSA"
        right = right and webhooks.is_signed(pem, text, str(asked.get("transmission_sig")))
        return Reply(200, {"verification_status": "SUCCESS" if right else "FAILURE"})

    def _webhook(self, app: App) -> dict[str, Any]:
        address = f"{self.base_url}/v1/notifications/webhooks/{app.webhook_id}"
        return {
            "id": app.webhook_id,
            "url": app.webhook_url,
            "event_types": [{"name": name, "description": "", "status": "ENABLED"} for name in app.webhook_events],
            "links": [representations.link(address, "self")],
        }

    def _get_webhook(self, call: Call, app: App) -> Reply:
        if call.values["webhook_id"] != app.webhook_id:
            debug = {"name": "INVALID_RESOURCE_ID", "message": "Resource id is invalid", "debug_id": call.debug_id}
            return Reply(404, debug)
        return Reply(200, self._webhook(app))

    def _list_webhooks(self, call: Call, app: App) -> Reply:
        return Reply(200, {"webhooks": [self._webhook(app)]})

    def _certificate(self, call: Call) -> Reply:
        if call.values["certificate_id"] not in self._certificates:
            raise Refusal(404)
        return Reply(200, self._certificates[call.values["certificate_id"]][1], "application/x-pem-file")

    # --- the approval page --------------------------------------------------------------------------------------------

    def _checkout_page(self, call: Call) -> Reply:
        token = parse_qs(call.query).get("token", [""])[0]
        try:
            order = self.books.order(token)
        except Refusal:
            return Reply(404, sorry_page("There is no such payment, or its time is over."), "text/html; charset=utf-8")
        if order.status not in ("CREATED", "PAYER_ACTION_REQUIRED", "APPROVED"):
            return Reply(200, sorry_page("This has been paid already."), "text/html; charset=utf-8")
        return Reply(200, checkout_page(order), "text/html; charset=utf-8")

    def _checkout_choice(self, call: Call) -> Reply:
        token, chosen = parse_qs(call.query).get("token", [""])[0], dict(parse_qsl(call.body.decode()))
        try:
            order = self.books.order(token)
            if chosen.get("choice") == "cancel":
                location = self.give_up(order.id)
            else:
                location = self.approve(order.id, chosen.get("pays_with") or "balance")
        except (Refusal, ValueError):
            return Reply(409, sorry_page("This cannot be paid any more."), "text/html; charset=utf-8")
        return Reply(302, "", "text/html; charset=utf-8", {"Location": location})

    def _elsewhere(self, call: Call) -> Reply:
        """Where redirects lead: what arrives here should not have."""
        return Reply(200, {"id": "ELSEWHERE", "status": "COMPLETED"})


# --- reading requests ---------------------------------------------------------------------------------------------------


def _with_query(address: str, **arguments: str) -> str:
    """The address with arguments added to those that it has."""
    parts = urlsplit(address)
    query = "&".join(filter(None, [parts.query, urlencode(arguments)]))
    return urlunsplit(parts._replace(query=query))


def _wants_all(call: Call) -> bool:
    return "return=representation" in call.headers.get("prefer", "")


def _check_json(call: Call) -> None:
    kind = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and (call.body or call.operation != "void"):  # the only POST without a body
        raise Refusal(415)
    try:
        said = json.loads(call.body) if call.body else {}
    except ValueError:
        raise refusal("MALFORMED_REQUEST_JSON", field="/") from None
    if not isinstance(said, dict):
        raise refusal("MALFORMED_REQUEST_JSON", field="/")


def _object(call: Call) -> dict[str, Any]:
    return call.json or {}


def _basic(header: str) -> tuple[str, str]:
    scheme, _, told = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        client_id, _, client_secret = base64.b64decode(told, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return client_id, client_secret


def _claims(assertion: str) -> dict[str, Any]:
    """What a PayPal-Auth-Assertion claims: an unsigned JWT of two parts and an empty signature. Empty for a wrong one."""
    try:
        head, claims, signature = assertion.split(".")
        algorithm = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["alg"]
        told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    except (ValueError, KeyError, TypeError):
        return {}
    return told if algorithm == "none" and not signature and isinstance(told, dict) else {}


def _raw_member(body: bytes, name: str) -> bytes:
    """The bytes of one member of a JSON object, as they were sent."""
    text = body.decode()
    start = text.index(f'"{name}"') + len(name) + 2
    start = text.index(":", start) + 1
    while text[start] in " \t\r\n":
        start += 1
    _, end = json.JSONDecoder().raw_decode(text, start)
    return text[start:end].encode()


OUTCOME_BY_MEANS = {
    "pending": "echeck",
    "pending_review": "under_review",
    "declined_capture": "refused_after_all",
    "failed_capture": "failing_after_all",
}


@contextlib.contextmanager
def _outcome(fault: str, order: FakeOrder) -> Iterator[None]:
    """For as long as it lasts the giver pays with something that comes out so."""
    pays_with, confirmed = order.pays_with, order.payee.confirmed
    order.pays_with = OUTCOME_BY_MEANS.get(fault, pays_with)
    order.payee.confirmed = confirmed and fault != "unilateral"
    try:
        yield
    finally:
        order.pays_with, order.payee.confirmed = pays_with, confirmed
