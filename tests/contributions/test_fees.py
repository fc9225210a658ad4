"""The operator's fee of each gift: by the settings, or by the partner's own terms."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from contributions.audit import faults_in_the_books
from contributions.fees import platform_fee_minor, share_of
from contributions.models import LedgerEntry
from partners.models import Partner


@pytest.mark.parametrize(
    ("percent", "fixed", "amount_minor", "currency", "fee_minor"),
    [
        ("0", "0", 2000, "USD", 0),
        ("2.5", "0", 2000, "USD", 50),
        ("2.5", "0.30", 2000, "USD", 80),
        ("2.5", "0", 20, "USD", 1),  # half a cent is a cent
        ("2.4", "0", 20, "USD", 0),
        ("1", "30", 2000, "JPY", 50),
        ("1", "0.0300", 2000, "KWD", 50),
        ("100", "5", 2000, "USD", 2000),
        ("2.5", "0", 99_999_999_999_999, "USD", 2_500_000_000_000),
    ],
)
def test_a_fee_is_percent_and_so_much_besides(percent, fixed, amount_minor, currency, fee_minor):
    partner = Partner(fee_percent=Decimal(percent), fee_fixed=Decimal(fixed))
    assert platform_fee_minor(partner, amount_minor, currency) == fee_minor


def test_a_partner_without_terms_has_those_of_the_settings(settings):
    settings.PLATFORM_FEE_PERCENT, settings.PLATFORM_FEE_FIXED = Decimal(3), Decimal("0.10")
    assert platform_fee_minor(Partner(), 2000, "USD") == 70
    assert platform_fee_minor(Partner(fee_percent=Decimal(0)), 2000, "USD") == 10


@given(st.integers(0, 10**14), st.lists(st.integers(1, 10**14), min_size=1, max_size=5))
def test_the_shares_of_a_fee_are_never_more_than_it(fee_minor, parts):
    whole = sum(parts)
    shares = [share_of(fee_minor, part, whole) for part in parts]
    assert 0 <= fee_minor - sum(shares) < len(parts)


@pytest.mark.django_db
def test_a_partners_terms_are_given_when_it_is_made(capsys):
    call_command("create_partner", "Shop", fee_percent=Decimal("2.5"), fee_fixed=Decimal("0.30"))
    assert [(one.fee_percent, one.fee_fixed) for one in Partner.objects.all()] == [(Decimal("2.5"), Decimal("0.3"))]
    for wrong in ("101", "-1", "x", "1e1"):
        with pytest.raises(CommandError):
            call_command("create_partner", "Other", f"--fee-percent={wrong}")
    assert Partner.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("books_can_be_forged")
@pytest.mark.parametrize(("fee", "net", "platform", "right"), [
    (88, 1912, None, True), (88, 1862, 50, True), (88, 1950, 50, True), (None, 1950, 50, True), (88, 1911, None, False),
    (88, 1950, None, False),
])  # fmt: skip
def test_what_does_not_add_up_is_named(gift, fee, net, platform, right):
    """Net, platform fee and the provider's own fee, which is paid out of either part."""
    gift.pay()
    LedgerEntry.objects.update(fee_minor=fee, net_minor=net, platform_fee_minor=platform)
    faults = list(faults_in_the_books())
    assert (faults == []) is right
    assert right or f"the payee got {net / 100:.2f} USD" in faults[0]
