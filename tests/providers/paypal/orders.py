"""PayPal's books: orders, authorizations, captures and refunds, and the rules by which one leads to the other.

No HTTP here. Every rule that says no raises errors.Refusal; every change that PayPal would report is announced.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from money import decimals_of
from tests.providers.paypal.errors import Refusal, refusal

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


def new_paypal_id() -> str:
    """17 capitals and digits, such as 5O190127TN364715T."""
    return "".join(secrets.choice(ID_LETTERS) for _ in range(17))


def new_merchant_id() -> str:
    """13 letters and digits without those that look alike, such as QYR5Z8XDVJNXQ."""
    return "".join(secrets.choice(MERCHANT_LETTERS) for _ in range(13))


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


def read_money(said: Any, field_name: str) -> Money:
    """Money as a request gives it. Raises Refusal."""
    if not isinstance(said, dict):
        raise refusal("MISSING_REQUIRED_PARAMETER", field=field_name)
    for name in ("currency_code", "value"):
        if name not in said:
            raise refusal("MISSING_REQUIRED_PARAMETER", field=f"{field_name}/{name}")
    currency, value = said["currency_code"], said["value"]
    if not isinstance(value, str) or len(value) > 32 or not VALUE.fullmatch(value):
        raise refusal("INVALID_PARAMETER_SYNTAX", field=f"{field_name}/value", value=value)
    if not isinstance(currency, str) or len(currency) != 3:
        raise refusal("INVALID_STRING_LENGTH", field=f"{field_name}/currency_code", value=currency)
    if currency not in CURRENCIES:
        raise refusal("INVALID_CURRENCY_CODE", field=f"{field_name}/currency_code", value=currency)
    amount = Decimal(value)
    if amount <= 0:
        raise refusal("CANNOT_BE_ZERO_OR_NEGATIVE", field=f"{field_name}/value", value=value)
    if len(value.partition(".")[2]) > (0 if currency in WITHOUT_DECIMALS else 2):
        raise refusal("DECIMAL_PRECISION", field=f"{field_name}/value", value=value)
    if amount > MAX_VALUE:
        raise refusal("MAX_VALUE_EXCEEDED", field=f"{field_name}/value", value=value)
    return Money(amount, currency)


@dataclass
class Account:
    """Somebody's PayPal account. What is switched here is what its owner or PayPal has done about it."""

    email: str
    merchant_id: str = field(default_factory=new_merchant_id)
    confirmed: bool = True
    """Whether the e-mail address is: money for one that is not stays PENDING, reason UNILATERAL."""
    consents: bool = True
    """Whether the account lets the platform refund and void for it."""
    closed: bool = False
    restricted: bool = False
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
    note_to_payer: str = ""
    by_paypal: bool = False
    """A reversal: PayPal took it, nobody asked for it here."""


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
    app: Any
    """Whose credentials opened it."""
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
    old_style: bool = False
    """Opened without a payment_source: the way to the giver is called approve, and the status CREATED."""
    payer_id: str = ""
    payer_email: str = ""
    pays_with: str = "balance"
    approved_at: datetime | None = None
    given_up: bool = False
    attempts: int = 0
    captures: list[FakeCapture] = field(default_factory=list)
    authorizations: list[FakeAuthorization] = field(default_factory=list)
    extras: dict[str, Any] = field(default_factory=dict)

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

    @property
    def taken_minor(self) -> int:
        """`taken` in the minor units that the service counts in."""
        return int(self.taken.scaleb(decimals_of(self.amount.currency)))

    @property
    def given_back_minor(self) -> int:
        return int(self.given_back.scaleb(decimals_of(self.amount.currency)))


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

Announce = Callable[[str, FakeOrder, Any], None]


