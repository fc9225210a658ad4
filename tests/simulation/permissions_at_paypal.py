"""Standing permissions at PayPal in the simulation: the real adapter, and the fake's books as the truth."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from providers.base import Provider
from providers.permissions import Standing
from tests.providers.line import Call, Reply
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.service import adapter_for
from tests.providers.paypal.vault import SETUP_LIVES, FakeSetup
from tests.providers.permission_contract import a_permission
from tests.simulation.permitting import Permitting
from tests.simulation.permitting_provider import TruePermission
from tests.simulation.side import TruePayment
from tests.simulation.with_fake import Message
from tests.simulation.with_paypal import WithPayPal

WALLETS = (*["balance"] * 6, "card_that_is_declined", "under_review", "refused_after_all")

ASKING = {"rate_limited": 0.01, "error_500": 0.02}


class PermittingPayPal(Permitting, WithPayPal):
    """Gifts by PayPal, some of them from wallets that givers have saved."""

    forgets_request_ids = True
    tells_by_reports_alone = True  # of a charge whose request id PayPal has forgotten
    orders = WithPayPal.orders | {"charge", "exchange"}
    faults = {
        **WithPayPal.faults,
        "charge": {
            "INSTRUMENT_DECLINED": 0.03,
            "TRANSACTION_REFUSED": 0.02,
            "PAYER_ACTION_REQUIRED": 0.02,
            "pending_review": 0.05,
            "declined_capture": 0.03,
            "error_500": 0.02,
            "in_progress": 0.02,
            "missing_fields": 0.02,
            "no_id": 0.02,
        },
        "save_wallet": {"error_500": 0.03, "no_links": 0.02},
        "get_setup": {**ASKING, "unknown_status": 0.02},
        "exchange": {"error_500": 0.03, "in_progress": 0.02, "no_id": 0.02},
        "list_wallets": ASKING,
        "get_wallet": {**ASKING, "no_id": 0.02},
        "delete_wallet": {"error_500": 0.03, "error_503": 0.02},
    }

    def new_fake(self) -> FakePayPal:
        fake: FakePayPal = super().new_fake()
        fake.vault.forgets_setups = self.random.random() < 0.5
        return fake

    def new_adapter(self) -> Provider:
        return adapter_for(self.fake, saves_wallets=True)

    def kind_of(self, call: Call) -> str:
        """An order that is paid as soon as it is made is another thing than one that a giver has yet to approve."""
        is_charge = call.operation == "create" and b'"vault_id"' in call.body
        return "charge" if is_charge else super().kind_of(call)

    def order_about(self, call: Call) -> str:
        """Every gift is paid, and every set-up exchanged, by an order of its own."""
        is_own = self.kind_of(call) in {"charge", "exchange"}
        return call.headers["paypal-request-id"] if is_own else super().order_about(call)

    def _answer(self, call: Call) -> Reply:
        self.fake.vault.asks_again = self.kind_of(call) == "charge" and self.chance(0.05)
        return super()._answer(call)

    # --- the truth --------------------------------------------------------------------------------------------------

    def charges(self) -> Mapping[str, list[TruePayment]]:
        """By wallet."""
        found: dict[str, list[TruePayment]] = {}
        for payment in WithPayPal.truth(self):
            order = self.fake.orders[payment.checkout_id]
            if order.paid_by and (order.captures or order.authorizations):
                found.setdefault(order.paid_by, []).append(payment)
        return found

    def agreements(self) -> Iterator[tuple[str, TruePermission]]:
        wallets = {wallet.setup.id: wallet for wallet in self.fake.vault.wallets.values()}
        for setup in self.fake.vault.setups.values():
            reference, named = setup.context["return_url"].rpartition("/")[2], f"{setup.id}:{setup.customer_id}"
            asked = a_permission("PayPal", reference=reference, setup_id=named)
            wallet = wallets.get(setup.id)
            true = TruePermission(asked, self._standing(setup), wallet.id if wallet else "", setup.payer is not None)
            yield true.token, true

    def _standing(self, setup: FakeSetup) -> Standing:
        if setup.status == "VAULTED":
            saved = any(wallet.setup is setup for wallet in self.fake.vault.wallets.values())
            return Standing.ACTIVE if saved else Standing.REVOKED
        return Standing.LAPSED if self.fake.now >= setup.created + SETUP_LIVES else Standing.OPEN

    def messages_about(self, setup_id: str) -> list[tuple[Any, Callable[[], Message]]]:
        setup = self.fake.vault.setups.get(setup_id.partition(":")[0])
        customer = {"id": setup.customer_id} if setup else None
        return self.told_about(lambda _, event: customer is not None and event["resource"].get("customer") == customer)

    # --- what givers do -----------------------------------------------------------------------------------------------

    def agrees(self, setup_id: str) -> None:
        self.fake.agree(setup_id, "balance" if self.calm else self.random.choice(WALLETS))

    def declines(self, setup_id: str) -> None:
        """The giver goes back: the set-up waits until it is too old."""

    def removes(self, key: str) -> None:
        self.fake.remove_wallet(key)
