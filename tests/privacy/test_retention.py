"""What is older than its setting goes, money never does, and a worker sees to it once a day."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

import clock
from api.models import IdempotencyKey
from contributions import retention
from contributions.audit import faults_in_the_books
from contributions.daily import DailyWork
from contributions.models import Contribution, LedgerEntry, ProviderRequest, StatusChange
from goals.models import Matcher
from notifications import endpoints
from notifications.models import Delivery, DeliveryAttempt, Event
from tests.conftest import register
from tests.privacy.test_erasure import WORDS, found, give

pytestmark = pytest.mark.django_db

NAMES = {"zq-4711", "zq@example.org", "zacharias@"}
MESSAGES = {"Xylophone", "Memorandum-Vv7", "Reason-Kk9"}


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def later(moved_clock):
    """So many days after now."""
    start = clock.now()
    return lambda **how: moved_clock(start + timedelta(**how))


def test_by_default_no_name_ever_goes(shop, giver, later):
    """Only what is kept for a day: answers to retries."""
    give(shop, giver, shop.new_goal())
    later(days=36_000)
    assert "names: 0" in run("purge")
    assert found() >= NAMES | MESSAGES
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize(
    ("setting", "gone", "stays"),
    [("RETAIN_NAMES_DAYS", NAMES, MESSAGES), ("RETAIN_MESSAGES_DAYS", MESSAGES, NAMES)],
)
def test_names_and_messages_go_by_themselves(shop, giver, later, settings, setting, gone, stays):
    setattr(settings, setting, 30)
    give(shop, giver, shop.new_goal())
    run("purge")
    assert found() >= gone | stays
    later(days=30, hours=1)
    events = Event.objects.count()
    listed = run("purge", "--dry-run")
    assert "Nothing was changed." in listed
    assert f"{'names' if gone is NAMES else 'messages'}: 1" in listed
    assert found() >= gone | stays
    run("purge")
    assert not found() & gone
    assert found() >= stays
    assert Event.objects.count() == events + 1  # its partner was told
    assert Event.objects.order_by("-position")[0].type == "contribution.updated"
    assert Contribution.objects.get().erased_at is None
    before = Event.objects.count()
    run("purge")
    assert Event.objects.count() == before


def test_no_money_ever_goes(shop, giver, later, settings):
    for name in ("NAMES", "MESSAGES", "EVENTS", "DELIVERIES", "IDEMPOTENCY"):
        setattr(settings, f"RETAIN_{name}_DAYS", 1)
    give(shop, giver, shop.new_goal())
    models = (Contribution, LedgerEntry, ProviderRequest)
    before = [list(model.objects.values_list("pk", flat=True)) for model in models]
    amounts = list(LedgerEntry.objects.order_by("pk").values())
    history = StatusChange.objects.count()
    later(days=4000)
    run("purge")
    assert found() == set()
    assert [list(model.objects.values_list("pk", flat=True)) for model in models] == before
    assert list(LedgerEntry.objects.order_by("pk").values()) == amounts
    assert StatusChange.objects.count() == history + 2  # names, messages
    assert list(faults_in_the_books()) == []


def test_who_is_paying_keeps_the_name(shop, later, settings):
    settings.RETAIN_NAMES_DAYS = 1
    shop.new_contribution(shop.new_goal())
    later(days=2)
    assert "names: 0" in run("purge")


def test_events_lose_their_copies_before_the_gift_does(shop, giver, later, settings):
    settings.RETAIN_EVENTS_DAYS = 7
    gift = give(shop, giver, shop.new_goal())
    later(days=8)
    number = Event.objects.filter(about=gift).count()
    assert f"events: {number}" in run("purge", "--dry-run")
    assert f"events: {number}" in run("purge")
    assert "events: 0" in run("purge")
    feed = shop.get("/api/Events?limit=100").text
    assert not [word for word in WORDS if word in feed]
    shown = shop.get(f"/api/Contribution/{gift}")
    assert (shown.status, shown.value("Contributor")) == (200, "Zacharias Quux")


def test_events_lose_what_is_left_in_them(shop, giver, later, settings):
    """The name had gone by its own setting; the message is still in the copies."""
    settings.RETAIN_NAMES_DAYS, settings.RETAIN_EVENTS_DAYS = 1, 7
    gift = give(shop, giver, shop.new_goal())
    later(days=2)
    run("purge")
    assert found() >= MESSAGES
    later(days=10)
    run("purge")
    feed = shop.get("/api/Events?limit=100").text
    assert not [word for word in WORDS if word in feed]
    assert shop.get(f"/api/Contribution/{gift}").value("Message") == "Xylophone & Grüße"


def test_deliveries_go_when_they_are_over(later):
    """One that is still due stays, and what it tells of."""
    endpoint, _ = endpoints.create(register("Anna's Shop").partner, "https://8.8.8.8/hook")
    over, due = (endpoints.send_test(endpoint) for _ in range(2))
    Delivery.objects.filter(event=over).update(due_at=None, state=Delivery.State.DELIVERED)
    for event in (over, due):
        DeliveryAttempt.objects.create(event=event, number=1, at=event.at, seconds=1.0, url="https://8.8.8.8/hook")
    later(days=89)
    run("purge")
    assert (Delivery.objects.count(), DeliveryAttempt.objects.count()) == (2, 2)
    later(days=91)
    told = run("purge")
    assert "deliveries: 1" in told
    assert "tries of deliveries: 2" in told
    assert Delivery.objects.get().event == due
    assert Event.objects.count() == 2


def test_a_key_is_kept_for_its_day(shop, later):
    shop.post("/api/savings", "<x/>", Idempotency_Key="refused")
    goal = shop.new_goal()
    shop.post(f"/api/SavingGoal/{goal}/Close", Idempotency_Key="used")
    later(hours=23)
    run("purge")
    assert IdempotencyKey.objects.get().key == "used"
    later(hours=25)
    run("purge")
    assert not IdempotencyKey.objects.exists()


def test_a_worker_purges_once_a_day(shop, giver, later, settings):
    settings.RETAIN_NAMES_DAYS = 1
    give(shop, giver, shop.new_goal())
    assert retention.purge_if_due() is not None
    assert retention.purge_if_due() is None
    later(hours=23)
    assert retention.purge_if_due() is None
    later(days=2)
    assert "Purged 1 names" in run("work", "--once")
    work = DailyWork.objects.get()
    assert work.told.startswith("1 names")
    assert work.due_at == clock.now() + timedelta(days=1)
    assert not work.is_leased()


def test_a_purge_that_is_stopped_goes_on_later(shop, giver, later, settings):
    settings.RETAIN_NAMES_DAYS = 1
    goal = shop.new_goal()
    for number in range(3):
        give(shop, giver, goal, key=f"key-{number}")
    later(days=2)
    asked = iter([False, False, True, *[True] * 50])
    retention.purge_if_due(stopped=lambda: next(asked))
    assert Contribution.objects.filter(contributor="[erased]").count() < 3
    assert retention.purge_if_due() is not None
    assert Contribution.objects.filter(contributor="[erased]").count() == 3


def test_two_workers_do_not_purge_at_once(shop):
    retention.purge_if_due()
    DailyWork.objects.update(due_at=clock.now(), lease_token="x", lease_until=clock.now() + timedelta(seconds=50))
    assert retention.purge_if_due() is None


def test_a_matcher_that_has_ended_loses_its_name(shop, later, settings):
    settings.RETAIN_NAMES_DAYS = 30
    path = f"/api/SavingGoal/{shop.new_goal()}/Matchers"
    ended, stands = (shop.post(path, f"<Matcher><Name>{name}</Name><MaximumTotal>9</MaximumTotal></Matcher>") for name in "AB")
    shop.delete(f"/api/Matcher/{ended.value('Id')}")
    later(days=29)
    assert "matchers' names: 0" in run("purge")
    later(days=31)
    assert "matchers' names: 1" in run("purge", "--dry-run")
    assert "matchers' names: 1" in run("purge")
    assert sorted(Matcher.objects.values_list("name", flat=True)) == ["B", "[erased]"]
    assert shop.get(f"/api/Matcher/{stands.value('Id')}").value("Name") == "B"
