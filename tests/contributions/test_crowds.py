"""Many at once, over real connections: nothing is taken twice and nothing is lost."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from contributions.models import Contribution, LedgerEntry, StatusChange
from contributions.worker import sync_all_due
from goals.models import SavingGoal
from partners.registration import register
from providers.sandbox.models import SandboxRequest
from tests.conftest import Giver, PartnerClient
from tests.contributions.conftest import Gift

pytestmark = pytest.mark.django_db(transaction=True)


def all_at_once(number: int, work: Callable[[int], object]) -> list[object]:
    """What `work(0)` ... `work(number - 1)` returned, all started in the same instant."""
    gate = threading.Barrier(number)

    def one(index: int) -> object:
        try:
            gate.wait(timeout=60)
            return work(index)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


@pytest.mark.parametrize("outcome", ["approve", "pending", "decline"])
def test_32_returns_at_once_settle_once_and_bounce_the_same_way(provider, outcome):
    gift = Gift(PartnerClient(register("Shop").api_key), Giver())
    back = Giver().choose(gift.provider_url, outcome)
    bounced = all_at_once(32, lambda _: Giver().visit(back))
    place = "pity" if outcome == "decline" else "thanks"
    assert {(one.status, one.headers["Location"]) for one in bounced} == {(303, f"https://shop.example/{place}?Id={gift.id}")}
    sync_all_due(whether_due_or_not=True)
    taken = 0 if outcome == "decline" else 1
    assert gift.status == ("Failed" if outcome == "decline" else "Settled")
    assert provider.calls["capture"] == taken
    assert SandboxRequest.objects.filter(operation="capture").count() == taken
    assert LedgerEntry.objects.filter(kind="capture").count() == taken
    versions = list(StatusChange.objects.order_by("version").values_list("version", flat=True))
    assert versions == list(range(1, len(versions) + 1))
    assert SavingGoal.objects.get().collected_minor == taken * 2000


def test_returns_cancels_and_deletions_at_once_end_one_way(provider):
    shop = PartnerClient(register("Shop").api_key)
    for _ in range(5):
        gift = Gift(shop, Giver())
        back = Giver().choose(gift.provider_url, "approve")
        away = back.replace("/return/", "/cancel/")
        deeds = [
            lambda back=back: Giver().visit(back).status,
            lambda away=away: Giver().visit(away).status,
            lambda: sync_all_due(whether_due_or_not=True),
            lambda gift=gift: shop.delete(f"/api/Contribution/{gift.id}").status,
        ]
        answers = all_at_once(16, lambda index, deeds=deeds: deeds[index % 4]())
        assert not [answer for answer in answers if isinstance(answer, int) and answer >= 500]
        sync_all_due(whether_due_or_not=True)
        contribution = Contribution.objects.get(public_id=gift.id)
        captures = LedgerEntry.objects.filter(contribution=contribution, kind="capture").count()
        assert (contribution.status, captures) in {("Settled", 1), ("Canceled", 0)}
        taken = SandboxRequest.objects.filter(operation="capture", checkout__reference=gift.id).count()
        assert taken == captures


def test_two_workers_at_once_ask_about_each_gift_once(provider):
    shop = PartnerClient(register("Shop").api_key)
    goal = shop.new_goal()
    for _ in range(20):
        Giver().choose(shop.new_contribution(goal).value("ProviderURL") or "", "approve")
    all_at_once(4, lambda _: sync_all_due(whether_due_or_not=True))
    assert provider.calls["capture"] == 20
    assert shop.get(f"/api/SavingGoal/{goal}").value("CurrentAmount") == "400.00"
