"""`manage.py status`, as monitoring reads it: 0 all is well, 1 a warning, 2 critical."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from contributions import attention
from contributions.models import Checkout, Contribution
from contributions.running import AuditResult, WorkerHeartbeat, record_audit
from notifications import endpoints
from notifications.models import Delivery
from partners.models import Partner
from tests.console.running import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def healthy(db):
    assert run("work", "--once").status == 0
    assert run("audit").status == 0


def finding(name):
    told = json.loads(run("status", "--json").text)
    (one,) = [one for one in told["findings"] if one["name"] == name]
    return one["level"], one["what"]


def test_all_is_well(healthy):
    ended = run("status")
    assert ended.status == 0, ended.text
    assert [line.split()[:2] for line in ended.lines] == [
        ["ok", name]
        for name in ("database", "guards", "worker", "questions", "outbox", "pending", "certificates", "attention", "audit")
    ]


def test_nobody_has_ever_worked_nor_proved_the_books(db):
    ended = run("status")
    assert ended.status == 2
    assert finding("worker")[0] == "critical"
    assert finding("audit") == ("warning", "the books were never proved: run `manage.py audit` every night")


@pytest.mark.parametrize(("seconds", "level", "status"), [(20, "ok", 0), (40, "warning", 1), (400, "critical", 2)])
def test_a_worker_that_was_not_seen_for_a_while(healthy, seconds, level, status):
    WorkerHeartbeat.objects.update(seen_at=timezone.now() - timedelta(seconds=seconds))
    assert (finding("worker")[0], run("status").status) == (level, status)


def test_a_question_that_is_late(healthy, shop):
    shop.new_contribution(shop.new_goal())
    for minutes, level in ((1, "ok"), (5, "warning"), (20, "critical")):
        Checkout.objects.update(due_at=timezone.now() - timedelta(minutes=minutes))
        assert finding("questions")[0] == level


def test_a_webhook_that_is_late(healthy, shop):
    partner = Partner.objects.get()
    endpoints.create(partner, "https://shop.example/hooks")
    shop.new_contribution(shop.new_goal())
    for minutes, level in ((1, "ok"), (5, "warning"), (20, "critical")):
        Delivery.objects.update(due_at=timezone.now() - timedelta(minutes=minutes))
        assert finding("outbox")[0] == level


def test_a_gift_that_is_pending_for_long(healthy, shop, giver, moved_clock):
    gift = shop.new_contribution(shop.new_goal())
    giver.pay(gift.value("ProviderURL"), "pending")
    level, what = finding("pending")
    assert (level, what.startswith("1 gifts, the oldest for ")) == ("ok", True)
    assert what.endswith(f"manage.py gift {gift.value('Id')}")
    later = timezone.now() + timedelta(days=2)
    moved_clock(later)
    assert finding("pending") == ("warning", f"1 gifts, the oldest for 2 days: manage.py gift {gift.value('Id')}")


def test_what_waits_for_a_person(healthy):
    attention.arise("no_outcome", Contribution(public_id="some-gift", partner_id=1))
    assert finding("attention") == ("warning", "1 things wait for a person: manage.py attention")
    assert run("status").status == 1


def test_books_that_are_wrong_or_not_looked_at(healthy):
    record_audit(seconds=1, faults=3)
    assert finding("audit")[0] == "critical"
    record_audit(seconds=1, faults=0)
    AuditResult.objects.update(at=timezone.now() - timedelta(hours=40))
    assert finding("audit") == ("warning", "the books were right 40 hours ago")


def test_guards_that_were_taken_off(healthy, books_can_be_forged):
    level, what = finding("guards")
    assert (level, run("status").status) == ("critical", 2)
    assert "triggers are missing, such as certificates_certificateentry_no_delete" in what


def test_gifts_without_an_outcome_are_counted(db, shop, giver):
    assert run("status", "--waiting").text == "No gift waits for an outcome.\n"
    goal = shop.new_goal()
    giver.pay(shop.new_contribution(goal).value("ProviderURL"), "pending")
    for _ in range(2):
        shop.new_contribution(goal)
    giver.pay(shop.new_contribution(goal).value("ProviderURL"))
    assert [line.split() for line in run("status", "--waiting").lines] == [
        ["2", "PayPal", "Submitted", "-"],
        ["1", "PayPal", "Pending", "under_review"],
    ]
