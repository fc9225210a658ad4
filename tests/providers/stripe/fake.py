"""A Stripe of our own, over real HTTP: stateful, strict, and able to go wrong in every way of faults.FAULTS.

    with FakeStripe() as stripe:
        ...                                  # the service talks to stripe.base_url
        stripe.pay(session_id)               # the giver, at the Checkout page
        stripe.next("capture", "do_then_drop")
    assert stripe.violations == []

What it knows of Stripe's rules is in books.py, what it answers in answers.py, its pages are in page.py and its webhooks in
deliveries.py; this module is the door: addresses, keys, idempotency, faults.
"""

import hmac
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from tests.planted_secrets import planted
from tests.providers.fake_server import FakeServer
from tests.providers.line import Call, Handler, Reply, patterns_of
from tests.providers.stripe import params
from tests.providers.stripe.accounts import Accounts
from tests.providers.stripe.answers import OPERATES, expanded
from tests.providers.stripe.books import Books
from tests.providers.stripe.deliveries import API_VERSION, Deliveries
from tests.providers.stripe.faults import BEFORE, CONTENT, FAULTS, REFUSALS
from tests.providers.stripe.objects import FakeDispute, FakeIntent, FakeRefund, FakeSession, Refusal, new_id
from tests.providers.stripe.page import Pages
from tests.providers.stripe.representations import Json

KEYS_ARE_KEPT = timedelta(hours=24)

