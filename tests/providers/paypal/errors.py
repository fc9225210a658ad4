"""PayPal's refusals: status, name, issue. PayPal's descriptions of issues are left out: nobody reads them."""

from typing import Any

NAMES = {
    400: ("INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema."),
    401: (
        "AUTHENTICATION_FAILURE",
        "Authentication failed due to missing authorization header, or invalid authentication credentials.",
    ),
    403: ("NOT_AUTHORIZED", "Authorization failed due to insufficient permissions."),
    404: ("RESOURCE_NOT_FOUND", "The specified resource does not exist."),
    405: ("METHOD_NOT_SUPPORTED", "The server does not implement the requested HTTP method."),
    409: ("RESOURCE_CONFLICT", "The server has detected a conflict while processing this request."),
    415: ("UNSUPPORTED_MEDIA_TYPE", "The server does not support the request payload's media type."),
    422: (
        "UNPROCESSABLE_ENTITY",
        "The requested action could not be performed, semantically incorrect, or failed business validation.",
    ),
    429: ("RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting."),
    500: ("INTERNAL_SERVER_ERROR", "An internal server error occurred."),
    503: ("SERVICE_UNAVAILABLE", "Service Unavailable."),
}

_BY_STATUS = (
    (
        400,
        "INVALID_PARAMETER_SYNTAX INVALID_PARAMETER_VALUE INVALID_STRING_LENGTH INVALID_ARRAY_MAX_ITEMS "
        "INVALID_ARRAY_MIN_ITEMS MALFORMED_REQUEST_JSON MISSING_REQUIRED_PARAMETER PAYPAL_REQUEST_ID_REQUIRED",
    ),
    (403, "PERMISSION_DENIED"),
    (404, "INVALID_RESOURCE_ID"),
    (409, "PREVIOUS_REQUEST_IN_PROGRESS"),
    # --- creating
    (
        422,
        "CANNOT_BE_ZERO_OR_NEGATIVE DECIMAL_PRECISION DECIMALS_NOT_SUPPORTED INVALID_CURRENCY_CODE MAX_VALUE_EXCEEDED "
        "PAYEE_ACCOUNT_INVALID PAYEE_ACCOUNT_LOCKED_OR_CLOSED PAYEE_ACCOUNT_RESTRICTED",
    ),
    # --- capturing and authorizing an order
    (
        422,
        "ACTION_DOES_NOT_MATCH_INTENT COMPLIANCE_VIOLATION DUPLICATE_INVOICE_ID INSTRUMENT_DECLINED "
        "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED ORDER_ALREADY_AUTHORIZED ORDER_ALREADY_CAPTURED "
        "ORDER_COMPLETION_IN_PROGRESS ORDER_NOT_APPROVED PAYEE_BLOCKED_TRANSACTION PAYER_ACCOUNT_LOCKED_OR_CLOSED "
        "PAYER_ACCOUNT_RESTRICTED PAYER_ACTION_REQUIRED PAYER_CANNOT_PAY REDIRECT_PAYER_FOR_ALTERNATE_FUNDING "
        "TRANSACTION_BLOCKED_BY_PAYEE TRANSACTION_LIMIT_EXCEEDED TRANSACTION_RECEIVING_LIMIT_EXCEEDED TRANSACTION_REFUSED",
    ),
    # --- authorizations
    (
        422,
        "AUTHORIZATION_ALREADY_CAPTURED AUTHORIZATION_DENIED AUTHORIZATION_EXPIRED AUTHORIZATION_VOIDED "
        "AUTH_CAPTURE_CURRENCY_MISMATCH AUTH_CURRENCY_MISMATCH CANNOT_BE_VOIDED MAX_CAPTURE_AMOUNT_EXCEEDED "
        "PREVIOUSLY_CAPTURED PREVIOUSLY_VOIDED REAUTHORIZATION_NOT_SUPPORTED REAUTHORIZATION_TOO_SOON",
    ),
    # --- refunds
    (
        422,
        "PLATFORM_FEES_NOT_SUPPORTED INVALID_PLATFORM_FEES_AMOUNT PLATFORM_FEE_EXCEEDED "
        "CAPTURE_FULLY_REFUNDED MAX_NUMBER_OF_REFUNDS_EXCEEDED PENDING_CAPTURE REFUND_AMOUNT_EXCEEDED "
        "REFUND_CAPTURE_CURRENCY_MISMATCH REFUND_FAILED_BY_PAYMENT_SOURCE REFUND_FAILED_INSUFFICIENT_FUNDS REFUND_NOT_ALLOWED "
        "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK REFUND_TIME_LIMIT_EXCEEDED TRANSACTION_DISPUTED",
    ),
    # --- the vault, and what is paid with it
    (
        422,
        "MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE NOT_ELIGIBLE_FOR_TOKEN_PROCESSING NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE "
        "TOKEN_ALREADY_EXCHANGED",
    ),
    (429, "RATE_LIMIT_REACHED"),
    (500, "INTERNAL_SERVER_ERROR INTERNAL_SERVICE_ERROR"),
)
ISSUES = {issue: status for status, issues in _BY_STATUS for issue in issues.split()}
"""issue -> HTTP status"""


class Refusal(Exception):
    """PayPal says no. `links` come before the information link in the body."""

    def __init__(self, status: int, issue: str = "", *, links: tuple[dict[str, str], ...] = ()) -> None:
        super().__init__(issue or NAMES[status][0])
        self.status, self.issue, self.links = status, issue, links
        self.remembered = False
        """Whether the same PayPal-Request-Id gets this answer again."""

    def body(self, debug_id: str) -> dict[str, Any]:
        name, message = NAMES[self.status]
        answer: dict[str, Any] = {"name": name, "message": message, "debug_id": debug_id}
        if self.issue and self.status < 500 and self.status != 429:
            answer["details"] = [{"issue": self.issue}]
        information = f"https://developer.paypal.com/api/rest/reference/orders/v2/errors/#{self.issue}"
        answer["links"] = [*self.links, {"href": information, "rel": "information_link", "method": "GET"}]
        return answer


def refusal(issue: str, *, links: tuple[dict[str, str], ...] = ()) -> Refusal:
    """The refusal that PayPal gives for this issue. Raises KeyError for an issue that is not in the table."""
    return Refusal(ISSUES[issue], issue, links=links)
