"""Fee, Net and PlatformFee as PayPal tells them, of captures and of refunds."""

from decimal import Decimal

import pytest

from providers.paypal.mapping import refund_of
from tests.providers.payment_request import a_request
from tests.providers.paypal.gift import PayPalGift
from tests.providers.stripe.gift import refund

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


def kept(gift):
    answer = gift.shop.get(f"/api/Contribution/{gift.id}")
    return tuple(answer.value(name) for name in ("Fee", "Net", "PlatformFee"))


def test_the_shares_of_a_gift_follow_its_refunds(service, paypal, shop, giver, settings):
    """PayPal keeps its fee of a refund; the operator's goes back in proportion; the rest is the payee's."""
    settings.PAYPAL_PARTNER = paypal.books.is_partner = True
    settings.PLATFORM_FEE_PERCENT, settings.PLATFORM_FEE_FIXED = Decimal("2.5"), Decimal("0.30")
    gift = PayPalGift(paypal, shop, giver)
    gift.comes_back()
    assert kept(gift) == ("1.19", "18.01", "0.80")
    [capture] = gift.order.captures
    assert gift.value("ProviderReference") == capture.id
    refund(gift, "5.00")
    assert kept(gift) == ("1.19", "13.21", "0.60")
    refund(gift)
    assert kept(gift) == ("1.19", "-1.19", "0.00")


def test_what_paypal_gives_back_of_its_fee_is_read():
    told = {
        "id": "R1",
        "status": "COMPLETED",
        "amount": {"currency_code": "USD", "value": "5.00"},
        "seller_payable_breakdown": {"paypal_fee": {"currency_code": "USD", "value": "0.15"}},
    }
    request = a_request("PayPal", "payee@example.org")
    assert refund_of(told, request).fee_minor == 15
    assert refund_of(told | {"seller_payable_breakdown": {}}, request).fee_minor is None
