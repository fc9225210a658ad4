"""Standing permissions at Amazon Pay in the simulation: the real adapter, our page's button, the fake's books as the truth."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from unittest import mock

from givers import sync
from givers.models import Permission
from providers.amazon import accounts as amazon_accounts
from providers.amazon.adapter import AmazonProvider
from providers.base import Provider
from providers.permissions import Standing
from tests.providers.amazon.records import FakeSession
from tests.providers.amazon.service import account_of
from tests.providers.line import Call
from tests.providers.permission_contract import a_permission
from tests.simulation.permitting import Permitting
from tests.simulation.permitting_provider import TruePermission
from tests.simulation.seller_central import minor_of
from tests.simulation.side import TruePayment
from tests.simulation.with_amazon import CHARGES, WithAmazon, _signer, is_being_taken
from tests.simulation.with_fake import Message

CARDS = (*["card"] * 6, "declined", "slow", "only_held")

ENDED = {
    "BuyerCanceled": Standing.DECLINED,
    "Declined": Standing.DECLINED,
    "Expired": Standing.LAPSED,
    "BuyerClosed": Standing.REVOKED,
    "MerchantClosed": Standing.REVOKED,
}


class PermittingAmazon(Permitting, WithAmazon):
    """Gifts by Amazon Pay, some of them charged under what givers have agreed to at a button on our page."""

    orders = WithAmazon.orders | {"create_charge", "close"}
    faults = {
        **WithAmazon.faults,
        "create_charge": {
            "422 HardDeclined": 0.03,
            "422 SoftDeclined": 0.02,
            "422 MFANotCompleted": 0.03,
            "422 AmazonRejected": 0.02,
            "slow_authorization": 0.05,
            "only_held": 0.04,
            "no_reference": 0.02,
            "500 InternalServerError": 0.03,
        },
        "close": {"500 InternalServerError": 0.03, "429 TooManyRequests": 0.02},
    }

    def new_adapter(self) -> Provider:
        with mock.patch.object(amazon_accounts, "Signer", _signer):
            account = account_of(self.fake, region="EU", currencies=tuple(self.magnitudes))
            return AmazonProvider(account, charges_later=True)

    def order_about(self, call: Call) -> str:
        """Every gift is paid by an order of its own."""
        key = call.headers.get("x-amz-pay-idempotency-key", "")
        return key if call.operation == "create_charge" else super().order_about(call)

    # --- the truth --------------------------------------------------------------------------------------------------

    def charges(self) -> Mapping[str, list[TruePayment]]:
        """By charge permission."""
        found: dict[str, list[TruePayment]] = {}
        for charge in self.fake.charges.values():
            if charge.session.is_standing:
                payment = TruePayment(
                    charge.reference,
                    charge.id,
                    charge.currency,
                    self.payee,
                    state=CHARGES[charge.state],
                    amount_minor=minor_of(charge.amount, charge.currency),
                    being_taken=is_being_taken(charge),
                    captures=charge.captures,
                    **self.money_of(charge),
                )
                found.setdefault(charge.permission_id, []).append(payment)
        return found

    def agreements(self) -> Iterator[tuple[str, TruePermission]]:
        for session in self.fake.sessions.values():
            if session.is_standing:
                asked, key = a_permission("Amazon", reference=session.reference, setup_id=session.id), session.permission_id
                token = f"{self.payee}:{key}" if key else ""
                yield key, TruePermission(asked, self._standing(session), token, was_agreed=session.approved)

    def _standing(self, session: FakeSession) -> Standing:
        if session.state == "Canceled":
            return ENDED[session.reason or ""]
        if not session.permission_id:
            return Standing.OPEN
        permission = self.fake.books.permissions[session.permission_id]
        return ENDED[permission.reason or ""] if permission.state == "Closed" else Standing.ACTIVE

    def messages_about(self, setup_id: str) -> list[tuple[Any, Callable[[], Message]]]:
        session = self.fake.sessions.get(setup_id)
        return self.told_about(lambda object_id: session is not None and object_id == session.permission_id)

    # --- what givers do -----------------------------------------------------------------------------------------------

    def giver_presses_to_agree(self, permission: Permission) -> None:
        """As our page is drawn."""
        adapter: Any = sync.adapter_of(permission)
        self.fake.press_button(dict(adapter.permission_page(sync.request_for(permission)).button))

    def agrees(self, setup_id: str) -> None:
        self.fake.approve(setup_id, "card" if self.calm else self.random.choice(CARDS))

    def declines(self, setup_id: str) -> None:
        self.random.choice([self.fake.decline, self.fake.cancel_by_buyer, self.fake.give_up])(setup_id)

    def removes(self, key: str) -> None:
        self.fake.books.close(self.fake.books.permissions[key], "BuyerClosed")
