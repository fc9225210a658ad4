"""Who can be paid at Stripe: accounts that are connected to ours, some of them made by us, and our own.

A payee is an account with the capability `transfers`: https://docs.stripe.com/connect/destination-charges (2026-11). We make
accounts whose requirements Stripe collects on its own page, and whose fees and losses are ours, as destination charges have it:
https://docs.stripe.com/connect/migrate-to-controller-properties and https://docs.stripe.com/api/account_links (2026-11).
"""

import re
from collections.abc import Mapping
from typing import Any

from providers.base import ProviderRefused, ProviderUnavailable
from providers.kit.deadline import at_most
from providers.kit.operations import OPERATION_SECONDS
from providers.kit.reading import Json, an_object, matching, text
from providers.payees import OnboardingNotOffered, PayeeRequest, PayeeStanding, PayeeState, reason_of, reference_in
from providers.stripe import addresses
from providers.stripe.client import StripeClient, StripeRefused
from providers.stripe.refusals import refusal_of

ACCOUNT = re.compile(r"acct_[A-Za-z0-9]{1,250}")

PAYMENT_ACCOUNT = "payment_account"
"""Our metadata on an account that we have made: our id of the payee."""

EVENT_TYPES = ("account.application.deauthorized", "account.updated", "capability.updated")
"""What tells of payees. They come to an endpoint that listens to events on connected accounts."""

_ABOUT_PAYEES = frozenset({"account", "application", "capability"})

_ACCOUNT_FORM = (
    ("controller[stripe_dashboard][type]", "express"),
    ("controller[fees][payer]", "application"),
    ("controller[losses][payments]", "application"),
    ("controller[requirement_collection]", "stripe"),
    ("capabilities[transfers][requested]", "true"),
    # Where an account is asked to take cards it can be made in more countries: it is never charged for itself.
    ("capabilities[card_payments][requested]", "true"),
)

_NO_CONNECT = (
    "Stripe lets the service's account connect nobody: the operator has to sign up for Connect at dashboard.stripe.com "
    "and complete its platform profile. Until then only the operator's own account can be paid."
)
_OURS = "This is the operator's own account, which is set up in Stripe's dashboard: dashboard.stripe.com."


def check(client: StripeClient, own_account: str, payee: PayeeRequest) -> PayeeStanding:
    """How the payee stands. Raises ProviderUnavailable."""
    path = "/v1/account" if payee.credentials == own_account else f"/v1/accounts/{payee.credentials}"
    with at_most(OPERATION_SECONDS):
        try:
            account = client.call("get account", "GET", path).data
        except StripeRefused as refusal:
            # https://docs.stripe.com/error-codes#account-invalid: of another platform, gone, or its owner has disconnected it.
            if refusal.http_status in {403, 404} or refusal.code in {"account_invalid", "resource_missing"}:
                return PayeeStanding(PayeeState.RESTRICTED, "not_connected")
            raise ProviderUnavailable(f"get account: {refusal}") from refusal
    if account.get("id") != payee.credentials:
        raise ProviderUnavailable("answered with another account")
    if payee.credentials == own_account:
        return _own_standing(account)
    return standing_of(account)


def _own_standing(account: Json) -> PayeeStanding:
    """Our own account is paid by its own charges: no transfer has to be possible."""
    if account.get("charges_enabled") is True:
        return PayeeStanding(PayeeState.READY)
    return PayeeStanding(PayeeState.RESTRICTED, _disabled_reason(account) or "charges_not_enabled")


def standing_of(account: Json) -> PayeeStanding:
    """A connected account's. https://docs.stripe.com/connect/handling-api-verification#account-information (2026-11)"""
    transfers = text(an_object(account.get("capabilities")).get("transfers"))
    if transfers == "active":
        return PayeeStanding(PayeeState.READY)
    if account.get("details_submitted") is not True:
        return PayeeStanding(PayeeState.ONBOARDING_NEEDED, "onboarding_not_finished")
    return PayeeStanding(PayeeState.RESTRICTED, _disabled_reason(account) or reason_of(f"transfers_{transfers or 'missing'}"))


def _disabled_reason(account: Json) -> str:
    """requirements.disabled_reason, such as rejected.fraud or requirements.past_due."""
    return reason_of(text(an_object(account.get("requirements")).get("disabled_reason")))


def make(client: StripeClient, payee: PayeeRequest, request_id: str) -> str:
    """The id of a new connected account. Raises OnboardingNotOffered, ProviderRefused, ProviderUnavailable."""
    form = [*_ACCOUNT_FORM, (f"metadata[{PAYMENT_ACCOUNT}]", payee.reference)]
    with at_most(OPERATION_SECONDS):
        try:
            reply = client.call("create account", "POST", "/v1/accounts", form, request_id=request_id)
        except StripeRefused as refusal:
            if refusal.code == "platform_account_required" or (not refusal.code and not refusal.param):
                raise OnboardingNotOffered(_NO_CONNECT) from refusal
            raise refusal_of(refusal) from refusal
    account_id = matching(ACCOUNT, reply.data.get("id"))
    told = an_object(reply.data.get("metadata")).get(PAYMENT_ACCOUNT, payee.reference)
    if not account_id or told != payee.reference:
        raise ProviderUnavailable("create account: answered, but with no account of this payee's")
    return account_id


def link(client: StripeClient, own_account: str, payee: PayeeRequest, request_id: str) -> str:
    """A fresh account link. Raises OnboardingNotOffered, ProviderRefused, ProviderUnavailable."""
    if payee.credentials == own_account:
        raise OnboardingNotOffered(_OURS)
    form = [
        ("account", payee.credentials),
        ("refresh_url", payee.refresh_url),
        ("return_url", payee.return_url),
        ("type", "account_onboarding"),
    ]
    with at_most(OPERATION_SECONDS):
        try:
            reply = client.call("create account link", "POST", "/v1/account_links", form, request_id=request_id)
        except StripeRefused as refusal:
            raise refusal_of(refusal) from refusal
    url = text(reply.data.get("url"))
    if not url:
        raise ProviderUnavailable("create account link: answered, but with no link")
    if not addresses.is_givers_page(url, client.base):
        raise ProviderRefused("unsafe_page", "the page is not Stripe's", correlation_id=reply.correlation_id)
    return url


def named_in(event: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, str]:
    """The payee whom an event is about, as WebhookEvent has it; nothing where it is about something else."""
    kind = text(about.get("object"))
    if kind not in _ABOUT_PAYEES:
        return {}
    named = event.get("account") or (about.get("id") if kind == "account" else about.get("account"))
    reference = an_object(about.get("metadata")).get(PAYMENT_ACCOUNT) if kind == "account" else ""
    return {
        "payee": matching(ACCOUNT, named),
        "payee_reference": reference_in(reference),
    }
