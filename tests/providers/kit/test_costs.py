"""check_provider says what each gift costs the operator."""

from decimal import Decimal

import pytest

from providers.amazon.spec import SPEC as AMAZON
from providers.kit.costs import with_fee, without_fee
from providers.paypal.spec import SPEC as PAYPAL
from providers.shares import takes_platform_fees

pytestmark = pytest.mark.no_database


def test_nothing_is_kept_where_nothing_is_set():
    [kept], [not_kept] = with_fee("Fees are yours"), without_fee("Fees are theirs", "so it is", "do")
    assert kept.what == "Fees are yours; of each gift you keep nothing (where nothing else was agreed with a partner)"
    assert (not_kept.good, not_kept.what) == (True, "Fees are theirs; you keep nothing")


@pytest.mark.parametrize(("back", "says"), [(True, "given back with a refund"), (False, "kept when it is refunded")])
def test_a_fee_that_is_set_is_told(settings, back, says):
    settings.PLATFORM_FEE_PERCENT, settings.PLATFORM_FEE_FIXED = Decimal("2.50"), Decimal("0.30")
    settings.PLATFORM_FEE_REFUND = back
    [kept], [not_kept] = with_fee("It is yours"), without_fee("It is theirs", "so it is", "do")
    assert f"you keep 2.5 % and 0.30 in its currency, {says}" in kept.what
    assert (not_kept.good, not_kept.can_wait, not_kept.how_to_fix) == (False, True, "do")
    assert "is not kept: so it is" in not_kept.what


def test_only_who_can_keep_a_fee_says_so(settings):
    assert not takes_platform_fees(AMAZON.adapter())
    assert not takes_platform_fees(PAYPAL.adapter())
    settings.PAYPAL_PARTNER = True
    assert takes_platform_fees(PAYPAL.adapter())
