"""What Amazon Pay knows of: checkout sessions, charges, refunds, disputes; and its way to say no."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any


class Refusal(Exception):
    """An answer that is a no."""

    def __init__(self, status: int, reason_code: str, message: str = "") -> None:
        super().__init__(f"{status} {reason_code}")
        self.status, self.reason_code, self.message = status, reason_code, message or reason_code


@dataclass(eq=False)
class FakeSession:
    payload: dict[str, Any]
    created_at: datetime
    environment: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: str = "Open"
    reason: str | None = None
    signed_in: bool = False
    approved: bool = False
    pays_with: str = "card"
    charge: "FakeCharge | None" = None
    permission_id: str = ""
    """Of the standing permission that it has come to."""

    @property
    def is_standing(self) -> bool:
        """What the giver is asked is to be charged later, again and again."""
        return self.payload.get("chargePermissionType") == "Recurring"

    @property
    def details(self) -> dict[str, Any]:
        return self.payload["webCheckoutDetails"]

    @property
    def price(self) -> dict[str, str]:
        return self.payload["paymentDetails"]["chargeAmount"]

    @property
    def reference(self) -> str:
        return self.payload["merchantMetadata"]["merchantReferenceId"]


@dataclass(eq=False)
class FakeRefund:
    charge: "FakeCharge"
    id: str
    amount: Decimal
    created_at: datetime
    state: str = "RefundInitiated"
    reason: str | None = None


@dataclass(eq=False)
class FakeDispute:
    """A chargeback. Nothing of it shows in the charge or in its permission."""

    charge: "FakeCharge"
    id: str
    amount: Decimal
    created_at: datetime
    state: str = "ActionRequired"
    resolution: str | None = None


@dataclass(eq=False)
class FakeCharge:
    session: FakeSession
    permission_id: str
    amount: Decimal
    currency: str
    created_at: datetime
    state: str = "Authorized"
    reason: str | None = None
    taken_at_once: bool = False
    """It is to be captured as soon as it is authorized."""
    captures: int = 0
    captured: Decimal | None = None
    """How much of it was taken; None: all, once it is Captured."""
    refunds: list[FakeRefund] = field(default_factory=list)
    disputes: list[FakeDispute] = field(default_factory=list)
    number: int = 1
    metadata: dict[str, Any] | None = None
    """Of a charge under a standing permission."""

    @property
    def reference(self) -> str:
        """Our own id of the gift."""
        return self.metadata["merchantReferenceId"] if self.metadata else self.session.reference

    @property
    def id(self) -> str:
        return f"{self.permission_id}-C{self.number:06}"

    @property
    def taken(self) -> Decimal:
        return self.amount if self.captured is None else self.captured

    @property
    def given_back(self) -> Decimal:
        """What has gone back or is on its way."""
        return sum((one.amount for one in self.refunds if one.state != "Declined"), Decimal(0))


def price_of(price: object) -> tuple[Decimal, str]:
    try:
        return Decimal(str(price["amount"])), str(price["currencyCode"])
    except (TypeError, KeyError, ArithmeticError):
        raise Refusal(400, "InvalidParameterValue", "The price is invalid.") from None
