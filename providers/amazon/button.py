"""Amazon's button on our pay page, and the payload that we sign for it."""

import json
from typing import Any
from urllib.parse import urlsplit

from providers.amazon import amounts, names
from providers.amazon.client import AmazonPayClient
from providers.amazon.locales import checkout_language
from providers.amazon.regions import Region
from providers.amazon.signing import ALGORITHM
from providers.base import PaymentRequest, PayPage, ProviderUnavailable
from providers.permissions import PermissionRequest


class Button:
    """The button of one store. `ledger_currency`: what its account is kept in, whatever a gift is given in."""

    def __init__(
        self,
        client: AmazonPayClient,
        *,
        merchant_id: str,
        store_id: str,
        region: Region,
        ledger_currency: str,
        script_url: str,
    ) -> None:
        self._client, self._merchant_id, self._store_id = client, merchant_id, store_id
        self._region, self._ledger_currency, self._script_url = region, ledger_currency, script_url

    def page_for(self, request: PaymentRequest) -> PayPage:
        """Raises ProviderUnavailable where the service has no keys (any more)."""
        amount = amounts.price(request.amount_minor, request.currency)
        return self._page(self._payload(request), amount, checkout_language(request.language, self._region))

    def page_to_agree_on(self, request: PermissionRequest) -> PayPage:
        """Raises ProviderUnavailable where the service has no keys (any more)."""
        return self._page(self._agreement(request), amounts.price(request.maximum_minor, request.currency), "")

    def _page(self, told: dict[str, Any], amount: dict[str, str], language: str) -> PayPage:
        if not self._client.signer.can_sign:
            raise ProviderUnavailable("the service has no Amazon Pay keys")
        payload = json.dumps(told, separators=(",", ":"))
        config = {"payloadJSON": payload, "signature": self._client.signer.sign(payload), "algorithm": ALGORITHM}
        button: dict[str, Any] = {
            "merchantId": self._merchant_id,
            "ledgerCurrency": self._ledger_currency,
            **({"checkoutLanguage": language} if language else {}),
            "productType": "PayOnly",
            "placement": "Checkout",
            "buttonColor": "Gold",
            "estimatedOrderAmount": amount,
            "createCheckoutSessionConfig": config,
        }
        if self._client.has_keys_of_one_environment:
            button["publicKeyId"] = self._client.signer.public_key_id
        else:
            config["publicKeyId"] = self._client.signer.public_key_id
            button["sandbox"] = self._client.environment == "sandbox"
        script = urlsplit(self._script_url)
        sources = self._region.sources(f"{script.scheme}://{script.netloc}")
        return PayPage(script_url=self._script_url, button=button, sources=sources)

    def _agreement(self, request: PermissionRequest) -> dict[str, Any]:
        """What Amazon is to make a session of in which nothing is taken, and the giver agrees to later charges.

        https://developer.amazon.com/docs/amazon-pay-recurring-apb-checkout/add-the-amazon-pay-button.html (2026-11)
        """
        most = amounts.price(request.maximum_minor, request.currency)
        return {
            "webCheckoutDetails": {
                "checkoutMode": "ProcessOrder",
                "checkoutResultReturnUrl": request.return_url,
                "checkoutCancelUrl": request.cancel_url,
            },
            "storeId": self._store_id,
            "scopes": ["name"],
            "chargePermissionType": "Recurring",
            "recurringMetadata": {"frequency": {"unit": "Variable", "value": "0"}, "amount": most},
            "paymentDetails": {"paymentIntent": "Confirm", "chargeAmount": most, "presentmentCurrency": request.currency},
            "merchantMetadata": names.merchant_metadata(request.reference, request.brand, request.description),
        }

    def _payload(self, request: PaymentRequest) -> dict[str, Any]:
        """What Amazon is to make a session of."""
        intent = "AuthorizeWithCapture" if request.capture_at_once else "Authorize"
        return {
            "webCheckoutDetails": {
                "checkoutMode": "ProcessOrder",
                "checkoutResultReturnUrl": request.return_url,
                "checkoutCancelUrl": request.cancel_url,
            },
            "storeId": self._store_id,
            "scopes": ["name"],
            "paymentDetails": {
                "paymentIntent": intent,
                "canHandlePendingAuthorization": False,
                "chargeAmount": amounts.price(request.amount_minor, request.currency),
                "presentmentCurrency": request.currency,
                **({"softDescriptor": descriptor} if (descriptor := names.soft_descriptor(request.brand)) else {}),
            },
            "merchantMetadata": names.merchant_metadata(request.reference, request.brand, request.description),
        }
