"""PayPal knows of an approval a little later than the giver's browser.

https://developer.paypal.com/api/rest/reference/orders/v2/errors/ (November 2026): ORDER_NOT_APPROVED.
"""

import pytest

from tests.providers.gift import THANKS
from tests.providers.lag import hears_after
from tests.providers.paypal.gift import PayPalGift

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

POLICIES = [("Immediate", "Settled"), ("Manual", "Authorized")]


@pytest.mark.parametrize("status", ["PAYER_ACTION_REQUIRED", "CREATED"])
@pytest.mark.parametrize(("policy", "ends"), POLICIES)
def test_an_order_that_is_not_approved_yet_is_asked_about(service, paypal, shop, giver, monkeypatch, status, policy, ends):
    gift = PayPalGift(paypal, shop, giver, CapturePolicy=policy)
    back = paypal.approve(gift.order_id)
    gift.order.status = status
    hears_after(monkeypatch, lambda: setattr(gift.order, "status", "APPROVED"))
    assert gift.lands_at(back) == f"{THANKS}?Id={gift.id}"
    assert gift.status == (ends, None)
    assert len(paypal.calls_of("get")) >= 3


@pytest.mark.parametrize(
    ("policy", "operation", "ends"), [("Immediate", "capture", "Settled"), ("Manual", "authorize", "Authorized")]
)
@pytest.mark.parametrize("times", [1, 2])
def test_a_first_order_refused_as_not_approved_is_repeated(
    service, paypal, shop, giver, monkeypatch, policy, operation, ends, times
):
    gift = PayPalGift(paypal, shop, giver, CapturePolicy=policy)
    paypal.next(operation, "ORDER_NOT_APPROVED", times=times)
    hears_after(monkeypatch, lambda: None)
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert (gift.status, len(paypal.calls_of(operation))) == ((ends, None), times + 1)


def test_who_is_declined_is_led_to_paypal_at_once(gift, monkeypatch):
    """It has heard of the approval, and wants another card: nothing to wait for."""

    def waits() -> None:
        raise AssertionError("nobody waits for a decline")

    hears_after(monkeypatch, waits, questions=1)
    assert gift.comes_back("card_that_is_declined").startswith(f"{gift.paypal.base_url}/checkoutnow")
