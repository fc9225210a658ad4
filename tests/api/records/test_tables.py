"""The tables of elements: what is written is in them, in their order."""

import pytest

import clock
from api.records import contribution, goal
from contributions.models import Contribution
from givers.models import Giver
from goals.models import SavingGoal

pytestmark = pytest.mark.django_db


def test_a_full_goal_and_gift_have_the_tables_elements(shop, giver):
    """A contribution is written by another room (contributions/content.py): its table here must know every element."""
    url = "https://shop.example/back"
    goal_id = shop.new_goal(
        EndDate="2099-01-01", ConfirmationURL=url, CancelURL=url, MinimumAmount="1", MaximumAmount="99", ImageURL=url,
        SuggestedAmounts="<Amount>5</Amount>", Description="x", Metadata="<Item><Name>a</Name><Value>b</Value></Item>",
    )  # fmt: skip
    said = {
        "Reference": "gift-1",
        "Memo": "A bell",
        "Anonymous": "true",
        "Language": "de",
        "ConfirmationURL": url,
        "CancelURL": url,
    }
    gift = shop.new_contribution(goal_id, **said, Metadata="<Item><Name>campaign</Name><Value>spring</Value></Item>")
    giver.pay(gift.value("ProviderURL"), "decline")
    kept = {
        "fee_minor": 50,
        "net_minor": 1450,
        "platform_fee_minor": 0,
        "settled_at": clock.now(),
        "provider_reference": "PAY-1",
    }
    # as of money that was taken and lost in part
    Contribution.objects.update(settled_minor=1500, reversed_minor=500, **kept)
    anybody = Giver.objects.create(
        public_id="giver-1", partner=SavingGoal.objects.get().partner, external_id="1", created_at=clock.now()
    )
    Contribution.objects.update(match_of="another-gift", pledge_public_id="pledge-1", giver=anybody, giver_public_id="giver-1")
    SavingGoal.objects.update(offline_minor=100, matched_minor=100)
    declined = shop.get(f"/api/Contribution/{gift.value('Id')}", Accept="application/json").json
    assert list(declined) == [element.name for element in contribution.ELEMENTS if not element.write_only]
    full = shop.get(f"/api/SavingGoal/{goal_id}", Accept="application/json").json
    assert list(full) == [element.name for element in goal.ELEMENTS]
