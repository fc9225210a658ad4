"""Standing permissions at Stripe: cards that are saved, payments by them while the giver is away."""

from dataclasses import replace

import pytest

from ids import new_id
from providers.base import PayerActionRequired, ProviderRefused, ProviderUnavailable, WebhookEvent
from providers.kit import deadline
from providers.permissions import KeepsPermissions, PermissionRequest, Standing
from tests.providers.fault_table import patience
from tests.providers.permission_contract import PermissionContract, a_permission, long_ago
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.objects import FakeIntent
from tests.providers.stripe.service import adapter_for

pytestmark = pytest.mark.no_database

ANNA = "acct_1PgafTB7WZ01zgkW"


class TestStripeKeepsPermissions(PermissionContract):
    provider_name, payee = "Stripe", ANNA
    impossible = (("USD", 49), ("USD", 100_000_000), ("CLF", 10_000))
    unknown_setup = "cs_test_a1b2c3"

    @pytest.fixture(autouse=True)
    def _stripe(self, stripe: FakeStripe) -> None:
        self.stripe = stripe

    @pytest.fixture
    def adapter(self, stripe: FakeStripe) -> KeepsPermissions:
        return adapter_for(stripe)

    def giver_agrees(self, wish: PermissionRequest) -> None:
        self.stripe.agree(wish.setup_id)

    def giver_removes(self, wish: PermissionRequest) -> None:
        self.stripe.remove_card(wish.token.partition(":")[2])

    def removal_told(self, wish: PermissionRequest) -> tuple[bytes, dict[str, str]]:
        body, headers = self.stripe.webhooks_of(wish.token.partition(":")[2])[-1]
        return body, headers

    def wants_the_giver(self) -> None:
        self.stripe.books.asks_again = True

    def payments_of(self, reference: str) -> list[FakeIntent]:
        return [one for one in self.stripe.books.intents.values() if one.asked["metadata"]["contribution"] == reference]

    def taken_in_its_books(self, reference: str) -> int:
        return len(
            [one for one in self.payments_of(reference) if one.status in {"succeeded", "requires_capture", "processing"}]
        )

    # --- of Stripe alone ----------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("pays_with", "reason"),
        [("card_that_wants_a_word", "authentication_required"), ("card_that_is_declined", "instrument_declined")],
    )
    def test_a_refused_payment_is_cancelled(self, adapter, pays_with, reason):
        """Or it could be paid later, when the giver has paid otherwise."""
        wish = self.asked(adapter)
        self.stripe.agree(wish.setup_id, pays_with)
        gift, token = self.gift(), adapter.find_permission(wish, request_id=new_id()).token
        with pytest.raises(PayerActionRequired) as refused:
            self.pay(adapter, gift, token)
        assert refused.value.reason == reason
        assert [one.status for one in self.payments_of(gift.reference)] == ["canceled"]

    def test_unless_that_is_certain_nobody_is_sent_on(self, adapter):
        gift, token, request_id = self.gift(), self.agreed(adapter).token, new_id()
        self.wants_the_giver()
        self.stripe.next("cancel", "error_500", times=9)
        with pytest.raises(ProviderUnavailable):
            self.pay(adapter, gift, token, request_id)
        self.stripe.no_more_faults()
        with pytest.raises(PayerActionRequired):
            self.pay(adapter, gift, token, request_id)
        assert [one.status for one in self.payments_of(gift.reference)] == ["canceled"]

    def test_a_payment_made_long_ago_is_found_again(self, adapter):
        """Stripe has forgotten the key, and would make another; also where the card is gone by now."""
        wish, gift, request_id = self.agreed(adapter), self.gift(), new_id()
        paid = self.pay(adapter, gift, wish.token, request_id)
        self.stripe.later(hours=49)
        assert self.pay(adapter, long_ago(gift), wish.token, request_id).checkout_id == paid.checkout_id
        adapter.revoke_permission(wish, request_id=new_id())
        assert self.pay(adapter, long_ago(gift), wish.token, request_id).checkout_id == paid.checkout_id
        assert self.taken_in_its_books(gift.reference) == 1

    def test_one_that_was_never_made_is_made_later(self, adapter):
        gift, token = self.gift(), self.agreed(adapter).token
        self.pay(adapter, self.gift(), token)
        assert adapter.find(self.pay(adapter, long_ago(gift), token)).state == "captured"

    def test_a_refused_one_is_told_as_refused_long_after(self, adapter):
        gift, token, request_id = self.gift(), self.agreed(adapter).token, new_id()
        self.wants_the_giver()
        self.stripe.next("cancel", "error_500", times=9)
        with pytest.raises(ProviderUnavailable):
            self.pay(adapter, gift, token, request_id)
        self.stripe.no_more_faults()
        self.stripe.books.asks_again = False
        self.stripe.later(hours=49)
        with pytest.raises(PayerActionRequired):
            self.pay(adapter, long_ago(gift), token, request_id)
        assert self.taken_in_its_books(gift.reference) == 0

    def test_a_session_that_is_over_can_be_opened_anew(self, adapter):
        wish = self.asked(adapter)
        self.stripe.later(hours=25)
        assert adapter.find_permission(wish, request_id=new_id()).standing is Standing.LAPSED

    def test_nobody_agrees_to_what_was_taken_back(self, adapter):
        wish = self.asked(adapter)
        adapter.revoke_permission(wish, request_id=new_id())
        with pytest.raises(ValueError, match="expired"):
            self.stripe.agree(wish.setup_id)

    def test_the_payee_and_the_fee_are_those_of_any_gift(self, adapter, settings):
        settings.STRIPE_ON_BEHALF_OF = True
        gift, token = self.gift(platform_fee_minor=100), self.agreed(adapter).token
        paid = self.pay(adapter, gift, token)
        asked = self.payments_of(gift.reference)[0].asked
        assert (asked["transfer_data"]["destination"], asked["on_behalf_of"], asked["application_fee_amount"]) == (
            ANNA,
            ANNA,
            "100",
        )
        assert adapter.find(paid).platform_fee_minor == 100

    def test_the_own_account_is_paid_without_a_transfer(self, stripe):
        adapter = adapter_for(stripe, own_account="acct_platform")
        gift, token = self.gift(payee="acct_platform"), self.agreed(adapter).token
        assert adapter.find(self.pay(adapter, gift, token)).payee == "acct_platform"
        assert "transfer_data" not in self.payments_of(gift.reference)[0].asked

    def test_whatever_is_told_of_a_set_up_leads_to_it(self, adapter):
        wish = self.asked(adapter)
        self.stripe.books.fail_to_agree(self.stripe.books.setups[wish.setup_id])
        self.stripe.agree(wish.setup_id)
        told = {hook.event_type: hook for hook in self.stripe.webhooks_of(wish.setup_id)}
        assert set(told) == {"setup_intent.setup_failed", "setup_intent.succeeded", "checkout.session.completed"}
        for hook in told.values():
            event = adapter.parse_webhook(*hook)
            expected = WebhookEvent(event_id=hook.event["id"], permission_reference=wish.reference)
            assert replace(event, permission="") == expected
            assert event.permission in {"", wish.setup_id}

    def test_a_payment_under_it_is_told_as_any_other(self, adapter):
        paid = self.pay(adapter, self.gift(), self.agreed(adapter).token)
        hook = next(one for one in self.stripe.webhooks_of(paid.checkout_id) if one.event_type == "payment_intent.succeeded")
        event = adapter.parse_webhook(*hook)
        assert (event.payment_reference, event.reference, event.permission) == (paid.checkout_id, paid.reference, "")

    def test_there_is_nothing_to_close_in_such_a_payment(self, adapter):
        paid = self.pay(adapter, self.gift(), self.agreed(adapter).token)
        assert adapter.close(paid, request_id=new_id()).state == "captured"


