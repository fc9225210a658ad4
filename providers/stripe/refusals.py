"""What Stripe's refusals mean. https://docs.stripe.com/error-codes, read in November 2026"""

from collections.abc import Mapping

from providers.base import ProviderRefused, ProviderUnavailable
from providers.kit.refusals import Meaning, Meanings, RefusalTable, Then, ask_again, error_of, final, final_refund, later
from providers.stripe.client import StripeRefused

_MEANINGS: Meanings = (
    later("lock_timeout", "idempotency_key_in_use", "rate_limit", "processing_error")
    | later("api_key_expired", "platform_api_key_expired", "secret_key_required")
    | later("payment_intent_rate_limit_exceeded", "livemode_mismatch")
    | final("payee_cannot_receive", "account_invalid", "no_account", "capability_not_active")
    | ask_again("idempotency_error", "charge_already_captured", "intent_invalid_state", otherwise="request_rejected")
    | ask_again("payment_intent_unexpected_state", otherwise="request_rejected")
    | final("payee_cannot_receive", "account_closed", "country_unsupported", "not_allowed_on_standard_account")
    | final("payee_cannot_receive", "insufficient_capabilities_for_transfer", "transfers_not_allowed")
    | final("amount_too_small", "amount_too_small")
    | final("amount_too_large", "amount_too_large", "charge_exceeds_transaction_limit")
    | final("amount_refused", "invalid_charge_amount")
    | final("limit_reached", "charge_exceeds_source_limit", "charge_exceeds_weekly_limit")
    | final("payment_declined", "card_declined", "expired_card", "capture_unauthorized_payment")
    | final("authorization_lapsed", "charge_expired_for_capture", "capture_charge_authorization_expired")
    | final_refund("refund_amount_exceeded", "charge_already_refunded")
    | final_refund("payment_disputed", "charge_disputed", "refund_disputed_payment")
    | final_refund("payee_has_too_little", "balance_insufficient", "insufficient_funds")
    | final_refund("cannot_refund", "charge_not_refundable")
    | final("not_permitted", "action_blocked", "approval_required", "platform_account_required")
    | final("not_permitted", "testmode_charges_only")
)
"""What each error code means for the operation that was refused with it, and an error's type where it has no code."""

_BY_STATUS: Mapping[int, Meaning] = {
    400: Meaning(Then.REFUSED, "request_rejected"),
    402: Meaning(Then.REFUSED, "payment_declined"),
    403: Meaning(Then.REFUSED, "not_permitted"),
    404: Meaning(Then.REFUSED, "unknown_checkout"),
}
"""A refusal without a code that we know."""

_REFUSALS = RefusalTable(_MEANINGS, _BY_STATUS)


def meaning_of(refusal: StripeRefused) -> Meaning:
    """What to make of a refusal. An account or a currency that Stripe does not take is told by the field that names it."""
    if "transfer_data" in refusal.param:
        return Meaning(Then.REFUSED, "payee_cannot_receive")
    if not refusal.code and refusal.param.endswith(("currency", "currency]")):
        return Meaning(Then.REFUSED, "currency_refused")
    return _REFUSALS.meaning(refusal)


def refusal_of(refusal: StripeRefused, *, otherwise: str = "") -> ProviderRefused | ProviderUnavailable:
    """Our error for it. `otherwise`: what a refusal means that gives no reason of its own."""
    meaning = meaning_of(refusal)
    if otherwise and not refusal.code and refusal.http_status == 400 and meaning.then is Then.REFUSED:
        meaning = Meaning(Then.REFUSED, otherwise)
    return error_of(refusal, meaning)
