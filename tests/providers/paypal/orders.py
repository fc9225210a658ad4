"""PayPal's rules for orders: who may open, approve and pay which, and when.

No HTTP here. Every rule that says no raises errors.Refusal; every change that PayPal would tell of is announced.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.planted_secrets import MARK
from tests.providers.paypal.errors import refusal
from tests.providers.paypal.records import (
    ATTEMPTS,
    CAME_TO_NOTHING,
    COMES_OF,
    EMAIL,
    HONOUR,
    HOW_GIVERS_PAY,
    TO_APPROVE,
    TO_CAPTURE,
    VALID,
    Account,
    FakeAuthorization,
    FakeCapture,
    FakeOrder,
    FakeRefund,
    Money,
    new_paypal_id,
    read_fee,
    read_money,
)

GIVERS_EMAIL = f"sb-giver-{MARK}m@personal.example.com"
TO_BE_APPROVED = ("PAYER_ACTION_REQUIRED", "APPROVED")
Announce = Callable[[str, FakeOrder, Any], None]


class Orders:
    """All orders there are, and what may be done with them before they are paid. What comes after is in payments.py."""

    def __init__(self, now: Callable[[], datetime], announce: Announce) -> None:
        self._now, self._announce = now, announce
        self.accounts: dict[str, Account] = {}
        self.orders: dict[str, FakeOrder] = {}
        self.authorizations: dict[str, FakeAuthorization] = {}
        self.captures: dict[str, FakeCapture] = {}
        self.refunds: dict[str, FakeRefund] = {}
        self.is_partner = False
        """Our own account may keep fees."""

    def account(self, email: str) -> Account:
        """The account of this address; one is opened for an address that has none."""
        return self.accounts.setdefault(email.lower(), Account(email=email))

    def _payee(self, said: Any, own: Account) -> Account:
        if said is None:
            return own
        if not isinstance(said, dict):
            raise refusal("INVALID_PARAMETER_SYNTAX")
        email, merchant_id = said.get("email_address"), said.get("merchant_id")
        if email is not None:
            if not isinstance(email, str) or not EMAIL.fullmatch(email) or len(email) > 254:
                raise refusal("INVALID_PARAMETER_SYNTAX")
            account = self.account(email)
        else:
            found = [account for account in self.accounts.values() if account.merchant_id == merchant_id]
            if not found:
                raise refusal("PAYEE_ACCOUNT_INVALID")
            account = found[0]
        return account

    def order(self, order_id: str) -> FakeOrder:
        """Raises the 404 for an order that is not there, or has run out."""
        order = _found(self.orders, order_id)
        if self._ran_out(order):
            raise refusal("INVALID_RESOURCE_ID")
        return order

    def check_fee(self, asked: dict[str, Any], amount: Money) -> Decimal:
        fee = read_fee(asked)
        if fee and not self.is_partner:
            raise refusal("PLATFORM_FEES_NOT_SUPPORTED")
        if fee > amount.value:
            raise refusal("INVALID_PLATFORM_FEES_AMOUNT")
        return fee

    def _ran_out(self, order: FakeOrder) -> bool:
        if order.captures or order.authorizations:
            return False
        end = order.approved_at + TO_CAPTURE if order.approved_at else order.created + TO_APPROVE
        return self._now() >= end

    def authorization(self, authorization_id: str) -> FakeAuthorization:
        found = _found(self.authorizations, authorization_id)
        self._let_go_what_is_too_old(found)
        return found

    def capture(self, capture_id: str) -> FakeCapture:
        return _found(self.captures, capture_id)

    def refund(self, refund_id: str) -> FakeRefund:
        return _found(self.refunds, refund_id)

    def create(self, asked: dict[str, Any], own: Account) -> FakeOrder:
        """`own`: who is paid where nobody is named. Knows one purchase unit, and payments by PayPal alone."""
        intent, units = asked.get("intent"), asked.get("purchase_units")
        if intent is None or not isinstance(units, list):
            raise refusal("MISSING_REQUIRED_PARAMETER")
        if intent not in ("CAPTURE", "AUTHORIZE"):
            raise refusal("INVALID_PARAMETER_VALUE")
        if len(units) != 1:
            raise refusal(f"INVALID_ARRAY_{'MAX' if units else 'MIN'}_ITEMS")
        unit, source = units[0], asked.get("payment_source")
        if not isinstance(unit, dict) or not isinstance(source, dict) or not isinstance(source.get("paypal"), dict):
            raise refusal("INVALID_PARAMETER_SYNTAX")
        for name, longest in (("custom_id", 127), ("invoice_id", 127), ("description", 127), ("soft_descriptor", 22)):
            text = unit.get(name)
            if text is not None and not (isinstance(text, str) and 1 <= len(text) <= longest):
                raise refusal("INVALID_STRING_LENGTH")
        amount = read_money(unit.get("amount"))
        payee = self._payee(unit.get("payee"), own)
        self.check_fee(unit, amount)
        context = source["paypal"].get("experience_context") or {}
        now = self._now()
        order = FakeOrder(
            id=new_paypal_id(),
            intent=intent,
            amount=amount,
            payee=payee,
            created=now,
            updated=now,
            unit=unit,
            custom_id=unit.get("custom_id", ""),
            invoice_id=unit.get("invoice_id", ""),
            return_url=context.get("return_url", ""),
            cancel_url=context.get("cancel_url", ""),
            immediate=context.get("payment_method_preference") == "IMMEDIATE_PAYMENT_REQUIRED",
        )
        self.orders[order.id] = order
        return order

    def approve(self, order: FakeOrder, pays_with: str = "balance", payer_email: str = GIVERS_EMAIL) -> None:
        """Raises ValueError where the approval page has nothing to approve."""
        if pays_with not in HOW_GIVERS_PAY:
            raise ValueError(f"pays_with must be one of {', '.join(HOW_GIVERS_PAY)}")
        if self._ran_out(order) or order.status not in TO_BE_APPROVED:
            raise ValueError(f"order {order.id} cannot be approved: it is {order.status} since {order.updated}")
        if pays_with == "echeck" and order.immediate:
            raise ValueError("the order requires immediate payment: PayPal does not offer an eCheck")
        payer = self.account(payer_email)
        order.payer_id, order.payer_email, order.pays_with = payer.merchant_id, payer_email, pays_with
        order.status, order.updated = "APPROVED", self._now()
        order.approved_at = order.updated
        self._announce("CHECKOUT.ORDER.APPROVED", order, order)

    def _may_be_paid(self, order: FakeOrder, intent: str, links: tuple[dict[str, str], ...]) -> None:
        if order.intent != intent:
            raise refusal("ACTION_DOES_NOT_MATCH_INTENT")
        if order.status == "COMPLETED":
            raise refusal("ORDER_ALREADY_CAPTURED" if intent == "CAPTURE" else "ORDER_ALREADY_AUTHORIZED")
        if order.status != "APPROVED":
            raise refusal("ORDER_NOT_APPROVED")
        if order.invoice_id and self._is_paid(order.invoice_id, order.payee):
            raise refusal("DUPLICATE_INVOICE_ID")
        order.attempts += 1
        if order.attempts > ATTEMPTS:
            raise refusal("MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED")
        if order.pays_with == "card_that_is_declined":
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
        capture.platform_fee = capture.platform_fee or read_fee(order.unit)
        self.captures[capture.id] = capture
        order.captures.append(capture)
        if status != "FAILED":  # for which PayPal has no event
            self._announce(f"PAYMENT.CAPTURE.{status}", order, capture)
        return capture

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


def _found(book: dict[str, Any], id_: str) -> Any:
    if id_ not in book:
        raise refusal("INVALID_RESOURCE_ID")
    return book[id_]
