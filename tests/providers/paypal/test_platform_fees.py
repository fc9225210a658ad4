"""The operator's fee at PayPal: only an approved partner may keep one; PayPal's own fee is the payee's."""

from decimal import Decimal

import pytest

from contributions.models import LedgerEntry
from providers.paypal.adapter import PayPalProvider
from tests.providers.paypal.gift import PayPalGift
from tests.providers.paypal.service import adapter_for
from tests.providers.stripe.gift import refund, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


@pytest.fixture
def partner(service, paypal, settings):
    """The service is an approved partner of PayPal's, and keeps 2.5 % and 30 cents."""
    settings.PAYPAL_PARTNER = paypal.books.is_partner = True
    settings.PLATFORM_FEE_PERCENT, settings.PLATFORM_FEE_FIXED = Decimal("2.5"), Decimal("0.30")


def entries(gift):
    of_it = LedgerEntry.objects.filter(contribution=gift.row).exclude(kind="authorization").order_by("pk")
    return list(of_it.values_list("kind", "fee_minor", "net_minor", "platform_fee_minor"))


@pytest.mark.parametrize("policy", ["Immediate", "Manual"])
def test_the_fee_is_asked_for_and_booked_as_kept(partner, paypal, shop, giver, policy):
    gift = PayPalGift(paypal, shop, giver, CapturePolicy=policy)
    gift.comes_back()
    if policy == "Manual":
        assert shop.post(f"/api/Contribution/{gift.id}/Capture").status == 200
    assert gift.status == ("Settled", None)
    assert entries(gift) == [("capture", 119, 1801, 80)]


@pytest.mark.parametrize(("given_back", "of_each"), [(True, (20, 60)), (False, (0, 0))])
def test_the_fee_goes_back_with_refunds_as_configured(partner, paypal, shop, giver, settings, given_back, of_each):
    settings.PLATFORM_FEE_REFUND = given_back
    gift = PayPalGift(paypal, shop, giver)
    gift.comes_back()
    for amount in ("5.00", ""):
        assert refund(gift, amount).value("Status") == "Completed"
    assert [fee for *_, fee in entries(gift)[1:]] == list(of_each)


def test_a_refused_refund_takes_no_fee_with_it(partner, paypal, shop, giver):
    gift = PayPalGift(paypal, shop, giver)
    gift.comes_back()
    gift.order.payee.penniless = True
    assert refund(gift, "7.00").value("Status") == "Failed"
    gift.order.payee.penniless = False
    for amount in ("3.33", "3.33", ""):
        refund(gift, amount)
    work()
    assert [fee for *_, fee in entries(gift)[1:]] == [13, 13, 54]


def test_in_whole_units_where_paypal_knows_no_others(partner, paypal, shop, giver):
    gift = PayPalGift(paypal, shop, giver, amount="2500", Currency="HUF", GoalAmount="100000")
    gift.comes_back()
    assert gift.checkout.platform_fee_minor == 6200  # 62.80 HUF, rounded down for the payee


def test_who_is_no_partner_keeps_nothing(partner, paypal, shop, giver, settings):
    settings.PAYPAL_PARTNER = paypal.books.is_partner = False
    gift = PayPalGift(paypal, shop, giver)
    gift.comes_back()
    assert (gift.checkout.platform_fee_minor, entries(gift)) == (0, [("capture", 119, 1881, 0)])


def test_a_partner_onboards_and_checks_payees_as_well(paypal):
    """To keep fees takes nothing away from what PayPal does for everybody."""
    paypal.books.is_partner = True
    assert adapter_for(paypal).capabilities > PayPalProvider.capabilities
