"""The line to the fake Amazon: its routes, and everything that can go wrong with a call, by name."""

import json

from tests.providers.paypal import line as paypal_line
from tests.providers.paypal.faults import AFTER, BEFORE
from tests.providers.paypal.line import Reply

PREFIX = r"(?P<prefix>/v2|/sandbox/v2|/live/v2)"
ROUTES = (
    ("create_session", "POST", PREFIX + "/checkoutSessions"),
    ("get_session", "GET", PREFIX + "/checkoutSessions/{id}"),
    ("update_session", "PATCH", PREFIX + "/checkoutSessions/{id}"),
    ("complete", "POST", PREFIX + "/checkoutSessions/{id}/complete"),
    ("get_charge", "GET", PREFIX + "/charges/{id}"),
    ("capture", "POST", PREFIX + "/charges/{id}/capture"),
    ("cancel", "DELETE", PREFIX + "/charges/{id}/cancel"),
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

LINE_FAULTS = {name for name in BEFORE if name not in ("token_dies", "in_progress", "redirect_307")} | set(AFTER)


class Handler(paypal_line.Handler):
    server_version = "Server"
    patterns = tuple(paypal_line.patterns_of(ROUTES))

    def _tell_do_then_500(self, reply: Reply) -> None:
        self._send(500, reply.headers, json.dumps(_error("InternalServerError")).encode(), "application/json")

    def _tell_do_then_503(self, reply: Reply) -> None:
        headers = reply.headers | {"Retry-After": "7"}
        self._send(503, headers, json.dumps(_error("ServiceUnavailable")).encode(), "application/json")


def _error(reason_code: str) -> dict[str, str]:
    return {"reasonCode": reason_code, "message": reason_code}
