"""A plain HTTP caller of the fake, for its own tests: no client of ours, no client of PayPal's."""

import base64
import json
from typing import Any
from uuid import uuid4

import requests

from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.records import App, FakeAuthorization, FakeCapture, FakeOrder

RETURN_URL = "https://give.example.test/providers/paypal/return/3f?way=back"
CANCEL_URL = "https://give.example.test/providers/paypal/cancel/3f"


def an_order(value: str = "20.00", currency: str = "USD", **changes: Any) -> dict[str, Any]:
    """The body of a create. `changes` are of the purchase unit, but for `intent` and `payment_source`."""
    order = {"intent": changes.pop("intent", "CAPTURE")}
    context = {
        "return_url": RETURN_URL,
        "cancel_url": CANCEL_URL,
        "user_action": "PAY_NOW",
        "shipping_preference": "NO_SHIPPING",
    }
    source = changes.pop("payment_source", {"paypal": {"experience_context": context}})
    unit = {
        "custom_id": "gift-1",
        "description": "Gift for a bicycle",
        "payee": {"email_address": "anna@example.org"},
        "amount": {"currency_code": currency, "value": value},
    } | changes
    unit = {name: value for name, value in unit.items() if value is not None}
    return order | {"purchase_units": [unit]} | ({"payment_source": source} if source else {})


def assertion(**claims: str) -> str:
    """A PayPal-Auth-Assertion: an unsigned JWT."""
    parts = ({"alg": "none"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


class Caller:
    """Speaks to the fake as whoever the app is. Every answer is a requests.Response."""

    def __init__(self, paypal: FakePayPal, app: App | None = None) -> None:
        self.paypal, self.app = paypal, app or paypal.app
        self.session = requests.Session()
        self.token = ""

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.session.close()

    def log_in(self) -> str:
        answer = self.session.post(
            f"{self.paypal.base_url}/v1/oauth2/token",
            auth=(self.app.client_id, self.app.client_secret),
            data={"grant_type": "client_credentials"},
            timeout=20,
        )
        self.token = answer.json()["access_token"]
        return self.token

    def send(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> requests.Response:
        """One request with the bearer's token. `key` is the PayPal-Request-Id, "-" for none, a new one without."""
        if not self.token:
            self.log_in()
        sent = {"Authorization": f"Bearer {self.token}"}
        if method == "POST":
            sent |= {"Content-Type": "application/json", "PayPal-Request-Id": key or f"request-{uuid4()}"}
            if key == "-":
                del sent["PayPal-Request-Id"]
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body)
        return self.session.request(
            method, self.paypal.base_url + path, data=data, headers=sent, timeout=20, allow_redirects=False
        )

    def post(self, path: str, body: Any = None, **more: str) -> requests.Response:
        return self.send("POST", path, {} if body is None else body, **more)

    def get(self, path: str, **more: str) -> requests.Response:
        return self.send("GET", path, **more)

    # --- the giver's way, as far as wanted ----------------------------------------------------------------------------

    def created(self, *args: str, **changes: Any) -> FakeOrder:
        answer = self.post("/v2/checkout/orders", an_order(*args, **changes))
        assert answer.status_code == 201, answer.text
        return self.paypal.orders[answer.json()["id"]]

    def approved(self, *args: str, pays_with: str = "balance", **changes: Any) -> FakeOrder:
        order = self.created(*args, **changes)
        self.paypal.approve(order.id, pays_with)
        return order

    def captured(self, *args: str, **changes: Any) -> FakeCapture:
        order = self.approved(*args, **changes)
        answer = self.post(f"/v2/checkout/orders/{order.id}/capture")
        assert answer.status_code == 201, answer.text
        return order.captures[0]

    def authorized(self, *args: str, **changes: Any) -> FakeAuthorization:
        order = self.approved(*args, intent="AUTHORIZE", **changes)
        answer = self.post(f"/v2/checkout/orders/{order.id}/authorize")
        assert answer.status_code == 201, answer.text
        return order.authorizations[0]

    def refund(self, capture: FakeCapture, body: Any = None, **more: str) -> requests.Response:
        more.setdefault("PayPal_Auth_Assertion", assertion(iss=self.app.client_id, email=capture.order.payee.email))
        return self.post(f"/v2/payments/captures/{capture.id}/refund", body, **more)

    def void(self, authorization: FakeAuthorization, **more: str) -> requests.Response:
        more.setdefault("PayPal_Auth_Assertion", assertion(iss=self.app.client_id, email=authorization.order.payee.email))
        return self.post(f"/v2/payments/authorizations/{authorization.id}/void", **more)


def issue_of(answer: requests.Response) -> str:
    """The one issue of an error answer."""
    (detail,) = answer.json()["details"]
    return detail["issue"]
