"""What PayPal's refusals mean.

https://developer.paypal.com/api/payments/v2/errors/, read in November 2026, and PayPal's OpenAPI files of Orders 2.13 and
Payments 2.5. Of what stands in no table here the payment tells whether it was done.
"""

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
    | payer_must_act("instrument_declined", "PAYMENT_SOURCE_CANNOT_BE_USED", "PREFERRED_PAYMENT_SOURCE_MISMATCH")
    | payer_must_act("not_approved", "ORDER_IS_PENDING_APPROVAL")
    | payer_must_act("giver_must_act", "PAYER_ACTION_REQUIRED", "PAYMENT_SOURCE_INFO_CANNOT_BE_VERIFIED")
    | ask_again("ORDER_ALREADY_CAPTURED", "ORDER_ALREADY_AUTHORIZED", "ORDER_ALREADY_COMPLETED")
    | ask_again("AUTHORIZATION_ALREADY_CAPTURED", "PREVIOUSLY_CAPTURED")
    | ask_again("MAX_CAPTURE_COUNT_EXCEEDED", otherwise="cannot_capture")
    # Another payment to this account has our invoice_id, which is no word of whether this one was done.
    | ask_again("DUPLICATE_INVOICE_ID", otherwise="request_rejected")
    | ask_again("AUTHORIZATION_VOIDED", "AUTHORIZATION_EXPIRED", otherwise="authorization_lapsed")
    | ask_again("AUTHORIZATION_DENIED", otherwise="payment_declined")
    | ask_again("PREVIOUSLY_VOIDED", "ORDER_COMPLETED_OR_VOIDED", "MAX_AUTHORIZATION_COUNT_EXCEEDED")
    | later("ORDER_COMPLETION_IN_PROGRESS", "PREVIOUS_REQUEST_IN_PROGRESS")
    | final("checkout_expired", "ORDER_EXPIRED", "TOKEN_EXPIRED")
    | final("payment_declined", "TRANSACTION_REFUSED", "PAYER_CANNOT_PAY", "COMPLIANCE_VIOLATION")
    | final("payment_declined", "DECLINED_DUE_TO_RELATED_TXN", "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED")
    | final("payment_declined", "TRANSACTION_LIMIT_EXCEEDED", "DOMESTIC_TRANSACTION_REQUIRED")
    | final("payment_declined", "PAYER_ACCOUNT_LOCKED_OR_CLOSED", "PAYER_ACCOUNT_RESTRICTED")
    | final("payee_cannot_receive", "PAYEE_ACCOUNT_INVALID", "PAYEE_ACCOUNT_LOCKED_OR_CLOSED", "PAYEE_ACCOUNT_RESTRICTED")
    | final("payee_cannot_receive", "PAYEE_ACCOUNT_NOT_VERIFIED", "PAYEE_NOT_ENABLED_FOR_CARD_PROCESSING")
    | final("payee_cannot_receive", "NOT_ENABLED_FOR_CARD_PROCESSING", "NOT_ENABLED_FOR_BANK_PROCESSING")
    | final("payee_cannot_receive", "PAYEE_NOT_ENABLED_FOR_BANK_PROCESSING", "PAYEE_COUNTRY_NOT_SUPPORTED_FOR_PAYMENT_SOURCE")
    | final("payee_cannot_receive", "INVALID_PAYEE_ACCOUNT", "KYC_HOLD")
    | final("payee_cannot_receive", "PAYEE_BLOCKED_TRANSACTION", "TRANSACTION_BLOCKED_BY_PAYEE")
    | final("payee_cannot_receive", "TRANSACTION_RECEIVING_LIMIT_EXCEEDED", "AUTH_CAPTURE_NOT_ENABLED")
    | final("currency_refused", "INVALID_CURRENCY_CODE", "AUTH_CAPTURE_CURRENCY_MISMATCH", "AUTH_CURRENCY_MISMATCH")
    | final("currency_refused", "AUTHORIZATION_CURRENCY_MISMATCH")
    | final("decimals_refused", "DECIMAL_PRECISION", "DECIMALS_NOT_SUPPORTED")
    | final("amount_too_large", "MAX_VALUE_EXCEEDED", "MAX_CAPTURE_AMOUNT_EXCEEDED", "AUTHORIZATION_AMOUNT_EXCEEDED")
    | final("amount_too_small", "CANNOT_BE_ZERO_OR_NEGATIVE", "CANNOT_BE_NEGATIVE")
    | final("amount_refused", "AMOUNT_MISMATCH")
    | final("cannot_void", "CANNOT_BE_VOIDED")
    | final("cannot_renew", "REAUTHORIZATION_DECLINED_BY_PROCESSOR", "REAUTHORIZATION_NOT_SUPPORTED_FOR_PAYMENT_SOURCE")
    | final("cannot_renew", "REAUTHORIZATION_NOT_SUPPORTED", "REAUTHORIZATION_TOO_SOON", "CANNOT_BE_REAUTHORIZED")
    | final_refund(
        "refund_amount_exceeded", "CAPTURE_FULLY_REFUNDED", "REFUND_AMOUNT_EXCEEDED", "MAX_NUMBER_OF_REFUNDS_EXCEEDED"
    )
    | final_refund("refund_amount_exceeded", "CAPTURED_AMOUNT_FULLY_REFUNDED")
    | final_refund("refund_amount_refused", "REFUND_AMOUNT_TOO_LOW", "PARTIAL_REFUND_NOT_ALLOWED", "CURRENCY_MISMATCH")
    | final_refund("refund_amount_refused", "REFUND_CAPTURE_CURRENCY_MISMATCH", "PLATFORM_FEE_EXCEEDED")
    | final_refund("refund_too_late", "REFUND_TIME_LIMIT_EXCEEDED", "REFUND_TIME_EXCEEDED_FOR_PAYMENT_SOURCE")
    | final_refund("payee_has_too_little", "REFUND_FAILED_INSUFFICIENT_FUNDS", "REFUND_FUNDS_NOT_AVAILABLE")
    | final_refund("refund_denied", "REFUND_FAILED_BY_PAYMENT_SOURCE", "REFUND_REFUSED_BY_PROCESSOR")
    | final_refund("refund_denied", "REFUND_TRANSACTION_REFUSED")
    | final_refund("refund_amount_refused", "MAX_REFUND_LIMIT_EXCEEDED", "PAYEE_REFUND_AMOUNT_LIMIT_EXCEEDED")
    | final_refund("refund_amount_refused", "PAYER_REFUND_AMOUNT_LIMIT_EXCEEDED", "REFUND_CURRENCY_MISMATCH")
    | final_refund("refund_amount_refused", "MAX_PAYEE_AMOUNT_LIMIT_EXCEEDED", "MAX_PAYER_AMOUNT_LIMIT_EXCEEDED")
    | final_refund("cannot_refund", "REFUND_NOT_SUPPORTED_FOR_PAYMENT_SOURCE", "CANNOT_REFUND_SELF")
    | final_refund("payment_disputed", "TRANSACTION_DISPUTED", "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK")
    | final_refund("cannot_refund", "PENDING_CAPTURE", "REFUND_NOT_ALLOWED", "REFUND_IS_RESTRICTED", "PLATFORM_FEE_NOT_ENABLED")
    | final("not_permitted", "PERMISSION_DENIED", "CONSENT_NEEDED", "NOT_AUTHORIZED", "INVALID_ACCOUNT_STATUS")
    | final("not_permitted", "PERMISSION_NOT_GRANTED", "PAYEE_NOT_CONSENTED", "PERMISSION_DENIED_FOR_DONATION_ITEMS")
    | final("request_rejected", "ACTION_DOES_NOT_MATCH_INTENT", "UNSUPPORTED_INTENT", "MALFORMED_REQUEST_JSON")
    | final("request_rejected", "MISSING_REQUIRED_PARAMETER", "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_SYNTAX")
    | final("request_rejected", "INVALID_STRING_LENGTH", "INVALID_STRING_MAX_LENGTH", "PAYPAL_REQUEST_ID_REQUIRED")
    | final("request_rejected", "NOT_SUPPORTED", "INCOMPATIBLE_PARAMETER_VALUE", "DUPLICATE_REQUEST_ID")
    | final("unknown_checkout", "INVALID_RESOURCE_ID")
)
"""What each issue code means for the operation that was refused with it. The first one that stands here counts."""

