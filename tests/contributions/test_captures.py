"""Held money: taken when the client or the goal says so, let go when neither will."""

from datetime import UTC, datetime, timedelta

import pytest

import clock
from contributions import captures
from contributions.models import Checkout, Contribution
from contributions.status import Intent
from contributions.worker import sync_all_due
from goals.models import SavingGoal
from providers.sandbox.models import SandboxCheckout
from tests.conftest import PartnerClient, register
from tests.contributions.conftest import THANKS, Gift

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(provider, shop, giver):
    """A gift of 20.00 USD, held until the client captures it."""
    gift = Gift(shop, giver, CapturePolicy="Manual")
    gift.pay("approve")
    return gift


@pytest.fixture
def later(moved_clock):
    """Moves the clock: later(days=3)."""
    moved = timedelta()

    def move(**by):
        nonlocal moved
        moved += timedelta(**by)
        moved_clock(datetime.now(UTC) + moved)

    return move


@pytest.fixture(params=["Manual", "OnGoalReached"])
def held_gift(request, provider, shop, giver):
    gift = Gift(shop, giver, CapturePolicy=request.param)
    gift.first_page = gift.page()
    assert gift.pay("approve", at=gift.first_page) == THANKS
    return gift


def test_money_under_such_a_policy_is_held_once_and_not_taken(held_gift, provider):
    held_gift.pay("approve", at=held_gift.first_page)
    assert (held_gift.status, held_gift.totals()) == ("Authorized", ("0.00", "20.00"))
    assert (provider.calls["authorize"], provider.calls["capture"]) == (1, 0)


def test_each_partners_goals_are_decided_about(provider, giver):
    """In one look: of one partner a goal is reached, another's is over, a third's waits."""
    reached, over, waits = (
        Gift(PartnerClient(register(name).api_key), giver, CapturePolicy="OnGoalReached", GoalAmount=amount)
        for name, amount in (("Anna's Shop", "20.00"), ("Bob's Shop", "20.01"), ("Cleo's Shop", "20.01"))
    )
    for gift in (reached, over, waits):
        gift.pay("approve")
    SavingGoal.objects.filter(public_id=over.goal_id).update(ends_at=clock.now() - timedelta(days=1))
    assert captures.mark_what_is_due() == 2
    assert captures.mark_what_is_due() == 0
    assert [gift.row.intent for gift in (reached, over, waits)] == [Intent.CAPTURE, Intent.RELEASE, Intent.COLLECT]
    assert [gift.checkout.due_at <= clock.now() for gift in (reached, over, waits)] == [True, True, False]


@pytest.mark.parametrize("trouble", [None, "drops_the_call", "drops_the_answer"])
def test_a_held_gift_that_is_deleted_is_let_go(held_gift, shop, provider, trouble):
    """Later, where the provider is silent at its deletion."""
    if trouble:
        getattr(provider, trouble)("void")
    assert held_gift.delete().status == 204
    assert shop.get(f"/api/Contribution/{held_gift.id}").status == 404
    assert held_gift.totals() == ("0.00", "20.00" if trouble else "0.00")
    sync_all_due(whether_due_or_not=True)
    row = held_gift.row
    assert (row.status, row.status_reason, held_gift.totals()) == ("Canceled", "client_deleted", ("0.00", "0.00"))
    assert held_gift.entries("kind", "authorized_delta_minor") == [("authorization", 2000), ("void", -2000)]
    assert len(set(provider.request_ids["void"])) == 1


def test_the_policy_of_the_day_of_the_checkout_counts(provider, shop, giver):
    gift = Gift(shop, giver, CapturePolicy="Manual")
    change = "<CapturePolicy>Immediate</CapturePolicy><RecordVersionNumber>1</RecordVersionNumber>"
    assert shop.patch(f"/api/SavingGoal/{gift.goal_id}", f"<SavingGoal>{change}</SavingGoal>").status == 200
    gift.pay("approve")
    assert gift.status == "Authorized"


def test_a_gift_under_review_is_held_when_that_is_over(provider, shop, giver):
    gift = Gift(shop, giver, CapturePolicy="Manual")
    gift.pay("pending")
    assert gift.status == "Pending"
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.totals()) == ("Authorized", ("0.00", "20.00"))


def another_gift(gift, amount):
    """A further gift to the same goal, approved; its Id."""
    made = gift.shop.new_contribution(gift.goal_id, Amount=amount)
    gift.giver.pay(made.value("ProviderURL"), "approve")
    return made.value("Id")


def test_the_client_takes_what_is_held(held, provider):
    """Once, however often it asks."""
    answer = held.capture()
    assert (answer.status, answer.value("Status"), answer.value("RecordVersionNumber")) == (200, "Settled", "3")
    assert held.capture().status == 200
    assert (held.totals(), held.entries(), provider.calls["capture"]) == (("20.00", "0.00"), ["authorization", "capture"], 1)


def test_a_capture_without_an_answer_is_finished_later(held, provider):
    """A capture without an answer is finished by the worker under the same request id."""
    provider.drops_the_answer("capture")
    answer = held.capture()
    assert (answer.status, answer.value("Status")) == (200, "Authorized")
    assert held.delete().status == 409, "its money may be taken already"
    sync_all_due(whether_due_or_not=True)
    assert (held.status, held.totals()) == ("Settled", ("20.00", "0.00"))
    assert len(set(provider.request_ids["capture"])) == 1


