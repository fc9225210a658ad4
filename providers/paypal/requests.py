"""What is sent to PayPal: the order of a payment request, amounts, and in whose name we act."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from providers.base import AmountRefused, PaymentRequest, ProviderRefused
from providers.paypal import amounts, names
from providers.paypal.locales import locale


def order_for(request: PaymentRequest) -> dict[str, Any]:
    """The body that creates an order. Raises ProviderRefused where PayPal cannot carry the amount."""
    payee = {"email_address": request.payee} if "@" in request.payee else {"merchant_id": request.payee}
    return {
        "intent": "CAPTURE" if request.capture_at_once else "AUTHORIZE",
        "purchase_units": [
            {
                "reference_id": "default",
                "custom_id": request.reference,
                "invoice_id": request.reference,
                "description": names.description(request.description),
                "payee": payee,
                "amount": money(request.amount_minor, request.currency),
                **_told("soft_descriptor", names.soft_descriptor(request.brand)),
                **(fees(request.platform_fee_minor, request.currency) if request.capture_at_once else {}),
            }
        ],
        "payment_source": {
            "paypal": {
                "experience_context": {
                    **_told("brand_name", names.brand_name(request.brand)),
                    **_told("locale", locale(request.language)),
                    "user_action": "PAY_NOW",
                    "shipping_preference": "NO_SHIPPING",
                    "landing_page": "NO_PREFERENCE",
                    "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
                    "return_url": request.return_url,
                    "cancel_url": request.cancel_url,
                }
            }
        },
    }


def _told(name: str, value: str) -> dict[str, str]:
    """The member where there is something to tell: PayPal takes no empty text."""
    return {name: value} if value else {}


def fees(fee_minor: int, currency: str) -> dict[str, Any]:
    """What is kept for the operator, or given back by it: the API caller's, where it is an approved partner of PayPal's.

    https://developer.paypal.com/docs/multiparty/checkout/pay-immediately/ (2026-11). Nothing where there is no fee.
    """
    return {"payment_instruction": {"platform_fees": [{"amount": money(fee_minor, currency)}]}} if fee_minor else {}


def money(amount_minor: int, currency: str) -> dict[str, str]:
    """PayPal's money object: money(2500, "USD") is {"currency_code": "USD", "value": "25.00"}. Raises ProviderRefused."""
    try:
        return {"currency_code": currency, "value": amounts.value_of(amount_minor, currency)}
    except AmountRefused as error:
        raise ProviderRefused(error.reason, str(error)) from None


def assertion_for(client_id: str, payee: str) -> str:
    """In whose name we act on a payment that another account has received: a token without a signature, as PayPal asks."""
    subject = {"email": payee} if "@" in payee else {"payer_id": payee}
    return f"{_base64url({'alg': 'none'})}.{_base64url({'iss': client_id, **subject})}."


def _base64url(content: Mapping[str, str]) -> str:
    text = json.dumps(content, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()
