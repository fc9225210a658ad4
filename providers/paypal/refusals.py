"""What PayPal's refusals mean. https://developer.paypal.com/docs/api/orders/v2/ and .../payments/v2/"""

from collections.abc import Mapping

from providers.kit.refusals import (
    Meaning,
    Meanings,
    RefusalTable,
    Then,
    ask_again,
    final,
    final_refund,
    later,
    payer_must_act,
)

_MEANINGS: Meanings = (
    payer_must_act("not_approved", "ORDER_NOT_APPROVED")
    | payer_must_act("instrument_declined", "INSTRUMENT_DECLINED", "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING")
    | payer_must_act("instrument_declined", "PAYMENT_SOURCE_DECLINED_BY_PROCESSOR", "CARD_EXPIRED")
    | payer_must_act("giver_must_act", "PAYER_ACTION_REQUIRED", "PAYMENT_SOURCE_INFO_CANNOT_BE_VERIFIED")
    | ask_again("ORDER_ALREADY_CAPTURED", "ORDER_ALREADY_AUTHORIZED", "ORDER_ALREADY_COMPLETED")
    | ask_again("AUTHORIZATION_ALREADY_CAPTURED", "MAX_CAPTURE_COUNT_EXCEEDED", "PREVIOUSLY_CAPTURED")
    | ask_again("AUTHORIZATION_VOIDED", "AUTHORIZATION_EXPIRED", "AUTHORIZATION_DENIED", "PREVIOUSLY_VOIDED")
    | ask_again("ORDER_COMPLETED_OR_VOIDED", "MAX_AUTHORIZATION_COUNT_EXCEEDED", "DUPLICATE_INVOICE_ID")
    | later("ORDER_COMPLETION_IN_PROGRESS", "PREVIOUS_REQUEST_IN_PROGRESS")
    | final("checkout_expired", "ORDER_EXPIRED", "TOKEN_EXPIRED")
    | final("payment_declined", "TRANSACTION_REFUSED", "PAYER_CANNOT_PAY", "COMPLIANCE_VIOLATION")
    | final("payment_declined", "DECLINED_DUE_TO_RELATED_TXN", "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED")
    | final("payment_declined", "TRANSACTION_LIMIT_EXCEEDED", "DOMESTIC_TRANSACTION_REQUIRED")
    | final("payment_declined", "PAYER_ACCOUNT_LOCKED_OR_CLOSED", "PAYER_ACCOUNT_RESTRICTED")
    | final("payee_cannot_receive", "PAYEE_ACCOUNT_INVALID", "PAYEE_ACCOUNT_LOCKED_OR_CLOSED", "PAYEE_ACCOUNT_RESTRICTED")
    | final("payee_cannot_receive", "PAYEE_ACCOUNT_NOT_VERIFIED", "PAYEE_NOT_ENABLED_FOR_CARD_PROCESSING")
    | final("payee_cannot_receive", "PAYEE_BLOCKED_TRANSACTION", "TRANSACTION_BLOCKED_BY_PAYEE")
    | final("payee_cannot_receive", "TRANSACTION_RECEIVING_LIMIT_EXCEEDED", "AUTH_CAPTURE_NOT_ENABLED")
    | final("amount_refused", "INVALID_CURRENCY_CODE", "DECIMAL_PRECISION", "DECIMALS_NOT_SUPPORTED", "MAX_VALUE_EXCEEDED")
    | final("amount_refused", "CANNOT_BE_ZERO_OR_NEGATIVE", "CANNOT_BE_NEGATIVE", "AMOUNT_MISMATCH")
    | final("amount_refused", "MAX_CAPTURE_AMOUNT_EXCEEDED", "AUTH_CAPTURE_CURRENCY_MISMATCH", "AUTH_CURRENCY_MISMATCH")
    | final("amount_refused", "AUTHORIZATION_AMOUNT_EXCEEDED", "AUTHORIZATION_CURRENCY_MISMATCH")
    | final("cannot_void", "CANNOT_BE_VOIDED")
    | final("cannot_renew", "REAUTHORIZATION_NOT_SUPPORTED", "REAUTHORIZATION_TOO_SOON", "CANNOT_BE_REAUTHORIZED")
    | final_refund(
        "refund_amount_exceeded", "CAPTURE_FULLY_REFUNDED", "REFUND_AMOUNT_EXCEEDED", "MAX_NUMBER_OF_REFUNDS_EXCEEDED"
    )
    | final_refund("refund_amount_refused", "REFUND_AMOUNT_TOO_LOW", "PARTIAL_REFUND_NOT_ALLOWED", "CURRENCY_MISMATCH")
    | final_refund("refund_amount_refused", "REFUND_CAPTURE_CURRENCY_MISMATCH", "PLATFORM_FEE_EXCEEDED")
    | final_refund("refund_too_late", "REFUND_TIME_LIMIT_EXCEEDED")
    | final_refund("payee_has_too_little", "REFUND_FAILED_INSUFFICIENT_FUNDS")
    | final_refund("payment_disputed", "TRANSACTION_DISPUTED", "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK")
    | final_refund("cannot_refund", "PENDING_CAPTURE", "REFUND_NOT_ALLOWED", "REFUND_IS_RESTRICTED", "PLATFORM_FEE_NOT_ENABLED")
    | final("not_permitted", "PERMISSION_DENIED", "CONSENT_NEEDED", "NOT_AUTHORIZED", "INVALID_ACCOUNT_STATUS")
    | final("request_rejected", "ACTION_DOES_NOT_MATCH_INTENT", "UNSUPPORTED_INTENT", "MALFORMED_REQUEST_JSON")
    | final("request_rejected", "MISSING_REQUIRED_PARAMETER", "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_SYNTAX")
    | final("request_rejected", "INVALID_STRING_LENGTH", "INVALID_STRING_MAX_LENGTH", "PAYPAL_REQUEST_ID_REQUIRED")
    | final("request_rejected", "NOT_SUPPORTED", "INCOMPATIBLE_PARAMETER_VALUE", "DUPLICATE_REQUEST_ID")
    | final("unknown_checkout", "INVALID_RESOURCE_ID")
)
"""What each issue code means for the operation that was refused with it. The first one that stands here counts."""

_BY_STATUS: Mapping[int, Meaning] = {
    400: Meaning(Then.REFUSED, "request_rejected"),
    403: Meaning(Then.REFUSED, "not_permitted"),
    404: Meaning(Then.REFUSED, "unknown_checkout"),
}
"""A refusal without an issue that we know. A 422 is not here: an unfamiliar business rule says nothing of the outcome."""

REFUSALS = RefusalTable(_MEANINGS, _BY_STATUS)
