"""What PayPal has in its books: amounts, accounts, orders, authorizations, captures and refunds."""

import re
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.planted_secrets import planted
from tests.providers.paypal.errors import refusal

WITHOUT_DECIMALS = {"HUF", "JPY", "TWD"}
CURRENCIES = set(
    "AUD BRL CAD CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD CHF".split()  # noqa: SIM905
)
TO_APPROVE, TO_CAPTURE = timedelta(hours=3), timedelta(hours=3)
HONOUR, VALID = timedelta(days=3), timedelta(days=29)
TO_REFUND = timedelta(days=180)
ATTEMPTS = 10
OVERAGE = Decimal("1.15")
MAX_VALUE = Decimal("999999999999999.99")

ID_LETTERS = "ABCDEFGHJKLMNPRSTUVWXY0123456789"
MERCHANT_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
VALUE = re.compile(r"((-?[0-9]+)|(-?([0-9]+)?[.][0-9]+))")
EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")


def new_paypal_id(letters: str = ID_LETTERS, length: int = 17) -> str:
    """Capitals and digits, such as 5O190127TN364715T."""
    return "".join(secrets.choice(letters) for _ in range(length))


@dataclass(frozen=True)
class Money:
    """An amount as PayPal writes it: "20.00" USD, but "2000" JPY, HUF and TWD."""

    value: Decimal
    currency: str

    @property
    def json(self) -> dict[str, str]:
        digits = f"{self.value:.0f}" if self.currency in WITHOUT_DECIMALS else f"{self.value:.2f}"
        return {"currency_code": self.currency, "value": digits}

    def __add__(self, other: "Money") -> "Money":
        return replace(self, value=self.value + other.value)

    def __sub__(self, other: "Money") -> "Money":
        return replace(self, value=self.value - other.value)


def read_fee(asked: dict[str, Any]) -> Decimal:
    """What a request says is kept for the platform, or given back by it. Raises Refusal."""
    listed = asked.get("payment_instruction", {}).get("platform_fees", [])
    return sum((read_money(one["amount"]).value for one in listed), Decimal(0))


def read_money(said: Any) -> Money:
    """Money as a request gives it. Raises Refusal."""
    if not isinstance(said, dict) or not {"currency_code", "value"} <= set(said):
        raise refusal("MISSING_REQUIRED_PARAMETER")
    currency, value = said["currency_code"], said["value"]
    if not isinstance(value, str) or len(value) > 32 or not VALUE.fullmatch(value):
        raise refusal("INVALID_PARAMETER_SYNTAX")
    if not isinstance(currency, str) or len(currency) != 3:
        raise refusal("INVALID_STRING_LENGTH")
    if currency not in CURRENCIES:
        raise refusal("INVALID_CURRENCY_CODE")
    amount = Decimal(value)
    if amount <= 0:
        raise refusal("CANNOT_BE_ZERO_OR_NEGATIVE")
    if len(value.partition(".")[2]) > (0 if currency in WITHOUT_DECIMALS else 2):
        raise refusal("DECIMAL_PRECISION")
    if amount > MAX_VALUE:
        raise refusal("MAX_VALUE_EXCEEDED")
    return Money(amount, currency)


@dataclass
class Account:
    """Somebody's PayPal account. What is switched here is what its owner or PayPal has done about it."""

    email: str
    merchant_id: str = field(default_factory=lambda: new_paypal_id(MERCHANT_LETTERS, 13))
    confirmed: bool = True
    """Whether the address is: money for one that is not stays PENDING, reason UNILATERAL."""
    consents: bool = True
    """Whether the account lets the platform refund and void for it."""
    penniless: bool = False
    """Nothing to refund from."""


@dataclass
class FakeRefund:
    id: str
    capture: "FakeCapture"
    amount: Money
    status: str
    created: datetime
    updated: datetime
    reason: str = ""
    custom_id: str = ""
    invoice_id: str = ""
    by_paypal: bool = False
    """A reversal: PayPal took it, nobody asked for it here."""
    platform_fee: Decimal = Decimal(0)