def test_a_capture_that_a_deletion_overtakes_takes_nothing(held, provider, monkeypatch):
    sync = captures.sync

    def overtaken(contribution, **how):
        assert held.shop.delete(f"/api/SavingGoal/{held.goal_id}").status == 204
        return sync(contribution, **how)

    monkeypatch.setattr(captures, "sync", overtaken)
    answer = held.capture()
    assert (answer.status, answer.value("code")) == (409, "cannot_capture")
    assert (provider.calls["capture"], SandboxCheckout.objects.get().state) == (0, "voided")


@pytest.mark.parametrize("outcome", ["cancel", "decline", "pending"])
def test_there_is_nothing_to_capture_where_nothing_is_held(provider, shop, giver, outcome):
    gift = Gift(shop, giver, CapturePolicy="Manual")
    gift.pay(outcome)
    answer = gift.capture()
    assert (answer.status, answer.value("code")) == (409, "cannot_capture")


def test_a_capture_takes_no_body_and_belongs_to_its_partner(held, rival, stranger):
    path = f"/api/Contribution/{held.id}/Capture"
    told = [held.capture("<Capture/>"), rival.post(path), stranger.post(path), held.shop.get(path)]
    assert [answer.status for answer in told] == [400, 403, 401, 405]
    assert held.status == "Authorized"


def test_a_capture_repeats_its_answer_under_its_key(held):
    first, again = (held.capture(Idempotency_Key="take-it") for _ in range(2))
    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")


def test_everything_is_taken_once_the_goal_is_reached(provider, shop, giver):
    gift = Gift(shop, giver, CapturePolicy="OnGoalReached", StartingAmount="10.00", GoalAmount="50.00")
    gift.pay("approve")
    sync_all_due()
    assert (gift.status, gift.totals()) == ("Authorized", ("10.00", "20.00"))
    another_gift(gift, "19.99")
    sync_all_due()
    assert gift.totals() == ("10.00", "39.99"), "one cent short"
    another_gift(gift, "0.01")
    sync_all_due()
    assert set(Contribution.objects.values_list("status", flat=True)) == {"Settled"}
    assert gift.totals() == ("50.00", "0.00")


def test_a_goal_that_is_lowered_to_what_is_held_is_reached(provider, shop, giver):
    gift = Gift(shop, giver, CapturePolicy="OnGoalReached", GoalAmount="50.00")
    gift.pay("approve")
    lowered = "<SavingGoal><GoalAmount>20.00</GoalAmount><RecordVersionNumber>1</RecordVersionNumber></SavingGoal>"
    assert shop.patch(f"/api/SavingGoal/{gift.goal_id}", lowered).status == 200
    sync_all_due()
    assert gift.status == "Settled"


def test_everything_is_let_go_when_the_end_date_passes_first(provider, shop, giver, moved_clock):
    gift = Gift(shop, giver, CapturePolicy="OnGoalReached", GoalAmount="50.00", EndDate="2031-05-01")
    gift.pay("approve")
    moved_clock(datetime(2031, 5, 1, 23, 59, tzinfo=UTC))
    Checkout.objects.update(hold_expires_at=None)
    SandboxCheckout.objects.update(held_until=None)
    sync_all_due()
    assert gift.status == "Authorized"
    moved_clock(datetime(2031, 5, 2, 0, 0, 1, tzinfo=UTC))
    sync_all_due()
    assert (gift.status, gift.reason) == ("Canceled", "goal_not_reached")
    assert gift.totals() == ("0.00", "0.00")
    assert SandboxCheckout.objects.get().state == "voided"


def test_a_hold_ended_in_the_dashboard_is_noticed_in_a_day(held, later):
    """A hold that was let go in the providers dashboard is noticed within a day."""
    SandboxCheckout.objects.update(state="voided")
    later(days=1, hours=5)
    sync_all_due()
    assert (held.status, held.reason, held.totals()) == ("Canceled", "voided_by_provider", ("0.00", "0.00"))


@pytest.mark.parametrize("days", [28, 40], ids=["here, in time", "by the provider"])
def test_a_hold_that_cannot_be_renewed_is_let_go(held, provider, later, days):
    later(days=days, hours=1)
    provider.refuses("renew", "cannot_renew")
    sync_all_due()
    sync_all_due()
    assert (held.status, held.totals()) == ("Canceled", ("0.00", "0.00"))
    assert held.reason in {"authorization_lapsed", "voided_by_provider"}


def test_each_renewal_is_a_request_of_its_own(held, provider, later):
    later(days=27)
    sync_all_due()
    assert provider.calls["renew"] == 0
    later(days=1, hours=1)
    provider.drops_the_answer("renew")
    sync_all_due()
    for _ in range(30):
        later(days=1)
        sync_all_due()
    assert held.status == "Authorized"
    first, again, next_time = provider.request_ids["renew"]
    assert first == again != next_time
    later(days=20)
    assert held.capture().value("Status") == "Settled"
