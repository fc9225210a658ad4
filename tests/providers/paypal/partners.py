"""The fake PayPal's partners: referrals, and what it tells a partner of the merchants who have agreed.

Shapes: https://developer.paypal.com/docs/api/partner-referrals/v2/ and .../v1/#merchant-integration (2026-11).
"""

import secrets
from typing import Any

from tests.providers.line import Reply
from tests.providers.paypal.errors import Refusal, refusal

Json = dict[str, Any]

PARTNER = "PARTNERXY2345"
LEGAL = {
    "operations",
    "products",
    "legal_consents",
    "tracking_id",
    "partner_config_override",
    "email",
    "preferred_language_code",
}


class Partners:
    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self.approved = True
        self.referrals: list[Json] = []
        self.merchants: dict[str, Json] = {}

    def agree(self, tracking_id: str, merchant_id: str, **changes: Any) -> None:
        """Somebody has gone through PayPal's page; `changes` is what is not right with them yet."""
        rights = [{"integration_type": "OAUTH_THIRD_PARTY", "oauth_third_party": [{"partner_client_id": "us"}]}]
        fine = {"payments_receivable": True, "primary_email_confirmed": True, "oauth_integrations": rights, "products": []}
        self.merchants[merchant_id] = {"merchant_id": merchant_id, "tracking_id": tracking_id} | fine | changes

    def refer(self, asked: Json) -> Reply:
        if not self.approved:
            raise refusal("PERMISSION_DENIED")
        if not set(asked) <= LEGAL or not {"operations", "products", "legal_consents"} <= set(asked):
            raise refusal("MISSING_REQUIRED_PARAMETER")
        self.referrals.append(asked)
        page = f"{self._base_url}/merchantsignup/partner/onboardingentry?token={secrets.token_urlsafe(40)}"
        links = [
            {"href": f"{self._base_url}/v2/customer/partner-referrals/ZjcyODU4", "rel": "self", "method": "GET"},
            {"href": page, "rel": "action_url", "method": "GET"},
        ]
        return Reply(201, {"links": links})

    def find(self, partner_id: str, query: dict[str, str]) -> Reply:
        for one in self.merchants.values():
            if partner_id == PARTNER and one["tracking_id"] == query.get("tracking_id"):
                return Reply(200, {"merchant_id": one["merchant_id"], "tracking_id": one["tracking_id"]})
        raise Refusal(404)

    def get(self, partner_id: str, merchant_id: str) -> Reply:
        if partner_id != PARTNER or merchant_id not in self.merchants:
            raise Refusal(404)
        return Reply(200, self.merchants[merchant_id])
