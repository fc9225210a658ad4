"""Stripe has not heard from the bank yet when the giver is back from there."""

import pytest
import requests

from tests.providers.gift import THANKS
from tests.providers.lag import hears_after

pytestmark = pytest.mark.django_db


def test_who_has_proven_it_at_the_bank_is_not_told_otherwise(gift, monkeypatch):
    bank = gift.gives("card_that_wants_a_word")
    hears_after(monkeypatch, lambda: requests.post(bank, data={"choice": "prove"}, timeout=5, allow_redirects=False))
    address = f"/providers/google/return/{gift.id}?payment_intent={gift.intent.id}"
    assert gift.lands_at(address) == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
