"""Many at once, over real connections: nothing is taken twice and nothing is lost."""

import pytest

from contributions.models import StatusChange
from contributions.worker import sync_all_due
from goals.models import SavingGoal
from providers.sandbox.models import SandboxCheckout, SandboxRequest
from tests.at_once import all_at_once
from tests.conftest import Giver, PartnerClient, register
from tests.contributions.conftest import Gift
from tests.picking import THANKS, OpenGift, token_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("room_for_everybody")]


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
    requests = SandboxRequest.objects.filter(operation="capture").count()
    assert (provider.calls["capture"], requests, gift.entries()) == (taken, taken, ["capture"] * taken)
    versions = list(StatusChange.objects.order_by("version").values_list("version", flat=True))
    assert versions == list(range(1, len(versions) + 1))
    assert SavingGoal.objects.get().collected_minor == taken * 2000


def test_returns_cancels_and_deletions_at_once_end_one_way(provider):
    shop = PartnerClient(register("Shop").api_key)
    for _ in range(3):
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
        captures = len(gift.entries())
        assert (gift.row.status, captures) in {("Settled", 1), ("Canceled", 0)}
        taken = SandboxRequest.objects.filter(operation="capture", checkout__reference=gift.id).count()
        assert taken == captures


def test_two_workers_at_once_ask_about_each_gift_once(provider):
    shop = PartnerClient(register("Shop").api_key)
    goal = shop.new_goal()
    for _ in range(12):
        Giver().choose(shop.new_contribution(goal).value("ProviderURL") or "", "approve")
    all_at_once(4, lambda _: sync_all_due(whether_due_or_not=True))
    assert provider.calls["capture"] == 12
    assert shop.get(f"/api/SavingGoal/{goal}").value("CurrentAmount") == "240.00"


def post_alone(gift: OpenGift, outcome: str, token: str):
    """As gift.sends, in a browser of its own."""
    return Giver().client.post(f"/pay/{gift.id}", {"choosing": "1", "token": token, "outcome": outcome})


@pytest.mark.usefixtures("books_are_right")
def test_of_many_tabs_that_pick_at_once_one_wins(provider):
    shop, names = PartnerClient(register("Shop").api_key), ("PayPal", "Amazon", "Stripe")
    for _ in range(3):
        gift = OpenGift(shop, Giver())
        token = token_in(gift.looks())
        answers = all_at_once(12, lambda index, gift=gift, token=token: post_alone(gift, names[index % 3], token))
        [checkout] = {answer["Location"] for answer in answers}
        row = gift.row
        assert (gift.checkout.url, row.version) == (checkout, 2)
        assert SandboxCheckout.objects.get(checkout_id=gift.checkout.provider_checkout_id).provider == row.provider
        assert row.provider in names
        changes = StatusChange.objects.filter(contribution=row).order_by("version").values_list("version", "reason")
        assert list(changes) == [(1, ""), (2, "provider_picked")]
        assert gift.comes_back(checkout) == f"{THANKS}?Id={gift.id}"
    assert provider.calls["open"] == 3, "who waits for the winner asks nobody"


def test_picks_noes_and_deletions_at_once_leave_one_story(provider):
    shop = PartnerClient(register("Shop").api_key)
    for _ in range(4):
        gift = OpenGift(shop, Giver())
        token = token_in(gift.looks())
        deeds = [
            lambda gift=gift, token=token: post_alone(gift, "PayPal", token).status_code,
            lambda gift=gift, token=token: post_alone(gift, "cancel", token).status_code,
            lambda: sync_all_due(whether_due_or_not=True),
            lambda gift=gift: shop.delete(f"/api/Contribution/{gift.id}").status,
        ]
        answers = all_at_once(12, lambda index, deeds=deeds: deeds[index % 4]())
        assert not [answer for answer in answers if answer >= 500]
        sync_all_due(whether_due_or_not=True)
        row, one = gift.row, gift.checkout
        assert row.status in {"Submitted", "Canceled"}
        assert (one.account is None) == (one.provider_checkout_id == "") == (one.url == "")
        versions = list(StatusChange.objects.filter(contribution=row).order_by("version").values_list("version", flat=True))
        assert versions == list(range(1, row.version + 1))
