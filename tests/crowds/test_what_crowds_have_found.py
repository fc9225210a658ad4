"""What only showed when many came at once: told once more, slowly, one step after the other."""

import threading

import pytest
from django.db import connection

from api import giver_views
from partners.registration import register
from tests.conftest import Giver, PartnerClient
from tests.contributions.conftest import Gift, provider

__all__ = ["provider"]


@pytest.mark.django_db(transaction=True)
def test_a_giver_who_approves_while_another_window_cancels_is_not_told_that_they_cancelled(provider, monkeypatch):
    gift, giver = Gift(PartnerClient(register("Shop").api_key), Giver()), Giver()
    away = giver.choose(gift.provider_url, "cancel")
    giver_waits, cancel_is_done, bounced = threading.Event(), threading.Event(), []

    def wait(seconds):
        giver_waits.set()
        assert cancel_is_done.wait(30)

    def come_back():
        try:
            bounced.append(giver.pay(gift.provider_url, "approve").headers["Location"])
        finally:
            connection.close()

    first_window = threading.Thread(target=come_back)

    def answer_before_the_giver_approves(call):
        payment = call()
        first_window.start()
        assert giver_waits.wait(30)
        return payment

    monkeypatch.setattr(giver_views.time, "sleep", wait)
    provider._add("find", answer_before_the_giver_approves, 1)
    assert Giver().visit(away).headers["Location"] == f"https://shop.example/pity?Id={gift.id}"
    cancel_is_done.set()
    first_window.join(30)
    assert bounced == [f"https://shop.example/thanks?Id={gift.id}"]
    assert gift.status == "Settled"
    assert provider.calls["capture"] == 1
