"""Every way in which a giver can come back, and every way in which a provider can answer."""

from datetime import timedelta

import pytest
from django.utils import timezone

import leases
from contributions import pace
from contributions.causes import Cause
from contributions.models import Checkout, Contribution, ProviderRequest, StatusChange
from contributions.sync import sync
from contributions.worker import sync_all_due
from providers.base import PaymentState
from providers.sandbox.models import SandboxCheckout, SandboxRequest
from tests.contributions.conftest import PITY, THANKS, Gift
from tests.troublesome_provider import ProcessDied

pytestmark = pytest.mark.django_db


def test_an_approved_gift_is_taken_when_the_giver_returns(gift, giver, provider):
    assert gift.status == "Submitted"
    page = gift.page()
    back = giver.choose(page, "approve")
    first, second = giver.visit(back), giver.visit(back)
    assert first.headers["Location"] == second.headers["Location"] == f"{THANKS}?Id={gift.id}"
    assert gift.pay("cancel", at=page) == THANKS, "a cancel link opened later changes nothing"
    assert (gift.status, gift.reason, gift.version, gift.totals()) == ("Settled", None, "2", ("20.00", "0.00"))
    history = StatusChange.objects.order_by("version").values_list("version", "from_status", "to_status", "reason")
    assert list(history) == [(1, "", "Submitted", ""), (2, "Submitted", "Settled", "")]
    assert (provider.calls["capture"], gift.entries()) == (1, ["capture"])


@pytest.mark.parametrize(
    ("outcome", "where", "status", "reason", "asked_again"),
    [
        ("cancel", PITY, "Canceled", "giver_cancelled", "Canceled"),
        ("decline", PITY, "Failed", "instrument_declined", "Failed"),
        ("pending", THANKS, "Pending", "under_review", "Settled"),
    ],
)
def test_a_giver_is_believed_once_the_provider_agrees(gift, provider, outcome, where, status, reason, asked_again):
    assert gift.pay(outcome) == where
    assert (gift.status, gift.reason, gift.totals()) == (status, reason, ("0.00", "0.00"))
    assert (provider.calls["find"], provider.calls["capture"]) == (1, int(outcome == "pending"))
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.totals()[0]) == (asked_again, "20.00" if asked_again == "Settled" else "0.00")


def test_a_cancel_link_does_not_cancel_what_is_approved(gift, giver):
    back = giver.choose(gift.provider_url, "approve").replace("/return/", "/cancel/")
    assert (giver.visit(back).headers["Location"], gift.status) == (f"{THANKS}?Id={gift.id}", "Settled")


def test_a_return_link_without_approval_takes_nothing(gift, giver, provider):
    token = SandboxCheckout.objects.get().checkout_id
    forged = f"/providers/paypal/return/{gift.id}?token={token}&status=paid&PayerID=X&amount=20.00"
    told = giver.visit(forged)
    assert (told.status, "Not confirmed yet" in told.text) == (200, True)
    assert gift.status == "Submitted"
    assert provider.calls["capture"] == 0
    assert gift.pay("approve") == THANKS


def test_a_wrong_token_changes_nothing_and_asks_nobody(gift, shop, giver, provider):
    token = SandboxCheckout.objects.get().checkout_id
    other = shop.new_contribution(gift.goal_id)
    of_another_gift = giver.choose(other.value("ProviderURL"), "approve").partition("token=")[2]
    giver.choose(gift.provider_url, "approve")
    tampered = [token[:-1], token + "x", token.swapcase(), "", token[:-1] + "é", "0", token + "\x00", of_another_gift]
    for wrong in tampered:
        answer = giver.visit(f"/providers/paypal/return/{gift.id}?token={wrong}")
        assert answer.status == 400
        assert "text/html" in answer.headers["Content-Type"]
    for query in ("", "?PayerID=1", f"?token={token}&token={token}", f"?TOKEN={token}"):
        assert giver.visit(f"/providers/paypal/return/{gift.id}{query}").status == 400
        assert giver.visit(f"/providers/paypal/cancel/{gift.id}{query}").status == 400
    assert giver.visit(f"/providers/stripe/return/{gift.id}?token={token}").status == 404, "it is no Stripe gift"
    assert provider.calls["find"] == 0
    assert gift.status == "Submitted"


