"""A checkout is opened: nothing is lost between a gift's record and the provider's page."""

from datetime import timedelta

import pytest
from django.utils import timezone

import leases
from contributions import opening, reopening
from contributions.models import Contribution
from contributions.worker import sync_all_due
from providers.sandbox.models import SandboxCheckout
from tests.conftest import contribution_xml
from tests.troublesome_provider import ProcessDied

pytestmark = pytest.mark.django_db


def test_a_gift_is_seen_from_the_moment_it_is_recorded(gift, shop, provider):
    seen = []
    listed = f"/api/SavingGoal/{gift.goal_id}/Contributions"
    provider.meanwhile("open", lambda: seen.append(shop.get(listed).xml.xpath("//*[local-name()='Id']/text()")))
    made = shop.new_contribution(gift.goal_id).value("Id")
    assert seen == [[made, gift.id]]


def test_a_goal_deleted_while_a_checkout_opens_takes_none(gift, shop, provider):
    provider.meanwhile("open", lambda: shop.delete(f"/api/SavingGoal/{gift.goal_id}"))
    answer = shop.post(f"/api/SavingGoal/{gift.goal_id}/Contributions", contribution_xml())
    assert (answer.status, answer.value("code")) == (409, "goal_is_gone")
    assert set(Contribution.objects.values_list("status", "status_reason")) == {("Canceled", "goal_deleted")}


def test_who_opens_so_slowly_that_another_was_quicker(gift, provider, moved_clock):
    """The provider takes longer than the lease lasts, and the client's retry goes on: both have the one open checkout."""
    quicker, goal = [], gift.row.goal
    wanted = opening.NewGift(amount_minor=2000, contributor="Aunt Em", message=None, account=gift.checkout.account)

    def retry():
        moved_clock(timezone.now() + timedelta(seconds=leases.LEASE_SECONDS + 1))
        quicker.append(opening.record_gift(goal, wanted, public_id="slow-gift"))

    provider.afterwards("open", retry)
    slower = opening.record_gift(goal, wanted, public_id="slow-gift")
    assert slower.current_checkout == quicker[0].current_checkout
    assert reopening.is_open(slower)
    assert len(set(provider.request_ids["open"])) == 2, "this gift's and the other's"


@pytest.mark.parametrize("after", [False, True], ids=["before it was opened", "after it was opened"])
def test_who_dies_while_opening_leaves_a_gift_to_be_paid(gift, shop, provider, moved_clock, monkeypatch, after):
    """The giver goes on under the same request id once the lease of the dead is over; it is given up if nobody comes."""
    provider.crashes("open", after=after)
    with pytest.raises(ProcessDied):
        shop.new_contribution(gift.goal_id)
    left = Contribution.objects.latest("pk")
    sync_all_due(whether_due_or_not=True)
    monkeypatch.setattr("pages.pay.PATIENCE_SECONDS", 0)
    assert gift.giver.visit(left.pay_url).status == 503, "whoever is opening it has a minute to do so"
    now = timezone.now()
    moved_clock(now + timedelta(seconds=leases.LEASE_SECONDS + 1))
    gift.giver.checkout(left.pay_url)
    assert len(set(provider.request_ids["open"])) == 2, "this gift's and the other's"
    assert SandboxCheckout.objects.filter(reference=left.public_id).count() == 1
    moved_clock(now + timedelta(hours=73))
    sync_all_due(whether_due_or_not=True)
    left.refresh_from_db()
    assert (left.status, left.status_reason) == ("Failed", "checkout_expired")
