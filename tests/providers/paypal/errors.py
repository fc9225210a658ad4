"""PayPal's refusals, in PayPal's own words: status, name, issue, description."""

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

ISSUES = {
    "INVALID_PARAMETER_SYNTAX": (400, "The value of a field does not conform to the expected format."),
    "INVALID_PARAMETER_VALUE": (400, "A parameter value is not valid."),
    "INVALID_STRING_LENGTH": (400, "The value of a field is either too short or too long"),
    "INVALID_ARRAY_MAX_ITEMS": (400, "The number of items in an array parameter is too large."),
    "INVALID_ARRAY_MIN_ITEMS": (400, "The number of items in an array parameter is too small."),
    "MALFORMED_REQUEST_JSON": (400, "The request JSON is not well formed."),
    "MISSING_REQUIRED_PARAMETER": (400, "A required parameter is missing."),
    "PAYPAL_REQUEST_ID_REQUIRED": (
        400,
        "A PayPal-Request-Id is required if you are trying to process payment for an Order. Please specify a "
        "PayPal-Request-Id or Create the Order without a 'payment_source' specified.",
    ),
    "PERMISSION_DENIED": (403, "You do not have permission to access or perform operations on this resource."),
    "INVALID_RESOURCE_ID": (404, "Specified resource ID does not exist. Please check the resource ID and try again."),
    "PREVIOUS_REQUEST_IN_PROGRESS": (
        409,
        "A previous request on this resource is currently in progress. Please wait for sometime and try again. It is best "
        "to space out the initial and the subsequent request(s) to avoid receiving this error.",
    ),
    # --- creating
    "CANNOT_BE_ZERO_OR_NEGATIVE": (
        422,
        "Must be greater than zero. If the currency supports decimals, only two decimal place precision is supported.",
    ),
    "DECIMAL_PRECISION": (422, "If the currency supports decimals, only two decimal place precision is supported."),
    "DECIMALS_NOT_SUPPORTED": (
        422,
        "Currency does not support decimals. Please refer to https://developer.paypal.com/docs/api/reference/currency-codes/ "
        "for more information.",
    ),
    "INVALID_CURRENCY_CODE": (
        422,
        "Currency code is invalid or is not currently supported. Please refer "
        "https://developer.paypal.com/api/rest/reference/currency-codes/ for list of supported currency codes.",
    ),
    "MAX_VALUE_EXCEEDED": (422, "Should be less than or equal to 999999999999999.99."),
    "PAYEE_ACCOUNT_INVALID": (
        422,
        "Payee account specified is invalid. Please check the `payee.email_address` or `payee.merchant_id` specified and try "
        "again. Ensure that either  `payee.merchant_id` or `payee.email_address` is specified and is not both. Please ensure "
        "that email is associated with a PayPal business account.",
    ),
    "PAYEE_ACCOUNT_LOCKED_OR_CLOSED": (422, "The merchant account is locked or closed."),
    "PAYEE_ACCOUNT_RESTRICTED": (422, "The merchant account is restricted."),
    # --- capturing and authorizing an order
    "ACTION_DOES_NOT_MATCH_INTENT": (
        422,
        "Order was created with an intent to 'CAPTURE'. Please use v2/checkout/orders/order_id/capture to complete the "
        "transaction or alternately Create an order with an intent of 'AUTHORIZE'.",
    ),
    "COMPLIANCE_VIOLATION": (422, "Transaction is declined due to compliance violation."),
    "DUPLICATE_INVOICE_ID": (
        422,
        "Duplicate Invoice ID detected. To avoid a potential duplicate transaction your account setting requires that Invoice "
        "Id be unique for each transaction.",
    ),
    "INSTRUMENT_DECLINED": (
        422,
        "The instrument presented  was either declined by the processor or bank, or it can't be used for this payment.",
    ),
    "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED": (422, "You have exceeded the maximum number of payment attempts."),
    "ORDER_ALREADY_AUTHORIZED": (
        422,
        "Order already authorized.If 'intent=AUTHORIZE' only one authorization per order is allowed.",
    ),
    "ORDER_ALREADY_CAPTURED": (422, "Order already captured.If 'intent=CAPTURE' only one capture per order is allowed."),
    "ORDER_COMPLETION_IN_PROGRESS": (422, None),
    "ORDER_NOT_APPROVED": (422, None),
    "PAYEE_BLOCKED_TRANSACTION": (422, "The Fraud settings for this seller are such that this payment cannot be executed."),
    "PAYER_ACCOUNT_LOCKED_OR_CLOSED": (422, "The payer account cannot be used for this transaction."),
    "PAYER_ACCOUNT_RESTRICTED": (422, "PAYER_ACCOUNT_RESTRICTED"),
    "PAYER_ACTION_REQUIRED": (
        422,
        "Transaction cannot complete successfully, instruct the buyer to return to PayPal.",
    ),
    "PAYER_CANNOT_PAY": (
        422,
        "Payer cannot pay for this transaction. Please contact the payer to find other ways to pay for this transaction.",
    ),
    "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING": (
        422,
        "Transaction failed. Redirect the payer to select another funding source.",
    ),
    "TRANSACTION_BLOCKED_BY_PAYEE": (422, "Transaction blocked by Payee’s Fraud Protection settings."),
    "TRANSACTION_LIMIT_EXCEEDED": (422, "Total payment amount exceeded transaction limit."),
    "TRANSACTION_RECEIVING_LIMIT_EXCEEDED": (422, "The transaction exceeds the receiver's receiving limit."),
    "TRANSACTION_REFUSED": (422, "The request was refused."),
    # --- authorizations
    "AUTHORIZATION_ALREADY_CAPTURED": (422, "Authorization has previously been captured."),
    "AUTHORIZATION_DENIED": (422, "An denied authorization cannot be captured."),
    "AUTHORIZATION_EXPIRED": (422, "An expired authorization cannot be captured."),
    "AUTHORIZATION_VOIDED": (422, "A voided authorization cannot be captured or reauthorized. "),
    "AUTH_CAPTURE_CURRENCY_MISMATCH": (422, "Currency of capture must be the same as currency of authorization."),
    "AUTH_CURRENCY_MISMATCH": (422, None),
    "CANNOT_BE_VOIDED": (422, "A reauthorization cannot be voided. Please void the original parent authorization."),
    "MAX_CAPTURE_AMOUNT_EXCEEDED": (422, None),
    "PREVIOUSLY_CAPTURED": (422, "Authorization has been previously captured and hence cannot be voided."),
    "PREVIOUSLY_VOIDED": (422, "Authorization has been previously voided and hence cannot be voided again."),
    "REAUTHORIZATION_NOT_SUPPORTED": (422, None),
    "REAUTHORIZATION_TOO_SOON": (422, "An authorization can only be reauthorized once its honor period has ended."),
    # --- refunds
    "CAPTURE_FULLY_REFUNDED": (422, "The capture has already been fully refunded"),
    "MAX_NUMBER_OF_REFUNDS_EXCEEDED": (422, "You have exceeded the maximum number of refund attempts for this capture."),
    "PENDING_CAPTURE": (422, None),
    "REFUND_AMOUNT_EXCEEDED": (
        422,
        "The refund amount must be less than or equal to the capture amount that has not yet been refunded.",
    ),
    "REFUND_CAPTURE_CURRENCY_MISMATCH": (422, "Refund must be in the same currency as the capture"),
    "REFUND_FAILED_BY_PAYMENT_SOURCE": (422, "Refund was refused by the payment source."),
    "REFUND_FAILED_INSUFFICIENT_FUNDS": (422, None),
    "REFUND_NOT_ALLOWED": (422, "Capture cannot be refunded."),
    "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK": (422, None),
    "REFUND_TIME_LIMIT_EXCEEDED": (422, "You are over the time limit to perform a refund on this capture"),
    "TRANSACTION_DISPUTED": (422, None),
    "RATE_LIMIT_REACHED": (429, None),
    "INTERNAL_SERVER_ERROR": (500, None),
    "INTERNAL_SERVICE_ERROR": (500, None),
}
"""issue -> (HTTP status, description; None where the fake gives none, which PayPal's schema allows)."""


