"""Payees at PayPal, where PayPal has approved the operator as a partner: who can be paid, and links to become able to be.

Partner Referrals and merchant integrations: https://developer.paypal.com/docs/multiparty/seller-onboarding/before-payment/ and
https://developer.paypal.com/docs/api/partner-referrals/v2/ (2026-11). PayeeRequest.onboarded_as is the referral's tracking_id.
"""

import re
from collections.abc import Mapping
from typing import Any

from providers.base import ProviderRefused, ProviderUnavailable
from providers.kit.deadline import at_most
from providers.kit.operations import OPERATION_SECONDS
from providers.kit.reading import Json, matching
from providers.payees import OnboardingNotOffered, PayeeRequest, PayeeStanding, PayeeState, reference_in
from providers.paypal import addresses
from providers.paypal.client import PayPalClient, PayPalRefused
from providers.paypal.mapping import link_of
from providers.paypal.refusals import REFUSALS

MERCHANT_ID = re.compile(r"[2-9A-HJ-NP-Z]{13}")

EVENT_TYPES = (
    "CUSTOMER.MERCHANT-INTEGRATION.CAPABILITY-UPDATED",
    "CUSTOMER.MERCHANT-INTEGRATION.PRODUCT-SUBSCRIPTION-UPDATED",
    "MERCHANT.ONBOARDING.COMPLETED",
    "MERCHANT.PARTNER-CONSENT.REVOKED",
)
"""What tells of payees: https://developer.paypal.com/docs/multiparty/seller-onboarding/webhooks/ (2026-11)"""

NOT_A_PARTNER = (
    "PayPal gives onboarding links only to partners that it has approved, and the service is none (PAYPAL_PARTNER_ID is not "
    "set): give Credentials, the e-mail address or merchant id of the payee's PayPal account."
)

_FEATURES = ("PAYMENT", "REFUND", "PARTNER_FEE")


class PartnersPayees:
    """The part of the adapter that asks about payees: providers.payees.OnboardsPayees."""

    client: PayPalClient
    partner_id: str

    def check_payee(self, payee: PayeeRequest) -> PayeeStanding:
        return check(self.client, self.partner_id, payee)

    def check_onboarding(self) -> None:
        """Raises OnboardingNotOffered."""
        if not self.partner_id:
            raise OnboardingNotOffered(NOT_A_PARTNER)

    def make_payee(self, payee: PayeeRequest, *, request_id: str) -> str:
        """The account comes into being, or is named, at PayPal's page: who it is we learn afterwards."""
        return ""

    def onboarding_url(self, payee: PayeeRequest, *, request_id: str) -> str:
        return link(self.client, self.partner_id, payee, request_id)


def check(client: PayPalClient, partner_id: str, payee: PayeeRequest) -> PayeeStanding:
    """How the payee stands, as far as PayPal tells the partner. Raises ProviderUnavailable."""
    if not partner_id:
        return PayeeStanding(PayeeState.UNCHECKED, "provider_does_not_say")
    known = MERCHANT_ID.fullmatch(payee.credentials)
    below = f"/v1/customer/partners/{partner_id}/merchant-integrations"
    with at_most(OPERATION_SECONDS):
        merchant_id = payee.credentials if known else _merchant_behind(client, below, payee)
        if not merchant_id:
            if payee.credentials:
                return PayeeStanding(PayeeState.UNCHECKED, "known_by_email_only")
            return PayeeStanding(PayeeState.ONBOARDING_NEEDED, "onboarding_not_finished")
        merchant = _asked(client, "get merchant", f"{below}/{merchant_id}")
    if merchant is None:  # PayPal pays whoever has an account; of those who have given us no consent it tells nothing
        return PayeeStanding(PayeeState.UNCHECKED, "no_consent")
    if merchant.get("merchant_id") != merchant_id:
        raise ProviderUnavailable("get merchant: answered with another merchant")
    standing = _standing_of(merchant)
    return PayeeStanding(standing.state, standing.reason, credentials="" if known else merchant_id)


def _merchant_behind(client: PayPalClient, below: str, payee: PayeeRequest) -> str:
    """The merchant id of whoever was onboarded by our link; empty where nobody was (yet)."""
    found = _asked(client, "find merchant", f"{below}?tracking_id={payee.onboarded_as}")
    return matching(MERCHANT_ID, (found or {}).get("merchant_id"))


def _asked(client: PayPalClient, operation: str, path: str) -> Json | None:
    """None where PayPal knows nothing of it. Raises ProviderUnavailable."""
    try:
        return client.call(operation, "GET", path).data
    except PayPalRefused as refusal:
        if refusal.http_status == 404:
            return None
        raise ProviderUnavailable(f"{operation}: {refusal}") from refusal


def _standing_of(merchant: Json) -> PayeeStanding:
    """What has to be true before anybody pays them, in the order in which PayPal's guide has it."""
    if merchant.get("payments_receivable") is not True:
        return PayeeStanding(PayeeState.RESTRICTED, "payments_not_receivable")
    if merchant.get("primary_email_confirmed") is not True:
        return PayeeStanding(PayeeState.ONBOARDING_NEEDED, "email_not_confirmed")
    if not merchant.get("oauth_integrations"):
        return PayeeStanding(PayeeState.ONBOARDING_NEEDED, "permissions_missing")
    return PayeeStanding(PayeeState.READY)


def link(client: PayPalClient, partner_id: str, payee: PayeeRequest, request_id: str) -> str:
    """A fresh referral's page. Raises OnboardingNotOffered, ProviderRefused, ProviderUnavailable."""
    if not partner_id:
        raise OnboardingNotOffered(NOT_A_PARTNER)
    with at_most(OPERATION_SECONDS):
        try:
            path = "/v2/customer/partner-referrals"
            reply = client.call("create referral", "POST", path, body=_referral(payee), request_id=request_id)
        except PayPalRefused as refusal:
            if refusal.http_status == 403:
                raise OnboardingNotOffered(
                    "PayPal does not let the service's app onboard payees: it has to be approved as a partner's."
                ) from refusal
            raise REFUSALS.error_of(refusal) from refusal
    url = link_of(reply.data, "action_url")
    if not url:
        raise ProviderUnavailable("create referral: answered, but with no page")
    if not addresses.is_givers_page(url, client.base):
        raise ProviderRefused("unsafe_page", "the page is not PayPal's", correlation_id=reply.correlation_id)
    return url


def _referral(payee: PayeeRequest) -> dict[str, Any]:
    """What the payee is asked to agree to: that we take payments for them, and give back."""
    rights = {
        "integration_method": "PAYPAL",
        "integration_type": "THIRD_PARTY",
        "third_party_details": {"features": list(_FEATURES)},
    }
    return {
        "tracking_id": payee.onboarded_as,
        "partner_config_override": {"return_url": payee.return_url},
        "operations": [{"operation": "API_INTEGRATION", "api_integration_preference": {"rest_api_integration": rights}}],
        "products": ["EXPRESS_CHECKOUT"],
        "legal_consents": [{"type": "SHARE_DATA_CONSENT", "granted": True}],
    }


def named_in(event: Mapping[str, Any]) -> dict[str, str]:
    """The payee whom an event is about, as WebhookEvent has it; nothing where it is about something else."""
    if not str(event.get("event_type")).startswith(("MERCHANT.", "CUSTOMER.MERCHANT-INTEGRATION.")):
        return {}
    resource = event["resource"]
    return {
        "payee": matching(MERCHANT_ID, resource.get("merchant_id")),
        "payee_reference": reference_in(resource.get("tracking_id")),
    }
