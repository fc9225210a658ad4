"""What Stripe has transferred to payees, reversed and sent again, and the application fees that go with it."""

from typing import Any

from tests.providers.stripe.objects import FakeIntent, FakeReversal, FakeTransfer, Refusal, missing


def transfer_id_of(intent: FakeIntent) -> str:
    return f"tr_{intent.charge_id[3:]}"


def group_of(intent: FakeIntent) -> str:
    return f"group_{intent.id}"


def transfer_reversed(intent: FakeIntent) -> int:
    """What was reversed of the payee's transfer, by refunds and by hand.

    A refund that fails, or is canceled, returns to the platform's balance, and the platform has to transfer it again:
    https://docs.stripe.com/connect/destination-charges#issue-refunds (2026-11)
    """
    by_refunds = sum(one.amount for one in intent.refunds if one.reverse_transfer)
    return by_refunds + sum(one.amount for one in intent.reversals)


def fee_share(intent: FakeIntent, amount: int, before: int) -> int:
    """What goes back of the application fee with a part: in proportion, and all of it in the end."""
    fee = intent.application_fee
    target = fee * min(before + amount, intent.received) // intent.received
    return max(min(target, fee) - intent.application_fee_back, 0)


class Transfers:
    """The part of the books that is about transfers."""

    intents: dict[str, FakeIntent]
    accounts: set[str]
    cannot_receive: set[str]
    balance_is_empty: bool

    def seconds(self) -> int:
        raise NotImplementedError

    def reverse(self, transfer_id: str, asked: dict[str, Any]) -> tuple[FakeReversal, str]:
        """The reversal, and the transfer's currency."""
        for intent in self.intents.values():
            one = next((one for one in intent.sent_again if one.id == transfer_id), None)
            if transfer_id != transfer_id_of(intent) and one is None:
                continue
            left = one.amount - one.reversed if one else intent.received - transfer_reversed(intent)
            amount = int(asked.get("amount", left))
            if not 0 < amount <= left:
                raise Refusal(400, f"Transfer reversal amount is greater than what is left ({left}).", param="amount")
            back = asked.get("refund_application_fee") == "true" and one is None
            reversal = FakeReversal(amount, fee_share(intent, amount, transfer_reversed(intent)) if back else 0)
            (one.reversals if one else intent.reversals).append(reversal)
            return reversal, intent.currency
        raise missing("transfer", transfer_id)

    def transfer(self, asked: dict[str, Any]) -> FakeTransfer:
        if self.balance_is_empty:
            raise Refusal(400, "You have insufficient available funds in your Stripe account.", code="balance_insufficient")
        if int(asked["amount"]) < 1:
            raise Refusal(400, "Invalid positive integer", code="parameter_invalid_integer", param="amount")
        if asked["destination"] not in self.accounts:
            raise Refusal(400, f"No such destination: '{asked['destination']}'", code="resource_missing", param="destination")
        if asked["destination"] in self.cannot_receive:
            message = "Your destination account needs to have at least one of the following capabilities enabled: transfers"
            raise Refusal(400, message, code="insufficient_capabilities_for_transfer")
        intent = next(one for one in self.intents.values() if group_of(one) == asked.get("transfer_group"))
        transfer = FakeTransfer(asked, self.seconds())
        intent.sent_again.insert(0, transfer)
        return transfer
