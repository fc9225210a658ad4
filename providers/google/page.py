"""What Google Pay's button needs on our pay page, whichever gateway takes the money behind it.

Google hosts no checkout and holds no money: its button gives the giver's browser a token for the gateway. DIRECT mode, in which
card numbers would come to us, is not built (docs/security.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from money import text_of
from providers.base import DecimalsRefused, PaymentRequest, PayPage
from providers.google.locales import button_locale
from providers.google.names import merchant_name

GOOGLES_OWN = "https://pay.google.com"
CARD_NETWORKS = ["AMEX", "DISCOVER", "MASTERCARD", "VISA"]
AUTH_METHODS = ["PAN_ONLY", "CRYPTOGRAM_3DS"]


BUTTON_SCRIPT = (Path(__file__).parent / "button.js").read_text()


@dataclass(frozen=True)
class GooglePayPage:
    """Google's button for one merchant. `environment`: TEST or PRODUCTION; `country`: of the account that is paid."""

    merchant_id: str
    environment: str
    country: str
    script_url: str

    def for_request(self, request: PaymentRequest, tokenization: Mapping[str, str]) -> PayPage:
        """`tokenization`: for whom Google is to make the token, `tokenizationSpecification.parameters` of Google's API. Public.

        https://developers.google.com/pay/api/web/reference/request-objects
        """
        name, version = merchant_name(request.brand), {"apiVersion": 2, "apiVersionMinor": 0}
        card = {
            "type": "CARD",
            "parameters": {"allowedAuthMethods": AUTH_METHODS, "allowedCardNetworks": CARD_NETWORKS},
        }
        token_for = {"type": "PAYMENT_GATEWAY", "parameters": dict(tokenization)}
        sum_to_pay = {
            "countryCode": self.country,
            "currencyCode": request.currency,
            "totalPriceStatus": "FINAL",
            "totalPrice": price(request.amount_minor, request.currency),
            "checkoutOption": "COMPLETE_IMMEDIATE_PURCHASE",
        }
        script = urlsplit(self.script_url)
        hosts = tuple(dict.fromkeys((f"{script.scheme}://{script.netloc}", GOOGLES_OWN)))
        return PayPage(
            script_url=self.script_url,
            button={
                "environment": self.environment,
                **({"locale": told} if (told := button_locale(request.language)) else {}),
                "ready": version | {"allowedPaymentMethods": [card]},
                "request": version
                | {
                    "merchantInfo": {"merchantId": self.merchant_id, **({"merchantName": name} if name else {})},
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


def price(amount_minor: int, currency: str) -> str:
    """As Google's sheet shows it: price(2000, "USD") is "20.00", price(2510, "KWD") is "2.51". It knows no third decimal."""
    whole, point, decimals = text_of(amount_minor, currency).partition(".")
    if decimals[2:].strip("0"):
        raise DecimalsRefused(f"The amount must have at most two decimals: Google Pay shows no more in {currency}.")
    return whole + point + decimals[:2]
