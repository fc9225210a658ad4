"""Google Pay is a provider like any other, and one whose payments can be closed."""

import contextlib

import pytest

from ids import new_id
from providers.base import PayerActionRequired, PaymentRequest, PaymentState, Provider, is_paid_by_token, is_paid_on_our_page
from tests.providers.contract import ClosingContract
from tests.providers.google.fake import FakeGoogle
from tests.providers.google.service import adapter_for
from tests.providers.stripe.test_contract import TestStripe as OverStripe

pytestmark = pytest.mark.no_database


class TestGoogle(ClosingContract):
    payee = OverStripe.payee
    bad_credentials = OverStripe.bad_credentials
    currencies = OverStripe.currencies
    impossible_amounts = OverStripe.impossible_amounts
    approving_pays = True

    @pytest.fixture(autouse=True)
    def _google(self, google: FakeGoogle) -> None:
        self.google = google

    @pytest.fixture
    def adapter(self, google: FakeGoogle) -> Provider:
        return adapter_for(google)

    def pays_with(self, order: PaymentRequest, pays_with: str) -> None:
        adapter_for(self.google).pay(order, self.google.books.new_token(pays_with), request_id=f"pay-{new_id()}")

    def giver_approves(self, order: PaymentRequest) -> None:
        self.pays_with(order, "card")

    def giver_declines(self, order: PaymentRequest) -> None:
        with pytest.raises(PayerActionRequired) as declined:
            self.pays_with(order, "card_that_is_declined")
        assert (declined.value.reason, declined.value.url) == ("instrument_declined", "")

    def captures_in_its_books(self, order: PaymentRequest) -> int:
        return self.google.intent_of(order.checkout_id).captures

    def given_back_in_its_books(self, order: PaymentRequest) -> int:
        return self.google.intent_of(order.checkout_id).given_back

    def signed_report(self, order: PaymentRequest) -> tuple[bytes, dict[str, str]]:
        with contextlib.suppress(PayerActionRequired):
            self.giver_approves(order)
        body, headers = self.google.webhooks_of(order.checkout_id)[0]
        # v0 is a scheme that does not count: damage to it would be none.
        return body, headers | {"Stripe-Signature": headers["Stripe-Signature"].partition(",v0=")[0]}

    def can_be_paid(self, order: PaymentRequest) -> bool:
        return self.google.intent_of(order.checkout_id).status in ("requires_payment_method", "requires_action")

    def test_it_is_paid_on_our_page_by_a_token(self, adapter):
        assert is_paid_on_our_page(adapter)
        assert is_paid_by_token(adapter)
        assert adapter.key == "google_stripe"

    def test_what_is_closed_or_paid_takes_no_token(self, adapter):
        """It is told as it is."""
        closed, paid = self.opened(adapter), self.approved(adapter)
        adapter.close(closed, request_id=f"close-{new_id()}")
        for order, state in ((closed, PaymentState.VOIDED), (paid, PaymentState.CAPTURED)):
            answer = adapter.pay(order, self.google.books.new_token(), request_id=f"pay-{new_id()}")
            assert answer.state is state
        assert (self.captures_in_its_books(closed), self.captures_in_its_books(paid)) == (0, 1)
