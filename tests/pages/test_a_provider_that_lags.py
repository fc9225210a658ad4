"""The giver is back before the provider has heard that they agreed: the return asks again, and tells nobody of a cancel."""

import time

import pytest

from contributions.audit import faults_in_the_books
from contributions.worker import sync_all_due
from providers.base import PaymentState
from providers.errors import PayerActionRequired
from providers.sandbox.models import SandboxCheckout
from tests.contributions.conftest import Gift

pytestmark = pytest.mark.django_db

THANKS, PITY = "https://shop.example/thanks", "https://shop.example/pity"
OPEN = {"state": PaymentState.OPEN}


@pytest.fixture
def gift(provider, shop, giver, monkeypatch):
    """20.00 USD that can be paid with PayPal alone; the provider is asked in quick succession."""
    monkeypatch.setattr("pages.patience.LAG_SECONDS", 20)
    monkeypatch.setattr("pages.patience.LAG_PAUSES_SECONDS", (0.02,))
    yield Gift(shop, giver)
    assert list(faults_in_the_books()) == []


@pytest.fixture
def impatient(gift, monkeypatch):
    """A giver who waits for three questions or so."""
    monkeypatch.setattr("pages.patience.LAG_SECONDS", 0.1)


def refuses_as_not_approved(provider, times):
    """PayPal's ORDER_NOT_APPROVED: https://developer.paypal.com/api/rest/reference/orders/v2/errors/ (November 2026)."""

    def refused(call):
        raise PayerActionRequired("not_approved", "ORDER_NOT_APPROVED", correlation_id="debug-1")

    for operation in ("capture", "authorize"):
        provider._add(operation, refused, times)


@pytest.mark.parametrize("times", [1, 4])
@pytest.mark.parametrize(
    ("policy", "ends"), [("Immediate", "Settled"), ("Manual", "Authorized"), ("OnGoalReached", "Authorized")]
)
def test_an_order_that_is_still_open_is_asked_about_again(provider, shop, giver, gift, times, policy, ends):
    late = Gift(shop, giver, CapturePolicy=policy)
    provider.lies("find", times, **OPEN)
    assert late.pay() == THANKS
    assert (late.status, provider.calls["find"]) == (ends, times + 1)


@pytest.mark.parametrize("times", [1, 3])
def test_an_order_to_take_that_is_not_approved_is_given_again(gift, provider, times):
    """Each time under a request id of its own: a refused request would be refused for ever."""
    refuses_as_not_approved(provider, times)
    assert gift.pay() == THANKS
    assert (gift.status, gift.totals()) == ("Settled", ("20.00", "0.00"))
    assert len(set(provider.request_ids["capture"])) == times + 1


def test_both_at_once_and_with_an_address_to_act_at(gift, provider):
    provider.lies("find", 2, **OPEN)
    provider._add("capture", _sends_to_paypal, 1)
    assert gift.pay() == THANKS
    assert gift.status == "Settled"


def _sends_to_paypal(call):
    raise PayerActionRequired("not_approved", "no", correlation_id="debug-1", url="https://www.paypal.com/checkoutnow?token=X")


def test_who_changed_their_mind_twice_waits_as_well(gift, provider, giver):
    """Cancelled at PayPal's, went back, and approved the same order."""
    page = gift.page()
    assert gift.pay("cancel") == PITY
    SandboxCheckout.objects.update(state=SandboxCheckout.State.OPEN)
    provider.lies("find", 2, **OPEN)
    assert gift.pay(at=page) == THANKS
    assert gift.status == "Settled"


def test_a_provider_that_falls_silent_leaves_it_pending(gift, provider):
    provider.lies("find", 1, **OPEN)
    provider.drops_the_call("find")
    assert gift.pay() == THANKS
    assert (gift.status, gift.reason) == ("Pending", "provider_unreachable")


def test_who_settles_it_meanwhile_is_seen(gift, provider, monkeypatch):
    """A webhook, or the worker, is quicker than our next question."""
    provider.lies("find", 1, **OPEN)
    monkeypatch.setattr("pages.patience._pause", lambda seconds: sync_all_due(whether_due_or_not=True))
    assert gift.pay() == THANKS
    assert (gift.status, provider.calls["capture"]) == ("Settled", 1)


def test_where_no_news_comes_a_page_of_ours_says_so(gift, provider, giver, impatient):
    """It looks again by itself three times, then by a button, asks once each time, and ends where a return ends."""
    back = giver.choose(gift.provider_url, "approve")
    provider.lies("find", 99, **OPEN)
    first = giver.visit(back)
    assert (first.status, first.headers["Cache-Control"], gift.status) == (200, "no-store", "Submitted")
    for words in (
        "Not confirmed yet",
        "PayPal has not confirmed yet that you agreed",
        "Nothing was charged so far",
        "Anna&#x27;s Shop",
    ):
        assert words in first.text
    assert f'href="{PITY}?Id={gift.id}"' in first.text
    assert f'href="{gift.provider_url}">Go on to PayPal' in first.text
    for looks, seconds in ((1, 15), (2, 40)):
        before = provider.calls["find"]
        seen = giver.visit(f"{back}&looks={looks}")
        assert (provider.calls["find"] - before, f'content="{seconds};url=?' in seen.text) == (1, True)
    last = giver.visit(f"{back}&looks=3")
    assert ("http-equiv" in last.text, "Look again" in last.text, last.status) == (False, True, 200)
    provider._trouble.clear()
    assert giver.visit(f"{back}&looks=3").headers["Location"] == f"{THANKS}?Id={gift.id}"
    assert gift.status == "Settled"


def test_the_worker_takes_what_nobody_waited_for(gift, provider, giver, impatient):
    provider.lies("find", 99, **OPEN)
    assert giver.pay(gift.provider_url).status == 200
    provider._trouble.clear()
    sync_all_due(whether_due_or_not=True)
    assert gift.status == "Settled"


def test_a_decline_is_not_waited_for(gift, provider):
    began = time.monotonic()
    assert gift.pay("decline") == PITY
    assert (gift.status, provider.calls["find"], time.monotonic() - began < 10) == ("Failed", 1, True)


def test_the_cancel_link_counts_at_once(gift, provider):
    """There the giver has said what they want."""
    assert gift.pay("cancel") == PITY
    assert (gift.status, gift.reason, provider.calls["find"]) == ("Canceled", "giver_cancelled", 1)


def test_what_the_partner_withdraws_meanwhile_ends_the_waiting(gift, provider, giver, monkeypatch):
    back = giver.choose(gift.provider_url, "approve")
    provider.lies("find", 99, **OPEN)
    monkeypatch.setattr("pages.patience._pause", lambda seconds: gift.shop.delete(f"/api/Contribution/{gift.id}"))
    assert giver.visit(back).headers["Location"] == f"{PITY}?Id={gift.id}"
    assert gift.row.status == "Canceled"


def test_only_two_wait_for_one_gift(gift, provider, giver, impatient):
    """Whoever comes besides is shown the page at once: a crowd at one link does not hold every thread."""
    from pages import patience

    provider.lies("find", 99, **OPEN)
    back = giver.choose(gift.provider_url, "approve")
    with patience._place_for(gift.row) as one, patience._place_for(gift.row) as two, patience._place_for(gift.row) as three:
        assert (one, two, three) == (True, True, False)
        before = provider.calls["find"]
        assert giver.visit(back).status == 200
        assert provider.calls["find"] == before + 1
    assert patience._waiting == []
