"""Standing permissions at Amazon Pay: recurring charge permissions, charges under them."""

import json
from dataclasses import replace

import pytest

from ids import new_id
from providers.amazon.adapter import AmazonProvider
from providers.base import Capability, PayerActionRequired, PaymentRequest, ProviderRefused, ProviderUnavailable
from providers.kit import deadline
from providers.permissions import KeepsPermissions, PermissionRequest, Standing
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.service import account_of, adapter_for
from tests.providers.fault_table import patience
from tests.providers.permission_contract import PermissionContract, a_permission

pytestmark = pytest.mark.no_database


def keeper(amazon: FakeAmazon) -> AmazonProvider:
    return AmazonProvider(account_of(amazon), charges_later=True)


def at_the_button(amazon: FakeAmazon, adapter: AmazonProvider, wish: PermissionRequest) -> str:
    """The id of the session that pressing the button makes."""
    return amazon.press_button(dict(adapter.permission_page(wish).button)).id


class TestAmazonKeepsPermissions(PermissionContract):
    provider_name, payee = "Amazon", FakeAmazon.merchant_id
    token_is_secret = False
    impossible = (("USD", 15_000_001), ("JPY", 2000))
    unknown_setup = "00000000-0000-0000-0000-000000000001"

    @pytest.fixture(autouse=True)
    def _amazon(self, amazon: FakeAmazon) -> None:
        self.amazon = amazon

    @pytest.fixture
    def adapter(self, amazon: FakeAmazon) -> KeepsPermissions:
        return keeper(amazon)

    def asked(self, adapter: AmazonProvider) -> PermissionRequest:
        wish = self.wish()
        assert adapter.ask_permission(wish, request_id=new_id()).setup_id == ""
        return replace(wish, setup_id=at_the_button(self.amazon, adapter, wish))

    def giver_agrees(self, wish: PermissionRequest) -> None:
        self.amazon.approve(wish.setup_id)

    def permission_of(self, wish: PermissionRequest):
        return self.amazon.books.permissions[wish.token.partition(":")[2]]

    def giver_removes(self, wish: PermissionRequest) -> None:
        self.amazon.books.close(self.permission_of(wish), "BuyerClosed")

    def removal_told(self, wish: PermissionRequest) -> tuple[bytes, dict[str, str]]:
        return self.amazon.notifications()[-1]

    def wants_the_giver(self) -> None:
        self.amazon.books.asks_again = True

    def taken_in_its_books(self, reference: str) -> int:
        ours = [one for one in self.amazon.charges.values() if (one.metadata or {}).get("merchantReferenceId") == reference]
        return len([one for one in ours if one.state in {"Captured", "Authorized"}])

    # --- what is different --------------------------------------------------------------------------------------------

    def test_the_giver_has_a_page_and_it_is_one(self, adapter):
        """It is ours; the session is Amazon's to make, once the giver is there. Nobody is asked for it."""
        wish = self.wish()
        opened = adapter.ask_permission(wish, request_id=new_id())
        assert (opened.setup_id, opened.url) == ("", f"http://give.example.test/permission/{wish.reference}")
        told = json.loads(adapter.permission_page(wish).button["createCheckoutSessionConfig"]["payloadJSON"])
        assert (told["chargePermissionType"], told["paymentDetails"]["paymentIntent"]) == ("Recurring", "Confirm")
        assert told["recurringMetadata"]["amount"] == {"amount": "50.00", "currencyCode": "USD"}
        assert self.amazon.calls == []

    def test_a_gift_can_be_given_back(self, adapter):
        """Amazon lists no refunds, and tells how much has gone back."""
        gift = self.pay(adapter, self.gift(), self.agreed(adapter).token)
        made = adapter.refund(gift, amount_minor=700, reference="refund-of-ours", request_id=new_id())
        self.amazon.books.end_refund(self.amazon.refunds[made.provider_reference])
        assert adapter.find(gift).given_back_minor == 700

    def test_only_its_own_session_sets_it_up(self, adapter):
        mine, other = self.asked(adapter), self.asked(adapter)
        assert adapter.is_set_up_of(mine, mine.setup_id)
        assert not adapter.is_set_up_of(mine, other.setup_id)
        assert not adapter.is_set_up_of(mine, self.unknown_setup)
        refused = replace(mine, setup_id=other.setup_id)
        with pytest.raises(ProviderRefused):
            adapter.find_permission(refused, request_id=new_id())

    def test_a_session_that_does_not_say_whose_it_is_is_no_no(self, adapter, in_a_hurry):
        """The giver is asked to look again, and is not told that it is another's."""
        wish = self.asked(adapter)
        self.amazon.next("get_session", "no_reference", times=3)
        with pytest.raises(ProviderUnavailable):
            adapter.is_set_up_of(wish, wish.setup_id)
        with pytest.raises(ProviderUnavailable):
            adapter.find_permission(wish, request_id=new_id())
        with pytest.raises(ProviderUnavailable):
            adapter.revoke_permission(wish, request_id=new_id())
        assert adapter.is_set_up_of(wish, wish.setup_id)

    def test_agreeing_takes_nothing(self, adapter):
        self.agreed(adapter)
        assert self.amazon.charges == {}

    def test_a_session_that_was_cancelled_can_be_made_anew(self, adapter):
        wish = self.asked(adapter)
        self.amazon.cancel_by_buyer(wish.setup_id)
        assert adapter.find_permission(wish, request_id=new_id()).standing is Standing.LAPSED

    def test_its_end_comes_by_itself(self, adapter):
        wish = self.agreed(adapter)
        self.amazon.later(days=400)
        assert adapter.find_permission(wish, request_id=new_id()).standing is Standing.EXPIRED

    def test_another_account_is_not_paid_under_it(self, amazon):
        other = account_of(amazon, merchant_id="A3OTHERMERCHANT", name="UK", topic="arn:other")
        adapter = AmazonProvider(account_of(amazon), other, charges_later=True)
        token = self.agreed(adapter).token
        with pytest.raises(ProviderRefused) as refused:
            self.pay(adapter, self.gift(payee="A3OTHERMERCHANT"), token)
        assert refused.value.reason == "permission_not_usable"

    def test_a_charge_is_told_with_the_gifts_own_id(self, adapter):
        wish = self.agreed(adapter)
        paid = self.pay(adapter, self.gift(), wish.token)
        event = adapter.parse_webhook(*self.amazon.notifications()[-1])
        assert (event.payment_reference, event.reference, event.permission) == (paid.checkout_id, paid.reference, "")
        self.amazon.books.dispute(self.amazon.charges[paid.checkout_id])
        event = adapter.parse_webhook(*self.amazon.notifications()[-1])
        assert event.reference == paid.reference
        assert event.dispute_reference

    @pytest.mark.parametrize(
        ("told", "error", "reason"),
        [
            ("422 HardDeclined", PayerActionRequired, "instrument_declined"),
            ("422 SoftDeclined", PayerActionRequired, "instrument_declined"),
            ("422 TransactionAmountExceeded", ProviderRefused, "amount_too_large"),
            ("422 InvalidChargePermissionStatus", ProviderRefused, "permission_not_usable"),
            ("400 DuplicateIdempotencyKey", ProviderUnavailable, ""),
            ("429 TooManyRequests", ProviderUnavailable, ""),
        ],
    )
    def test_a_refused_charge_takes_nothing(self, adapter, in_a_hurry, told, error, reason):
        gift, token = self.gift(), self.agreed(adapter).token
        self.amazon.next("create_charge", told, times=9)
        with pytest.raises(error) as refused:
            self.pay(adapter, gift, token)
        assert getattr(refused.value, "reason", "") == reason
        assert self.amazon.charges == {}


