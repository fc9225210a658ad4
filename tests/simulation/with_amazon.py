"""Amazon Pay in the simulation: the real adapter, our pay page's button, and the fake's books as the truth."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from functools import cache
from typing import Any
from unittest import mock

from contributions.models import Contribution
from contributions.payment_requests import payment_request_for
from providers import registry
from providers.amazon import accounts as amazon_accounts
from providers.amazon.signing import Signer
from providers.base import PaymentState, Provider
from tests.providers.amazon.books import FakeCharge, FakeSession, Refusal
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.line import Handler
from tests.providers.amazon.service import adapter_for
from tests.providers.line import Call
from tests.simulation.seller_central import SellerCentral, minor_of, money
from tests.simulation.side import TruePayment
from tests.simulation.with_fake import Message, WithFake

CHARGES = {
    "AuthorizationInitiated": PaymentState.PENDING,
    "Authorized": PaymentState.AUTHORIZED,
    "Captured": PaymentState.CAPTURED,
    "Canceled": PaymentState.VOIDED,
    "Declined": PaymentState.DECLINED,
}
GIVERS_PAY_WITH = ("card", "card", "card", "card", "declined", "slow", "only_held")

_signer = cache(Signer)
"""Reading the key takes longer than signing with it, and than most of a history."""


class WithAmazon(SellerCentral, WithFake):
    """Gifts by Amazon Pay. A giver may press the button as often as they like: each time there is another session."""

    name, payee = "Amazon", FakeAmazon.merchant_id
    magnitudes = {"EUR": (1, 1, 1000), "USD": (1, 1, 1000), "JPY": (1, 1, 1000)}
    """Amazon takes no more than 150,000.00 or 10,000,000 JPY: https://developer.amazon.com/docs/amazon-pay-api-v2/charge.html"""
    on_our_page = True
    tells_by_reports_alone = True  # of refunds in its dashboard
    patterns = Handler.patterns
    orders = frozenset({"complete", "capture", "cancel", "refund"})
    faults = {
        "get_session": {"rate_limited": 0.01, "unknown_state": 0.02, "error_503": 0.02, "no_reference": 0.01},
        "get_charge": {"unknown_state": 0.02, "error_500": 0.02, "no_amount": 0.02},
        "complete": {"slow_authorization": 0.05, "only_held": 0.05, "no_reference": 0.03, "500 InternalServerError": 0.03},
        "capture": {"422 SoftDeclined": 0.04, "422 TransactionTimedOut": 0.02, "503 ServiceUnavailable": 0.03},
        "cancel": {"500 InternalServerError": 0.04},
        "refund": {"422 TransactionCountExceeded": 0.02, "500 InternalServerError": 0.04, "missing_fields": 0.02},
        "certificate": {"error_503": 0.1},
        "get_permission": {"error_500": 0.05},
    }
    fake: FakeAmazon

    def new_fake(self) -> FakeAmazon:
        self._by_hand, self._lost_once = set(), set()
        fake = FakeAmazon(listens=False)
        self._certificate_url = fake.certificate_url()
        return fake

    def new_adapter(self) -> Provider:
        with mock.patch.object(amazon_accounts, "Signer", _signer):
            return adapter_for(self.fake, region="EU", currencies=tuple(self.magnitudes))

    def order_about(self, call: Call) -> str:
        key = call.headers.get("x-amz-pay-idempotency-key", "")
        return f"{call.path} {key}" if call.operation == "refund" else call.path

    # --- the truth --------------------------------------------------------------------------------------------------

    def truth(self) -> Iterator[TruePayment]:
        by_reference: dict[str, list[FakeSession]] = {}
        for session in (one for one in self.fake.sessions.values() if not one.is_standing):
            by_reference.setdefault(session.reference, []).append(session)
        for reference, sessions in by_reference.items():
            yield self._payment(reference, sessions)

    def _payment(self, reference: str, sessions: list[FakeSession]) -> TruePayment:
        """All sessions of one gift: that in which there is money counts, else the one that has come the furthest."""
        with_money = [one for one in sessions if one.charge and one.charge.state in {"Authorized", "Captured"}]
        charged = sorted((one for one in sessions if one.charge), key=lambda one: one.charge.state != "AuthorizationInitiated")
        told = next(iter(with_money or charged or [one for one in sessions if one.approved]), None)
        session = told or sessions[-1]
        charge = session.charge
        return TruePayment(
            reference,
            session.id,
            session.price["currencyCode"],
            self.payee if session.payload["storeId"] == self.fake.store_id else session.payload["storeId"],
            state=_state(session),
            amount_minor=minor_of(charge.amount if charge else Decimal(session.price["amount"]), session.price["currencyCode"]),
            being_taken=charge is not None and is_being_taken(charge),
            captures=max(len(with_money) - 1, 0) + sum(one.charge.captures for one in sessions if one.charge),
            **(self.money_of(charge) if charge else {}),
        )

    def messages(self, reference: str) -> list[tuple[Any, Callable[[], Message]]]:
        return self.told_about(lambda object_id: self._reference_of(object_id) == reference)

    def told_about(self, is_meant: Callable[[str], bool]) -> list[tuple[Any, Callable[[], Message]]]:
        """Every notification so far about one of these objects of Amazon's."""
        return [
            (place, lambda news=news: self.fake.notification(*news, certificate_url=self._certificate_url))  # type: ignore[misc]
            for place, news in enumerate(self.fake._news)
            if is_meant(news[1])
        ]

    # --- what givers, banks and dashboards do -----------------------------------------------------------------------

    def giver_presses_the_button(self, contribution: Contribution) -> None:
        adapter: Any = registry.adapter(contribution.current_checkout.adapter)
        page = adapter.pay_page(payment_request_for(contribution, contribution.current_checkout))
        self.fake.press_button(dict(page.button))

    def giver_chooses(self, payment: TruePayment, state: PaymentState) -> bool:
        session = self._some_session(payment.reference)
        if session is None or session.state != "Open":
            return False
        if state is PaymentState.APPROVED:
            self.fake.approve(session.id, self.random.choice(GIVERS_PAY_WITH))
        else:
            self.random.choice([self.fake.decline, self.fake.cancel_by_buyer, self.fake.give_up])(session.id)
        return True

    def lets_approve_something_else(self, payment: TruePayment) -> None:
        price = self.fake.sessions[payment.checkout_id].price
        price["amount"] = money(minor_of(Decimal(price["amount"]), price["currencyCode"]) + 1, price["currencyCode"])["amount"]

    def brings_back(self, contribution: Contribution) -> str:
        """The latest, most often; another one of the gift's; or somebody else's, by a trick."""
        if self.chance(0.1) and self.fake.sessions:
            return self.random.choice(list(self.fake.sessions))
        session = self._some_session(contribution.public_id)
        return session.id if session else "7efe55c3-38c7-4a1b-944d-aded27032b9a"

    def reviews_end(self, passed: bool) -> None:
        for charge in list(self.fake.charges.values()):
            if charge.state == "AuthorizationInitiated":
                good = "Captured" if charge.taken_at_once else "Authorized"
                self.fake.books.end(charge, good if passed else "Declined", None if passed else "HardDeclined")
        for refund in list(self.fake.refunds.values()):
            if refund.state == "RefundInitiated":
                self.fake.books.end_refund(refund, "Refunded" if passed else "Declined")

    def time_passes(self) -> None:
        for session_id in self.fake.sessions:
            with suppress(Refusal):
                self.fake.books.session(session_id)
        for charge_id in self.fake.charges:
            self.fake.books.charge(charge_id)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _reference_of(self, object_id: str) -> str:
        """The gift that a charge, a refund or a dispute is of; empty where it is something else."""
        disputes = {one.id: charge for charge in self.fake.charges.values() for one in charge.disputes}
        refunds = {one.id: one.charge for one in self.fake.refunds.values()}
        charge = (self.fake.charges | refunds | disputes).get(object_id)
        return charge.reference if charge else ""

    def _some_session(self, reference: str) -> FakeSession | None:
        sessions = [one for one in self.fake.sessions.values() if one.reference == reference]
        return self.random.choice(sessions[-self.random.choice([1, 1, 3]) :]) if sessions else None


def is_being_taken(charge: FakeCharge) -> bool:
    return charge.state == "AuthorizationInitiated" and charge.taken_at_once


def _state(session: FakeSession) -> PaymentState:
    if session.charge:
        return CHARGES[session.charge.state]
    if session.state == "Open":
        return PaymentState.APPROVED if session.approved else PaymentState.OPEN
    return PaymentState.VOIDED if session.reason == "BuyerCanceled" else PaymentState.DECLINED
