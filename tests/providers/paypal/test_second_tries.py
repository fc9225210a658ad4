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


def test_after_four_hours_it_is_a_fresh_order_of_the_same_gift(gift, later, giver):
    """Where PayPal is silent, the giver waits for it."""
    later(hours=4)
    gift.paypal.next("create", "error_503", times=9)
    waiting = giver.visit(gift.provider_url)
    assert (waiting.status, waiting.headers["Retry-After"], gift.status) == (503, "5", ("Submitted", None))
    gift.paypal.no_more_faults()
    later(seconds=60)
    second = gift.order_now()
    assert (second != gift.order_id, gift.status, gift.value("RecordVersionNumber")) == (True, ("Submitted", None), "1")
    assert gift.page() == f"{gift.paypal.base_url}/checkoutnow?token={second}"
    first_call, *_, second_call = gift.paypal.calls_of("create")
    assert (first_call.json, first_call.request_id != second_call.request_id) == (second_call.json, True)
    assert len({call.request_id for call in gift.paypal.calls_of("create")[1:]}) <= 2
    assert gift.comes_back(order_id=second) == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount, captures(gift)) == (("Settled", None), "20.00", 1)
    opened = set(ProviderRequest.objects.filter(operation="open").values_list("request_id", flat=True))
    assert opened == {call.request_id for call in gift.paypal.calls_of("create")}


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


@pytest.mark.parametrize("goes_wrong", ["given up", "refused", "denied"])
def test_after_a_no_another_order_is_paid(gift, giver, goes_wrong):
    """While a review lasts there is none: the money may be taken yet."""
    if goes_wrong == "given up":
        assert gift.lands_at(gift.paypal.give_up(gift.order_id)) == f"{PITY}?Id={gift.id}"
    elif goes_wrong == "refused":
        assert gift.comes_back("refused_after_all") == f"{PITY}?Id={gift.id}"
    else:
        gift.comes_back("under_review")
        page = giver.visit(gift.provider_url)
        assert (page.status, gift.status, len(gift.paypal.orders)) == (200, ("Pending", "under_review"), 1)
        gift.paypal.deny(gift.order.captures[0].id)
        gift.hear_everything()
    assert gift.status == (("Canceled", "giver_cancelled") if goes_wrong == "given up" else ("Failed", "payment_declined"))
    second = gift.order_now()
    assert (second != gift.order_id, gift.status) == (True, ("Submitted", None))
    assert gift.comes_back(order_id=second) == f"{THANKS}?Id={gift.id}"
    gift.hear_everything()
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")
    assert list(Checkout.objects.order_by("number").values_list("stage", flat=True)) == ["over", "taken"]


@pytest.mark.parametrize("says_no", [False, True])
def test_an_order_that_paypal_forgot_fails_nothing_by_itself(says_no, gift, later):
    """Where nobody comes the gift's own time has to be over; a no in the forgotten order is believed then."""
    later(hours=4)
    sync_all_due()
    assert (gift.paypal.calls_of("get")[-1].status, gift.status) == (404, ("Submitted", None))
    if says_no:
        assert gift.lands_at(gift.order.cancel_url + f"?token={gift.order_id}") == f"{PITY}?Id={gift.id}"
    else:
        later(hours=67)
        sync_all_due()
        assert gift.status == ("Submitted", None)
    later(hours=69 if says_no else 2)
    sync_all_due(whether_due_or_not=True)
    assert gift.status == (("Canceled", "giver_cancelled") if says_no else ("Failed", "checkout_expired"))
