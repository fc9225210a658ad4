"""A provider that says "not before the giver has done something": a no to the order, not to the gift."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contributions.models import ProviderRequest
from contributions.worker import sync_all_due
from tests.contributions.conftest import PITY, THANKS, Gift

pytestmark = pytest.mark.django_db

AGAIN = "https://www.paypal.com/checkoutnow?token=5O190127TN364715T"


def test_a_giver_who_is_there_is_sent_back_to_act(gift, provider):
    provider.wants_the_giver("capture", AGAIN)
    answer = gift.giver.pay(gift.provider_url)
    assert (answer.status, answer.headers["Location"]) == (303, AGAIN)
    assert (gift.status, gift.reason, gift.version) == ("Submitted", None, "1")
    assert (gift.pay(), gift.status) == (THANKS, "Settled")
    assert len(set(provider.request_ids["capture"])) == 2
    outcomes = ProviderRequest.objects.filter(operation="capture").order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["refused", "answered"]


def test_without_an_address_to_act_at_it_stays_open(gift, provider):
    """Without an address the giver is told so, with a way to try again, and the gift stays open."""
    provider.wants_the_giver("capture")
    told = gift.giver.pay(gift.provider_url)
    assert (told.status, "declined the payment" in told.text, f'href="{gift.provider_url}">Try again' in told.text) == (
        200,
        True,
        True,
    )
    assert gift.status == "Submitted"


def test_who_presses_cancel_has_cancelled_all_the_same(gift, provider):
    """A giver who presses cancel has cancelled whatever could be mended."""
    back = gift.giver.choose(gift.provider_url, "approve").replace("/return/", "/cancel/")
    provider.wants_the_giver("capture", AGAIN)
    assert gift.giver.visit(back).headers["Location"].startswith(PITY)
    assert (gift.status, gift.reason) == ("Canceled", "giver_cancelled")


@pytest.mark.parametrize(
    ("operation", "trouble", "reason"),
    [("capture", "wants_the_giver", "instrument_declined"), ("find", "refuses", "checkout_expired")],
    ids=["wanted to act", "forgotten by the provider"],
)
def test_the_worker_leaves_it_open_until_its_time_is_over(gift, provider, moved_clock, operation, trouble, reason):
    gift.giver.choose(gift.provider_url, "approve")
    now = timezone.now()
    for hours, expected in ((0, ("Submitted", None)), (71, ("Submitted", None)), (73, ("Failed", reason))):
        moved_clock(now + timedelta(hours=hours))
        getattr(provider, trouble)(operation, "unknown_checkout" if operation == "find" else AGAIN)
        sync_all_due(whether_due_or_not=True)
        assert (gift.status, gift.reason) == expected


def test_an_unknown_outcome_that_wants_the_giver_stays_pending(gift, provider, moved_clock):
    provider.drops_the_call("capture")
    assert gift.pay() == THANKS
    provider.wants_the_giver("capture", AGAIN, times=2)
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.reason) == ("Pending", "provider_unreachable")
    moved_clock(timezone.now() + timedelta(hours=73))
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.reason) == ("Failed", "instrument_declined")


def test_a_forgotten_checkout_lets_no_held_money_go(provider, shop, giver):
    gift = Gift(shop, giver, CapturePolicy="Manual")
    gift.pay()
    provider.refuses("find", "unknown_checkout")
    assert gift.capture().value("Status") == "Authorized"
    sync_all_due(whether_due_or_not=True)
    assert gift.status == "Settled"
