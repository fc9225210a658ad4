"""ProviderURL opened again after PayPal's order has lapsed, was declined or given up: another order, and only one is paid."""

from datetime import timedelta

import pytest

from contributions.models import Checkout, ProviderRequest
from contributions.worker import sync_all_due
from tests.providers.gift import PITY, THANKS
from tests.providers.paypal.gift import hear

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


def captures(gift):
    """How often PayPal has taken the money of this gift, in whichever order."""
    return sum(len(order.captures) for order in gift.paypal.orders.values() if order.custom_id == gift.id)


def test_after_four_hours_it_is_a_fresh_order_of_the_same_gift(gift, later):
    later(hours=4)
    second = gift.order_now()
    assert second != gift.order_id
    assert (gift.status, gift.value("RecordVersionNumber"), gift.page()) == (
        ("Submitted", None),
        "1",
        f"{gift.paypal.base_url}/checkoutnow?token={second}",
    )
    first_call, second_call = gift.paypal.calls_of("create")
    assert (first_call.json, first_call.request_id != second_call.request_id) == (second_call.json, True)
    assert gift.comes_back(order_id=second) == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount, captures(gift)) == (("Settled", None), "20.00", 1)
    assert ProviderRequest.objects.filter(operation="open").count() == 2


@pytest.mark.parametrize("heard", ["return", "webhook", "worker"])
def test_the_old_order_approved_late_is_never_captured(gift, later, heard):
    """PayPal's clock is behind ours: it still lets the giver approve what we have replaced."""
    later(hours=4)
    second = gift.order_now()
    gift.paypal.now -= timedelta(hours=2)
    back = gift.paypal.approve(gift.order_id)
    if heard == "return":
        assert gift.lands_at(back) == gift.provider_url, "where it can be paid"
    elif heard == "webhook":
        gift.hear_the_last()
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, captures(gift), gift.order_now()) == (("Submitted", None), 0, second)
    gift.comes_back(order_id=second)
    for event in gift.paypal.webhooks_of(gift.order_id):
        assert hear(event) == 200
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.current_amount, captures(gift)) == (("Settled", None), "20.00", 1)
    assert (gift.order.status, gift.order.captures) == ("APPROVED", [])


def test_who_approved_in_time_and_comes_again_has_paid(gift, later, giver):
    """The browser was closed at PayPal's; the approval holds for three hours more."""
    later(hours=2)
    gift.paypal.approve(gift.order_id)
    later(hours=2)
    assert "Already given: thank you" in giver.visit(gift.provider_url).text
    assert (gift.status, captures(gift), len(gift.paypal.orders)) == (("Settled", None), 1, 1)


@pytest.mark.parametrize(
    ("goes_wrong", "status"),
    [
        ("given up", ("Canceled", "giver_cancelled")),
        ("refused", ("Failed", "payment_declined")),
        ("denied", ("Failed", "payment_declined")),
    ],
)
def test_after_a_no_another_order_is_paid(gift, goes_wrong, status):
    if goes_wrong == "given up":
        assert gift.lands_at(gift.paypal.give_up(gift.order_id)) == f"{PITY}?Id={gift.id}"
    elif goes_wrong == "refused":
        assert gift.comes_back("refused_after_all") == f"{PITY}?Id={gift.id}"
    else:
        gift.comes_back("under_review")
        gift.paypal.deny(gift.order.captures[0].id)
        gift.hear_everything()
    assert gift.status == status
    second = gift.order_now()
    assert (second != gift.order_id, gift.status) == (True, ("Submitted", None))
    assert gift.comes_back(order_id=second) == f"{THANKS}?Id={gift.id}"
    gift.hear_everything()
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")
    assert list(Checkout.objects.order_by("number").values_list("stage", flat=True)) == ["over", "taken"]


def test_while_a_review_lasts_there_is_no_second_order(gift, giver):
    """It may be taken yet."""
    gift.comes_back("under_review")
    page = giver.visit(gift.provider_url)
    assert (page.status, gift.status, len(gift.paypal.orders)) == (200, ("Pending", "under_review"), 1)


def test_who_is_declined_at_the_till_stays_with_the_order(gift):
    """PayPal lets them pay otherwise in the same order, and so does ProviderURL."""
    gift.comes_back("card_that_is_declined")
    assert (gift.order_now(), gift.status) == (gift.order_id, ("Submitted", None))


def test_where_paypal_is_silent_the_giver_waits(gift, later, giver):
    later(hours=4)
    gift.paypal.next("create", "error_503", times=9)
    waiting = giver.visit(gift.provider_url)
    assert (waiting.status, waiting.headers["Retry-After"], gift.status) == (503, "5", ("Submitted", None))
    gift.paypal.no_more_faults()
    later(seconds=60)
    second = gift.order_now()
    assert second != gift.order_id
    assert len({call.request_id for call in gift.paypal.calls_of("create")[1:]}) <= 2
    gift.comes_back(order_id=second)
    assert gift.status == ("Settled", None)


def test_nobody_comes_and_the_gift_fails_when_its_time_is_over(gift, later):
    """PayPal has forgotten the order long before; that alone fails nothing."""
    later(hours=4)
    sync_all_due()
    assert (gift.paypal.calls_of("get")[-1].status, gift.status) == (404, ("Submitted", None))
    later(hours=67)
    sync_all_due()
    assert gift.status == ("Submitted", None)
    later(hours=2)
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Failed", "checkout_expired")


def test_a_late_no_in_a_forgotten_order_cancels_the_gift(gift, later):
    later(hours=4)
    assert gift.lands_at(gift.order.cancel_url + f"?token={gift.order_id}") == f"{PITY}?Id={gift.id}"
    later(hours=69)
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Canceled", "giver_cancelled")
