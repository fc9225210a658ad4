"""The line to the fake PayPal: its addresses, and its words for trouble of its own."""

from typing import Any

from tests.providers import line
from tests.providers.line import Reply, patterns_of

ROUTES = (
    ("token", "POST", "/v1/oauth2/token"),
    ("create", "POST", "/v2/checkout/orders"),
    ("get", "GET", "/v2/checkout/orders/{id}"),
    ("capture", "POST", "/v2/checkout/orders/{id}/capture"),
    ("authorize", "POST", "/v2/checkout/orders/{id}/authorize"),
    ("get_authorization", "GET", "/v2/payments/authorizations/{authorization_id}"),
    ("capture_authorization", "POST", "/v2/payments/authorizations/{authorization_id}/capture"),
    ("reauthorize", "POST", "/v2/payments/authorizations/{authorization_id}/reauthorize"),
    ("void", "POST", "/v2/payments/authorizations/{authorization_id}/void"),
    ("get_capture", "GET", "/v2/payments/captures/{capture_id}"),
    ("refund", "POST", "/v2/payments/captures/{capture_id}/refund"),
    ("get_refund", "GET", "/v2/payments/refunds/{refund_id}"),
    ("save_wallet", "POST", "/v3/vault/setup-tokens"),
    ("get_setup", "GET", "/v3/vault/setup-tokens/{id}"),
    ("exchange", "POST", "/v3/vault/payment-tokens"),
    ("list_wallets", "GET", "/v3/vault/payment-tokens"),
    ("get_wallet", "GET", "/v3/vault/payment-tokens/{id}"),
    ("delete_wallet", "DELETE", "/v3/vault/payment-tokens/{id}"),
    ("verify", "POST", "/v1/notifications/verify-webhook-signature"),
    ("get_webhook", "GET", "/v1/notifications/webhooks/{webhook_id}"),
    ("create_referral", "POST", "/v2/customer/partner-referrals"),
    ("find_merchant", "GET", "/v1/customer/partners/{partner_id}/merchant-integrations"),
    ("get_merchant", "GET", "/v1/customer/partners/{partner_id}/merchant-integrations/{merchant_id}"),
    ("certificate", "GET", "/v1/notifications/certs/{certificate_id}"),
    ("checkout_page", "GET", "/checkoutnow"),
    ("checkout_choice", "POST", "/checkoutnow"),
    ("elsewhere", "GET", "/elsewhere"),
    ("elsewhere", "POST", "/elsewhere"),
)
PATTERNS = tuple(patterns_of(ROUTES))

TROUBLES = {
    500: {"name": "INTERNAL_SERVER_ERROR", "message": "An internal server error occurred."},
    503: {"name": "SERVICE_UNAVAILABLE", "message": "Service Unavailable."},
}


class Handler(line.Handler):
    server_version = "Apache"
    patterns = PATTERNS

    @staticmethod
    def trouble(status: int, reply: Reply) -> dict[str, Any]:
        return TROUBLES[status] | {"debug_id": reply.headers["PayPal-Debug-Id"]}
