"""PayPal's rules for what is held, taken and given back. No HTTP here either: see orders.py."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.providers.paypal.errors import refusal
from tests.providers.paypal.orders import Orders
from tests.providers.paypal.records import (
    HOLDS,
    HONOUR,
    OVERAGE,
    TO_REFUND,
    FakeAuthorization,
    FakeCapture,
    FakeDispute,
    FakeRefund,
    Money,
    new_paypal_id,
    read_fee,
    read_money,
)

NOT_TO_BE_CAPTURED = {
    "DENIED": "AUTHORIZATION_DENIED", "CAPTURED": "AUTHORIZATION_ALREADY_CAPTURED", "PENDING": "TRANSACTION_REFUSED",
}  # fmt: skip


class Books(Orders):
    """All orders there are, and what may be done with them."""

    def capture_authorization(self, authorization: FakeAuthorization, asked: dict[str, Any]) -> FakeCapture:
        order = authorization.order
        if authorization.status == "VOIDED":
            expired = self._now() >= authorization.expires
            raise refusal("AUTHORIZATION_EXPIRED" if expired else "AUTHORIZATION_VOIDED")
        if authorization.status in NOT_TO_BE_CAPTURED:
            raise refusal(NOT_TO_BE_CAPTURED[authorization.status])
        family = self._family(authorization)
        taken = sum((capture.amount.value for one in family for capture in one.captures), Decimal(0))
        if "amount" in asked:
            amount = read_money(asked["amount"])
            if amount.currency != authorization.amount.currency:
                raise refusal("AUTH_CAPTURE_CURRENCY_MISMATCH")
        else:
            amount = replace(authorization.amount, value=authorization.amount.value - taken)
        if taken + amount.value > authorization.amount.value * OVERAGE:
            raise refusal("MAX_CAPTURE_AMOUNT_EXCEEDED")
        invoice_id = asked.get("invoice_id", authorization.invoice_id)
        if invoice_id != order.invoice_id and self._is_paid(invoice_id, order.payee):
            raise refusal("DUPLICATE_INVOICE_ID")
        final = bool(asked.get("final_capture", False))
        capture = self._new_capture(order, amount, invoice_id, authorization=authorization, final=final)
        capture.platform_fee = self.check_fee(asked, amount)
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
        amount = read_money(asked["amount"]) if "amount" in asked else authorization.amount
        if amount.currency != authorization.amount.currency:
            raise refusal("AUTH_CURRENCY_MISMATCH")
        if amount.value > authorization.amount.value * OVERAGE:
            raise refusal("TRANSACTION_REFUSED")
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
        if authorization.status in ("CAPTURED", "VOIDED"):
            raise refusal(f"PREVIOUSLY_{authorization.status}")
        for one in self._family(authorization):
            one.status, one.updated = "VOIDED", self._now()
        self._announce("PAYMENT.AUTHORIZATION.VOIDED", authorization.order, authorization)

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
        amount = read_money(asked["amount"]) if "amount" in asked else capture.left
        if amount.currency != capture.amount.currency:
            raise refusal("REFUND_CAPTURE_CURRENCY_MISMATCH")
        if amount.value > capture.left.value:
            raise refusal("REFUND_AMOUNT_EXCEEDED")
        invoice_id = asked.get("invoice_id", "")
        if invoice_id and any(refund.invoice_id == invoice_id for refund in self.refunds.values()):
            raise refusal("DUPLICATE_INVOICE_ID")
        if capture.order.payee.penniless:
            raise refusal("REFUND_FAILED_INSUFFICIENT_FUNDS")
        said = {name: asked.get(name, "") for name in ("custom_id", "invoice_id")}
        fee = read_fee(asked)
        if fee > capture.platform_fee - sum((one.platform_fee for one in capture.refunds if one.status in HOLDS), Decimal(0)):
            raise refusal("PLATFORM_FEE_EXCEEDED")
        return self._new_refund(capture, amount, status, platform_fee=fee, **said)

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

    def reverse(self, capture: FakeCapture, reason: str) -> FakeRefund:
        """A chargeback, or a dispute that the payee has lost: PayPal takes back what is left."""
        if capture.left.value <= 0:
            raise ValueError(f"nothing is left of capture {capture.id}")
        capture.reversed, capture.reason = True, reason
        return self._new_refund(capture, capture.left, "COMPLETED", by_paypal=True)

    def win_the_dispute(self, capture: FakeCapture) -> None:
        """A reversal is cancelled. Nothing is said of the payment itself: of the dispute it is.

        https://developer.paypal.com/docs/disputes/customer-disputes/webhooks/ (2026-11)
        """
        taken_back = [refund for refund in capture.refunds if refund.by_paypal and refund.status == "COMPLETED"]
        if not taken_back:
            raise ValueError(f"capture {capture.id} was not taken back")
        now, amount = self._now(), replace(capture.amount, value=sum((one.amount.value for one in taken_back), Decimal(0)))
        for refund in taken_back:
            refund.status, refund.updated = "CANCELLED", now
        capture.reversed, capture.reason = False, ""
        self._count_refunds(capture)
        dispute = FakeDispute(f"PP-D-{len(self.refunds)}", capture, amount, now, "RESOLVED_SELLER_FAVOUR")
        self._announce("CUSTOMER.DISPUTE.RESOLVED", capture.order, dispute)
