"""What a client takes back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contributions import deletion
from contributions.models import Checkout, Contribution
from contributions.worker import sync_all_due
from notifications.models import Event
from tests.contributions.conftest import Gift

pytestmark = pytest.mark.django_db


def test_a_submitted_gift_is_cancelled_and_gone_for_its_owner(gift, shop):
    """Where the version that the client names is the present one."""
    refused = gift.delete(If_Match='"7x"')
    assert (refused.status, refused.value("RecordVersionNumber"), gift.status) == (412, "1", "Submitted")
    assert gift.delete(If_Match='"1x"').status == 204
    assert (shop.get(f"/api/Contribution/{gift.id}").status, gift.delete().status) == (404, 404)
    assert shop.get(f"/api/SavingGoal/{gift.goal_id}/Contributions").text.count("<Contribution>") == 0
    assert gift.row.status == "Canceled"


@pytest.mark.parametrize(("outcome", "status"), [("approve", "Settled"), ("pending", "Pending")])
def test_money_that_is_taken_or_on_its_way_cannot_be_deleted(gift, outcome, status):
    gift.pay(outcome)
    answer = gift.delete()
    assert (answer.status, answer.value("code"), gift.status) == (409, "cannot_delete", status)


@pytest.mark.parametrize("outcome", ["cancel", "decline"])
def test_what_came_to_nothing_can_be_cleared_away(gift, giver, outcome, provider):
    page = gift.page()
    gift.pay(outcome, at=page)
    assert gift.delete().status == 204
    giver.pay(page, "approve")
    assert (gift.totals(), provider.calls["capture"]) == (("0.00", "0.00"), 0)


def test_what_is_being_settled_is_not_deleted(gift, provider):
    answers = []
    provider.meanwhile("capture", lambda: answers.append(gift.delete()))
    gift.pay("approve")
    assert [(answer.status, answer.value("code")) for answer in answers] == [(409, "being_settled")]
    assert gift.status == "Settled"


def test_a_hold_whose_capture_was_refused_can_be_let_go(provider, shop, giver):
    held = Gift(shop, giver, CapturePolicy="Manual")
    held.pay("approve")
    provider.refuses("capture", "permission_denied")
    assert shop.post(f"/api/Contribution/{held.id}/Capture").value("Status") == "Authorized"
    assert held.delete().status == 204
    assert (held.row.status, held.row.status_reason, provider.calls["void"]) == ("Canceled", "client_deleted", 1)
    assert held.totals() == ("0.00", "0.00")


def test_a_hold_whose_capture_is_unknown_is_not_let_go(provider, shop, giver):
    held = Gift(shop, giver, CapturePolicy="Manual")
    held.pay("approve")
    provider.drops_the_answer("capture", times=3)
    assert shop.post(f"/api/Contribution/{held.id}/Capture").value("Status") == "Authorized"
    assert held.delete().value("code") == "being_settled"
    assert provider.calls["void"] == 0


def test_a_capture_that_begins_meanwhile_is_not_undone(provider, shop, giver, monkeypatch):
    """The client has asked for the money after the contribution was read that is to be deleted."""
    held = Gift(shop, giver, CapturePolicy="Manual")
    held.pay("approve")

    def late(contribution):
        Contribution.objects.update(intent="capture")
        return False

    monkeypatch.setattr(deletion, "_order_is_out", late)
    assert held.delete().value("code") == "being_settled"
    assert held.status == "Authorized"


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


def test_nobody_looks_for_tokens_where_none_are_taken(gift, shop):
    """PayPal's page takes none; a goal can have thousands of open gifts."""
    shop.new_contribution(gift.goal_id)
    with CaptureQueriesContext(connection) as asked:
        assert shop.delete(f"/api/SavingGoal/{gift.goal_id}").status == 204
    assert [one["sql"] for one in asked if "pay:" in one["sql"]] == []
    assert gift.row.status == "Canceled"


def test_a_goal_deleted_during_a_capture_gives_it_back(gift, shop, provider):
    provider.meanwhile("capture", lambda: shop.delete(f"/api/SavingGoal/{gift.goal_id}"))
    gift.pay("approve")
    sync_all_due()
    assert (gift.status, gift.reason, gift.row.goal.collected_minor) == ("Refunded", "refunded", 0)
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
