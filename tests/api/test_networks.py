"""A partner whose requests come from certain networks only."""

import pytest

from partners import keys
from partners.models import Partner
from tests.conftest import PartnerClient

pytestmark = pytest.mark.django_db


def test_networks_of_a_partner(shop, rival):
    partner, nobody = keys.partner_of(shop.key), PartnerClient(None)

    def ask(address, key=shop.key):
        answer = nobody.client.get("/api/savings", HTTP_AUTHORIZATION=f"Bearer {key}", REMOTE_ADDR=address)
        return answer.status_code

    Partner.objects.filter(pk=partner.pk).update(networks="203.0.113.0/24 2001:db8::/48")
    for address, status in (
        ("203.0.113.9", 200), ("::ffff:203.0.113.9", 200), ("2001:db8::1", 200), ("203.0.114.9", 403), ("2001:db9::1", 403),
        ("", 403),
    ):  # fmt: skip
        assert ask(address) == status, address
    refused = shop.get("/api/savings")
    assert (refused.status, refused.value("code")) == (403, "network_not_allowed")
    assert nobody.get("/api/savings", Authorization="Bearer wr_nobody").status == 401
    assert ask("203.0.114.9", rival.key) == 200
