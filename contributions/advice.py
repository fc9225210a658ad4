"""What a partner can do about a provider's refusal: a sentence for each reason, and none for a status alone.

The reasons are those of a contribution's StatusReason and of a payee's StateReason (docs/guide/statuses.md).
"""

from collections.abc import Mapping
from types import MappingProxyType

from contributions.status import Status
from providers.payees import PayeeState

_AT_PROVIDER_URL = (
    "Let the giver try again at its ProviderURL, with another card or account, or another of the goal's providers."
)
_OPERATORS = (
    "This is between the service and the provider, and a new contribution would be refused alike: tell the operator its Id. "
    "Another of the goal's providers may do meanwhile."
)

_OF_PERMISSIONS = ("authentication_required", "permission_not_usable", "permission_exceeded", "unknown_permission")
_NOT_CARRIED = "The permission did not carry this gift, and nothing was taken: let the giver pay it at its ProviderURL."

WHEN_NO_CHECKOUT_OPENS: Mapping[str, str] = MappingProxyType(
    {
        "amount_too_small": (
            "The same amount would be refused again: ask the giver for more, or offer a provider that takes less. "
            "The goal's MinimumAmount keeps smaller ones out."
        ),
        "amount_too_large": (
            "The same amount would be refused again: ask the giver for less, or offer a provider that takes more. "
            "The goal's MaximumAmount keeps larger ones out."
        ),
        "limit_reached": "An account has reached a limit for a time: try again tomorrow, with less, or another provider.",
        "currency_refused": (
            "Any amount in this currency would be refused: offer a provider that takes it, or make a goal in another currency."
        ),
        "decimals_refused": "The provider takes no such fractions in this currency: ask for a whole amount.",
        "amount_refused": "The same amount would be refused again: ask for another one, or offer another provider.",
        "payee_cannot_receive": (
            "No gift to this payee goes through before its account there is in order: its owner sees at the provider's what "
            "is missing, and Check of a payment account tells it here. Or give the goal another payee or provider."
        ),
        "not_permitted": (
            "A new contribution would be refused alike until the payee has permitted the service at the provider's, or the "
            "provider has: tell the operator. Another of the goal's providers may do meanwhile."
        ),
        "request_rejected": _OPERATORS,
        "unsafe_page": _OPERATORS,
        "unknown_checkout": _OPERATORS,
        "request_id_reused": _OPERATORS,
        "payment_declined": _AT_PROVIDER_URL,
        "instrument_declined": _AT_PROVIDER_URL,
        **dict.fromkeys(_OF_PERMISSIONS, _NOT_CARRIED),
        "giver_must_act": "The giver has something to do at the provider's first: let them try again at its ProviderURL.",
        "not_approved": "The giver has not agreed at the provider's: let them try again at its ProviderURL.",
        "checkout_expired": "The time to pay was over: let the giver try again at its ProviderURL.",
        "provider_refused": (
            "No reason was given. Let the giver try again at its ProviderURL; if it is refused again, offer another provider."
        ),
    }
)
"""By the reason for which a provider has opened no checkout. A gift's ProviderURL opens another one while it can be paid."""

_BY_NO_LINK: Mapping[str, str] = MappingProxyType(
    {
        "payee_cannot_receive": (
            "The provider knows no such account, or has closed it: PATCH the payment account with the Credentials of another, "
            "or make one without any, and the link makes its account."
        ),
        "not_permitted": "The provider does not let the service do this for the payee: tell the operator.",
        "unsafe_page": "The link led elsewhere than to the provider, and is withheld: tell the operator.",
        "request_rejected": "This is between the service and the provider: tell the operator the payment account's Id.",
        "unknown_checkout": "The provider knows no such account: PATCH the payment account with the Credentials of another.",
    }
)

_OF_STATE: Mapping[str, str] = MappingProxyType(
    {
        PayeeState.ONBOARDING_NEEDED: "Send the payee to an OnboardingURL: POST to its Onboarding for one.",
        PayeeState.RESTRICTED: "The payee has to settle it with the provider; POST to its Check afterwards.",
    }
)

_OF_STATE_REASON: Mapping[str, str] = MappingProxyType(
    {
        "not_connected": "The account is gone, or its owner has disconnected it: PATCH it with other Credentials.",
        "email_not_confirmed": "The payee has to confirm the account's e-mail address there; POST to its Check then.",
        "permissions_missing": "The payee has to permit the service at the provider's: POST to its Onboarding for a link.",
        "onboarding_not_finished": "The payee has begun and not finished: POST to its Onboarding for a fresh link.",
        "payments_not_receivable": (
            "The provider has stopped payments to the payee, who sees why when logging in there; POST to its Check afterwards."
        ),
        "requirements_past_due": "The provider waits for documents of the payee: POST to its Onboarding for a link.",
        "listed": "The provider is looking into the payee, which takes days; POST to its Check then.",
        "under_review": "The provider is looking into the payee, which takes days; POST to its Check then.",
        "platform_paused": "The operator has paused the payee's account: ask the operator.",
        "requirements_pending_verification": "The provider is reading what the payee has sent; POST to its Check in a day.",
    }
)

WHEN_NOT_DELETED: Mapping[str, str] = MappingProxyType(
    {
        Status.PENDING: "wait for its outcome",
        Status.SETTLED: "a refund gives the money back",
        Status.REVERSED: "its provider has taken the money back, and it stays in the books",
    }
)
"""By the status of a contribution that a client wants to delete."""

_REJECTED = "The provider has closed the account for good, and asking again will not help."


def when_no_checkout_opens(reason: str) -> str:
    """What helps where a provider has opened no checkout for this reason."""
    return WHEN_NO_CHECKOUT_OPENS.get(reason, WHEN_NO_CHECKOUT_OPENS["provider_refused"])


def when_no_link_is_given(reason: str) -> str:
    """What helps where a provider gives no onboarding link for this reason."""
    return _BY_NO_LINK.get(reason, "POST to Check of the payment account, which tells how the payee stands.")


def when_a_payee_cannot_be_paid(state: str, reason: str) -> str:
    """What helps where the payee of a goal is in this state, for this reason: a code of ours or of the provider's."""
    if reason.startswith("rejected"):
        return _REJECTED
    return _OF_STATE_REASON.get(reason) or _OF_STATE[state]
