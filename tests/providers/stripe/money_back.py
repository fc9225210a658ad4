"""Stripe's rules of what goes back: refunds, and disputes."""

from collections.abc import Callable
from typing import Any

from tests.providers.stripe.objects import FakeDispute, FakeIntent, FakeRefund, Refusal, missing
from tests.providers.stripe.transfers import fee_share, transfer_reversed


class MoneyBack:
    """The half of the Books that has to do with it; they give it what is annotated here."""

    refunds: dict[str, FakeRefund]
    balance_is_empty: bool
    intent: Callable[[str], FakeIntent]
    seconds: Callable[[], int]
    _announce: Callable[[str, str, Any], None]

    def refund(self, asked: dict[str, Any], status: str = "succeeded") -> FakeRefund:
        intent = self.intent(asked.get("payment_intent", ""))
        if intent.status != "succeeded":
            raise Refusal(400, f"This PaymentIntent ({intent.id}) does not have a successful charge to refund.")
        if any(one.status in ("needs_response", "under_review", "lost") for one in intent.disputes):
            raise Refusal(400, "The charge has been charged back.", code="charge_disputed")
        left = intent.received - intent.given_back
        if not left:
            raise Refusal(400, f"Charge {intent.charge_id} has already been refunded.", code="charge_already_refunded")
        amount = int(asked.get("amount", left))
        if amount < 1:
            raise Refusal(400, "Invalid positive integer", code="parameter_invalid_integer", param="amount")
        if amount > left:
            raise Refusal(400, f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
        if self.balance_is_empty:
            raise Refusal(400, "Insufficient funds in your Stripe balance to refund this amount.", code="balance_insufficient")
        reverse = asked.get("reverse_transfer") == "true"
        if asked.get("refund_application_fee") == "true" and not intent.application_fee:
            raise Refusal(400, "There is no application fee to refund.", param="refund_application_fee")
        if reverse and not intent.destination:
            raise Refusal(400, "Cannot reverse transfer: the charge has no transfer.", param="reverse_transfer")
        # "allowed only up to the amount of the charge": https://docs.stripe.com/api/transfer_reversals (2026-11)
        if reverse and amount > intent.received - transfer_reversed(intent):
            raise Refusal(400, "The transfer has too little left to be reversed.", param="reverse_transfer")
        refund = FakeRefund(intent, amount, self.seconds(), asked.get("metadata", {}), reverse, status)
        if asked.get("refund_application_fee") == "true":
            refund.fee_back = fee_share(intent, amount, intent.given_back)
        intent.refunds.insert(0, refund)
        self.refunds[refund.id] = refund
        self._announce("charge.refunded", intent.key, intent)
        return refund

    def the_refund(self, refund_id: str) -> FakeRefund:
        if refund_id not in self.refunds:
            raise missing("refund", refund_id)
        return self.refunds[refund_id]

    def end_refund(self, refund: FakeRefund, status: str) -> None:
        refund.status = status
        self._announce("refund.failed" if status == "failed" else "refund.updated", refund.intent.key, refund)

    def dispute(self, intent: FakeIntent, status: str = "needs_response", amount: int | None = None) -> FakeDispute:
        dispute = FakeDispute(intent, amount or intent.received, self.seconds(), status)
        intent.disputes.insert(0, dispute)
        self._announce("charge.dispute.created", intent.key, dispute)
        return dispute

    def end_dispute(self, dispute: FakeDispute, status: str) -> None:
        dispute.status = status
        self._announce("charge.dispute.closed", dispute.intent.key, dispute)
