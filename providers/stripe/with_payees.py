"""What is between the operator and the payees of one Stripe account: their standing, and what disputes have moved."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from providers.base import Payment, PaymentRequest, ProviderUnavailable
from providers.kit.calls import Reply
from providers.kit.deadline import at_most
from providers.kit.operations import OPERATION_SECONDS
from providers.kit.reading import Json, an_object, objects
from providers.payees import PayeeRequest, PayeeStanding
from providers.stripe import payees, transfers
from providers.stripe.amounts import carried_minor
from providers.stripe.client import Form, StripeClient, StripeRefused
from providers.stripe.refusals import refusal_of


@dataclass(frozen=True)
class Found:
    """A payment, and where it stands at Stripe's."""

    payment: Payment
    intent_id: str
    charge: Json = field(default_factory=dict)


class WithPayees(ABC):
    """The payees' part of the adapters in front of one Stripe account. Thread-safe."""

    client: StripeClient
    own_account: str

    @abstractmethod
    def look(self, request: PaymentRequest) -> Found:
        """The payment as it is. Raises ProviderRefused where Stripe knows no such checkout."""

    @abstractmethod
    def ask(self, operation: str, path: str, form: Form = ()) -> Reply:
        """A question whose refusal tells nothing of the money. Raises ProviderUnavailable."""

    # --- their standing ----------------------------------------------------------------------------------------------

    def check_payee(self, payee: PayeeRequest) -> PayeeStanding:
        return payees.check(self.client, self.own_account, payee)

    def check_onboarding(self) -> None:  # noqa: B027 - nothing to check
        """Whether Connect is on is told by Stripe alone, once it is asked for an account."""

    def make_payee(self, payee: PayeeRequest, *, request_id: str) -> str:
        return payees.make(self.client, payee, request_id)

    def onboarding_url(self, payee: PayeeRequest, *, request_id: str) -> str:
        return payees.link(self.client, self.own_account, payee, request_id)

    # --- what disputes have moved ---------------------------------------------------------------------------------

    def owed_by_payee(self, payment: Payment, charge: Json, refunds: Sequence[dict[str, Any]]) -> int:
        account = transfers.account_with_payee(payment, charge, refunds)
        if account is None:
            return 0
        sent = [] if account.pulled_minor <= 0 else self._sent_again(charge)
        return carried_minor(account.owed_minor + transfers.sent_again_minor(sent, payment), payment.currency)

    def _sent_again(self, charge: Json) -> list[dict[str, Any]]:
        """The payee's further transfers, the newest first."""
        reply = self.ask("list transfers", "/v1/transfers", [*transfers.in_group(charge), ("limit", "100")])
        if reply.data.get("has_more") is not False:
            raise ProviderUnavailable("list transfers: more than a payment of ours can have")
        return [one for one in objects(reply.data.get("data")) if one.get("id") != an_object(charge.get("transfer")).get("id")]

    def pull_back(self, request: PaymentRequest, *, amount_minor: int, request_id: str) -> Payment:
        with at_most(OPERATION_SECONDS):
            seen = self.look(request)
            if seen.payment.payee_owes_minor != amount_minor:
                return seen.payment  # it was done, or is another by now
            path, form = transfers.reversal(request, seen.charge, self._sent_again(seen.charge), amount_minor)
            return self._settled_with_payee(request, "pull back", path, form, request_id)

    def send_again(self, request: PaymentRequest, *, amount_minor: int, request_id: str) -> Payment:
        with at_most(OPERATION_SECONDS):
            seen = self.look(request)
            if seen.payment.payee_owes_minor != -amount_minor:
                return seen.payment
            form = transfers.another_transfer(request, seen.charge, amount_minor)
            return self._settled_with_payee(request, "send again", "/v1/transfers", form, request_id)

    def _settled_with_payee(self, request: PaymentRequest, what: str, path: str, form: Form, request_id: str) -> Payment:
        try:
            self.client.call(what, "POST", path, form, request_id=request_id)
        except StripeRefused as refusal:
            raise refusal_of(refusal) from refusal
        return self.look(request).payment
