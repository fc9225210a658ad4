"""A plain HTTP caller of the fake, for its own tests: no client of ours, no client of PayPal's."""

import base64
import json
from typing import Any
from uuid import uuid4

import requests

from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.records import FakeAuthorization, FakeCapture, FakeOrder

ANNA = "anna@example.org"
RETURN_URL = "https://give.example.test/providers/paypal/return/3f?way=back"
CANCEL_URL = "https://give.example.test/providers/paypal/cancel/3f"
ORDERS, PAYMENTS = "/v2/checkout/orders", "/v2/payments"


def an_order(value: str = "20.00", currency: str = "USD", intent: str = "CAPTURE", **changes: Any) -> dict[str, Any]:
    """The body of a create. `changes` are of the purchase unit, but for `context`, which is the giver's way back."""
    context = changes.pop("context", {"return_url": RETURN_URL, "cancel_url": CANCEL_URL, "user_action": "PAY_NOW"})
    amount = {"currency_code": currency, "value": value}
    unit = {"custom_id": "gift-1", "description": "A bicycle", "payee": {"email_address": ANNA}, "amount": amount} | changes
    unit = {name: value for name, value in unit.items() if value is not None}
    return {"intent": intent, "purchase_units": [unit], "payment_source": {"paypal": {"experience_context": context}}}


def usd(value: str) -> dict[str, Any]:
    return {"amount": {"currency_code": "USD", "value": value}}


def assertion(**claims: str) -> str:
    """A PayPal-Auth-Assertion: an unsigned JWT."""
    parts = ({"alg": "none"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


class Caller:
    """Speaks to the fake as the app. Every answer is a requests.Response."""

    def __init__(self, paypal: FakePayPal) -> None:
        self.paypal, self.session, self.token = paypal, requests.Session(), ""

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.session.close()

    def ask_for_a_token(self, *auth: str) -> requests.Response:
        form = {"grant_type": "client_credentials"}
        return self.session.post(f"{self.paypal.base_url}/v1/oauth2/token", auth=auth, data=form, timeout=20)

    def log_in(self) -> str:
        self.token = self.ask_for_a_token(self.paypal.client_id, self.paypal.client_secret).json()["access_token"]
        return self.token

    def send(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> requests.Response:
        """One request with the bearer's token. `key` is the PayPal-Request-Id, "-" for none, a new one without.

        `body` is JSON, or bytes to be sent as they are.
        """
        sent = {"Authorization": f"Bearer {self.token or self.log_in()}"}
        if method == "POST":
            sent |= {"Content-Type": "application/json", "PayPal-Request-Id": key or f"request-{uuid4()}"}
        if key == "-":
            del sent["PayPal-Request-Id"]
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body)
        address = self.paypal.base_url + path
        return self.session.request(method, address, data=data, headers=sent, timeout=20, allow_redirects=False)

    def post(self, path: str, body: Any = None, **more: str) -> requests.Response:
        return self.send("POST", path, {} if body is None else body, **more)

    def get(self, path: str, **more: str) -> requests.Response:
        return self.send("GET", path, **more)

    def created(self, **changes: Any) -> FakeOrder:
        answer = self.post(ORDERS, an_order(**changes))
        assert answer.status_code == 201, answer.text
        return self.paypal.orders[answer.json()["id"]]

    def approved(self, *, pays_with: str = "balance", **changes: Any) -> FakeOrder:
        order = self.created(**changes)
        self.paypal.approve(order.id, pays_with)
        return order

    def captured(self, **changes: Any) -> FakeCapture:
        order = self.approved(**changes)
        assert self.post(f"{ORDERS}/{order.id}/capture").status_code == 201
        return order.captures[0]

    def authorized(self, **changes: Any) -> FakeAuthorization:
        order = self.approved(intent="AUTHORIZE", **changes)
        assert self.post(f"{ORDERS}/{order.id}/authorize").status_code == 201
        return order.authorizations[0]

    def act_on(self, held: FakeAuthorization, what: str, body: Any = None, **more: str) -> requests.Response:
        """`what`: capture, reauthorize or void."""
        more.setdefault("PayPal_Auth_Assertion", assertion(iss=self.paypal.client_id, email=held.order.payee.email))
        return self.post(f"{PAYMENTS}/authorizations/{held.id}/{what}", body, **more)

    def refund(self, capture: FakeCapture, body: Any = None, **more: str) -> requests.Response:
        more.setdefault("PayPal_Auth_Assertion", assertion(iss=self.paypal.client_id, email=capture.order.payee.email))
        return self.post(f"{PAYMENTS}/captures/{capture.id}/refund", body, **more)


def issue_of(answer: requests.Response) -> str:
    """The one issue of an error answer."""
    (detail,) = answer.json()["details"]
    return detail["issue"]
