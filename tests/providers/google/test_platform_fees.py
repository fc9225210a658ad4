"""The operator's fee at Google Pay, whose payments are Stripe's; what is given back of it is proven at Stripe's own page."""

from decimal import Decimal

import pytest

from contributions.models import LedgerEntry
from tests.providers.google.gift import GoogleGift
from tests.providers.stripe.gift import refund

pytestmark = pytest.mark.django_db


def test_the_fee_is_asked_for_kept_and_given_back(service, google, shop, giver, settings):
    settings.PLATFORM_FEE_PERCENT = Decimal(5)
    gift = GoogleGift(google, shop, giver)
    gift.gives()
    assert gift.intent.asked["application_fee_amount"] == "100"
    assert refund(gift, "10.00").status == 201
    assert list(LedgerEntry.objects.order_by("pk").values_list("net_minor", "platform_fee_minor")) == [(1900, 100), (None, 50)]
