"""What is settled is looked at again for more than a year, whoever else asks in between."""

from datetime import UTC, datetime, timedelta

import pytest

from contributions.models import Checkout
from contributions.worker import sync_all_due
from providers.sandbox.models import SandboxCheckout
from tests.contributions.conftest import Gift

pytestmark = pytest.mark.django_db

START = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def settled(provider, shop, giver, moved_clock):
    """A gift that was settled on day 0."""
    moved_clock(START)
    gift = Gift(shop, giver)
    gift.pay("approve")
    assert gift.status == "Settled"
    return gift


SCHEDULE = {1: 2, 8: 10, 38: 45, 98: 111, 188: 207, 308: 333, 488: 525}
"""Days after the last change, and until when such a look may be late: at most by a fifth of its wait."""


def days_of_the_looks(provider, moved_clock, each_day=lambda _: None, first=1, last=600):
    """The days on which the worker asks."""
    looks = []
    for day in range(first, last):
        moved_clock(START + timedelta(days=day))
        each_day(day)
        if Checkout.objects.filter(due_at__lte=START + timedelta(days=day)).exists():
            before = provider.calls["find"]
            sync_all_due()
            looks += [day] * (provider.calls["find"] - before)
    return looks


def is_the_schedule(looks):
    pairs = zip(SCHEDULE.items(), looks, strict=False)
    return len(looks) == len(SCHEDULE) and all(first <= look <= last for (first, last), look in pairs)


def test_a_settled_gift_is_looked_at_seven_times(settled, provider, moved_clock):
    assert is_the_schedule(days_of_the_looks(provider, moved_clock))
    assert Checkout.objects.get().due_at is None


def test_webhooks_without_news_use_no_look_up(settled, provider, moved_clock):
    for _ in range(20):
        settled.report()
    assert is_the_schedule(days_of_the_looks(provider, moved_clock, lambda day: settled.report() if day % 9 == 0 else None))


def test_a_webhook_during_a_question_uses_no_look_up(settled, provider, moved_clock):
    """A report that comes while somebody is asking uses none up either."""
    for _ in range(10):
        provider.meanwhile("find", settled.report)
        settled.report()
        assert Checkout.objects.get().due_at == START, "the worker is to ask once more"
        sync_all_due()
    assert is_the_schedule(days_of_the_looks(provider, moved_clock))


def test_a_look_that_is_not_answered_is_made_up_for_a_day_later(settled, provider, moved_clock):
    provider.drops_the_call("find", times=2)
    looks = days_of_the_looks(provider, moved_clock)
    assert looks[:3] == [2, 4, 6], "two without an answer, and the first with one"
    assert is_the_schedule([2, *looks[3:]])


def test_a_chargeback_without_a_webhook_is_seen(settled, provider, moved_clock):
    """A chargeback without a report is seen however many reports came before it."""
    for _ in range(20):
        settled.report()
    moved_clock(START + timedelta(days=97))
    sync_all_due()
    SandboxCheckout.objects.update(state="reversed")
    moved_clock(START + timedelta(days=111))
    sync_all_due()
    assert (settled.status, settled.totals()) == ("Reversed", ("0.00", "0.00"))


def test_news_start_the_schedule_anew(settled, provider, moved_clock):
    before = days_of_the_looks(provider, moved_clock, last=300)
    assert settled.refund("5.00").status == 201
    after = days_of_the_looks(provider, moved_clock, first=300, last=900)
    assert (len(before), len(after)) == (5, 6)
    assert after[-1] >= 300 + 488
