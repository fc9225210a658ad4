"""docs/guide/lists.md, followed to the letter."""

import pytest

from tests.docs.examples import ROOT, steps_of
from tests.docs.running import HOST, Reader


@pytest.mark.django_db
def test_every_example_of_the_guide_of_lists_is_what_happens(shop, giver, settings):
    gift = shop.new_contribution(shop.new_goal(), Reference="order-4711")
    giver.pay(gift.value("ProviderURL"))
    body = "<Refund><Amount>5.00</Amount><Reason>The wrong size</Reason></Refund>"
    assert shop.post(f"/api/Contribution/{gift.value('Id')}/Refunds", body).status == 201
    settings.PUBLIC_BASE_URL, settings.ALLOWED_HOSTS = f"https://{HOST}", [HOST]
    reader = Reader()
    reader.memory.update(key=shop.key, gift=gift.value("Id"))
    reader.follow(steps_of(ROOT / "docs" / "guide" / "lists.md"))
