"""What is between the operator and the payees of one Stripe account: their standing, and what disputes have moved."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from providers.base import Payment, PaymentRequest, ProviderUnavailable
from providers.kit.calls import Reply
from providers.kit.deadline import at_most
from providers.kit.operations import OPERATION_SECONDS
from providers.kit.reading import Json, objects
from providers.payees import PayeeRequest, PayeeStanding
from providers.stripe import payees, transfers
from providers.stripe.amounts import carried_minor
from providers.stripe.client import Form, StripeClient, StripeRefused
from providers.stripe.refusals import refusal_of


@dataclass(frozen=True)
class Found:
    """A payment, and where it stands at Stripe's: `sent_again` are the payee's further transfers, where money was pulled back
    of the first one, and `to_send_minor` what another one would be of, where the payee is owed."""

    payment: Payment
    intent_id: str
    charge: Json = field(default_factory=dict)
    sent_again: Sequence[dict[str, Any]] = ()
    to_send_minor: int = 0


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

    def with_what_payee_owes(self, payment: Payment, intent_id: str, charge: Json, refunds: Sequence[dict[str, Any]]) -> Found:
        """The payment, and what the payee owes of it, or is owed."""
        account = transfers.account_with_payee(payment, charge, refunds)
        if account is None:
            return Found(payment, intent_id, charge)
        others = [] if account.pulled_minor <= 0 else self._sent_again(charge, payment.reference)
        made_good = transfers.made_good_minor(others, payment.currency)
        owes = carried_minor(account.owed_minor + made_good, payment.currency)
        to_send = transfers.without_the_fee(payment, charge, others, account.gone_minor, -owes) if owes < 0 else 0
        if owes < 0 and not to_send:
            owes = 0  # the operator's fee was all of it
        if owes > 0 and not transfers.what_can_be_pulled(others, owes, payment.currency)[1]:
            owes = 0  # until it is as much as Stripe carries
        return Found(replace(payment, payee_owes_minor=owes), intent_id, charge, others, to_send)

    def _sent_again(self, charge: Json, reference: str) -> list[dict[str, Any]]:
        """The payee's further transfers, the newest first."""
        reply = self.ask("list transfers", "/v1/transfers", [*transfers.in_group(charge), ("limit", "100")])
        if reply.data.get("has_more") is not False:
            raise ProviderUnavailable("list transfers: more than a payment of ours can have")
        return transfers.of_the_gift(objects(reply.data.get("data")), reference)

    def pull_back(self, request: PaymentRequest, *, amount_minor: int, request_id: str) -> Payment:
        with at_most(OPERATION_SECONDS):
            seen = self.look(request)
            if seen.payment.payee_owes_minor != amount_minor:
                return seen.payment  # it was done, or is another by now
            path, form = transfers.reversal(request, seen.charge, seen.sent_again, amount_minor)
            return self._settled_with_payee(request, "pull back", path, form, request_id)

    def send_again(self, request: PaymentRequest, *, amount_minor: int, request_id: str) -> Payment:
        with at_most(OPERATION_SECONDS):
            seen = self.look(request)
            if seen.payment.payee_owes_minor != -amount_minor:
                return seen.payment
            form = transfers.another_transfer(request, seen.charge, amount_minor, seen.to_send_minor)
            return self._settled_with_payee(request, "send again", "/v1/transfers", form, request_id)

    def _settled_with_payee(self, request: PaymentRequest, what: str, path: str, form: Form, request_id: str) -> Payment:
        """Of the same sum it may be another order: of another transfer, or with another share of the fee. Stripe refuses that
        under the key of the first (https://docs.stripe.com/api/idempotent_requests, 2026-11)."""
        which = hashlib.sha256(repr((path, list(form))).encode()).hexdigest()[:16]
        try:
            self.client.call(what, "POST", path, form, request_id=f"{request_id}-{which}")
        except StripeRefused as refusal:
            raise refusal_of(refusal) from refusal
        return self.look(request).payment
