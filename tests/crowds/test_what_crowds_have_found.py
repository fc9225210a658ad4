"""What only showed when many came at once: told once more, slowly, one step after the other."""

import pytest

from tests.approving_meanwhile import approving_meanwhile
from tests.conftest import Giver, PartnerClient, register
from tests.contributions.conftest import Gift, provider

__all__ = ["provider"]


@pytest.mark.django_db(transaction=True)
def test_who_approves_while_another_window_cancels_is_thanked(provider, monkeypatch):
    gift, giver = Gift(PartnerClient(register("Shop").api_key), Giver()), Giver()
    away = giver.choose(gift.provider_url, "cancel")
    with approving_meanwhile(gift, giver, provider, monkeypatch) as bounced:
        assert Giver().visit(away).headers["Location"] == f"https://shop.example/pity?Id={gift.id}"
    assert bounced == [f"https://shop.example/thanks?Id={gift.id}"]
    assert gift.status == "Settled"
    assert provider.calls["capture"] == 1