ROUTES = (
    ("create", "POST", "/v1/checkout/sessions"),
    ("get", "GET", "/v1/checkout/sessions/{id}"),
    ("expire", "POST", "/v1/checkout/sessions/{id}/expire"),
    ("create_intent", "POST", "/v1/payment_intents"),
    ("list_intents", "GET", "/v1/payment_intents"),
    ("take_token", "POST", "/v1/payment_methods"),
    ("get_card", "GET", "/v1/payment_methods/{id}"),
    ("detach", "POST", "/v1/payment_methods/{id}/detach"),
    ("confirm", "POST", "/v1/payment_intents/{id}/confirm"),
    ("get_intent", "GET", "/v1/payment_intents/{id}"),
    ("capture", "POST", "/v1/payment_intents/{id}/capture"),
    ("cancel", "POST", "/v1/payment_intents/{id}/cancel"),
    ("refund", "POST", "/v1/refunds"),
    ("list_refunds", "GET", "/v1/refunds"),
    ("get_refund", "GET", "/v1/refunds/{id}"),
    ("list_disputes", "GET", "/v1/disputes"),
    ("reverse", "POST", "/v1/transfers/{id}/reversals"),
    ("send", "POST", "/v1/transfers"),
    ("list_transfers", "GET", "/v1/transfers"),
    ("account", "GET", "/v1/account"),
    ("list_accounts", "GET", "/v1/accounts"),
    ("create_account", "POST", "/v1/accounts"),
    ("get_account", "GET", "/v1/accounts/{id}"),
    ("create_link", "POST", "/v1/account_links"),
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
    content = CONTENT
    refusal = Refusal
    without_key = frozenset(WITHOUT_KEY)

    def __init__(self, *, listens: bool = True) -> None:
        super().__init__(listens=listens)
        self.books = Books(lambda: self.now, self._happened)
        self.sessions = self.books.sessions
        self.secret_key = planted("s", f"sk_test_{secrets.token_hex(24)}", 16)
        self.signing_secrets = [planted("h", f"whsec_{secrets.token_hex(16)}", 8)]
        """Newest first; Stripe signs with all of them while one is being rolled."""
        self.connected = Accounts(self.books.accounts)
        self.account = {"id": "acct_platform", "object": "account", "charges_enabled": True, "country": "US"}
        self.endpoints = [
            {
                "id": "we_1", "object": "webhook_endpoint", "api_version": None, "application": None, "created": 1234567890,
                "description": None, "enabled_events": ["*"], "livemode": False, "metadata": {}, "status": "enabled",
                "url": "https://give.example.test/providers/stripe/webhook",
            }
        ]  # fmt: skip
        self.operates = dict(OPERATES)
        self._kept: dict[str, tuple[datetime, bytes, Reply]] = {}
        self._events: list[tuple[str, dict[str, Any]]] = []

    def time_has_passed(self) -> None:
        self.books.let_go_what_is_too_old()

    # --- state --------------------------------------------------------------------------------------------------------

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

    def agree(self, setup_id: str, pays_with: str = "card") -> str:
        """The giver saves a card to be paid by later; where the browser is then. Raises as `pay`."""
        with self._lock:
            setup = self.books.setups[setup_id]
            self.books.agree(setup, pays_with)
            return str(setup.asked["success_url"])

    def remove_card(self, card_id: str) -> None:
        """Somebody takes a saved card away in Stripe's dashboard."""
        with self._lock:
            self.books.detach(self.books.card(card_id))

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
        return str(self.sessions[session_id].asked["cancel_url"])

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

    def new_debug_id(self) -> str:
        return new_id("req", 14)

    def headers_of(self, call: Call) -> dict[str, str]:
        return {"Request-Id": call.debug_id, "Stripe-Version": API_VERSION}

    def refused(self, call: Call, no: Refusal) -> Reply:
        return self._refused(no)

    def _refused(self, no: Refusal) -> Reply:
        headers = {"Retry-After": self.retry_after} if no.status in (429, 503) else {}
        return Reply(no.status, {"error": no.error}, headers=headers)

    def judge_request(self, call: Call) -> None:
        if call.operation in self.without_key:
            return
        if not call.operation:
            self.violations.append(f"{call.method} {call.path} is no call of Stripe's")
        wanted = {"stripe-version": API_VERSION}
        if call.method == "POST":
            wanted["content-type"] = "application/x-www-form-urlencoded"
            if not call.headers.get("idempotency-key"):
                self.violations.append(f"{call.operation}: no Idempotency-Key")
        for name, value in wanted.items():
            if call.headers.get(name) != value:
                self.violations.append(f"{call.operation}: {name} is {call.headers.get(name)}")
        try:
            self.violations += params.faults(call.operation, _asked(call))
        except ValueError as error:
            self.violations.append(f"{call.operation}: {error}")

    def do(self, call: Call) -> Reply:
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
        if key in self._kept and self.now < self._kept[key][0] + KEYS_ARE_KEPT:
            _, was, reply = self._kept[key]
            if was != _same(call):
                raise _refusal("other_parameters")
            call.replayed = True
            return Reply(reply.status, reply.value, reply.content_type, reply.headers | {"Idempotent-Replayed": "true"})
        try:
            reply = self._obey(call)
        except Refusal as no:
            if not no.kept:
                raise
            reply = self._refused(no)
        self._kept[key] = (self.now, _same(call), reply)
        return reply

    def _obey(self, call: Call) -> Reply:
        asked = _asked(call)
        for fault in params.faults(call.operation, asked)[:1]:
            raise Refusal(400, f"Received unknown parameter: {fault}", code="parameter_unknown", kept=False)
        value = self.operates[call.operation](self, call, asked)
        for path in asked.get("expand", {}).values():
            value = expanded(self.books, value, path.split("."))
        return Reply(200, json.loads(json.dumps(value)))

    def _check_key(self, call: Call) -> None:
        scheme, _, key = call.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not key:
            raise Refusal(401, "You did not provide an API key.")
        if not hmac.compare_digest(key, self.secret_key):
            raise Refusal(401, f"Invalid API Key provided: {key[:7]}****{key[-4:]}")

    def _fail_before(self, call: Call) -> Reply:
        if answer := self.answer_of_somebody_else(call.fault):
            return answer
        if call.fault == "no_json_error":
            return Reply(400, "<h1>Bad request</h1>", "text/html")
        if call.fault == "a_string_error":
            return Reply(400, {"error": "invalid_grant"})
        no = _refusal(call.fault)
        if call.fault == "error_500_kept":
            self._kept[call.headers.get("idempotency-key", "")] = (self.now, _same(call), self._refused(no))
        raise no

    def new_page(self, session_id: str) -> str:
        return f"{self.base_url}/c/pay/{session_id}#fidkdWxOYHwnPyd1blpxYHZxWjA0{secrets.token_urlsafe(200)}"

    def bank_page_of(self, intent_id: str) -> str:
        return f"{self.base_url}/3ds/{intent_id}"


def _asked(call: Call) -> Json:
    return params.tree_of(call.body.decode() if call.method == "POST" else call.query)


def _same(call: Call) -> bytes:
    """What a later request with the same key has to be."""
    return call.path.encode() + b"\n" + call.body


def _refusal(fault: str) -> Refusal:
    status, message, members = REFUSALS[fault]
    return Refusal(status, message, **members)