UNKNOWN = ("thank-you", "thank-you?Id=2222222222222222222222", "cancelled?Id=%00", "pay/2222222222222222222222")
UNKNOWN += ("sandbox/checkout/2222222222222222222222", "providers/paypal/return/..%2f..%2fetc?token=x")
UNKNOWN += tuple(
    f"providers/{way}/2222222222222222222222?token=x" for way in ("paypal/return", "paypal/cancel", "nobody/return")
)


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_gift_is_a_plain_404_page(db, giver, path):
    answer = giver.visit(f"/{path}")
    assert answer.status == 404
    assert "text/html" in answer.headers["Content-Type"]
    assert "Location" not in answer.headers


def test_a_link_scanner_that_only_looks_settles_nothing(gift, giver, provider):
    back = giver.choose(gift.provider_url, "approve").removeprefix("http://give.example.test")
    assert (giver.client.head(back).status_code, giver.client.post(back).status_code) == (200, 405)
    assert (gift.status, provider.calls["find"]) == ("Submitted", 0)


# --- The provider does not answer -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("operation", "trouble"), [("find", "call"), ("capture", "call"), ("capture", "answer")])
def test_without_an_answer_it_is_pending_and_asked_again(gift, provider, operation, trouble):
    """An unknown outcome is never a failure, and is asked about under the same request id."""
    getattr(provider, f"drops_the_{trouble}")(operation)
    assert gift.pay("approve") == THANKS
    assert (gift.status, gift.reason, gift.totals()) == ("Pending", "provider_unreachable", ("0.00", "0.00"))
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.reason, gift.totals()) == ("Settled", None, ("20.00", "0.00"))
    assert len(set(provider.request_ids["capture"])) == SandboxRequest.objects.filter(operation="capture").count() == 1


def test_however_long_the_silence_it_is_no_failure(gift, provider):
    provider.drops_the_answer("capture")
    provider.drops_the_call("find", times=20)
    gift.pay("approve")
    for _ in range(21):
        assert gift.status == "Pending"
        sync_all_due(whether_due_or_not=True)
    assert gift.status == "Settled"


def test_a_cancel_that_cannot_be_checked_is_not_believed(gift, provider):
    provider.drops_the_call("find")
    assert (gift.pay("cancel"), gift.status) == (PITY, "Submitted")


def test_a_refused_capture_fails_and_a_second_try_is_new(gift, provider):
    """After a definite no, a second try in the same checkout is a new request, and can settle."""
    page = gift.page()
    provider.refuses("capture", "instrument_declined")
    assert gift.pay("approve", at=page) == PITY
    assert (gift.status, gift.reason) == ("Failed", "instrument_declined")
    request = ProviderRequest.objects.get(operation="capture")
    assert (request.outcome, request.correlation_id) == ("refused", "debug-1")
    assert gift.pay("approve", at=page) == THANKS
    assert gift.status == "Settled"
    assert len(set(provider.request_ids["capture"])) == 2


# --- The provider says something that does not fit ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        ({"amount_minor": 1999}, "amount_mismatch"),
        ({"amount_minor": 200000}, "amount_mismatch"),
        ({"currency": "JPY"}, "currency_mismatch"),
        ({"payee": "mallory@example.org"}, "payee_mismatch"),
        ({"reference": "2222222222222222222222"}, "reference_mismatch"),
    ],
)
def test_an_approval_that_does_not_match_is_never_captured(gift, provider, lie, reason):
    provider.lies("find", **lie)
    assert gift.pay("approve") == PITY
    assert (gift.status, gift.reason, gift.totals()) == ("Failed", reason, ("0.00", "0.00"))
    assert provider.calls["capture"] == 0


def test_a_capture_over_another_amount_waits_for_a_person(gift, provider):
    provider.lies("capture", amount_minor=1999)
    assert gift.pay("approve") == THANKS
    assert (gift.status, gift.reason, gift.totals(), gift.entries()) == ("Pending", "amount_mismatch", ("0.00", "0.00"), [])


@pytest.mark.parametrize(("state", "status"), [(PaymentState.VOIDED, "Canceled"), (PaymentState.DECLINED, "Failed")])
def test_what_the_provider_ended_is_over(gift, provider, state, status):
    provider.lies("find", state=state)
    gift.pay("approve")
    assert gift.status == status


# --- Money wins -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["cancel", "decline"])
def test_who_approves_after_all_in_the_same_page_has_given(gift, first):
    page = gift.page()
    assert gift.pay(first, at=page) == PITY
    assert gift.pay("approve", at=page) == THANKS
    assert (gift.status, gift.totals()) == ("Settled", ("20.00", "0.00"))


def test_who_approves_after_the_checkout_expired_has_given(gift, settings):
    page = gift.page()
    settings.CHECKOUT_EXPIRY_HOURS = 0
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.reason) == ("Failed", "checkout_expired")
    assert gift.pay("approve", at=page) == THANKS
    assert gift.status == "Settled"


