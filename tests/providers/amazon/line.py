"""The line to the fake Amazon: its addresses, and its words for trouble of its own."""

from typing import Any

from tests.providers import line
from tests.providers.line import Reply, patterns_of

PREFIX = r"(?P<prefix>/v2|/sandbox/v2|/live/v2)"
ROUTES = (
    ("get_session", "GET", PREFIX + "/checkoutSessions/{id}"),
    ("complete", "POST", PREFIX + "/checkoutSessions/{id}/complete"),
    ("get_charge", "GET", PREFIX + "/charges/{id}"),
    ("capture", "POST", PREFIX + "/charges/{id}/capture"),
    ("cancel", "DELETE", PREFIX + "/charges/{id}/cancel"),
    ("create_charge", "POST", PREFIX + "/charges"),
    ("close", "DELETE", PREFIX + "/chargePermissions/{id}/close"),
    ("get_permission", "GET", PREFIX + "/chargePermissions/{id}"),
    ("refund", "POST", PREFIX + "/refunds"),
    ("get_refund", "GET", PREFIX + "/refunds/{id}"),
    ("get_dispute", "GET", PREFIX + "/disputes/{id}"),
    ("script", "GET", "/checkout.js"),
    ("start", "POST", "/start"),
    ("page", "GET", "/checkout"),
    ("choice", "POST", "/checkout"),
    ("certificate", "GET", r"/SimpleNotificationService-{id}\.pem"),
    ("confirm", "GET", "/"),
    ("elsewhere", "GET", "/elsewhere"),
    ("elsewhere", "POST", "/elsewhere"),
)
OPERATIONS = {operation for operation, _, _ in ROUTES}


class Handler(line.Handler):
    server_version = "Server"
    patterns = tuple(patterns_of(ROUTES))

    @staticmethod
    def trouble(status: int, reply: Reply) -> dict[str, Any]:
        reason_code = {500: "InternalServerError", 503: "ServiceUnavailable"}[status]
        return {"reasonCode": reason_code, "message": reason_code}
