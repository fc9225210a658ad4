"""What only showed when processes died or met: told once more, slowly, one step after the other."""

import os
import signal
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

import clock
import leases
from console.management.commands import work
from contributions import transitions
from contributions.models import Checkout, Contribution
from contributions.rounds import Rounds
from contributions.worker import sync_all_due
from goals.models import SavingGoal
from providers.sandbox import webhooks
from providers.sandbox.webhooks import deliver_webhooks
from tests.approving_meanwhile import approving_meanwhile
from tests.conftest import Giver, PartnerClient, register
from tests.contributions.conftest import Gift
from tests.eventually import eventually

pytestmark = pytest.mark.django_db


@pytest.fixture
def a_second_a_look():
    """Each look at the clock finds it a second later."""
    seconds = iter(range(10_000))
    start = datetime.now(UTC)
    clock.use(lambda: start + timedelta(seconds=next(seconds)))
    yield
    clock.use(None)


@pytest.mark.usefixtures("a_second_a_look")
def test_who_returns_after_a_death_is_asked_about_again(gift, giver, provider):
    back = giver.choose(gift.provider_url, "approve")
    # As a process leaves it that was killed while it asked the provider: leased, and nobody will give the lease back.
    Checkout.objects.update(lease_token="of-the-dead", lease_until=clock.now() + timedelta(seconds=10))
    answer = giver.visit(back)
    assert answer.headers["Location"] == f"https://shop.example/thanks?Id={gift.id}"
    assert gift.status == "Settled"
    assert provider.calls["capture"] == 1


@pytest.mark.parametrize("trouble", ["drops_the_call", "drops_the_answer"])
def test_an_approval_after_a_decline_in_silence_is_thanked(gift, provider, trouble, moved_clock):
    """A giver who approves after a decline is not told that they cancelled while the provider is silent."""
    page = gift.page()
    assert gift.pay("decline", at=page) == "https://shop.example/pity"
    getattr(provider, trouble)("capture")
    assert gift.pay("approve", at=page) == "https://shop.example/thanks"
    moved_clock(datetime.now(UTC) + timedelta(minutes=1))
    sync_all_due()
    assert gift.status == "Settled"
    assert len(set(provider.request_ids["capture"])) == 1


@pytest.mark.parametrize("first", ["decline", "cancel"])
@pytest.mark.parametrize("policy", ["Immediate", "Manual"])
def test_who_tries_again_after_the_goal_is_deleted_gives_none(provider, shop, giver, policy, first):
    gift = Gift(shop, giver, CapturePolicy=policy)
    page = gift.page()
    gift.pay(first, at=page)
    assert shop.delete(f"/api/SavingGoal/{gift.goal_id}").status == 204
    assert gift.pay("approve", at=page) == "https://shop.example/pity"
    sync_all_due(whether_due_or_not=True)
    assert provider.calls["capture"] == provider.calls["authorize"] == 0
    assert Contribution.objects.get().status == {"decline": "Failed", "cancel": "Canceled"}[first]


@pytest.mark.parametrize(
    ("policy", "order", "end"), [("Immediate", "capture", "Refunded"), ("Manual", "authorize", "Canceled")]
)
def test_a_goal_deleted_during_a_second_try_keeps_nothing(provider, shop, giver, policy, order, end):
    gift = Gift(shop, giver, CapturePolicy=policy)
    page = gift.page()
    gift.pay("decline", at=page)
    provider.meanwhile(order, lambda: shop.delete(f"/api/SavingGoal/{gift.goal_id}"))
    gift.pay("approve", at=page)
    sync_all_due(whether_due_or_not=True)
    assert Contribution.objects.get().status == end
    assert list(SavingGoal.objects.values_list("collected_minor", "authorized_minor")) == [(0, 0)]


def test_who_was_declined_stays_so_through_a_silence(gift, giver, provider):
    back = giver.choose(gift.provider_url, "decline")
    giver.visit(back)
    provider.drops_the_call("find")
    assert giver.visit(back).headers["Location"] == f"https://shop.example/pity?Id={gift.id}"
    assert gift.status == "Failed"


@pytest.mark.parametrize(("first", "answer", "end"), [("", 409, "Settled"), ("decline", 204, "Refunded")])
def test_a_deletion_after_a_death_at_the_move_loses_no_money(
    gift, shop, giver, provider, moved_clock, monkeypatch, first, answer, end
):
    page = gift.page()
    if first:
        gift.pay(first, at=page)
    back = giver.choose(page, "approve")
    with monkeypatch.context() as death:
        death.setattr(transitions, "_compare_and_set", lambda *_: 1 // 0)
        giver.visit(back)
    Checkout.objects.update(lease_token="", lease_until=None)
    assert provider.calls["capture"] == 1
    assert shop.delete(f"/api/Contribution/{gift.id}").status == answer
    moved_clock(datetime.now(UTC) + timedelta(minutes=10))
    sync_all_due()
    assert Contribution.objects.get().status == end


@pytest.mark.django_db(transaction=True)
def test_a_stopping_worker_finishes_the_gift_it_is_at(provider, moved_clock, monkeypatch):
    """A worker that is told to stop finishes the gift it is at and begins no other."""
    shop, told = PartnerClient(register("Shop").api_key), []
    gifts = [Gift(shop, Giver()) for _ in range(3)]
    for gift in gifts:
        gift.giver.choose(gift.provider_url, "approve")
    moved_clock(datetime.now(UTC) + timedelta(minutes=1))
    monkeypatch.setattr(work, "deliver_webhooks", lambda **_: 0)
    monkeypatch.setattr(work, "Rounds", lambda stopped: told.append(stopped) or Rounds(stopped))

    def stop():
        os.kill(os.getpid(), signal.SIGTERM)
        eventually(told[0], "the signal, which the main thread hears")

    provider.meanwhile("capture", stop)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        call_command("work")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert sorted(gift.status for gift in gifts) == ["Settled", "Submitted", "Submitted"]
    assert provider.calls["find"] == 1


def test_a_stopping_worker_delivers_no_further_webhook(gift, giver, moved_clock, monkeypatch):
    for _ in range(2):
        giver.choose(gift.page(), "approve")
    moved_clock(datetime.now(UTC) + timedelta(minutes=1))
    told = []
    monkeypatch.setattr(webhooks, "deliver", lambda report: told.append(report) or webhooks.Delivery.ARRIVED)
    assert deliver_webhooks(stopped=lambda: len(told) == 1) == 1
    assert len(told) == 1
    assert deliver_webhooks() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["", "decline"])
def test_who_approves_while_the_worker_asks_is_thanked(provider, monkeypatch, first):
    gift, giver = Gift(PartnerClient(register("Shop").api_key), Giver()), Giver()
    gift.provider_url = gift.page()  # the giver presses again in the same window
    if first:
        giver.choose(gift.provider_url, first)  # and closes the window: the worker is the first to hear of it
    with approving_meanwhile(gift, giver, provider, monkeypatch) as bounced:
        sync_all_due(whether_due_or_not=True)
    assert bounced == [f"https://shop.example/thanks?Id={gift.id}"]
    assert gift.status == "Settled"
    assert provider.calls["capture"] == 1


def test_the_leases_of_the_tests_are_those_of_production():
    assert leases.LEASE_SECONDS == 60, "somebody has imported tests.crashes.short_leases"