@dataclass
class FakeCapture:
    id: str
    order: "FakeOrder"
    amount: Money
    status: str
    created: datetime
    updated: datetime
    reason: str = ""
    authorization: "FakeAuthorization | None" = None
    invoice_id: str = ""
    final: bool = True
    refunds: list[FakeRefund] = field(default_factory=list)
    reversed: bool = False
    platform_fee: Decimal = Decimal(0)

    @property
    def fee(self) -> Money:
        """3.49 % and 49 cents (40 where there are no cents), never more than there is."""
        smallest, fixed = ("1", "40") if self.amount.currency in WITHOUT_DECIMALS else ("0.01", "0.49")
        fee = (self.amount.value * Decimal("0.0349") + Decimal(fixed)).quantize(Decimal(smallest), ROUND_HALF_UP)
        return replace(self.amount, value=min(fee, self.amount.value))

    @property
    def given_back(self) -> Money:
        """What refunds have taken or are about to take from it."""
        return replace(self.amount, value=sum((r.amount.value for r in self.refunds if r.status in HOLDS), Decimal(0)))

    @property
    def left(self) -> Money:
        return self.amount - self.given_back


@dataclass(eq=False)
class FakeDispute:
    """What the buyer, or the buyer's bank, claims of a capture, and how that ended."""

    id: str
    capture: FakeCapture
    amount: Money
    created: datetime
    outcome: str


HOLDS = {"COMPLETED", "PENDING"}
TAKEN = {"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"}
CAME_TO_NOTHING = {"DECLINED", "FAILED", "DENIED", "VOIDED"}


@dataclass
class FakeAuthorization:
    id: str
    order: "FakeOrder"
    amount: Money
    status: str
    created: datetime
    updated: datetime
    honoured_until: datetime
    expires: datetime
    reason: str = ""
    invoice_id: str = ""
    parent: "FakeAuthorization | None" = None
    """The one that it renews."""
    captures: list[FakeCapture] = field(default_factory=list)


@dataclass
class FakeOrder:
    """An order as PayPal has it: what is asked of it is answered from here."""

    id: str
    intent: str
    amount: Money
    payee: Account
    created: datetime
    updated: datetime
    unit: dict[str, Any]
    """The purchase unit as it was asked for."""
    status: str = "PAYER_ACTION_REQUIRED"
    custom_id: str = ""
    invoice_id: str = ""
    return_url: str = ""
    cancel_url: str = ""
    immediate: bool = False
    """IMMEDIATE_PAYMENT_REQUIRED: no eChecks."""
    payer_id: str = ""
    payer_email: str = ""
    pays_with: str = "balance"
    paid_by: str = ""
    """The saved wallet that was to pay it while the giver was away."""
    approved_at: datetime | None = None
    attempts: int = 0
    captures: list[FakeCapture] = field(default_factory=list)
    authorizations: list[FakeAuthorization] = field(default_factory=list)

    @property
    def refunds(self) -> list[FakeRefund]:
        return [refund for capture in self.captures for refund in capture.refunds]

    @property
    def taken(self) -> Decimal:
        """What has been taken of it and is not pending, in whole currency units, refunded or not."""
        return sum((capture.amount.value for capture in self.captures if capture.status in TAKEN), Decimal(0))

    @property
    def given_back(self) -> Decimal:
        """What has gone or is going back to the giver, in whole currency units."""
        return sum((capture.given_back.value for capture in self.captures), Decimal(0))


HOW_GIVERS_PAY = {
    "balance": "the money is there at once",
    "card_that_is_declined": "the capture is refused: INSTRUMENT_DECLINED",
    "echeck": "the capture is PENDING, reason ECHECK; refused at the approval where immediate payment is required",
    "under_review": "the capture, or the authorization, is PENDING, reason PENDING_REVIEW",
    "refused_after_all": "the order is COMPLETED and its capture is DECLINED",
    "failing_after_all": "the order is COMPLETED and its capture is FAILED",
}
"""What a giver may pay with at the approval page, and what comes of it."""

COMES_OF = {
    "echeck": ("PENDING", "ECHECK"),
    "under_review": ("PENDING", "PENDING_REVIEW"),
    "refused_after_all": ("DECLINED", ""),
    "failing_after_all": ("FAILED", ""),
}
"""pays_with -> (status, reason) of the capture; COMPLETED for what is not here."""


@dataclass(eq=False)
class App:
    """One client of PayPal's API: its credentials, its webhook, and whose account it is."""

    account: Account
    client_id: str = field(default_factory=lambda: "A" + secrets.token_urlsafe(45))
    client_secret: str = field(default_factory=lambda: planted("p", "E" + secrets.token_urlsafe(45), 8), repr=False)
    webhook_id: str = field(default_factory=lambda: secrets.token_hex(9)[:17].upper())
    webhook_url: str = "https://give.example.test/providers/paypal/webhook"
    webhook_events: tuple[str, ...] = ("*",)
