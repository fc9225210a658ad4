"""A Stripe of our own, over real HTTP: stateful, strict, and able to go wrong in every way of faults.FAULTS.

    with FakeStripe() as stripe:
        ...                                  # the service talks to stripe.base_url
        stripe.pay(session_id)               # the giver, at the Checkout page
        stripe.next("capture", "do_then_drop")
    assert stripe.violations == []

What it knows of Stripe's rules is in books.py, its pages are in page.py and its webhooks in deliveries.py; this module is the
door: addresses, keys, idempotency, expansion, faults.
"""

import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from tests.providers.fake_server import FakeServer
from tests.providers.line import Call, Handler, Reply, patterns_of
from tests.providers.stripe import params
from tests.providers.stripe import representations as shown
from tests.providers.stripe.books import Books
from tests.providers.stripe.deliveries import API_VERSION, Deliveries
from tests.providers.stripe.faults import BEFORE, CONTENT, FAULTS, changed
from tests.providers.stripe.objects import FakeDispute, FakeIntent, FakeRefund, FakeSession, Refusal, new_id
from tests.providers.stripe.page import Pages

KEYS_ARE_KEPT = timedelta(hours=24)

ROUTES = (
    ("create", "POST", "/v1/checkout/sessions"),
    ("get", "GET", "/v1/checkout/sessions/{id}"),
    ("expire", "POST", "/v1/checkout/sessions/{id}/expire"),
    ("create_intent", "POST", "/v1/payment_intents"),
    ("take_token", "POST", "/v1/payment_methods"),
    ("confirm", "POST", "/v1/payment_intents/{id}/confirm"),
    ("get_intent", "GET", "/v1/payment_intents/{id}"),
    ("capture", "POST", "/v1/payment_intents/{id}/capture"),
    ("cancel", "POST", "/v1/payment_intents/{id}/cancel"),
    ("refund", "POST", "/v1/refunds"),
    ("list_refunds", "GET", "/v1/refunds"),
    ("get_refund", "GET", "/v1/refunds/{id}"),
    ("list_disputes", "GET", "/v1/disputes"),
    ("account", "GET", "/v1/account"),
    ("list_webhooks", "GET", "/v1/webhook_endpoints"),
    ("checkout_page", "GET", "/c/pay/{id}"),
    ("checkout_choice", "POST", "/c/pay/{id}"),
    ("icon", "GET", "/favicon.ico"),
    ("bank_page", "GET", "/3ds/{id}"),
    ("bank_choice", "POST", "/3ds/{id}"),
    ("elsewhere", "GET", "/elsewhere"),
    ("elsewhere", "POST", "/elsewhere"),
)
OPERATIONS = {operation for operation, _, _ in ROUTES}
WITHOUT_KEY = {"checkout_page", "checkout_choice", "bank_page", "bank_choice", "icon", "elsewhere"}
EXPANDABLE = {
    "checkout.session": {"payment_intent"},
    "payment_intent": {"latest_charge"},
    "charge": {"balance_transaction", "transfer", "refunds"},
}
MOST_DEPTH = 4
REFUNDS_SHOWN = 10
"""How many refunds a charge tells of itself; the rest is in the list."""


class StripeHandler(Handler):
    patterns = tuple(patterns_of(ROUTES))
    server_version = "nginx"

    @staticmethod
    def trouble(status: int, reply: Reply) -> dict[str, Any]:
        return {"error": {"message": "Sorry! There was an error while talking to one of our backends.", "type": "api_error"}}


