"""What there is at Stripe: sessions, PaymentIntents, cards, refunds, disputes, and its way to say no."""

import secrets
import string
from dataclasses import dataclass, field
from typing import Any

from tests.planted_secrets import planted

ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_" + "".join(secrets.choice(ALPHABET) for _ in range(length))


class Refusal(Exception):
    """An error as Stripe says it, with `more` members. `kept`: the same Idempotency-Key is answered with it again."""

    def __init__(
        self, status: int, message: str, *, kind: str = "invalid_request_error", kept: bool = True, **more: Any
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status, self.kept = status, kept
        self.error = {"type": kind, "message": message} | more


def missing(what: str, id_: str, param: str = "id") -> Refusal:
    return Refusal(404, f"No such {what}: '{id_}'", code="resource_missing", param=param)


@dataclass(eq=False)
class FakeSession:
    """A page where the giver pays. Amounts are in Stripe's units."""

    asked: dict[str, Any]
    amount: int
    currency: str
    created: int
    expires_at: int
    url: str = ""
    id: str = field(default_factory=lambda: new_id("cs_test", 58))
    status: str = "open"
    intent: "FakeIntent | None" = None

    @property
    def name(self) -> str:
        return str(self.asked["line_items"]["0"]["price_data"]["product_data"]["name"])


@dataclass(eq=False)
class FakeIntent:
    """A payment, and its charge once there is one. `asked` is what was asked of the payment itself."""

    asked: dict[str, Any]
    amount: int
    currency: str
    created: int
    session: FakeSession | None = None
    id: str = field(default_factory=lambda: new_id("pi"))
    status: str = "requires_payment_method"
    declined: str = ""
    """The code of the last card's refusal."""
    return_url: str = ""
    bank_page: str = ""
    """Where the giver proves who they are, while the bank wants that."""
    received: int = 0
    captures: int = 0
    charge_id: str = ""
    charged_at: int = 0
    held_until: int = 0
    tells_until_when: bool = True
    canceled_at: int | None = None
    cancellation_reason: str | None = None
    refunds: "list[FakeRefund]" = field(default_factory=list)
    disputes: "list[FakeDispute]" = field(default_factory=list)
    reversals: "list[FakeReversal]" = field(default_factory=list)
    """Of the transfer to the payee, by hand: those that refunds have made are told by the refunds."""
    sent_again: "list[FakeTransfer]" = field(default_factory=list)
    customer: str = ""
    card_id: str = field(default="", repr=False)
    """Of a payment by a saved card."""

    @property
    def key(self) -> str:
        """What its reports are kept under: the page that it is paid at, or itself."""
        return self.session.id if self.session else self.id

    @property
    def capture_method(self) -> str:
        return str(self.asked.get("capture_method", "automatic_async"))

    @property
    def destination(self) -> str | None:
        return self.asked.get("transfer_data", {}).get("destination")

    @property
    def application_fee(self) -> int:
        """What the platform keeps: capped at what was taken."""
        return min(int(self.asked.get("application_fee_amount", 0)), self.received)

    @property
    def application_fee_back(self) -> int:
        refunds = sum(refund.fee_back for refund in self.refunds)
        return refunds + sum(one.fee_back for one in self.reversals)

    @property
    def fee(self) -> int:
        return round(self.received * 0.029) + 30

    @property
    def given_back(self) -> int:
        return sum(refund.amount for refund in self.refunds if refund.status not in ("failed", "canceled"))


@dataclass(eq=False)
class FakeCard:
    """What a token of Google's stands for, and the PaymentMethod that was made of it. Good for one payment each."""

    pays_with: str
    token: str = field(default_factory=lambda: planted("g", new_id("tok"), 8))
    id: str = field(default_factory=lambda: new_id("pm"))
    created: int = 0
    was_taken: bool = False
    was_used: bool = False


@dataclass(eq=False)
class FakeRefund:
    intent: FakeIntent
    amount: int
    created: int
    metadata: dict[str, str]
    reverse_transfer: bool
    status: str = "succeeded"
    fee_back: int = 0
    id: str = field(default_factory=lambda: new_id("re"))


@dataclass(eq=False)
class FakeReversal:
    amount: int
    fee_back: int = 0
    id: str = field(default_factory=lambda: new_id("trr"))


@dataclass(eq=False)
class FakeTransfer:
    """Sent to a payee beside any payment."""

    asked: dict[str, Any]
    created: int
    id: str = field(default_factory=lambda: new_id("tr"))
    reversals: list[FakeReversal] = field(default_factory=list)

    @property
    def amount(self) -> int:
        return int(self.asked["amount"])

    @property
    def reversed(self) -> int:
        return sum(one.amount for one in self.reversals)


@dataclass(eq=False)
class FakeDispute:
    intent: FakeIntent
    amount: int
    created: int
    status: str
    id: str = field(default_factory=lambda: new_id("dp"))