SAVED_AFTER = {"create": 0, "get": 1, "get_card": 1, "detach": 1, "create_intent": 1}
"""How many cards there are in the end, by the call that went wrong before."""
LINE = "drop error_500 error_503 rubbish cut_off do_then_drop do_then_500 unauthorized null silence".split()  # noqa: SIM905


@pytest.mark.parametrize("fault", LINE)
@pytest.mark.parametrize("operation", SAVED_AFTER)
def test_silence_is_no_word_of_the_outcome(careless_stripe: FakeStripe, in_a_hurry: None, operation: str, fault: str) -> None:
    """And asked again it is done, once."""
    stripe = careless_stripe
    stripe.slow_seconds = 3.0
    do = _until(stripe, operation)
    stripe.next(operation, fault, times=99)
    with pytest.raises(ProviderUnavailable), deadline.at_most(patience(fault)):
        do()
    stripe.no_more_faults()
    do()
    assert len(stripe.books.saved) == SAVED_AFTER[operation]
    assert [one.status for one in stripe.books.intents.values()] == ["succeeded"] * (operation == "create_intent")


@pytest.mark.parametrize(
    ("fault", "error", "reason"),
    [
        ("card_declined", PayerActionRequired, "instrument_declined"),
        ("destination_missing", ProviderRefused, "payee_cannot_receive"),
        ("other_parameters", ProviderUnavailable, ""),
        ("lock_timeout", ProviderUnavailable, ""),
    ],
)
def test_a_refused_charge_takes_nothing(careless_stripe, in_a_hurry, fault, error, reason):
    charge = _until(careless_stripe, "create_intent")
    careless_stripe.next("create_intent", fault, times=9)
    with pytest.raises(error) as refused:
        charge()
    assert getattr(refused.value, "reason", "") == reason
    assert not careless_stripe.books.intents


def _until(stripe: FakeStripe, operation: str):
    """What makes the call, after all that comes before it, under request ids that stay the same."""
    adapter, wish = adapter_for(stripe), a_permission("Stripe")
    if operation == "create":
        return lambda: adapter.ask_permission(wish, request_id="ask-1")
    wish = replace(wish, setup_id=adapter.ask_permission(wish, request_id="ask-1").setup_id)
    stripe.agree(wish.setup_id)
    if operation == "get":
        return lambda: adapter.find_permission(wish, request_id="token-1")
    known = replace(wish, token=adapter.find_permission(wish, request_id="token-1").token)
    if operation == "get_card":
        return lambda: adapter.find_permission(known, request_id="token-1")
    if operation == "detach":
        return lambda: adapter.revoke_permission(known, request_id="revoke-1")
    gift = TestStripeKeepsPermissions().gift()
    return lambda: adapter.open_with_permission(gift, known.token, request_id="charge-1")