class FakeStripe(Deliveries, Pages, FakeServer):
    """The whole of it."""

    handler = StripeHandler
    operations = frozenset(OPERATIONS)
    faults = frozenset(FAULTS)
    without_key = frozenset(WITHOUT_KEY)

    def __init__(self, *, listens: bool = True) -> None:
        super().__init__(listens=listens)
        self.books = Books(lambda: self.now, self._happened)
        self.secret_key = f"sk_test_{secrets.token_hex(24)}"
        self.signing_secrets = [f"whsec_{secrets.token_hex(16)}"]
        """Newest first; Stripe signs with all of them while one is being rolled."""
        self.account = {"id": "acct_platform", "object": "account", "charges_enabled": True, "country": "US"}
        self.endpoints = [
            {
                "id": "we_1", "object": "webhook_endpoint", "api_version": None, "application": None, "created": 1234567890,
                "description": None, "enabled_events": ["*"], "livemode": False, "metadata": {}, "status": "enabled",
                "url": "https://give.example.test/providers/stripe/webhook",
            }
        ]  # fmt: skip
        self._kept: dict[str, tuple[datetime, str, Reply]] = {}
        self._events: list[tuple[str, dict[str, Any]]] = []

    def later(self, **by: float) -> None:
        with self._lock:
            self._ahead += timedelta(**by)
            self.books.let_go_what_is_too_old()

    # --- state --------------------------------------------------------------------------------------------------------

    @property
    def sessions(self) -> dict[str, FakeSession]:
        return self.books.sessions

    def intent_of(self, checkout_id: str) -> FakeIntent:
        """The payment in a session, or the one that is a checkout by itself."""
        if checkout_id in self.books.intents:
            return self.books.intents[checkout_id]
        intent = self.sessions[checkout_id].intent
        assert intent is not None, "nobody has tried to pay"
        return intent

    # --- the giver ----------------------------------------------------------------------------------------------------

    def pay(self, session_id: str, pays_with: str = "card") -> str:
        """The giver presses the button; where the browser is then: back with us, or still on the page.

        `pays_with`: see books.HOW_GIVERS_PAY. Raises ValueError where there is nothing to pay: paid already, expired.
        """
        with self._lock:
            session = self.sessions[session_id]
            return self._after(session, done=self.books.pay(session, pays_with))

    def prove_in(self, session_id: str, *, good: bool) -> str:
        """The giver has proven to the bank who they are, or has failed to; where the browser is then. Raises as `pay`."""
        with self._lock:
            session = self.sessions[session_id]
            return self._after(session, done=self.books.prove_in(session, good=good))

    @staticmethod
    def _after(session: FakeSession, *, done: bool) -> str:
        template = str(session.asked["success_url"])
        return template.replace("{CHECKOUT_SESSION_ID}", session.id) if done else session.url

    def give_up(self, session_id: str) -> str:
        """The giver goes back without paying; the address that the browser is sent to. The session stays as it is."""
        session = self.sessions[session_id]
        session.given_up = True
        return str(session.asked["cancel_url"])

    def prove(self, intent_id: str, *, good: bool = True) -> str:
        """The giver at the bank's page; the address that the browser is sent back to. Raises ValueError."""
        with self._lock:
            intent = self.books.intents[intent_id]
            self.books.prove(intent, good=good)
            status = "succeeded" if good else "failed"
            secret = f"payment_intent_client_secret={intent.id}_secret_never_shown&redirect_status={status}"
            return f"{intent.return_url}?payment_intent={intent.id}&{secret}"

    # --- what is done in Stripe's dashboard, and by Stripe and the banks ----------------------------------------------

    def dashboard_refund(self, session_id: str, amount: int | None = None) -> FakeRefund:
        with self._lock:
            asked = {"payment_intent": self.intent_of(session_id).id} | ({} if amount is None else {"amount": str(amount)})
            return self.books.refund(asked)

    def dispute(self, session_id: str, status: str = "needs_response") -> FakeDispute:
        with self._lock:
            return self.books.dispute(self.intent_of(session_id), status)

    # --- one request --------------------------------------------------------------------------------------------------

    def answer(self, call: Call) -> Reply:
        with self._lock:
            self.calls.append(call)
            call.debug_id = new_id("req", 14)
            self._note_violations(call)
            call.fault = self.next_fault_of(call.operation)
            try:
                reply = self._do(call)
            except Refusal as no:
                reply = self._refused(no)
            call.status, call.answer = reply.status, reply.value
            reply = Reply(reply.status, reply.value, reply.content_type, dict(reply.headers))
            reply.headers |= {"Request-Id": call.debug_id, "Stripe-Version": API_VERSION}
            if call.fault in CONTENT and reply.status == 200:
                reply.value = changed(call.fault, reply.value)
            return reply

    def _note_violations(self, call: Call) -> None:
        if call.operation in self.without_key:
            return
        if not call.operation:
            self.violations.append(f"{call.method} {call.path} is no call of Stripe's")
        if call.headers.get("stripe-version") != API_VERSION:
            self.violations.append(f"{call.operation}: Stripe-Version is {call.headers.get('stripe-version')}")
        if call.method == "POST" and not call.headers.get("idempotency-key"):
            self.violations.append(f"{call.operation}: no Idempotency-Key")
        if call.method == "POST" and call.headers.get("content-type") != "application/x-www-form-urlencoded":
            self.violations.append(f"{call.operation}: Content-Type is {call.headers.get('content-type')}")
        try:
            self.violations += params.faults(call.operation, _asked(call))
        except ValueError as error:
            self.violations.append(f"{call.operation}: {error}")

    def _do(self, call: Call) -> Reply:
        if call.operation == "":
            raise Refusal(404, f"Unrecognized request URL ({call.method}: {call.path}).")
        if call.fault in BEFORE:
            return self._fail_before(call)
        if call.operation in self.without_key:
            return getattr(self, f"_{call.operation}")(call)
        self._check_key(call)
        key = call.headers.get("idempotency-key", "")
        if call.method != "POST" or not key:
            return self._obey(call)
        if len(key) > 255:
            raise Refusal(400, "Idempotency-Key is too long")
        return self._obey_once(call, key)

    def _obey_once(self, call: Call, key: str) -> Reply:
        same = hashlib.sha256(f"{call.path}\n{call.body.decode()}".encode()).hexdigest()
        if key in self._kept and self.now < self._kept[key][0] + KEYS_ARE_KEPT:
            _, was, reply = self._kept[key]
            if was != same:
                raise _other_parameters()
            call.replayed = True
            return Reply(reply.status, reply.value, reply.content_type, reply.headers | {"Idempotent-Replayed": "true"})
        try:
            reply = self._obey(call)
        except Refusal as no:
            if not no.kept:
                raise
            reply = self._refused(no)
        self._kept[key] = (self.now, same, reply)
        return reply

    def _obey(self, call: Call) -> Reply:
        asked = _asked(call)
        for fault in params.faults(call.operation, asked)[:1]:
            raise Refusal(400, f"Received unknown parameter: {fault}", code="parameter_unknown", kept=False)
        value = getattr(self, f"_{call.operation}")(call, asked)
        if isinstance(value, dict):
            for path in asked.get("expand", {}).values():
                value = self._expanded(value, path.split("."))
        return Reply(200, json.loads(json.dumps(value)))

    def _check_key(self, call: Call) -> None:
        scheme, _, key = call.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not key:
            raise Refusal(401, "You did not provide an API key.")
        if not hmac.compare_digest(key, self.secret_key):
            raise Refusal(401, f"Invalid API Key provided: {key[:7]}****{key[-4:]}")

    def _fail_before(self, call: Call) -> Reply:
        fault = call.fault
        if answer := self.answer_of_somebody_else(fault):
            return answer
        if fault == "no_json_error":
            return Reply(400, "<h1>Bad request</h1>", "text/html")
        if fault == "a_string_error":
            return Reply(400, {"error": "invalid_grant"})
        sorry = Refusal(500, "Sorry! There was an error.", kind="api_error")
        if fault == "error_500_kept":
            same = hashlib.sha256(f"{call.path}\n{call.body.decode()}".encode()).hexdigest()
            self._kept[call.headers.get("idempotency-key", "")] = (self.now, same, self._refused(sorry))
        param = "payment_intent_data[transfer_data][destination]"
        refusals = {
            "error_500": sorry,
            "error_500_kept": sorry,
            "error_503": Refusal(503, "Stripe is down.", kind="api_error"),
            "rate_limited": Refusal(429, "Request rate limit exceeded.", code="rate_limit"),
            "rate_limited_as_400": Refusal(400, "Request rate limit exceeded.", code="rate_limit"),
            "unauthorized": Refusal(401, "Invalid API Key provided"),
            "forbidden": Refusal(403, "The provided key does not have the required permissions for this endpoint."),
            "in_progress": Refusal(409, "There is currently another in-progress request.", code="idempotency_key_in_use"),
            "lock_timeout": Refusal(400, "This object cannot be accessed right now.", code="lock_timeout"),
            "other_parameters": _other_parameters(),
            "api_error": Refusal(400, "Something went wrong on Stripe's end.", kind="api_error"),
            "card_declined": Refusal(402, "Declined.", kind="card_error", code="card_declined", decline_code="lost_card"),
            "resource_missing": Refusal(404, "No such thing", code="resource_missing", param="id"),
            "unexpected_state": Refusal(400, "This PaymentIntent could not be ...", code="payment_intent_unexpected_state"),
            "destination_missing": Refusal(400, "No such destination", code="resource_missing", param=param),
        }
        raise refusals[fault]

    def _refused(self, no: Refusal) -> Reply:
        headers = {"Retry-After": self.retry_after} if no.status in (429, 503) else {}
        return Reply(no.status, {"error": no.error}, headers=headers)

    def _expanded(self, value: dict[str, Any], path: list[str]) -> dict[str, Any]:
        """The object with one of its members told whole."""
        if len(path) > MOST_DEPTH:
            raise Refusal(400, "You cannot expand more than 4 levels of a property.")
        name = path[0]
        if name not in EXPANDABLE.get(value["object"], ()):
            raise Refusal(400, f"This property cannot be expanded ({name}).", code="parameter_unknown", param="expand")
        inner = value.get(name)
        if isinstance(inner, str) or name == "refunds":
            inner = self._whole(value, name)
        if inner is not None and len(path) > 1:
            inner = self._expanded(inner, path[1:])
        return value | {name: inner}

    def _whole(self, value: dict[str, Any], name: str) -> dict[str, Any]:
        if name == "payment_intent":
            return shown.intent(self.books.intents[value[name]])
        intent_id = value["id"] if name == "latest_charge" else value["payment_intent"]
        intent = self.books.intents[intent_id]
        if name == "refunds":
            url = f"/v1/charges/{intent.charge_id}/refunds"
            told = [shown.refund(one) for one in intent.refunds[:REFUNDS_SHOWN]]
            return shown.a_list(told, url, has_more=len(intent.refunds) > REFUNDS_SHOWN)
        show = {
            "latest_charge": shown.charge, "balance_transaction": shown.balance_transaction, "transfer": shown.transfer,
        }  # fmt: skip
        return show[name](intent)

    # --- operations ---------------------------------------------------------------------------------------------------

    def _create(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        def page(session_id: str) -> str:
            return f"{self.base_url}/c/pay/{session_id}#fidkdWxOYHwnPyd1blpxYHZxWjA0{secrets.token_urlsafe(200)}"

        return shown.session(self.books.create(asked, page))

    def _get(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        return shown.session(self.books.session(call.values["id"]))

    def _expire(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        session = self.books.session(call.values["id"])
        self.books.expire(session)
        return shown.session(session)

    def _create_intent(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        return shown.intent(self.books.create_intent(asked))

    def _take_token(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        return shown.payment_method(self.books.take_token(asked))

    def _confirm(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        intent = self.books.intent(call.values["id"])
        self.books.confirm(intent, asked, lambda intent_id: f"{self.base_url}/3ds/{intent_id}")
        return shown.intent(intent)

    def _get_intent(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        return shown.intent(self.books.intent(call.values["id"]))

    def _capture(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        intent = self.books.intent(call.values["id"])
        self.books.capture(intent, int(asked["amount_to_capture"]) if "amount_to_capture" in asked else None)
        return shown.intent(intent)

    def _cancel(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        intent = self.books.intent(call.values["id"])
        self.books.cancel(intent, asked.get("cancellation_reason"))
        return shown.intent(intent)

    def _refund(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        return shown.refund(self.books.refund(asked, call.fault if call.fault in ("pending", "failed") else "succeeded"))

    def _get_refund(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        return shown.refund(self.books.the_refund(call.values["id"]))

    def _list_refunds(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        refunds = self.books.intent(asked["payment_intent"]).refunds
        return self._page_of([shown.refund(one) for one in refunds], asked, "/v1/refunds")

    def _list_disputes(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        disputes = self.books.intent(asked["payment_intent"]).disputes
        return self._page_of([shown.dispute(one) for one in disputes], asked, "/v1/disputes")

    @staticmethod
    def _page_of(everything: list[dict[str, Any]], asked: dict[str, Any], url: str) -> dict[str, Any]:
        ids = [one["id"] for one in everything]
        start = ids.index(asked["starting_after"]) + 1 if "starting_after" in asked else 0
        limit = int(asked.get("limit", 10))
        return shown.a_list(everything[start : start + limit], url, has_more=start + limit < len(everything))

    def _account(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        return dict(self.account)

    def _list_webhooks(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        return shown.a_list(self.endpoints, "/v1/webhook_endpoints")


def _asked(call: Call) -> dict[str, Any]:
    return params.tree_of(call.body.decode() if call.method == "POST" else call.query)


def _other_parameters() -> Refusal:
    message = "Keys for idempotent requests can only be used with the same parameters they were first used with."
    return Refusal(400, message, kind="idempotency_error", kept=False)
