"""What a client takes back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contributions.models import Checkout, Contribution
from contributions.worker import sync_all_due
from notifications.models import Event
from tests.contributions.conftest import Gift

pytestmark = pytest.mark.django_db


def test_a_submitted_gift_is_cancelled_and_gone_for_its_owner(gift, shop):
    assert shop.delete(f"/api/Contribution/{gift.id}").status == 204
    assert shop.get(f"/api/Contribution/{gift.id}").status == 404
    assert shop.delete(f"/api/Contribution/{gift.id}").status == 404
    assert shop.get(f"/api/SavingGoal/{gift.goal_id}/Contributions").text.count("<Contribution>") == 0
    assert Contribution.objects.get().status == "Canceled"


@pytest.mark.parametrize(("outcome", "status"), [("approve", "Settled"), ("pending", "Pending")])
def test_money_that_is_taken_or_on_its_way_cannot_be_deleted(gift, shop, outcome, status):
    gift.pay(outcome)
    answer = shop.delete(f"/api/Contribution/{gift.id}")
    assert (answer.status, answer.value("code")) == (409, "cannot_delete")
    assert gift.status == status


@pytest.mark.parametrize("outcome", ["cancel", "decline"])
def test_what_came_to_nothing_can_be_cleared_away(gift, shop, giver, outcome, provider):
    page = gift.page()
    gift.pay(outcome, at=page)
    assert shop.delete(f"/api/Contribution/{gift.id}").status == 204
    giver.pay(page, "approve")
    assert gift.totals() == ("0.00", "0.00")
    assert provider.calls["capture"] == 0


def test_what_is_being_settled_is_not_deleted(gift, shop, provider):
    """A gift that is being settled at this moment is not deleted under the givers feet."""
    answers = []
    provider.meanwhile("capture", lambda: answers.append(shop.delete(f"/api/Contribution/{gift.id}")))
    gift.pay("approve")
    assert [(answer.status, answer.value("code")) for answer in answers] == [(409, "being_settled")]
    assert gift.status == "Settled"


def test_a_deletion_that_names_another_version_is_refused(gift, shop):
    answer = shop.delete(f"/api/Contribution/{gift.id}", If_Match='"7x"')
    assert (answer.status, answer.value("RecordVersionNumber")) == (412, "1")
    assert gift.status == "Submitted"
    assert shop.delete(f"/api/Contribution/{gift.id}", If_Match='"1x"').status == 204


def test_a_deleted_goal_cancels_lets_go_and_keeps(provider, shop, giver):
    settled = Gift(shop, giver)
    settled.pay("approve")
    submitted, held = (shop.new_contribution(settled.goal_id) for _ in range(2))
    Checkout.objects.filter(contribution__public_id=held.value("Id")).update(capture_policy="Manual")
    page = giver.checkout(submitted.value("ProviderURL"))
    giver.pay(held.value("ProviderURL"), "approve")
    assert settled.totals() == ("20.00", "20.00")

    assert shop.delete(f"/api/SavingGoal/{settled.goal_id}").status == 204
    assert shop.get(f"/api/SavingGoal/{settled.goal_id}").status == 404
    sync_all_due(whether_due_or_not=True)
    by_id = dict(Contribution.objects.values_list("public_id", "status"))
    assert by_id == {settled.id: "Settled", submitted.value("Id"): "Canceled", held.value("Id"): "Canceled"}
    assert settled.status == "Settled", "a contribution of a deleted goal can still be read"
    giver.pay(page, "approve")
    assert Contribution.objects.get(public_id=submitted.value("Id")).status == "Canceled"


def test_a_goal_deleted_during_a_capture_gives_it_back(gift, shop, provider):
    """A goal that is deleted while its giver is being settled gives the money back."""
    provider.meanwhile("capture", lambda: shop.delete(f"/api/SavingGoal/{gift.goal_id}"))
    gift.pay("approve")
    sync_all_due()
    assert (gift.status, gift.reason) == ("Refunded", "refunded")
    contribution = Contribution.objects.get()
    assert contribution.goal.collected_minor == 0
    assert provider.calls["refund"] == 1


def test_a_goals_interrupted_deletion_is_finished(gift, shop, books_can_be_forged):
    shop.delete(f"/api/SavingGoal/{gift.goal_id}")
    # As if the process had died between marking everything for release and cancelling it.
    Contribution.objects.update(status="Submitted", version=1)
    Checkout.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    Contribution.objects.get().status_changes.filter(version=2).delete()
    Event.objects.all().delete()
    sync_all_due()
    assert Contribution.objects.get().status == "Canceled"
