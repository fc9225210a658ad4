"""Google Pay: its button on our pay page, and a gateway that takes the money. It translates and decides nothing.

Google hosts no checkout and holds no money: its button gives the giver's browser a token for the gateway. DIRECT mode, in which
card numbers would come to us, is not built (docs/security.md).
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from money import text_of
from providers.base import (
    AmountRefused,
    Finding,
    OpenedCheckout,
    Payment,
    PaymentRequest,
    PayPage,
    ProviderRefund,
    WebhookEvent,
)
from providers.google.gateway import Gateway

GOOGLES_OWN = "https://pay.google.com"
CARD_NETWORKS = ["AMEX", "DISCOVER", "MASTERCARD", "VISA"]
AUTH_METHODS = ["PAN_ONLY", "CRYPTOGRAM_3DS"]


class GoogleProvider:
    """Meets providers.base.Provider, PaidByToken and ClosesCheckouts. Thread-safe."""

    button_script = (Path(__file__).parent / "button.js").read_text()

    def __init__(self, gateway: Gateway, *, merchant_id: str, environment: str, country: str, script_url: str) -> None:
        self.gateway = gateway
        self.key, self.return_token_argument = gateway.key, gateway.return_token_argument
        self._merchant_id, self._environment, self._country = merchant_id, environment, country
        self._script_url = script_url

    def pay_page(self, order: PaymentRequest) -> PayPage:
        """https://developers.google.com/pay/api/web/reference/request-objects"""
        version = {"apiVersion": 2, "apiVersionMinor": 0}
        card = {
            "type": "CARD",
            "parameters": {"allowedAuthMethods": AUTH_METHODS, "allowedCardNetworks": CARD_NETWORKS},
        }
        token_for = {"type": "PAYMENT_GATEWAY", "parameters": dict(self.gateway.tokenization())}
        sum_to_pay = {
            "countryCode": self._country,
            "currencyCode": order.currency,
            "totalPriceStatus": "FINAL",
            "totalPrice": price(order.amount_minor, order.currency),
            "checkoutOption": "COMPLETE_IMMEDIATE_PURCHASE",
        }
        script = urlsplit(self._script_url)
        hosts = tuple(dict.fromkeys((f"{script.scheme}://{script.netloc}", GOOGLES_OWN)))
        return PayPage(
            script_url=self._script_url,
            button={
                "environment": self._environment,
                "ready": version | {"allowedPaymentMethods": [card]},
                "request": version
                | {
                    "merchantInfo": {"merchantId": self._merchant_id},
                    "allowedPaymentMethods": [card | {"tokenizationSpecification": token_for}],
                    "transactionInfo": sum_to_pay,
                },
            },
            sources={
                "script-src": hosts,
                "img-src": (*hosts, "https://www.gstatic.com", "data:"),
                "connect-src": (*hosts, "https://google.com/pay", "https://www.google.com/pay"),
                "frame-src": hosts,
            },
        )

    # --- the gateway's ----------------------------------------------------------------------------------------------

    def check_setup(self) -> Iterable[Finding]:
        """What `manage.py check_provider` tells an operator."""
        return self.gateway.check_setup()

    def check_credentials(self, credentials: str) -> None:
        self.gateway.check_credentials(credentials)

    def check_currency(self, currency: str) -> None:
        self.gateway.check_currency(currency)

    def check_amount(self, amount_minor: int, currency: str) -> None:
        self.gateway.check_amount(amount_minor, currency)
        price(amount_minor, currency)

    def check_refund(self, amount_minor: int, currency: str) -> None:
        self.gateway.check_refund(amount_minor, currency)

    def open_checkout(self, order: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        return self.gateway.open_checkout(order, request_id=request_id)

    def read_token(self, told: str) -> str:
        return self.gateway.read_token(told)

    def pay(self, order: PaymentRequest, token: str, *, request_id: str) -> Payment:
        return self.gateway.pay(order, token, request_id=request_id)

    def find(self, order: PaymentRequest) -> Payment:
        return self.gateway.find(order)

    def authorize(self, order: PaymentRequest, *, request_id: str) -> Payment:
        return self.gateway.authorize(order, request_id=request_id)

    def capture(self, order: PaymentRequest, *, request_id: str) -> Payment:
        return self.gateway.capture(order, request_id=request_id)

    def renew(self, order: PaymentRequest, *, request_id: str) -> Payment:
        return self.gateway.renew(order, request_id=request_id)

    def void(self, order: PaymentRequest, *, request_id: str) -> Payment:
        return self.gateway.void(order, request_id=request_id)

    def close(self, order: PaymentRequest, *, request_id: str) -> Payment:
        return self.gateway.close(order, request_id=request_id)

    def refund(self, order: PaymentRequest, *, amount_minor: int, reference: str, request_id: str) -> ProviderRefund:
        return self.gateway.refund(order, amount_minor=amount_minor, reference=reference, request_id=request_id)

    def find_refund(self, order: PaymentRequest, provider_reference: str) -> ProviderRefund:
        return self.gateway.find_refund(order, provider_reference)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        return self.gateway.parse_webhook(body, headers)


def price(amount_minor: int, currency: str) -> str:
    """As Google's sheet shows it: price(2000, "USD") is "20.00", price(2510, "KWD") is "2.51". It knows no third decimal."""
    whole, point, decimals = text_of(amount_minor, currency).partition(".")
    if decimals[2:].strip("0"):
        raise AmountRefused(f"The amount must have at most two decimals: Google Pay shows no more in {currency}.")
    return whole + point + decimals[:2]
