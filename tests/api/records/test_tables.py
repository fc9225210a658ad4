"""The tables of elements: what is written is in them, in their order."""

import pytest

from api.records import contribution, goal
from contributions.models import Contribution

pytestmark = pytest.mark.django_db


def test_a_full_goal_and_gift_have_the_tables_elements(shop, giver):
    """A contribution is written by another room (contributions/content.py): its table here must know every element."""
    url = "https://shop.example/back"
    goal_id = shop.new_goal(
        EndDate="2099-01-01", ConfirmationURL=url, CancelURL=url, MinimumAmount="1", MaximumAmount="99", ImageURL=url,
        SuggestedAmounts="<Amount>5</Amount>", Description="x", Metadata="<Item><Name>a</Name><Value>b</Value></Item>",
    )  # fmt: skip
    gift = shop.new_contribution(goal_id)
    giver.pay(gift.value("ProviderURL"), "decline")
    Contribution.objects.update(settled_minor=1500, reversed_minor=500)  # as of money that was taken and lost in part
    declined = shop.get(f"/api/Contribution/{gift.value('Id')}", Accept="application/json").json
    assert list(declined) == [element.name for element in contribution.ELEMENTS]
    full = shop.get(f"/api/SavingGoal/{goal_id}", Accept="application/json").json
    assert list(full) == [element.name for element in goal.ELEMENTS]
