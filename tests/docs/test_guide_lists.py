"""docs/guide/lists.md, followed to the letter."""

import re

import pytest

from api.openapi.operations import OPERATIONS
from api.paging import PAGING
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


def test_the_table_of_filters_names_every_filter():
    """Of the lists that the page is about, each with all its filters; the lists across goals have a page of their own."""
    page = (ROOT / "docs" / "guide" / "reading.md").read_text()
    for path, name in (("savings", "savings"), ("SavingGoal/{goal_id}/Contributions", "SavingGoal/{goal}/Contributions")):
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `/api/{name}` |")]
        filters = set(OPERATIONS[f"GET /api/{path}"].arguments) - set(PAGING)
        assert set(re.findall(r"`([A-Za-z]+)`", row.split("|")[2])) == filters
