"""What the fake PayPal answers, operation by operation: orders, payments, the approval page."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from tests.providers.line import Call, Reply
from tests.providers.paypal import representations
from tests.providers.paypal.errors import Refusal, refusal
from tests.providers.paypal.page import checkout_page, sorry_page
from tests.providers.paypal.reading import claims_of, json_object, wants_all
from tests.providers.paypal.records import App, FakeOrder


class Answers:
    """The part of FakePayPal that has a method for each operation."""

    # --- orders -------------------------------------------------------------------------------------------------------

    def _ways_back(self, order: FakeOrder) -> tuple[dict[str, str], ...]:
        return (representations.link(f"{self.base_url}/checkoutnow?token={order.id}", "redirect"),)

    def _create(self, call: Call, app: App, *, replay: bool = False) -> Any:
        order = self.books.create(json_object(call), app)
        whole = wants_all(call)

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
        whole = wants_all(call)
        with _outcome(call.fault, order):
            do(order, self._ways_back(order))

        def said(status: int) -> Reply:
            show = representations.whole_order if whole else representations.paid_order
            return Reply(status, show(order, self.base_url))

        return (said(201), lambda: said(200)) if replay else said(201)

    # --- payments -----------------------------------------------------------------------------------------------------

    def _said(self, call: Call, what: Any, replay: bool) -> Any:
        whole = wants_all(call)

        def said(status: int) -> Reply:
            answer = self.json_of(what)
            return Reply(status, answer if whole else representations.minimal(answer))

        return (said(201), lambda: said(200)) if replay else said(201)

    def _get_authorization(self, call: Call, app: App) -> Reply:
        return Reply(200, self.json_of(self.books.authorization(call.values["authorization_id"], app)))

    def _capture_authorization(self, call: Call, app: App, *, replay: bool = False) -> Any:
        authorization = self.books.authorization(call.values["authorization_id"], app)
        with _outcome(call.fault, authorization.order):
            capture = self.books.capture_authorization(authorization, json_object(call))
        return self._said(call, capture, replay)

    def _reauthorize(self, call: Call, app: App, *, replay: bool = False) -> Any:
        authorization = self.books.authorization(call.values["authorization_id"], app)
        return self._said(call, self.books.reauthorize(authorization, json_object(call)), replay)

    def _void(self, call: Call, app: App, *, replay: bool = False) -> Any:
        authorization = self.books.authorization(call.values["authorization_id"], app)
        self._check_assertion(call, app, authorization.order)
        self.books.void(authorization)

        def said() -> Reply:
            return Reply(200, self.json_of(authorization)) if wants_all(call) else Reply(204)

        return (said(), said) if replay else said()

    def _get_capture(self, call: Call, app: App) -> Reply:
        return Reply(200, self.json_of(self.books.capture(call.values["capture_id"], app)))

    def _refund(self, call: Call, app: App, *, replay: bool = False) -> Any:
        capture = self.books.capture(call.values["capture_id"], app)
        self._check_assertion(call, app, capture.order)
        status = "PENDING" if call.fault == "pending" else "COMPLETED"
        return self._said(call, self.books.refund_capture(capture, json_object(call), status), replay)

    def _get_refund(self, call: Call, app: App) -> Reply:
        return Reply(200, self.json_of(self.books.refund(call.values["refund_id"], app)))

    def _check_assertion(self, call: Call, app: App, order: FakeOrder) -> None:
        """Somebody else's money is touched only for that somebody, and only if he lets the platform."""
        if order.payee is app.account:
            return
        claims = claims_of(call.headers.get("paypal-auth-assertion", ""))
        named = (
            claims.get("payer_id") == order.payee.merchant_id or claims.get("email", "").lower() == order.payee.email.lower()
        )
        if claims.get("iss") != app.client_id or not named or not order.payee.consents:
            raise refusal("PERMISSION_DENIED")

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
