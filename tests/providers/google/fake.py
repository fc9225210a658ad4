"""A Google Pay in front of the fake Stripe: its script, its sheet, and the tokens that it asks Stripe for.

What a page asks Google for is judged as the real script would judge it, and noted in `violations` where it would refuse.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from tests.providers.line import Call, Reply, patterns_of
from tests.providers.stripe import fake
from tests.providers.stripe.fake import API_VERSION, FakeStripe, StripeHandler
from tests.providers.stripe.objects import FakeIntent

ROUTES = (("script", "GET", "/gp/p/js/pay.js"), ("google_token", "POST", "/gp/p/token"))
PUBLIC = {operation for operation, _, _ in ROUTES}
NETWORKS = {"AMEX", "DISCOVER", "INTERAC", "JCB", "MASTERCARD", "VISA"}


class GoogleHandler(StripeHandler):
    patterns = tuple(patterns_of(fake.ROUTES + ROUTES))


class FakeGoogle(FakeStripe):
    """The whole of it. `script_url` is where the stand-in for pay.js is; `sheets` are the requests it was given."""

    handler = GoogleHandler
    operations = FakeStripe.operations | PUBLIC
    without_key = FakeStripe.without_key | PUBLIC

    merchant_id = "BCR2DN4TZ2QPMXYZ"
    publishable_key = "pk_test_51PgafTB7WZ01zgkWpublished"

    def __init__(self, *, listens: bool = True) -> None:
        super().__init__(listens=listens)
        self.script_url = f"{self.base_url}/gp/p/js/pay.js"
        self.has_a_wallet = True
        """Whether the giver's device can pay by Google Pay."""
        self.sheets: list[dict[str, Any]] = []

    def press_button(self, button: dict[str, Any], pays_with: str = "card") -> str:
        """The giver chooses a card in Google's sheet: what Google gives to the page, as text."""
        assert button["environment"] in ("TEST", "PRODUCTION")
        return self.token_text(button["request"], pays_with)

    def token_text(self, request: dict[str, Any], pays_with: str) -> str:
        with self._lock:
            self.sheets.append(request)
            self.violations += faults_of(request, self)
            return json.dumps(self.token_object(self.books.new_token(pays_with)))

    def token_object(self, token: str) -> dict[str, Any]:
        """A Token of Stripe's, as Google passes it on."""
        card = {"id": "card_1", "object": "card", "brand": "Visa", "last4": "4242", "tokenization_method": "android_pay"}
        return {
            "id": token, "object": "token", "card": card, "client_ip": "203.0.113.7", "created": self.books.seconds(),
            "livemode": False, "type": "card", "used": False,
        }  # fmt: skip

    def intents_of(self, contribution_id: str) -> list[FakeIntent]:
        return [
            one for one in self.books.intents.values() if one.asked.get("metadata", {}).get("contribution") == contribution_id
        ]

    def _script(self, call: Call) -> Reply:
        source = (Path(__file__).parent / "pay.js").read_text()
        wallet = "true" if self.has_a_wallet else "false"
        return Reply(200, source.replace("HAS_A_WALLET", wallet), "text/javascript")

    def _google_token(self, call: Call) -> Reply:
        asked = dict(parse_qsl(call.body.decode()))
        told = self.token_text(json.loads(asked["request"]), asked["pays_with"])
        return Reply(200, told, "text/plain", {"Access-Control-Allow-Origin": "*"})


def faults_of(request: dict[str, Any], google: FakeGoogle) -> list[str]:
    """What Google, or Stripe behind it, would not accept in a PaymentDataRequest."""
    faults = []
    if (request.get("apiVersion"), request.get("apiVersionMinor")) != (2, 0):
        faults.append("apiVersion must be 2.0")
    if request.get("merchantInfo", {}).get("merchantId") != google.merchant_id:
        faults.append("merchantInfo.merchantId is not the merchant's")
    [method] = request["allowedPaymentMethods"]
    parameters, token_for = method["parameters"], method["tokenizationSpecification"]
    if method["type"] != "CARD" or not set(parameters["allowedCardNetworks"]) <= NETWORKS:
        faults.append("allowedPaymentMethods is not for cards that there are")
    if not set(parameters["allowedAuthMethods"]) <= {"PAN_ONLY", "CRYPTOGRAM_3DS"}:
        faults.append("allowedAuthMethods")
    wanted = {"gateway": "stripe", "stripe:version": API_VERSION, "stripe:publishableKey": google.publishable_key}
    if token_for != {"type": "PAYMENT_GATEWAY", "parameters": wanted}:
        faults.append(f"tokenizationSpecification is {token_for}")
    money = request["transactionInfo"]
    if not re.fullmatch(r"[0-9]+(\.[0-9][0-9])?", money["totalPrice"]) or not re.fullmatch(r"[A-Z]{3}", money["currencyCode"]):
        faults.append(f"transactionInfo is {money}")
    if money["totalPriceStatus"] != "FINAL" or not re.fullmatch(r"[A-Z]{2}", money["countryCode"]):
        faults.append(f"transactionInfo is {money}")
    known = {"countryCode", "currencyCode", "totalPriceStatus", "totalPrice", "checkoutOption", "transactionId"}
    return faults + [f"transactionInfo.{name} is not known" for name in set(money) - known]