_REFUND_MEANINGS: Meanings = (
    dict(_MEANINGS)
    | final_refund("refund_denied", "TRANSACTION_REFUSED", "COMPLIANCE_VIOLATION")
    | ask_again("DUPLICATE_INVOICE_ID", "DUPLICATE_REFUND", "DUPLICATE_TRANSACTION")
)
"""Each refund of ours has an invoice_id of its own: that it is there already is a word of this refund, and no other's."""

_CHARGE_MEANINGS: Meanings = (
    {code: Meaning(Then.LATER) if meaning.then is Then.ASK else meaning for code, meaning in _MEANINGS.items()}
    | later("DUPLICATE_REQUEST_ID", "PAYPAL_REQUEST_ID_PREVIOUSLY_USED")
    | final("permission_not_usable", "TOKEN_ID_NOT_FOUND", "TOKEN_EXPIRED", "MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE")
    | final(
        "permission_not_usable",
        "INVALID_RESOURCE_ID",
        "NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE",
        "NOT_ELIGIBLE_FOR_TOKEN_PROCESSING",
    )
    | payer_must_act("authentication_required", "PAYER_ACTION_REQUIRED")
)
"""Of an order that is paid with a token in one call: where it may have been paid already, there is nothing to ask about but the
same request again."""

_BY_STATUS: Mapping[int, Meaning] = {
    400: Meaning(Then.ASK, "request_rejected"),
    403: Meaning(Then.ASK, "not_permitted"),
    404: Meaning(Then.ASK, "unknown_checkout"),
}
"""A refusal without an issue that we know."""

REFUSALS = RefusalTable(_MEANINGS, _BY_STATUS)
REFUND_REFUSALS = RefusalTable(_REFUND_MEANINGS, _BY_STATUS)
CHARGE_REFUSALS = RefusalTable(_CHARGE_MEANINGS, _BY_STATUS)