class Refusal(Exception):
    """PayPal says no. `links` come before the information link in the body."""

    def __init__(
        self,
        status: int,
        issue: str = "",
        *,
        field: str = "",
        value: Any = None,
        description: str | None = None,
        links: tuple[dict[str, str], ...] = (),
        remembered: bool = False,
    ) -> None:
        super().__init__(issue or NAMES[status][0])
        self.status, self.issue, self.field, self.value = status, issue, field, value
        self.description, self.links = description, links
        self.remembered = remembered
        """Whether the same PayPal-Request-Id gets this answer again."""

    def body(self, debug_id: str) -> dict[str, Any]:
        name, message = NAMES[self.status]
        answer: dict[str, Any] = {"name": name, "message": message, "debug_id": debug_id}
        if self.issue and self.status < 500 and self.status != 429:
            detail = {"issue": self.issue}
            if self.field:
                detail["field"] = self.field
            if isinstance(self.value, str):
                detail["value"] = self.value
            if self.field and self.status in (400, 422):
                detail["location"] = "body"
            if self.description:
                detail["description"] = self.description
            answer["details"] = [detail]
        information = f"https://developer.paypal.com/api/rest/reference/orders/v2/errors/#{self.issue}"
        answer["links"] = [*self.links, {"href": information, "rel": "information_link", "method": "GET"}]
        return answer


def refusal(issue: str, *, field: str = "", value: Any = None, links: tuple[dict[str, str], ...] = ()) -> Refusal:
    """The refusal that PayPal gives for this issue. Raises KeyError for an issue that is not in the table."""
    status, description = ISSUES[issue]
    return Refusal(status, issue, field=field, value=value, description=description, links=links)
