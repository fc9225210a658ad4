"""Amazon Pay's recurring charge permissions, and the charges under them.

After https://developer.amazon.com/docs/amazon-pay-api-v2/charge-permission.html and .../charge.html (2026-11)
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.providers.amazon.records import FakeCharge, FakeSession, Refusal, price_of

LASTS = timedelta(days=13 * 30)
MOST_AT_ONCE = Decimal(10_000)


@dataclass(eq=False)
class FakePermission:
    """What a giver has agreed to."""

    session: FakeSession
    created_at: datetime
    id: str = field(
        default_factory=lambda: f"B01-{secrets.randbelow(9_000_000) + 1_000_000}-{secrets.randbelow(9_000_000) + 1_000_000}"
    )
    state: str = "Chargeable"
    reason: str | None = None
    charges: int = 0


class Standing:
    """The part of Books about them."""

    permissions: dict[str, FakePermission]
    charges: dict[str, FakeCharge]
    asks_again: bool
    """Every bank wants a word with the giver now."""
    _now: Callable[[], datetime]
    _announce: Callable[[str, str, str], None]

    def agree(self, session: FakeSession) -> None:
        """The session is completed, and nothing is taken."""
        permission = FakePermission(session, self._now())
        self.permissions[permission.id] = permission
        session.state, session.permission_id = "Completed", permission.id
        self._announce("CHARGE_PERMISSION", permission.id, permission.id)

    def standing_permission(self, permission_id: str) -> FakePermission:
        if permission_id not in self.permissions:
            raise Refusal(404, "ResourceNotFound")
        permission = self.permissions[permission_id]
        if permission.state == "Chargeable" and self._now() >= permission.created_at + LASTS:
            self._end(permission, "Expired")
        return permission

    def close(self, permission: FakePermission, reason: str = "MerchantClosed") -> None:
        if permission.state == "Closed":
            raise Refusal(422, "InvalidChargePermissionStatus", "The charge permission is Closed.")
        self._end(permission, reason)

    def _end(self, permission: FakePermission, reason: str) -> None:
        permission.state, permission.reason = "Closed", reason
        self._announce("CHARGE_PERMISSION", permission.id, permission.id)

    def charge_under(self, said: dict[str, Any], pays_with: str = "") -> FakeCharge:
        """`pays_with`: as in books.HOW_GIVERS_PAY; empty: what the giver has agreed with."""
        permission = self.standing_permission(str(said.get("chargePermissionId")))
        amount, currency = price_of(said.get("chargeAmount"))
        if permission.state != "Chargeable":
            raise Refusal(422, "InvalidChargePermissionStatus", f"The charge permission is {permission.state}.")
        if currency != permission.session.price["currencyCode"]:
            raise Refusal(400, "CurrencyMismatch")
        if amount > MOST_AT_ONCE:
            raise Refusal(422, "TransactionAmountExceeded")
        if said.get("softDescriptor") and not said.get("captureNow"):
            raise Refusal(400, "InvalidParameterCombination", "softDescriptor is taken only with captureNow.")
        if self.asks_again:
            raise Refusal(422, "MFANotCompleted")
        pays_with = pays_with or permission.session.pays_with
        if pays_with == "declined":
            raise Refusal(422, "HardDeclined")
        permission.charges += 1
        charge = FakeCharge(permission.session, permission.id, amount, currency, self._now(), number=permission.charges)
        charge.metadata = said.get("merchantMetadata")
        charge.taken_at_once = bool(said.get("captureNow"))
        if pays_with == "slow":
            charge.state = "AuthorizationInitiated"
        elif charge.taken_at_once and pays_with != "only_held":
            charge.state, charge.captures = "Captured", 1
        self.charges[charge.id] = charge
        self._announce("CHARGE", charge.id, permission.id)
        return charge
