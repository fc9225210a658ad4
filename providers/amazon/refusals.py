"""What Amazon Pay's refusals mean.

https://developer.amazon.com/docs/amazon-pay-api-v2/error-handling.html, .../checkout-session.html and .../charge.html, read in
November 2026. Of what stands in no table here the payment tells whether it was done.
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
    ask_again("InvalidCheckoutSessionStatus", "CheckoutSessionCanceled", "InvalidChargeStatus")
    | ask_again("InvalidChargePermissionStatus", "DuplicateIdempotencyKey")
    | ask_again("TransactionCountExceeded", otherwise="request_rejected")
    | later("TooManyRequests", "InternalServerError", "ServiceUnavailable")
    | final("instrument_declined", "SoftDeclined", "HardDeclined", "PaymentMethodNotAllowed")
    | final("payment_declined", "AmazonRejected", "ProcessingFailure", "TransactionTimedOut")
    | final("giver_must_act", "MFANotCompleted")
    | final("currency_refused", "CurrencyMismatch")
    | final("amount_too_large", "TransactionAmountExceeded")
    | final("amount_refused", "ChargeAmountMismatch")
    | final("payee_cannot_receive", "InvalidAccountStatus")
    | final("not_permitted", "UnauthorizedAccess")
    | final("unknown_checkout", "ResourceNotFound")
    | final("request_rejected", "InvalidRequest", "InvalidParameterValue", "InvalidRequestFormat", "MissingHeaderValue")
    | final("request_rejected", "MissingParameterValue", "UnrecognizedField", "InvalidParameterCombination")
    | final("request_rejected", "InvalidSandboxSimulationSpecified")
)
"""What each reasonCode means for the operation that was refused with it."""

_REFUND_MEANINGS: Meanings = dict(_MEANINGS) | (
    final_refund("refund_amount_exceeded", "TransactionAmountExceeded", "TransactionCountExceeded")
    | final_refund("cannot_refund", "InvalidChargeStatus", "InvalidChargePermissionStatus")
)

_BY_STATUS: Mapping[int, Meaning] = {
    400: Meaning(Then.ASK, "request_rejected"),
    403: Meaning(Then.ASK, "not_permitted"),
    404: Meaning(Then.ASK, "unknown_checkout"),
    409: Meaning(Then.ASK, "request_rejected"),
}
"""A refusal whose code we do not know."""

_CHARGE_MEANINGS: Meanings = (
    {code: Meaning(Then.LATER) if meaning.then is Then.ASK else meaning for code, meaning in _MEANINGS.items()}
    | payer_must_act("instrument_declined", "SoftDeclined", "HardDeclined", "PaymentMethodNotAllowed")
    | payer_must_act("authentication_required", "MFANotCompleted")
    | final("permission_not_usable", "InvalidChargePermissionStatus", "ResourceNotFound")
)
"""Of a charge under a permission: where it may have been made, there is nothing to ask about but the same request again."""

REFUSALS = RefusalTable(_MEANINGS, _BY_STATUS)
CHARGE_REFUSALS = RefusalTable(_CHARGE_MEANINGS, _BY_STATUS)
REFUND_REFUSALS = RefusalTable(_REFUND_MEANINGS, _BY_STATUS)
"""A refund is refused at once: Amazon lists no refunds of a charge, and answers the same key with the refund that it made."""
