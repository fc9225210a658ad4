"""`rebuild_totals` puts right what is wrong, leaves alone what is right, and loses no gift that arrives meanwhile."""

import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from contributions import entries, totals
from contributions.audit import faults_in_the_books, with_ledger_sums
from contributions.models import Contribution
from contributions.status import SETTLED
from contributions.transitions import advance
from goals.models import SavingGoal
from tests.conftest import Giver, PartnerClient, register
from tests.contributions.conftest import Gift


def rebuild_totals(*arguments):
    """What the command prints, line by line; it ends with exit status 0."""
    out = io.StringIO()
    call_command("rebuild_totals", *arguments, stdout=out)
    return out.getvalue().splitlines()


def facts(gift):
    goal = SavingGoal.objects.get(public_id=gift.goal_id)
    return goal.collected_minor, goal.authorized_minor, goal.activity, goal.version


@pytest.mark.django_db
def test_totals_are_set_to_the_ledgers_sums(provider, shop, giver):
    settled, held, right = Gift(shop, giver), Gift(shop, giver, CapturePolicy="Manual"), Gift(shop, giver)
    for gift in (settled, held, right):
        gift.pay("approve")
    before = {gift: facts(gift) for gift in (settled, held, right)}
    tags = {gift: shop.get(f"/api/SavingGoal/{gift.goal_id}").headers["ETag"] for gift in before}
    SavingGoal.objects.filter(public_id=settled.goal_id).update(collected_minor=2000 - 2**32, authorized_minor=5)
    SavingGoal.objects.filter(public_id=held.goal_id).update(authorized_minor=2**32)
    lines = [
        f"goal {settled.goal_id}: settled total -42949652.96 -> 20.00 USD, authorized total 0.05 -> 0.00 USD",
        f"goal {held.goal_id}: settled total 0.00 -> 0.00 USD, authorized total 42949672.96 -> 20.00 USD",
    ]
    damaged = facts(settled)
    assert rebuild_totals("--dry-run") == [*lines, "2 goals would be put right. Nothing was changed."]
    assert facts(settled) == damaged
    assert rebuild_totals() == [*lines, "2 goals put right."]
    assert list(faults_in_the_books()) == []
    for gift in (settled, held):
        collected, authorized, activity, version = before[gift]
        assert facts(gift) == (collected, authorized, activity + 1, version)
        assert shop.get(f"/api/SavingGoal/{gift.goal_id}").headers["ETag"] != tags[gift]
    assert facts(right) == before[right]
    assert shop.get(f"/api/SavingGoal/{right.goal_id}").headers["ETag"] == tags[right]
    for arguments in ([], ["--dry-run"]):
        assert rebuild_totals(*arguments) == ["Every goal's totals are what its ledger says."]


@pytest.mark.django_db
@pytest.mark.usefixtures("books_can_be_forged")
def test_a_goal_put_right_meanwhile_is_left_alone(gift, monkeypatch):
    """Two operators at once: the second one finds nothing to do under the lock, and does not raise the activity."""
    SavingGoal.objects.update(collected_minor=1)
    rebuild_one = totals._rebuild_one

    def overtaken(*which):
        assert rebuild_one(*which) is not None
        return rebuild_one(*which)

    activity = facts(gift)[2]
    monkeypatch.setattr(totals, "_rebuild_one", overtaken)
    assert rebuild_totals() == ["Every goal's totals are what its ledger says."]
    assert facts(gift)[:3] == (0, 0, activity + 1), "a goal without entries has collected nothing"


@pytest.mark.django_db(transaction=True)
def test_gifts_that_arrive_meanwhile_are_not_lost(provider, monkeypatch):
    """Givers pay while the totals are damaged and rebuilt again and again: the damage is undone and each gift counts once."""

    def sums_that_take_their_time(goals):
        sums = with_ledger_sums(goals).get()
        time.sleep(0.02)  # whoever could come in between now does
        return SimpleNamespace(get=lambda: sums)

    monkeypatch.setattr(totals, "with_ledger_sums", sums_that_take_their_time)
    shop = PartnerClient(register("Shop").api_key)
    goal = shop.new_goal()
    urls = [shop.new_contribution(goal).value("ProviderURL") for _ in range(16)]
    ways_back = [Giver().choose(url, "approve") for url in urls]
    over, rebuilt = threading.Event(), []

    def operator():
        try:
            while not over.is_set():
                with transaction.atomic():
                    row = SavingGoal.objects.select_for_update(no_key=True).get()
                    SavingGoal.objects.update(collected_minor=row.collected_minor - 2**32)
                rebuilt.extend(rebuild_totals()[:-1])
        finally:
            connection.close()

    def give(way_back):
        try:
            return Giver().visit(way_back).status
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        rebuilding = pool.submit(operator)
        assert set(pool.map(give, ways_back)) == {303}
        over.set()
        rebuilding.result(60)
    assert len(rebuilt) > 1
    assert list(faults_in_the_books()) == []
    assert SavingGoal.objects.get().collected_minor == 16 * 2000


@pytest.mark.django_db(transaction=True)
def test_a_capture_that_commits_during_the_wait_is_counted(provider):
    """The rebuild waits for a writer that has changed the goal; when it goes on, that writer's entry is in its sums."""
    gift = Gift(PartnerClient(register("Shop").api_key), Giver(), CapturePolicy="Manual")
    gift.pay("approve")
    SavingGoal.objects.update(authorized_minor=2000 - 2**32)
    written = threading.Event()

    def writer():
        try:
            with transaction.atomic():
                held = Contribution.objects.whole().get()
                assert advance(held, SETTLED, cause="test", entry=entries.capture(2000, held_minor=2000))
                written.set()
                time.sleep(0.4)  # the rebuild has come to the lock by then, and waits
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(writer)
        assert written.wait(30)
        assert rebuild_totals() == [
            f"goal {gift.goal_id}: settled total 20.00 -> 20.00 USD, authorized total -42949672.96 -> 0.00 USD",
            "1 goals put right.",
        ]
        writing.result(60)
    assert list(faults_in_the_books()) == []
    assert facts(gift)[:2] == (2000, 0)
