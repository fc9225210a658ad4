"""PayPal is a provider like any other."""

import contextlib
from datetime import timedelta

import pytest

from providers.base import PaymentRequest, Provider
from tests.providers.contract import ProviderContract
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.service import adapter_for

pytestmark = pytest.mark.no_database


class TestPayPal(ProviderContract):
    time_to_pay = timedelta(hours=3)
    bad_credentials = (
        "", " ", "anna", "anna@", "@example.org", "anna@example", "anna @example.org", "a@b@example.org", "änna@example.org",
        "anna@example.org\n", "anna@example.org,bob@example.org", "x" * 243 + "@example.org",
        "QYR5Z8XDVJNX", "QYR5Z8XDVJNXQQ", "qyr5z8xdvjnxq", "QYR5Z8XDVJNX1", "QYR5Z8XDVJNX0", "QYR5Z8XDVJNXI", "QYR5Z8XDVJNXO",
    )  # fmt: skip
    currencies = (("USD", 2000), ("EUR", 1), ("JPY", 2000), ("HUF", 250_000), ("TWD", 100), ("USD", 999_999_999_999_99))
    impossible_amounts = (("HUF", 250_001), ("TWD", 150), ("KWD", 1000), ("CLF", 10_000), ("INR", 100))

    @pytest.fixture(autouse=True)
    def _paypal(self, paypal: FakePayPal) -> None:
        self.paypal = paypal

    @pytest.fixture
    def adapter(self, paypal: FakePayPal) -> Provider:
        return adapter_for(paypal)

    def giver_approves(self, order: PaymentRequest) -> None:
        self.paypal.approve(order.checkout_id)

    def giver_declines(self, order: PaymentRequest) -> None:
        self.paypal.approve(order.checkout_id, "card_that_is_declined")

    def captures_in_its_books(self, order: PaymentRequest) -> int:
        return len(self.paypal.orders[order.checkout_id].captures)

    def given_back_in_its_books(self, order: PaymentRequest) -> int:
        return int(self.paypal.orders[order.checkout_id].given_back * 100)

    def signed_report(self, order: PaymentRequest) -> tuple[bytes, dict[str, str]]:
        with contextlib.suppress(ValueError):
            self.paypal.approve(order.checkout_id)
        body, headers = self.paypal.webhooks_of(order.checkout_id)[0]
        return body, {name: value for name, value in headers.items() if name.startswith("PAYPAL-")}
