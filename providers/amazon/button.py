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
        if not self._client.signer.can_sign:
            raise ProviderUnavailable("the service has no Amazon Pay keys")
        payload = json.dumps(self._payload(request), separators=(",", ":"))
        config = {"payloadJSON": payload, "signature": self._client.signer.sign(payload), "algorithm": ALGORITHM}
        button: dict[str, Any] = {
            "merchantId": self._merchant_id,
            "ledgerCurrency": self._ledger_currency,
            **({"checkoutLanguage": told} if (told := checkout_language(request.language, self._region)) else {}),
            "productType": "PayOnly",
            "placement": "Checkout",
            "buttonColor": "Gold",
            "estimatedOrderAmount": amounts.price(request.amount_minor, request.currency),
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
            "merchantMetadata": {
                "merchantReferenceId": request.reference,
                **({"merchantStoreName": store} if (store := names.store_name(request.brand)) else {}),
                "noteToBuyer": names.note_to_buyer(request.description),
            },
        }