def test_of_what_the_client_deleted_nothing_is_taken(gift, shop, provider):
    page = gift.page()
    assert shop.delete(f"/api/Contribution/{gift.id}").status == 204
    assert gift.pay("approve", at=page) == PITY
    assert (gift.row.status, gift.row.status_reason) == ("Canceled", "client_deleted")
    assert provider.calls["capture"] == 0


# --- Nobody comes back ----------------------------------------------------------------------------------------------


def test_who_approves_and_closes_the_browser_is_not_lost(gift, giver):
    giver.choose(gift.provider_url, "approve")
    sync_all_due(whether_due_or_not=True)
    assert gift.status == "Settled"


def test_who_never_comes_back_is_given_up_and_not_before(gift, settings):
    almost = timezone.now() - timedelta(hours=settings.CHECKOUT_EXPIRY_HOURS) + timedelta(minutes=1)
    Contribution.objects.update(created_at=almost)
    sync_all_due(whether_due_or_not=True)
    assert gift.status == "Submitted"
    Contribution.objects.update(created_at=almost - timedelta(minutes=2))
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.reason) == ("Failed", "checkout_expired")
    assert gift.checkout.due_at is None


def test_the_worker_asks_at_growing_intervals(gift, provider):
    waits = []
    for _ in range(18):
        waits.append((gift.checkout.due_at - timezone.now()).total_seconds())
        assert sync_all_due() == 0, "only about what is due"
        Checkout.objects.update(due_at=timezone.now())
        assert sync_all_due() == 1
    assert provider.calls["find"] == 18
    for wait, seconds in zip(waits, [*pace.PACE_SECONDS, 86400, 86400], strict=True):
        assert 0.7 * seconds < wait <= 1.2 * seconds


def test_a_gift_that_has_moved_is_asked_about_soon_again(gift, provider):
    Checkout.objects.update(attempts=9)
    provider.drops_the_call("find")
    gift.pay("approve")
    assert gift.status == "Pending"
    assert 0 < (gift.checkout.due_at - timezone.now()).total_seconds() <= 6


def test_one_that_goes_wrong_does_not_keep_others_waiting(gift, shop, giver, provider, caplog):
    other = Gift(shop, giver)
    for one in (gift, other):
        giver.choose(one.provider_url, "approve")
    provider.lies("find", no_such_field=1)  # a TypeError inside our own code
    assert sync_all_due(whether_due_or_not=True) == 2
    assert (gift.status, other.status) == ("Submitted", "Settled")
    assert "sync failed" in caplog.text
    sync_all_due(whether_due_or_not=True)
    assert gift.status == "Settled"


# --- Somebody else is at it, or died at it --------------------------------------------------------------------------


def test_while_one_finds_out_another_only_looks(gift, giver, provider):
    giver.choose(gift.provider_url, "approve")
    assert leases.take(gift.checkout) is not None
    result = sync(gift.row, cause=Cause.WORKER)
    assert (result.contribution.status, result.asked) == ("Submitted", False)
    assert provider.calls["find"] == 0


@pytest.mark.parametrize("after", [False, True], ids=["before the capture", "after the capture"])
def test_who_dies_at_the_capture_is_overtaken(gift, giver, provider, after, monkeypatch):
    """Not before the lease of the dead ends; then the worker goes on under the same request id."""
    back = giver.choose(gift.provider_url, "approve")
    provider.crashes("capture", after=after)
    with monkeypatch.context() as death:
        death.setattr(leases, "release", lambda *_, **__: None)  # the dead release nothing
        with pytest.raises(ProcessDied):
            giver.visit(back)
    sync_all_due(whether_due_or_not=True)
    assert gift.status == "Submitted"
    Checkout.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    sync_all_due(whether_due_or_not=True)
    assert gift.status == "Settled"
    assert SandboxRequest.objects.filter(operation="capture").count() == 1
    assert ProviderRequest.objects.filter(operation="capture").count() == 1


def test_a_worker_that_slept_through_its_lease_writes_nothing(gift, giver, provider):
    """It asks, sleeps, and wakes up after somebody else has settled the gift."""

    def somebody_else_settles():
        Checkout.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        gift.report()

    back = giver.choose(gift.provider_url, "approve")
    provider.meanwhile("find", somebody_else_settles)
    assert giver.visit(back).headers["Location"] == f"{THANKS}?Id={gift.id}"
    assert (gift.version, gift.entries(), gift.totals()) == ("2", ["capture"], ("20.00", "0.00"))
