"""Stripe is a provider like any other, and one that closes its checkouts."""

import contextlib
from datetime import timedelta

import pytest

from providers.base import PaymentRequest, Provider
from tests.providers.contract import ClosingContract
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.service import adapter_for

pytestmark = pytest.mark.no_database


class TestStripe(ClosingContract):
    time_to_pay = timedelta(days=1)
    payee = "acct_1PgafTB7WZ01zgkW"
    bad_credentials = (
        "", " ", "acct_", "acct", "acct-1", "ACCT_1PgafTB7WZ01zgkW", "anna@example.org", "acct_1 2", "acct_1\n", "acct_é",
        "sk_test_1PgafTB7WZ01zgkW", "acct_1,acct_2", "acct_" + "1" * 300,
    )  # fmt: skip
    currencies = (
        ("USD", 2000), ("EUR", 50), ("JPY", 2000), ("HUF", 17_500), ("TWD", 150), ("ISK", 5), ("MGA", 50_000), ("KWD", 1230),
        ("USD", 99_999_999),
    )  # fmt: skip
    impossible_amounts = (
        ("USD", 49), ("EUR", 1), ("USD", 100_000_000), ("JPY", 49), ("KWD", 1234), ("MGA", 50_001), ("UGX", 5000),
        ("CLF", 10_000), ("ISK", 1_000_000), ("KWD", 100_000_000),
    )  # fmt: skip
    approving_pays = True

    @pytest.fixture(autouse=True)
    def _stripe(self, stripe: FakeStripe) -> None:
        self.stripe = stripe

    @pytest.fixture
    def adapter(self, stripe: FakeStripe) -> Provider:
        return adapter_for(stripe)

    def giver_approves(self, order: PaymentRequest) -> None:
        self.stripe.pay(order.checkout_id)

    def giver_declines(self, order: PaymentRequest) -> None:
        self.stripe.pay(order.checkout_id, "card_that_is_declined")

    def captures_in_its_books(self, order: PaymentRequest) -> int:
        intent = self.stripe.sessions[order.checkout_id].intent
        return intent.captures if intent else 0

    def given_back_in_its_books(self, order: PaymentRequest) -> int:
        intent = self.stripe.sessions[order.checkout_id].intent
        return intent.given_back if intent else 0

    def signed_report(self, order: PaymentRequest) -> tuple[bytes, dict[str, str]]:
        with contextlib.suppress(ValueError):
            self.stripe.pay(order.checkout_id)
        body, headers = next(hook for hook in self.stripe.webhooks_of(order.checkout_id) if "session" in hook.event_type)
        # v0 is a scheme that does not count: damage to it would be none.
        return body, headers | {"Stripe-Signature": headers["Stripe-Signature"].partition(",v0=")[0]}

    def can_be_paid(self, order: PaymentRequest) -> bool:
        return self.stripe.sessions[order.checkout_id].status == "open"
