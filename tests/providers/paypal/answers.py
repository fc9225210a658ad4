"""What the fake PayPal answers, operation by operation: orders, payments, the approval page."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from tests.providers.line import Call, Reply
from tests.providers.paypal import representations
from tests.providers.paypal.errors import Refusal, refusal
from tests.providers.paypal.orders import TO_BE_APPROVED
from tests.providers.paypal.page import checkout_page, sorry_page
from tests.providers.paypal.reading import claims_of, json_object, wants_all
from tests.providers.paypal.records import Account, FakeOrder
from tests.providers.paypal.vault import FakeWallet

Said = Callable[[int], Reply]
"""What is answered to an order that was obeyed, for a status: 201 the first time, 200 to the same request id later on."""


class Answers:
    """The part of FakePayPal that has a method for each operation."""

    def _ways_back(self, order: FakeOrder) -> tuple[dict[str, str], ...]:
        return (representations.link(f"{self.base_url}/checkoutnow?token={order.id}", "redirect"),)

    def _create(self, call: Call) -> Said:
        asked = json_object(call)
        token = ((asked.get("payment_source") or {}).get("paypal") or {}).get("vault_id")
        wallet = None if token is None else self.vault.paying(token)
        order = self.books.create(asked, self.app.account)
        if wallet is not None:
            with _outcome(call.fault, wallet, order.payee):
                self._pay_with_wallet(order, wallet)
        show = representations.whole_order if wants_all(call) else representations.minimal_order
        return lambda status: Reply(status, show(order, self.base_url))

    def _get(self, call: Call) -> Reply:
        return Reply(200, self.json_of(self.books.order(call.values["id"])))

    def _capture(self, call: Call) -> Said:
        return self._pay(call, self.books.capture_order)

    def _authorize(self, call: Call) -> Said:
        return self._pay(call, self.books.authorize_order)

    def _pay(self, call: Call, do: Callable[..., Any]) -> Said:
        order = self.books.order(call.values["id"])
        with _outcome(call.fault, order, order.payee):
            do(order, self._ways_back(order))
        show = representations.whole_order if wants_all(call) else representations.paid_order
        return lambda status: Reply(status, show(order, self.base_url))

    def _said(self, call: Call, what: Any) -> Said:
        show = (lambda told: told) if wants_all(call) else representations.minimal
        return lambda status: Reply(status, show(self.json_of(what)))

    def _get_authorization(self, call: Call) -> Reply:
        return Reply(200, self.json_of(self.books.authorization(call.values["authorization_id"])))

    def _capture_authorization(self, call: Call) -> Said:
        authorization = self.books.authorization(call.values["authorization_id"])
        with _outcome(call.fault, authorization.order, authorization.order.payee):
            capture = self.books.capture_authorization(authorization, json_object(call))
        return self._said(call, capture)

    def _reauthorize(self, call: Call) -> Said:
        authorization = self.books.authorization(call.values["authorization_id"])
        return self._said(call, self.books.reauthorize(authorization, json_object(call)))

    def _void(self, call: Call) -> Said:
        authorization = self.books.authorization(call.values["authorization_id"])
        self._check_assertion(call, authorization.order)
        self.books.void(authorization)
        return lambda _: Reply(200, self.json_of(authorization)) if wants_all(call) else Reply(204)

    def _get_capture(self, call: Call) -> Reply:
        return Reply(200, self.json_of(self.books.capture(call.values["capture_id"])))

    def _refund(self, call: Call) -> Said:
        capture = self.books.capture(call.values["capture_id"])
        self._check_assertion(call, capture.order)
        status = "PENDING" if call.fault == "pending" else "COMPLETED"
        return self._said(call, self.books.refund_capture(capture, json_object(call), status))

    def _get_refund(self, call: Call) -> Reply:
        return Reply(200, self.json_of(self.books.refund(call.values["refund_id"])))

    def _check_assertion(self, call: Call, order: FakeOrder) -> None:
        """Somebody else's money is touched only for that somebody, and only if he lets the platform."""
        payee, claims = order.payee, claims_of(call.headers.get("paypal-auth-assertion", ""))
        named = claims.get("payer_id") == payee.merchant_id or claims.get("email", "").lower() == payee.email.lower()
        if payee is not self.app.account and not (named and claims.get("iss") == self.client_id and payee.consents):
            raise refusal("PERMISSION_DENIED")

    def _create_referral(self, call: Call) -> Reply:
        return self.partners.refer(json_object(call))

    def _find_merchant(self, call: Call) -> Reply:
        return self.partners.find(call.values["partner_id"], dict(parse_qsl(call.query)))

    def _get_merchant(self, call: Call) -> Reply:
        return self.partners.get(call.values["partner_id"], call.values["merchant_id"])

    def _checkout_page(self, call: Call) -> Reply:
        token = parse_qs(call.query).get("token", [""])[0]
        try:
            order = self.books.order(token)
        except Refusal:
            return _page(404, sorry_page("There is no such payment, or its time is over."))
        return _page(200, checkout_page(order) if order.status in TO_BE_APPROVED else sorry_page("This has been paid already."))

    def _checkout_choice(self, call: Call) -> Reply:
        token, chosen = parse_qs(call.query).get("token", [""])[0], dict(parse_qsl(call.body.decode()))
        try:
            order = self.books.order(token)
            if chosen.get("choice") == "cancel":
                location = self.give_up(order.id)
            else:
                location = self.approve(order.id, chosen.get("pays_with") or "balance")
        except (Refusal, ValueError):
            return _page(409, sorry_page("This cannot be paid any more."))
        return Reply(302, "", "text/html; charset=utf-8", {"Location": location})


def _page(status: int, content: str) -> Reply:
    return Reply(status, content, "text/html; charset=utf-8")


OUTCOME_BY_MEANS = {
    "pending": "echeck",
    "pending_review": "under_review",
    "declined_capture": "refused_after_all",
    "failed_capture": "failing_after_all",
}


@contextlib.contextmanager
def _outcome(fault: str, paying: FakeOrder | FakeWallet, payee: Account) -> Iterator[None]:
    """For as long as it lasts the giver pays with something that comes out so."""
    pays_with, confirmed = paying.pays_with, payee.confirmed
    paying.pays_with = OUTCOME_BY_MEANS.get(fault, pays_with)
    payee.confirmed = confirmed and fault != "unilateral"
    try:
        yield
    finally:
        paying.pays_with, payee.confirmed = pays_with, confirmed
