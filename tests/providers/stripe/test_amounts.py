"""What Stripe takes at least and at most differs by currency: https://docs.stripe.com/currencies, Minimum and maximum."""

import pytest

from providers.base import AmountRefused
from providers.stripe.amounts import MOST_OF, check_amount
from tests.providers.google.fake import FakeGoogle
from tests.providers.google.service import adapter_for as google_adapter
from tests.providers.payment_request import a_request
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.service import adapter_for

pytestmark = pytest.mark.no_database

MOST = {
    "IDR": 999_999_999_999, "COP": 999_999_999_999, "HUF": 999_999_999_999, "LBP": 999_999_999_999, "INR": 999_999_999,
    "JPY": 9_999_999_999, "USD": 99_999_999, "KRW": 99_999_999, "ISK": 999_999, "MGA": 9_999_999_900, "KWD": 99_999_990,
}  # fmt: skip
"""In our minor units: a króna is a hundred of Stripe's, and it counts whole ariary, of which ours are hundredths."""


@pytest.mark.parametrize(("currency", "most"), MOST.items())
def test_each_currency_has_a_most_of_its_own(currency, most):
    """The next larger amount that Stripe could write is refused, in words that name the most."""
    check_amount(most, currency)
    step = {"MGA": 100, "KWD": 10}.get(currency, 1)
    with pytest.raises(AmountRefused, match=r"at most [0-9.]+: Stripe takes no more"):
        check_amount(most + step, currency)


def test_the_least_is_the_currencys_own_too():
    for currency, least in {"IDR": 50, "ZAR": 50, "GBP": 30, "HUF": 17_500, "KRW": 50, "VND": 1}.items():
        check_amount(least, currency)
        if least > 1:
            with pytest.raises(AmountRefused, match="at least"):
                check_amount(least - 1, currency)


@pytest.mark.parametrize("currency", ["IDR", *sorted(set(MOST_OF) - {"IDR"})])
def test_a_large_gift_is_opened_where_a_million_is_little(currency, short_pauses):
    """1,000,000.00 and the most, by Stripe's page and by Google Pay."""
    for fake, make in ((FakeStripe(), adapter_for), (FakeGoogle(), google_adapter)):
        with fake:
            for amount_minor in (100_000_000, MOST_OF[currency]):
                order = a_request("Stripe", "acct_1PgafTB7WZ01zgkW", currency=currency, amount_minor=amount_minor)
                assert make(fake).open_checkout(order, request_id=f"open-{amount_minor}").checkout_id
