"""Stripe's session is still open when the giver is back."""

import pytest

from tests.providers.gift import THANKS
from tests.providers.lag import hears_after

pytestmark = pytest.mark.django_db


def test_a_session_that_is_open_still_is_asked_about_again(gift, stripe, monkeypatch):
    hears_after(monkeypatch, lambda: stripe.pay(gift.session_id, "card"))
    assert gift.lands_at(f"/providers/stripe/return/{gift.id}?session_id={gift.session_id}") == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")
