"""What Amazon Pay knows: checkout sessions, charge permissions, charges, refunds, and the rules between them.

After https://developer.amazon.com/docs/amazon-pay-api-v2/ ; JSON in the shape of Amazon's own sample of a session.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.providers.amazon.records import FakeCharge, FakeDispute, FakeRefund, FakeSession, Refusal, price_of
from tests.providers.amazon.standing import FakePermission, Standing

__all__ = ["Books", "FakeCharge", "FakeDispute", "FakeRefund", "FakeSession", "Refusal"]

SESSION_LASTS, SESSION_IS_KEPT, HOLD_LASTS = timedelta(hours=24), timedelta(days=30), timedelta(days=30)

HOW_GIVERS_PAY = {
    "card": "it goes through",
    "declined": "Amazon finds out when the session is completed that the card is declined, and cancels the session",
    "slow": "the authorization takes its time: 202, and the outcome comes later",
    "only_held": "it is held although it was to be captured",
}


class Books(Standing):
    def __init__(self, now: Callable[[], datetime], announce: Callable[[str, str, str], None], environment: str) -> None:
        self._now, self._announce, self._environment = now, announce, environment
        self.sessions: dict[str, FakeSession] = {}
        self.charges: dict[str, FakeCharge] = {}
        self.refunds: dict[str, FakeRefund] = {}
        self.permissions: dict[str, FakePermission] = {}
        self.asks_again = False

    # --- sessions -----------------------------------------------------------------------------------------------------

    def begin(self, payload: dict[str, Any]) -> FakeSession:
        session = FakeSession(payload, self._now(), self._environment)
        self.sessions[session.id] = session
        return session

    def session(self, session_id: str) -> FakeSession:
        session = self.sessions.get(session_id)
        if session is None or self._now() >= session.created_at + SESSION_IS_KEPT:
            raise Refusal(404, "ResourceNotFound", "The requested checkout session was not found.")
        if session.state == "Open" and self._now() >= session.created_at + SESSION_LASTS:
            session.state, session.reason = "Canceled", "Expired"
        return session

    def complete(self, session: FakeSession, said: dict[str, Any]) -> int:
        """The status of the answer."""
        if session.state == "Canceled":
            raise Refusal(422, "CheckoutSessionCanceled", "You tried to call an operation on a Canceled session.")
        if session.state != "Open" or not session.approved:
            raise Refusal(422, "InvalidCheckoutSessionStatus", "The session is not in a state in which it can be completed.")
        if price_of(said.get("chargeAmount")) != price_of(session.price):
            raise Refusal(400, "InvalidParameterValue", "The value provided for 'chargeAmount' is invalid.")
        if session.is_standing:
            self.agree(session)
            return 200
        if session.pays_with == "declined":
            session.state, session.reason = "Canceled", "Declined"
            raise Refusal(422, "CheckoutSessionCanceled", "The payment was declined.")
        amount, currency = price_of(session.price)
        number = secrets.randbelow(9_000_000) + 1_000_000
        charge = FakeCharge(session, f"S01-{number}-{secrets.randbelow(9_000_000) + 1_000_000}", amount, currency, self._now())
        charge.taken_at_once = session.payload["paymentDetails"]["paymentIntent"] == "AuthorizeWithCapture"
        session.charge, session.state = charge, "Completed"
        self.charges[charge.id] = charge
        if session.pays_with == "slow":
            charge.state = "AuthorizationInitiated"
            return 202
        if charge.taken_at_once and session.pays_with != "only_held":
            charge.state, charge.captures = "Captured", 1
        self._announce("CHARGE", charge.id, charge.permission_id)
        return 200

    # --- charges ------------------------------------------------------------------------------------------------------

    def charge(self, charge_id: str) -> FakeCharge:
        if charge_id not in self.charges:
            raise Refusal(404, "ResourceNotFound")
        charge = self.charges[charge_id]
        if charge.state == "Authorized" and self._now() >= charge.created_at + HOLD_LASTS:
            charge.state, charge.reason = "Canceled", "ExpiredUnused"
        return charge

    def permission(self, permission_id: str) -> FakeCharge:
        found = next((charge for charge in self.charges.values() if charge.permission_id == permission_id), None)
        if found is None:
            raise Refusal(404, "ResourceNotFound")
        return found

    def capture(self, charge: FakeCharge, said: dict[str, Any]) -> None:
        if charge.state != "Authorized":
            raise Refusal(422, "InvalidChargeStatus", f"The charge is {charge.state}.")
        amount, currency = price_of(said.get("captureAmount"))
        if currency != charge.currency:
            raise Refusal(400, "CurrencyMismatch")
        if amount > charge.amount:
            raise Refusal(422, "TransactionAmountExceeded")
        if amount <= 0:
            raise Refusal(400, "InvalidParameterValue")
        charge.state, charge.captures, charge.captured = "Captured", charge.captures + 1, amount
        self._announce("CHARGE", charge.id, charge.permission_id)

    def cancel(self, charge: FakeCharge, reason: str = "MerchantCanceled") -> None:
        if charge.state not in ("Authorized", "AuthorizationInitiated"):
            raise Refusal(422, "InvalidChargeStatus", f"The charge is {charge.state}.")
        charge.state, charge.reason = "Canceled", reason
        self._announce("CHARGE", charge.id, charge.permission_id)

    def end(self, charge: FakeCharge, state: str, reason: str | None = None) -> None:
        """The outcome of what took its time."""
        charge.state, charge.reason = state, reason
        charge.captures += state == "Captured"
        self._announce("CHARGE", charge.id, charge.permission_id)

    # --- refunds ------------------------------------------------------------------------------------------------------

    def refund(self, said: dict[str, Any]) -> FakeRefund:
        charge = self.charge(str(said.get("chargeId")))
        amount, currency = price_of(said.get("refundAmount"))
        if charge.state != "Captured":
            raise Refusal(422, "InvalidChargeStatus", f"The charge is {charge.state}.")
        if currency != charge.currency:
            raise Refusal(400, "CurrencyMismatch")
        if amount <= 0:
            raise Refusal(400, "InvalidParameterValue")
        if charge.given_back + amount > charge.taken:  # Amazon lets a little more go back; nobody here is to rely on that
            raise Refusal(422, "TransactionAmountExceeded")
        number = len([one for one in self.refunds.values() if one.charge.permission_id == charge.permission_id]) + 1
        refund = FakeRefund(charge, f"{charge.permission_id}-R{number:06}", amount, self._now())
        charge.refunds.append(refund)
        self.refunds[refund.id] = refund
        return refund

    def refund_of(self, refund_id: str) -> FakeRefund:
        if refund_id not in self.refunds:
            raise Refusal(404, "ResourceNotFound")
        return self.refunds[refund_id]

    def end_refund(self, refund: FakeRefund, state: str = "Refunded") -> None:
        refund.state, refund.reason = state, "ProcessingFailure" if state == "Declined" else None
        self._announce("REFUND", refund.id, refund.charge.permission_id)

    # --- disputes -----------------------------------------------------------------------------------------------------

    def dispute(self, charge: FakeCharge, amount: str = "") -> FakeDispute:
        """The giver's bank asks for the money; how that ends, end_dispute() says."""
        of_it = [one for one in self.charges.values() if one.permission_id == charge.permission_id]
        number = sum(len(one.disputes) for one in of_it) + 1
        dispute = FakeDispute(charge, f"{charge.permission_id}-B{number:06}", Decimal(amount or charge.taken), self._now())
        charge.disputes.append(dispute)
        self._announce("CHARGEBACK", dispute.id, charge.permission_id)
        return dispute

    def end_dispute(self, dispute: FakeDispute, state: str = "Resolved", resolution: str | None = "BuyerWon") -> None:
        dispute.state, dispute.resolution = state, resolution
        self._announce("CHARGEBACK", dispute.id, dispute.charge.permission_id)

    def dispute_of(self, dispute_id: str) -> FakeDispute:
        for charge in self.charges.values():
            for dispute in charge.disputes:
                if dispute.id == dispute_id:
                    return dispute
        raise Refusal(404, "ResourceNotFound")