class Books:
    """All orders there are, and what may be done with them."""

    def __init__(self, now: Callable[[], datetime], announce: Announce) -> None:
        self._now, self._announce = now, announce
        self.accounts: dict[str, Account] = {}
        self.orders: dict[str, FakeOrder] = {}
        self.authorizations: dict[str, FakeAuthorization] = {}
        self.captures: dict[str, FakeCapture] = {}
        self.refunds: dict[str, FakeRefund] = {}
        self.status_after_a_decline = "APPROVED"

    # --- who ----------------------------------------------------------------------------------------------------------

    def account(self, email: str) -> Account:
        """The account of this address; one is opened for an address that has none."""
        return self.accounts.setdefault(email.lower(), Account(email=email))

    def _payee(self, said: Any, own: Account) -> Account:
        if said is None:
            return own
        where = "/purchase_units/@reference_id=='default'/payee"
        if not isinstance(said, dict):
            raise refusal("INVALID_PARAMETER_SYNTAX", field=where)
        email, merchant_id = said.get("email_address"), said.get("merchant_id")
        if email is not None:
            if not isinstance(email, str) or not EMAIL.fullmatch(email) or len(email) > 254:
                raise refusal("INVALID_PARAMETER_SYNTAX", field=f"{where}/email_address", value=email)
            account = self.account(email)
        else:
            found = [account for account in self.accounts.values() if account.merchant_id == merchant_id]
            if not found:
                raise refusal("PAYEE_ACCOUNT_INVALID", field=f"{where}/merchant_id", value=merchant_id)
            account = found[0]
        if account.closed:
            raise refusal("PAYEE_ACCOUNT_LOCKED_OR_CLOSED", field=where)
        if account.restricted:
            raise refusal("PAYEE_ACCOUNT_RESTRICTED", field=where)
        return account

    # --- finding ------------------------------------------------------------------------------------------------------

    def order(self, order_id: str, app: Any = None) -> FakeOrder:
        """Raises the 404 for an order that is not there, is another app's, or has run out."""
        order = self.orders.get(order_id)
        if order is None or (app is not None and order.app is not app) or self._ran_out(order):
            raise refusal("INVALID_RESOURCE_ID", field="order_id", value=order_id)
        return order

    def _ran_out(self, order: FakeOrder) -> bool:
        if order.captures or order.authorizations:
            return False
        end = order.approved_at + TO_CAPTURE if order.approved_at else order.created + TO_APPROVE
        return self._now() >= end

    def authorization(self, authorization_id: str, app: Any = None) -> FakeAuthorization:
        found = self.authorizations.get(authorization_id)
        if found is None or (app is not None and found.order.app is not app):
            raise refusal("INVALID_RESOURCE_ID", field="authorization_id", value=authorization_id)
        self._let_go_what_is_too_old(found)
        return found

    def capture(self, capture_id: str, app: Any = None) -> FakeCapture:
        found = self.captures.get(capture_id)
        if found is None or (app is not None and found.order.app is not app):
            raise refusal("INVALID_RESOURCE_ID", field="capture_id", value=capture_id)
        return found

    def refund(self, refund_id: str, app: Any = None) -> FakeRefund:
        found = self.refunds.get(refund_id)
        if found is None or (app is not None and found.capture.order.app is not app):
            raise refusal("INVALID_RESOURCE_ID", field="refund_id", value=refund_id)
        return found

    # --- creating -----------------------------------------------------------------------------------------------------

    def create(self, asked: dict[str, Any], app: Any) -> FakeOrder:
        intent, units = asked.get("intent"), asked.get("purchase_units")
        if intent is None:
            raise refusal("MISSING_REQUIRED_PARAMETER", field="/intent")
        if intent not in ("CAPTURE", "AUTHORIZE"):
            raise refusal("INVALID_PARAMETER_VALUE", field="/intent", value=intent)
        if not isinstance(units, list):
            raise refusal("MISSING_REQUIRED_PARAMETER", field="/purchase_units")
        if not units:
            raise refusal("INVALID_ARRAY_MIN_ITEMS", field="/purchase_units")
        if len(units) > 1:
            raise Refusal(422, "UNSUPPORTED_BY_THE_FAKE", description="This fake knows orders of one purchase unit only.")
        unit, source = units[0], asked.get("payment_source") or {}
        for name, found in (
            ("/purchase_units/0", unit),
            ("/payment_source", source),
            ("/payment_source/paypal", source.get("paypal", {}) if isinstance(source, dict) else {}),
        ):
            if not isinstance(found, dict):
                raise refusal("INVALID_PARAMETER_SYNTAX", field=name)
        where = "/purchase_units/@reference_id=='default'"
        for name, longest in (("custom_id", 127), ("invoice_id", 127), ("description", 127), ("soft_descriptor", 22)):
            text = unit.get(name)
            if text is not None and not (isinstance(text, str) and 1 <= len(text) <= longest):
                raise refusal("INVALID_STRING_LENGTH", field=f"{where}/{name}", value=text)
        amount = read_money(unit.get("amount"), f"{where}/amount")
        payee = self._payee(unit.get("payee"), app.account)
        context = (source.get("paypal") or {}).get("experience_context") or asked.get("application_context") or {}
        now = self._now()
        order = FakeOrder(
            id=new_paypal_id(),
            app=app,
            intent=intent,
            amount=amount,
            payee=payee,
            created=now,
            updated=now,
            unit=unit,
            status="PAYER_ACTION_REQUIRED" if source else "CREATED",
            custom_id=unit.get("custom_id", ""),
            invoice_id=unit.get("invoice_id", ""),
            return_url=context.get("return_url", ""),
            cancel_url=context.get("cancel_url", ""),
            immediate=context.get("payment_method_preference") == "IMMEDIATE_PAYMENT_REQUIRED",
            old_style=not source,
        )
        self.orders[order.id] = order
        return order

    # --- the giver ----------------------------------------------------------------------------------------------------

    def approve(self, order: FakeOrder, pays_with: str = "balance", payer_email: str = "sb-giver@personal.example.com") -> None:
        """Raises ValueError where the approval page has nothing to approve."""
        if pays_with not in HOW_GIVERS_PAY:
            raise ValueError(f"pays_with must be one of {', '.join(HOW_GIVERS_PAY)}")
        if self._ran_out(order) or order.status not in ("CREATED", "PAYER_ACTION_REQUIRED", "APPROVED"):
            raise ValueError(f"order {order.id} cannot be approved: it is {order.status} since {order.updated}")
        if pays_with == "echeck" and order.immediate:
            raise ValueError("the order requires immediate payment: PayPal does not offer an eCheck")
        payer = self.account(payer_email)
        order.payer_id, order.payer_email, order.pays_with = payer.merchant_id, payer_email, pays_with
        order.status, order.updated, order.given_up = "APPROVED", self._now(), False
        order.approved_at = order.updated
        self._announce("CHECKOUT.ORDER.APPROVED", order, order)

    # --- paying -------------------------------------------------------------------------------------------------------

    def _may_be_paid(self, order: FakeOrder, intent: str, links: tuple[dict[str, str], ...]) -> None:
        if order.intent != intent:
            raise refusal("ACTION_DOES_NOT_MATCH_INTENT")
        if order.status == "COMPLETED":
            raise refusal("ORDER_ALREADY_CAPTURED" if intent == "CAPTURE" else "ORDER_ALREADY_AUTHORIZED")
        if order.status != "APPROVED":
            raise refusal("ORDER_NOT_APPROVED")
        if order.payee.closed:
            raise refusal("PAYEE_BLOCKED_TRANSACTION")
        if order.invoice_id and self._is_paid(order.invoice_id, order.payee):
            raise refusal("DUPLICATE_INVOICE_ID")
        order.attempts += 1
        if order.attempts > ATTEMPTS:
            raise refusal("MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED")
        if order.pays_with == "card_that_is_declined":
            order.status = self.status_after_a_decline
            declined = refusal("INSTRUMENT_DECLINED", links=links)
            declined.remembered = True
            raise declined

    def _is_paid(self, invoice_id: str, payee: Account) -> bool:
        return any(
            invoice_id in (capture.invoice_id, order.invoice_id) and order.payee is payee
            for order in self.orders.values()
            for capture in [*order.captures, *order.authorizations]
            if capture.status not in CAME_TO_NOTHING
        )

    def capture_order(self, order: FakeOrder, links: tuple[dict[str, str], ...]) -> FakeCapture:
        """`links` go with a decline: where the giver chooses something else to pay with."""
        self._may_be_paid(order, "CAPTURE", links)
        capture = self._new_capture(order, order.amount, order.invoice_id)
        order.status, order.updated = "COMPLETED", capture.created
        self._announce("CHECKOUT.ORDER.COMPLETED", order, order)
        return capture

    def authorize_order(self, order: FakeOrder, links: tuple[dict[str, str], ...]) -> FakeAuthorization:
        self._may_be_paid(order, "AUTHORIZE", links)
        status, reason = ("PENDING", "PENDING_REVIEW") if order.pays_with == "under_review" else ("CREATED", "")
        if order.pays_with == "refused_after_all":
            status = "DENIED"
        now = self._now()
        authorization = FakeAuthorization(
            id=new_paypal_id(),
            order=order,
            amount=order.amount,
            status=status,
            reason=reason,
            created=now,
            updated=now,
            honoured_until=now + HONOUR,
            expires=now + VALID,
            invoice_id=order.invoice_id,
        )
        self.authorizations[authorization.id] = authorization
        order.authorizations.append(authorization)
        order.status, order.updated = "COMPLETED", now
        if status == "CREATED":
            self._announce("PAYMENT.AUTHORIZATION.CREATED", order, authorization)
        return authorization

    def _new_capture(self, order: FakeOrder, amount: Money, invoice_id: str, **more: Any) -> FakeCapture:
        status, reason = COMES_OF.get(order.pays_with, ("COMPLETED", ""))
        if status == "COMPLETED" and not order.payee.confirmed:
            status, reason = "PENDING", "UNILATERAL"
        now = self._now()
        capture = FakeCapture(new_paypal_id(), order, amount, status, now, now, reason, invoice_id=invoice_id, **more)
        self.captures[capture.id] = capture
        order.captures.append(capture)
        if status != "FAILED":  # for which PayPal has no event
            self._announce(f"PAYMENT.CAPTURE.{status}", order, capture)
        return capture

    # --- what is held -------------------------------------------------------------------------------------------------

    def _let_go_what_is_too_old(self, authorization: FakeAuthorization) -> None:
        if authorization.status in ("CREATED", "PENDING") and self._now() >= authorization.expires:
            authorization.status, authorization.updated = "VOIDED", authorization.expires
            if authorization.parent is None:
                self._announce("PAYMENT.AUTHORIZATION.VOIDED", authorization.order, authorization)

    def let_go_what_is_too_old(self) -> None:
        """What PayPal does by itself after 29 days."""
        for authorization in list(self.authorizations.values()):
            self._let_go_what_is_too_old(authorization)

    @staticmethod
    def _family(authorization: FakeAuthorization) -> list[FakeAuthorization]:
        """The authorization and all that renew it: they hold the same money."""
        first = authorization.parent or authorization
        return [first, *(other for other in first.order.authorizations if other.parent is first)]

    def capture_authorization(self, authorization: FakeAuthorization, asked: dict[str, Any]) -> FakeCapture:
        order = authorization.order
        if authorization.status == "VOIDED":
            expired = self._now() >= authorization.expires
            raise refusal("AUTHORIZATION_EXPIRED" if expired else "AUTHORIZATION_VOIDED")
        if authorization.status == "DENIED":
            raise refusal("AUTHORIZATION_DENIED")
        if authorization.status == "CAPTURED":
            raise refusal("AUTHORIZATION_ALREADY_CAPTURED")
        if authorization.status == "PENDING":
            raise refusal("TRANSACTION_REFUSED")
        family = self._family(authorization)
        taken = sum((capture.amount.value for one in family for capture in one.captures), Decimal(0))
        if "amount" in asked:
            amount = read_money(asked["amount"], "/amount")
            if amount.currency != authorization.amount.currency:
                raise refusal("AUTH_CAPTURE_CURRENCY_MISMATCH", field="/amount/currency_code", value=amount.currency)
        else:
            amount = replace(authorization.amount, value=authorization.amount.value - taken)
        if taken + amount.value > authorization.amount.value * OVERAGE:
            raise refusal("MAX_CAPTURE_AMOUNT_EXCEEDED", field="/amount/value")
        invoice_id = asked.get("invoice_id", authorization.invoice_id)
        if invoice_id != order.invoice_id and self._is_paid(invoice_id, order.payee):
            raise refusal("DUPLICATE_INVOICE_ID", field="/invoice_id", value=invoice_id)
        final = bool(asked.get("final_capture", False))
        capture = self._new_capture(order, amount, invoice_id, authorization=authorization, final=final)
        authorization.captures.append(capture)
        everything = capture.final or taken + amount.value >= authorization.amount.value
        for one in family:
            one.status, one.updated = ("CAPTURED" if everything else "PARTIALLY_CAPTURED"), capture.created
        return capture

    def reauthorize(self, authorization: FakeAuthorization, asked: dict[str, Any]) -> FakeAuthorization:
        if authorization.parent is not None:
            raise refusal("REAUTHORIZATION_NOT_SUPPORTED")
        if authorization.status == "VOIDED":
            raise refusal("AUTHORIZATION_VOIDED")
        if authorization.status in ("CAPTURED", "PARTIALLY_CAPTURED"):
            raise refusal("AUTHORIZATION_ALREADY_CAPTURED")
        if authorization.status != "CREATED":
            raise refusal("TRANSACTION_REFUSED")
        now = self._now()
        if any(now < one.honoured_until for one in self._family(authorization)):
            raise refusal("REAUTHORIZATION_TOO_SOON")
        amount = read_money(asked["amount"], "/amount") if "amount" in asked else authorization.amount
        if amount.currency != authorization.amount.currency:
            raise refusal("AUTH_CURRENCY_MISMATCH", field="/amount/currency_code", value=amount.currency)
        if amount.value > authorization.amount.value * OVERAGE:
            raise refusal("TRANSACTION_REFUSED", field="/amount/value")
        again = FakeAuthorization(
            id=new_paypal_id(),
            order=authorization.order,
            amount=amount,
            status="CREATED",
            created=now,
            updated=now,
            honoured_until=min(now + HONOUR, authorization.expires),
            expires=authorization.expires,
            invoice_id=authorization.invoice_id,
            parent=authorization,
        )
        self.authorizations[again.id] = again
        authorization.order.authorizations.append(again)
        self._announce("PAYMENT.AUTHORIZATION.CREATED", authorization.order, again)
        return again

    def void(self, authorization: FakeAuthorization) -> None:
        if authorization.parent is not None:
            raise refusal("CANNOT_BE_VOIDED")
        if authorization.status == "CAPTURED":
            raise refusal("PREVIOUSLY_CAPTURED")
        if authorization.status == "VOIDED":
            raise refusal("PREVIOUSLY_VOIDED")
        for one in self._family(authorization):
            one.status, one.updated = "VOIDED", self._now()
        self._announce("PAYMENT.AUTHORIZATION.VOIDED", authorization.order, authorization)

    # --- giving back --------------------------------------------------------------------------------------------------

    def refund_capture(self, capture: FakeCapture, asked: dict[str, Any], status: str = "COMPLETED") -> FakeRefund:
        """A refund that is COMPLETED, or PENDING while the money comes by eCheck."""
        if capture.reversed:
            raise refusal("REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK")
        if capture.status == "PENDING":
            raise refusal("PENDING_CAPTURE")
        if capture.status in ("DECLINED", "FAILED"):
            raise refusal("REFUND_NOT_ALLOWED")
        if capture.left.value <= 0:
            raise refusal("CAPTURE_FULLY_REFUNDED")
        if self._now() >= capture.created + TO_REFUND:
            raise refusal("REFUND_TIME_LIMIT_EXCEEDED")
        amount = read_money(asked["amount"], "/amount") if "amount" in asked else capture.left
        if amount.currency != capture.amount.currency:
            raise refusal("REFUND_CAPTURE_CURRENCY_MISMATCH", field="/amount/currency_code", value=amount.currency)
        if amount.value > capture.left.value:
            raise refusal("REFUND_AMOUNT_EXCEEDED", field="/amount/value", value=amount.json["value"])
        invoice_id = asked.get("invoice_id", "")
        if invoice_id and any(refund.invoice_id == invoice_id for refund in self.refunds.values()):
            raise refusal("DUPLICATE_INVOICE_ID", field="/invoice_id", value=invoice_id)
        if capture.order.payee.penniless:
            raise refusal("REFUND_FAILED_INSUFFICIENT_FUNDS")
        said = {name: asked.get(name, "") for name in ("custom_id", "invoice_id", "note_to_payer")}
        return self._new_refund(capture, amount, status, **said)

    def _new_refund(self, capture: FakeCapture, amount: Money, status: str, **more: Any) -> FakeRefund:
        now = self._now()
        refund = FakeRefund(new_paypal_id(), capture, amount, status, now, now, **more)
        refund.reason = "ECHECK" if status == "PENDING" else ""
        self.refunds[refund.id] = refund
        capture.refunds.append(refund)
        self._count_refunds(capture)
        kind = "REVERSED" if refund.by_paypal else "REFUNDED" if status == "COMPLETED" else "PENDING"
        self._announce(f"PAYMENT.{'REFUND' if kind == 'PENDING' else 'CAPTURE'}.{kind}", capture.order, refund)
        return refund

    def _count_refunds(self, capture: FakeCapture) -> None:
        capture.updated = self._now()
        if capture.given_back.value <= 0:
            capture.status = "COMPLETED"
        else:
            capture.status = "PARTIALLY_REFUNDED" if capture.left.value > 0 else "REFUNDED"

    def end_refund(self, refund: FakeRefund, status: str) -> None:
        """A PENDING refund becomes COMPLETED, FAILED or CANCELLED."""
        if refund.status != "PENDING":
            raise ValueError(f"refund {refund.id} is {refund.status}, not PENDING")
        refund.status, refund.reason, refund.updated = status, "", self._now()
        self._count_refunds(refund.capture)
        if status == "CANCELLED":  # for which PayPal has no event
            return
        kind = "PAYMENT.CAPTURE.REFUNDED" if status == "COMPLETED" else "PAYMENT.REFUND.FAILED"
        self._announce(kind, refund.capture.order, refund)

    # --- what people and PayPal do elsewhere --------------------------------------------------------------------------

    def end_pending_authorization(self, authorization: FakeAuthorization, status: str) -> None:
        """A PENDING authorization becomes CREATED or DENIED."""
        if authorization.status != "PENDING":
            raise ValueError(f"authorization {authorization.id} is {authorization.status}, not PENDING")
        authorization.status, authorization.reason, authorization.updated = status, "", self._now()
        if status == "CREATED":
            self._announce("PAYMENT.AUTHORIZATION.CREATED", authorization.order, authorization)

    def end_pending_capture(self, capture: FakeCapture, status: str) -> None:
        """A PENDING capture becomes COMPLETED or DECLINED."""
        if capture.status != "PENDING":
            raise ValueError(f"capture {capture.id} is {capture.status}, not PENDING")
        capture.status, capture.reason, capture.updated = status, "", self._now()
        self._announce(f"PAYMENT.CAPTURE.{'DENIED' if status == 'DECLINED' else status}", capture.order, capture)

    def review(self, capture: FakeCapture, reason: str) -> None:
        """A capture that was COMPLETED is held up again."""
        capture.status, capture.reason, capture.updated = "PENDING", reason, self._now()
        self._announce("PAYMENT.CAPTURE.PENDING", capture.order, capture)

    def reverse(self, capture: FakeCapture, reason: str) -> FakeRefund:
        """A chargeback, or a dispute that the payee has lost: PayPal takes back what is left."""
        if capture.left.value <= 0:
            raise ValueError(f"nothing is left of capture {capture.id}")
        capture.reversed, capture.reason = True, reason
        return self._new_refund(capture, capture.left, "COMPLETED", by_paypal=True)
