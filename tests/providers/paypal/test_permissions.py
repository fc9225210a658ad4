"""Standing permissions at PayPal: wallets that are saved, orders that are paid with them."""

from dataclasses import replace
from typing import Any

import pytest

from ids import new_id
from providers.base import Capability, PayerActionRequired, ProviderRefused, ProviderUnavailable, WebhookEvent
from providers.kit import deadline
from providers.paypal.adapter import PayPalProvider
from providers.permissions import KeepsPermissions, PermissionRequest, Standing
from tests.providers.fault_table import patience
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.service import adapter_for
from tests.providers.permission_contract import PermissionContract, a_permission, long_ago

pytestmark = pytest.mark.no_database


class TestPayPalKeepsPermissions(PermissionContract):
    impossible = (("KWD", 1000), ("HUF", 250_001))

    @pytest.fixture(autouse=True)
    def _paypal(self, paypal: FakePayPal) -> None:
        self.paypal = paypal

    @pytest.fixture
    def adapter(self, paypal: FakePayPal) -> KeepsPermissions:
        return adapter_for(paypal, saves_wallets=True)

    def giver_agrees(self, wish: PermissionRequest) -> None:
        self.paypal.agree(wish.setup_id)

    def giver_removes(self, wish: PermissionRequest) -> None:
        self.paypal.remove_wallet(wish.token)

    def removal_told(self, wish: PermissionRequest) -> tuple[bytes, dict[str, str]]:
        body, headers = self.paypal.webhooks_of(wish.token)[-1]
        return body, headers

    def wants_the_giver(self) -> None:
        self.paypal.vault.asks_again = True

    def taken_in_its_books(self, reference: str) -> int:
        ours = [one for one in self.paypal.orders.values() if one.custom_id == reference]
        return sum(len(one.captures) + len(one.authorizations) for one in ours)

    # --- of PayPal alone ----------------------------------------------------------------------------------------------

    def test_a_charge_is_not_repeated_once_its_id_is_forgotten(self, adapter):
        """PayPal could take it another time, where the payee's account lets an invoice be paid twice."""
        gift, token, request_id = self.gift(), self.agreed(adapter).token, new_id()
        self.pay(adapter, gift, token, request_id)
        self.paypal.later(hours=7)
        with pytest.raises(ProviderUnavailable):
            self.pay(adapter, long_ago(gift), token, request_id)
        assert len(self.paypal.calls_of("create")) == 1

    def test_an_invoice_that_was_paid_leaves_the_outcome_open(self, adapter):
        gift, token, request_id = self.gift(), self.agreed(adapter).token, new_id()
        self.pay(adapter, gift, token, request_id)
        self.paypal.later(hours=7)
        with pytest.raises(ProviderUnavailable):
            self.pay(adapter, gift, token, request_id)
        assert self.taken_in_its_books(gift.reference) == 1

    @pytest.mark.parametrize("forgets_setups", [False, True])
    def test_an_exchange_whose_answer_was_lost_is_found(self, adapter, forgets_setups):
        """Under the same request id; and, where PayPal has forgotten that, by the set-up's customer."""
        self.paypal.vault.forgets_setups = forgets_setups
        wish, request_id = self.asked(adapter), new_id()
        self.giver_agrees(wish)
        first = adapter.find_permission(wish, request_id=request_id)
        assert adapter.find_permission(wish, request_id=request_id).token == first.token
        self.paypal.later(hours=4)
        assert adapter.find_permission(wish, request_id=request_id).token == first.token
        assert len(self.paypal.vault.wallets) == 1

    def test_a_wallet_nobody_has_heard_of_is_ended_too(self, adapter):
        wish = self.agreed(adapter)
        adapter.revoke_permission(replace(wish, token=""), request_id=new_id())
        assert self.paypal.vault.wallets == {}

    @pytest.mark.parametrize("forgets_setups", [False, True])
    def test_nor_does_a_lost_one_stay_once_its_id_is_forgotten(self, adapter, forgets_setups):
        self.paypal.vault.forgets_setups = forgets_setups
        wish = self.agreed(adapter)
        self.paypal.later(hours=4)
        adapter.revoke_permission(replace(wish, token=""), request_id=new_id())
        assert self.paypal.vault.wallets == {}

    def test_a_lost_wallet_that_the_giver_has_removed_is_over(self, adapter):
        """Nobody had heard of it, and PayPal has forgotten the exchange: it is asked about no more."""
        wish = self.agreed(adapter)
        self.paypal.remove_wallet(wish.token)
        self.paypal.later(hours=4)
        told = adapter.find_permission(replace(wish, token=""), request_id=new_id())
        assert told.standing is Standing.REVOKED

    def test_two_permissions_are_two_wallets(self, adapter):
        """Or the end of the one were that of the other."""
        first, second = self.agreed(adapter), self.agreed(adapter)
        adapter.revoke_permission(first, request_id=new_id())
        assert adapter.find_permission(second, request_id=new_id()).standing is Standing.ACTIVE

    def test_a_wallet_that_is_saved_is_told(self, adapter):
        wish = self.agreed(adapter)
        created = self.paypal.webhooks_of(wish.token)[0]
        assert created.event_type == "VAULT.PAYMENT-TOKEN.CREATED"
        told = adapter.parse_webhook(*created)
        assert told == WebhookEvent(event_id=created.event["id"], permission=wish.token)

    @pytest.mark.parametrize(
        ("pays_with", "state"),
        [("under_review", "pending"), ("echeck", "pending"), ("refused_after_all", "declined")],
    )
    def test_what_comes_of_it_later_is_told(self, adapter, pays_with, state):
        wish = self.asked(adapter)
        self.paypal.agree(wish.setup_id, pays_with)
        token = adapter.find_permission(wish, request_id=new_id()).token
        assert adapter.find(self.pay(adapter, self.gift(), token)).state == state