def test_it_is_kept_only_where_amazon_lets_it(amazon):
    both = {Capability.KEEPS_PERMISSIONS, Capability.AGREED_ON_OUR_PAGE}
    assert not both & adapter_for(amazon).capabilities
    assert both <= keeper(amazon).capabilities


LINE = "drop error_500 error_503 rubbish cut_off do_then_drop do_then_500 unauthorized null silence".split()  # noqa: SIM905


@pytest.mark.parametrize("fault", LINE)
@pytest.mark.parametrize("operation", ["get_session", "complete", "get_permission", "close", "create_charge"])
def test_silence_is_no_word_of_the_outcome(in_a_hurry, operation, fault):
    """And asked again it is done, once."""
    with FakeAmazon() as amazon:
        amazon.slow_seconds = 3.0
        do = _until(amazon, operation)
        amazon.next(operation, fault, times=99)
        with pytest.raises(ProviderUnavailable), deadline.at_most(patience(fault)):
            do()
        amazon.no_more_faults()
        do()
        assert len(amazon.books.permissions) == 1
        assert len(amazon.charges) == (operation == "create_charge")


def _until(amazon: FakeAmazon, operation: str):
    """What makes the call, after all that comes before it, under request ids that stay the same."""
    adapter, wish = keeper(amazon), a_permission("Amazon")
    wish = replace(wish, setup_id=at_the_button(amazon, adapter, wish))
    amazon.approve(wish.setup_id)
    if operation in {"get_session", "complete"}:
        return lambda: adapter.find_permission(wish, request_id="token-1")
    known = replace(wish, token=adapter.find_permission(wish, request_id="token-1").token)
    if operation == "get_permission":
        return lambda: adapter.find_permission(known, request_id="token-1")
    if operation == "close":
        return lambda: adapter.revoke_permission(known, request_id="revoke-1")
    gift: PaymentRequest = TestAmazonKeepsPermissions().gift()
    return lambda: adapter.open_with_permission(gift, known.token, request_id="charge-1")
