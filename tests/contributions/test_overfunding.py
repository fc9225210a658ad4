"""Gifts to a goal that limits them: who gets what is still missing, for how long, and what is refused without harm."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from contributions.models import Contribution
from contributions.status import WITHOUT_END
from contributions.worker import sync_all_due
from goals.models import SavingGoal
from providers.sandbox.models import SandboxRequest
from tests.at_once import all_at_once
from tests.conftest import Answer, Giver, PartnerClient, contribution_xml, register
from tests.contributions.conftest import PITY, THANKS, Gift

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("room_for_everybody")]

NEVER = {"Overfunding": "Never", "GoalAmount": "30.00"}


@pytest.fixture
def later(moved_clock):
    """Says that so many minutes have passed since the test began."""
    start = datetime.now(UTC)
    return lambda minutes: moved_clock(start + timedelta(minutes=minutes))


def gives(shop: PartnerClient, goal_id: str, amount: str = "20.00") -> Answer:
    return shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml(Amount=amount))


def told(answer: Answer) -> tuple[int, str | None, str | None]:
    return answer.status, answer.value("code"), answer.value("RemainingAmount")


def seen(shop: PartnerClient, goal_id: str) -> tuple[str | None, ...]:
    goal = shop.get(f"/api/SavingGoal/{goal_id}")
    return goal.value("State"), goal.value("AcceptsGifts"), goal.value("RemainingAmount")


# --- What the goal takes ----------------------------------------------------------------------------------------------


def test_never_a_gift_is_at_most_remaining_amount(shop, provider, giver):
    first = Gift(shop, giver, **NEVER)
    assert seen(shop, first.goal_id) == ("Open", "true", "10.00")
    first.pay()
    assert seen(shop, first.goal_id) == ("Open", "true", "10.00"), "what was reserved is there now, and counts once"
    refused = gives(shop, first.goal_id, "10.01")
    assert told(refused) == (409, "goal_is_full", "10.00")
    assert Contribution.objects.count() == 1
    giver.pay(gives(shop, first.goal_id, "10.00").value("ProviderURL"))
    assert seen(shop, first.goal_id) == ("Reached", "false", "0.00")
    assert told(gives(shop, first.goal_id, "0.01")) == (409, "goal_is_full", "0.00")


def test_last_gift_may_overshoot_then_no_more(shop, provider, giver):
    first = Gift(shop, giver, **NEVER | {"Overfunding": "LastGift"})
    first.pay()
    giver.pay(gives(shop, first.goal_id, "50.00").value("ProviderURL"))
    assert seen(shop, first.goal_id) == ("Reached", "false", "0.00")
    assert told(gives(shop, first.goal_id, "1.00")) == (409, "goal_is_full", "0.00")


def test_allowed_is_the_default_and_takes_any_gift(shop, provider, giver):
    gift = Gift(shop, giver, GoalAmount="20.00")
    gift.pay()
    assert shop.get(f"/api/SavingGoal/{gift.goal_id}").value("Overfunding") == "Allowed"
    assert seen(shop, gift.goal_id) == ("Reached", "true", "0.00")
    assert gives(shop, gift.goal_id).status == 201


def test_two_givers_cannot_both_take_the_last_10(shop, provider, giver, later):
    goal_id = shop.new_goal(**NEVER | {"GoalAmount": "10.00"})
    first = gives(shop, goal_id, "10.00")
    refused = gives(shop, goal_id, "10.00")
    assert told(refused) == (409, "goal_is_reserved", "0.00")
    until = Contribution.objects.get().reserved_until
    assert refused.value("ReservedUntil") == until.isoformat().replace("+00:00", "Z")
    assert refused.value("ReservedUntil") in refused.value("detail")
    assert seen(shop, goal_id) == ("Open", "false", "0.00")
    later(settings.RESERVATION_MINUTES + 1)
    assert seen(shop, goal_id) == ("Open", "true", "10.00")
    assert gives(shop, goal_id, "10.00").status == 201
    assert first.status == 201


@pytest.mark.parametrize("outcome", ["cancel", "decline"])
def test_a_reservation_ends_with_its_checkout(shop, provider, giver, outcome):
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00"})
    assert told(gives(shop, gift.goal_id, "5.00"))[1] == "goal_is_reserved"
    gift.pay(outcome)
    assert seen(shop, gift.goal_id) == ("Open", "true", "20.00")
    assert gives(shop, gift.goal_id, "20.00").status == 201


def test_a_deleted_gift_reserves_nothing(shop, provider, giver):
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00"})
    assert gift.delete().status == 204
    assert seen(shop, gift.goal_id) == ("Open", "true", "20.00")


def test_what_is_pending_reserves_until_its_outcome(shop, provider, giver, later):
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00"})
    gift.pay("pending")
    later(settings.RESERVATION_MINUTES + 60)
    refused = gives(shop, gift.goal_id, "5.00")
    assert (told(refused), refused.value("ReservedUntil")) == ((409, "goal_is_reserved", "0.00"), None)
    assert gift.row.reserved_until == WITHOUT_END
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.row.reserved_until) == ("Settled", None)


def test_a_refused_checkout_reserves_nothing(shop, provider, giver):
    provider.refuses("open", "not_permitted")
    goal_id = shop.new_goal(**NEVER | {"GoalAmount": "20.00"})
    assert gives(shop, goal_id).status == 502
    assert seen(shop, goal_id) == ("Open", "true", "20.00")


def test_a_refund_reopens_the_goal(shop, provider, giver):
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00"})
    gift.pay()
    assert seen(shop, gift.goal_id) == ("Reached", "false", "0.00")
    assert gift.refund("5.00").status == 201
    assert seen(shop, gift.goal_id) == ("Open", "true", "5.00")
    assert gives(shop, gift.goal_id, "5.00").status == 201


def test_what_is_held_leaves_no_room_either(shop, provider, giver):
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00", "CapturePolicy": "OnGoalReached"})
    gift.pay()
    assert gift.totals() == ("0.00", "20.00")
    assert seen(shop, gift.goal_id) == ("Reached", "false", "0.00")
    assert told(gives(shop, gift.goal_id, "1.00")) == (409, "goal_is_full", "0.00")


# --- Who comes late, or again -----------------------------------------------------------------------------------------


def test_who_approves_late_is_not_charged_for_a_full_goal(shop, provider, giver, later):
    """Nothing is taken yet, so it can be refused without harm, and for good: the giver has been told so."""
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00"})
    page = gift.page()
    later(settings.RESERVATION_MINUTES + 1)
    giver.pay(gives(shop, gift.goal_id).value("ProviderURL"))
    assert gift.pay(at=page) == PITY
    assert (gift.status, gift.reason, gift.entries()) == ("Canceled", "goal_is_full", [])
    assert gift.totals() == ("20.00", "0.00")
    said = giver.visit(f"/cancelled?Id={gift.id}").text
    assert "There was no room any more" in said
    assert "Try again" not in said
    gift.report()
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, SandboxRequest.objects.filter(operation="capture").count()) == ("Canceled", 1)


def test_who_approves_late_is_taken_where_there_is_room(shop, provider, giver, later):
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00"})
    page = gift.page()
    later(settings.RESERVATION_MINUTES + 1)
    assert gift.pay(at=page) == THANKS
    assert (gift.status, gift.totals()) == ("Settled", ("20.00", "0.00"))


def test_a_hold_is_refused_for_a_full_goal_too(shop, provider, giver, later):
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00", "CapturePolicy": "Manual"})
    page = gift.page()
    later(settings.RESERVATION_MINUTES + 1)
    giver.pay(gives(shop, gift.goal_id).value("ProviderURL"))
    assert gift.pay(at=page) == PITY
    assert (gift.status, gift.reason, gift.totals()) == ("Canceled", "goal_is_full", ("0.00", "20.00"))


def test_money_that_was_taken_all_the_same_is_entered(shop, provider, giver, later):
    """The order to take it was out before its reservation ended, and nobody heard the answer: money wins over status."""
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00"})
    page = gift.page()
    provider.drops_the_answer("capture")
    assert gift.pay(at=page) == THANKS
    assert gift.status == "Pending"
    later(settings.RESERVATION_MINUTES + 60)
    assert told(gives(shop, gift.goal_id))[1] == "goal_is_reserved"
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.totals()) == ("Settled", ("20.00", "0.00"))


def test_a_second_try_reserves_again(shop, provider, giver):
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00"})
    gift.pay("decline")
    assert (gift.status, gift.row.reserved_until) == ("Failed", None)
    again = gift.page()
    assert gift.status == "Submitted"
    assert told(gives(shop, gift.goal_id))[1] == "goal_is_reserved"
    gift.pay(at=again)
    assert (gift.status, gift.totals()) == ("Settled", ("20.00", "0.00"))


def test_a_second_try_waits_while_others_pay(shop, provider, giver, later):
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00"})
    gift.pay("decline")
    assert gives(shop, gift.goal_id, "15.00").status == 201
    page = giver.visit(gift.provider_url)
    until = Contribution.objects.latest("pk").reserved_until + timedelta(minutes=1)
    assert (page.status, "Others are giving just now" in page.text) == (200, True)
    assert f"{until:%H:%M} UTC" in page.text
    assert gift.status == "Failed"
    later(settings.RESERVATION_MINUTES + 2)
    assert giver.visit(gift.provider_url).status == 303
    assert gift.status == "Submitted"


def test_a_second_try_is_told_that_the_goal_is_reached(shop, provider, giver):
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00"})
    gift.pay("decline")
    giver.pay(gives(shop, gift.goal_id).value("ProviderURL"))
    for page in (gift.provider_url, f"/cancelled?Id={gift.id}"):
        said = giver.visit(page).text
        assert "The goal is reached" in said
        assert "Nothing was charged" in said
        assert "Try again" not in said
    assert gift.status == "Failed"


def test_a_second_try_is_told_how_much_is_missing(shop, provider, giver):
    gift = Gift(shop, giver, **NEVER)
    gift.pay("decline")
    giver.pay(gives(shop, gift.goal_id, "25.00").value("ProviderURL"))
    assert "Only 5.00 USD is missing" in giver.visit(gift.provider_url).text


def test_who_comes_again_to_an_open_checkout_reserves_again(shop, provider, giver, later):
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00"})
    gift.page()
    later(settings.RESERVATION_MINUTES + 1)
    assert seen(shop, gift.goal_id) == ("Open", "true", "20.00")
    gift.page()
    assert seen(shop, gift.goal_id) == ("Open", "false", "0.00")
    later(2 * settings.RESERVATION_MINUTES + 2)
    assert gives(shop, gift.goal_id).status == 201
    page = giver.visit(gift.provider_url)
    assert (page.status, "Others are giving just now" in page.text) == (200, True)


def test_a_try_that_nobody_can_open_reserves_nothing(shop, provider, giver):
    gift = Gift(shop, giver, **NEVER | {"GoalAmount": "20.00"})
    gift.pay("decline")
    provider.refuses("open", "not_permitted")
    assert giver.visit(gift.provider_url).status == 502
    assert seen(shop, gift.goal_id) == ("Open", "true", "20.00")


# --- At once ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_16_gifts_at_once_never_exceed_the_goal(provider):
    key = register("Shop").api_key
    goal_id = PartnerClient(key).new_goal(**NEVER)
    statuses = all_at_once(16, lambda _: told(gives(PartnerClient(key), goal_id, "10.00"))[:2])
    assert sorted(statuses, key=str) == [(201, None)] * 3 + [(409, "goal_is_reserved")] * 13
    assert sum(Contribution.objects.values_list("amount_minor", flat=True)) == SavingGoal.objects.get().goal_minor


@pytest.mark.django_db(transaction=True)
def test_8_second_tries_at_once_never_exceed_the_goal(provider):
    key, shop = (known := register("Shop").api_key), PartnerClient(known)
    gifts = []
    goal_id = shop.new_goal(**NEVER | {"GoalAmount": "20.00"})
    for _ in range(8):
        gifts.append(Gift(shop, Giver(), goal_id))
        gifts[-1].pay("decline")
    answers = all_at_once(8, lambda number: Giver().visit(gifts[number].provider_url).status)
    assert sorted(answers) == [200] * 7 + [303]
    assert told(gives(PartnerClient(key), goal_id))[1] == "goal_is_reserved"


@pytest.mark.django_db(transaction=True)
def test_4_late_returns_at_once_take_one(provider, later):
    """Four have approved late, each after the reservation of the one before had ended; there is room for one."""
    shop, returns = PartnerClient(register("Shop").api_key), []
    goal_id = shop.new_goal(**NEVER | {"GoalAmount": "20.00", "ConfirmationURL": THANKS, "CancelURL": PITY})
    for number in range(4):
        later(number * (settings.RESERVATION_MINUTES + 1))
        gift = Gift(shop, Giver(), goal_id)
        returns.append(Giver().choose(gift.page(), "approve"))
    later(4 * (settings.RESERVATION_MINUTES + 1))
    places = all_at_once(4, lambda number: Giver().visit(returns[number]).headers["Location"].partition("?")[0])
    assert sorted(places) == [PITY] * 3 + [THANKS]
    assert SavingGoal.objects.get().collected_minor == 2000