@pytest.mark.parametrize(("is_partner", "whose"), [(False, "MERCHANT"), (True, "PLATFORM")])
def test_a_wallet_is_saved_for_whoever_charges_it(paypal, is_partner, whose):
    paypal.books.is_partner = is_partner
    adapter_for(paypal, saves_wallets=True).ask_permission(a_permission("PayPal"), request_id="ask-1")
    [setup] = paypal.vault.setups.values()
    assert setup.asked["usage_type"] == whose


def test_it_is_kept_only_where_paypal_lets_it(paypal):
    assert Capability.KEEPS_PERMISSIONS not in PayPalProvider.capabilities
    assert Capability.KEEPS_PERMISSIONS not in adapter_for(paypal).capabilities
    assert Capability.KEEPS_PERMISSIONS in adapter_for(paypal, saves_wallets=True).capabilities


WALLETS_AFTER = {"save_wallet": 0, "get_setup": 1, "exchange": 1, "get_wallet": 1, "delete_wallet": 0, "create": 1}
"""How many are saved in the end, by the call that went wrong before."""
LINE = (
    "drop",
    "error_500",
    "error_503",
    "rubbish",
    "cut_off",
    "do_then_drop",
    "do_then_500",
    "unauthorized",
    "null",
    "silence",
)
FAULTS = [(operation, fault) for operation in WALLETS_AFTER for fault in LINE]
WITHOUT_A_BODY = {("delete_wallet", "rubbish"), ("delete_wallet", "cut_off"), ("delete_wallet", "null")}


@pytest.mark.parametrize(("operation", "fault"), [one for one in FAULTS if one not in WITHOUT_A_BODY])
def test_silence_is_no_word_of_the_outcome(careless_paypal: FakePayPal, in_a_hurry: None, operation: str, fault: str) -> None:
    """And asked again it is done, once."""
    paypal = careless_paypal
    paypal.slow_seconds = 3.0
    adapter = adapter_for(paypal, saves_wallets=True)
    steps = Steps(adapter, paypal)
    do = steps.until(operation)
    paypal.next(operation, fault, times=99)
    with pytest.raises(ProviderUnavailable), deadline.at_most(patience(fault)):
        do()
    paypal.no_more_faults()
    do()
    assert len(paypal.vault.wallets) == WALLETS_AFTER[operation]
    assert sum(len(one.captures) for one in paypal.orders.values()) == (operation == "create")


@pytest.mark.parametrize(
    ("issue", "error", "reason"),
    [
        ("INSTRUMENT_DECLINED", PayerActionRequired, "instrument_declined"),
        ("PAYER_ACTION_REQUIRED", PayerActionRequired, "authentication_required"),
        ("TRANSACTION_REFUSED", ProviderRefused, "payment_declined"),
        ("PAYEE_ACCOUNT_RESTRICTED", ProviderRefused, "payee_cannot_receive"),
        ("NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE", ProviderRefused, "permission_not_usable"),
        ("ORDER_ALREADY_CAPTURED", ProviderUnavailable, ""),
        ("PREVIOUS_REQUEST_IN_PROGRESS", ProviderUnavailable, ""),
    ],
)
def test_a_refused_charge_takes_nothing(careless_paypal, in_a_hurry, issue, error, reason):
    steps = Steps(adapter_for(careless_paypal, saves_wallets=True), careless_paypal)
    charge = steps.until("create")
    careless_paypal.next("create", issue, times=9)
    with pytest.raises(error) as refused:
        charge()
    assert getattr(refused.value, "reason", "") == reason
    assert not careless_paypal.captures


class Steps:
    """The way to each call, under request ids that stay the same."""

    def __init__(self, adapter: Any, paypal: FakePayPal) -> None:
        self.adapter, self.paypal, self.wish = adapter, paypal, a_permission("PayPal")

    def until(self, operation: str) -> Any:
        """What makes the call, after all that comes before it."""
        ask = lambda: self.adapter.ask_permission(self.wish, request_id="ask-1")  # noqa: E731
        if operation == "save_wallet":
            return ask
        self.wish = replace(self.wish, setup_id=ask().setup_id)
        self.paypal.agree(self.wish.setup_id)
        find = lambda: self.adapter.find_permission(self.wish, request_id="token-1")  # noqa: E731
        if operation in {"get_setup", "exchange"}:
            return find
        self.wish = replace(self.wish, token=find().token)
        if operation == "get_wallet":
            return find
        if operation == "delete_wallet":
            return lambda: self.adapter.revoke_permission(self.wish, request_id="revoke-1")
        gift = TestPayPalKeepsPermissions().gift()
        return lambda: self.adapter.open_with_permission(gift, self.wish.token, request_id="charge-1")
