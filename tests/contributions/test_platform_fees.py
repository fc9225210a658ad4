"""The operator's fee: exact, rounded once for the payee's good, never more than the gift, and shared out to the last unit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contributions.platform_fees import fee_minor, share_minor
from money import decimals_of
from partners.fees import BadFee, FeeRule, fixed, percent

pytestmark = pytest.mark.no_database

AMOUNTS = st.integers(1, 10**15 - 1)
PERCENTS = st.decimals(0, 100, places=4)
FIXED = st.decimals(0, 10**6, places=4)
CURRENCIES = st.sampled_from(["JPY", "USD", "KWD", "ISK"])


@pytest.mark.parametrize(
    ("told", "amount_minor", "currency", "fee"),
    [
        (("2.5", "0.30"), 2000, "USD", 80),
        (("2.5", "0"), 1, "USD", 0),
        (("2.9", "0.30"), 1999, "USD", 87),  # 57.971 + 30
        (("2.5", "50"), 999, "JPY", 74),  # 24.975 + 50
        (("2.5", "0.30"), 999, "JPY", 25),  # 24.975 + 0.3: added before they are rounded
        (("1", "0.1"), 12_340, "KWD", 220),  # 223.4, and Stripe takes no third decimal
        (("0", "5"), 300, "USD", 300),
    ],
)
def test_a_fee_is_rounded_down_once(told, amount_minor, currency, fee):
    step = 10 if currency == "KWD" else 1
    assert fee_minor(FeeRule(*map(Decimal, told)), amount_minor, currency, step_minor=step) == fee


@given(AMOUNTS, PERCENTS, FIXED, CURRENCIES, st.sampled_from([1, 10, 100]))
def test_no_fee_is_more_than_agreed_or_than_the_gift(amount_minor, told_percent, told_fixed, currency, step):
    fee = fee_minor(FeeRule(told_percent, told_fixed), amount_minor, currency, step_minor=step)
    exact = Fraction(told_percent) * amount_minor / 100 + Fraction(told_fixed) * 10 ** decimals_of(currency)
    assert 0 <= fee <= amount_minor
    assert fee % step == 0
    assert fee <= exact
    assert fee > min(exact, amount_minor) - step


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=8), st.data(), st.sampled_from([1, 10]))
def test_shares_add_up_to_the_fee(parts, data, step):
    """Whatever a payment is given back in: each share is of the fee that is left, and none is negative."""
    whole = sum(parts)
    fee = data.draw(st.integers(0, whole // step)) * step
    given_back, back = 0, []
    for part in parts:
        back.append(share_minor(fee, given_back + part, whole, step_minor=step) - sum(back))
        given_back += part
    assert sum(back) == fee
    assert min(back) >= 0
    assert all(share % step == 0 for share in back)


@pytest.mark.parametrize("told", ["-1", "1e2", "1,5", "NaN", "0.00001", "100.0001", "\u0661"])
def test_what_is_no_percentage_is_refused(told):
    with pytest.raises(BadFee, match="PLATFORM_FEE_PERCENT must"):
        percent(told, "PLATFORM_FEE_PERCENT")


def test_a_fee_that_nobody_names_is_none():
    assert percent("", "--fee-percent") is None
    assert fixed(" 0.30 ", "--fee-fixed") == Decimal("0.3")
