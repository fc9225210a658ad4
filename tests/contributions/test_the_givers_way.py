"""Every way in which a giver can come back, and every way in which a provider can answer."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contributions import leases
from contributions.causes import Cause
from contributions.checkout import sync
from contributions.models import Contribution, LedgerEntry, ProviderRequest, StatusChange
from contributions.worker import sync_all_due
from providers.base import PaymentState
from providers.sandbox.models import SandboxCheckout, SandboxRequest
from tests.contributions.conftest import Gift
from tests.troublesome_provider import ProcessDied

THANKS, PITY = "https://shop.example/thanks", "https://shop.example/pity"

pytestmark = pytest.mark.django_db


def history(gift):
    """(version, from, to, reason) of every change, oldest first."""
    return list(
        StatusChange.objects.filter(contribution__public_id=gift.id)
        .order_by("version")
        .values_list("version", "from_status", "to_status", "reason")
    )


def test_an_approved_gift_is_taken_when_the_giver_returns(gift, provider):
    assert gift.status == "Submitted"
    assert gift.pay("approve") == THANKS
    assert (gift.status, gift.reason, gift.version) == ("Settled", None, "2")
    assert gift.totals() == ("20.00", "0.00")
    assert history(gift) == [(1, "", "Submitted", ""), (2, "Submitted", "Settled", "")]
    assert provider.calls["capture"] == 1


def test_a_cancelled_gift_is_canceled_once_the_provider_says_that_nothing_was_approved(gift, provider):
    assert gift.pay("cancel") == PITY
    assert (gift.status, gift.reason) == ("Canceled", "giver_cancelled")
    assert gift.totals() == ("0.00", "0.00")
    assert (provider.calls["find"], provider.calls["capture"]) == (1, 0)


def test_a_declined_gift_has_failed(gift):
    assert gift.pay("decline") == PITY
    assert (gift.status, gift.reason) == ("Failed", "instrument_declined")


def test_a_pending_gift_is_thanked_for_and_resolved_by_the_worker(gift):
    assert gift.pay("pending") == THANKS
    assert (gift.status, gift.reason) == ("Pending", "under_review")
    assert gift.totals() == ("0.00", "0.00")
    assert sync_all_due(whether_due_or_not=True) == 1
    assert gift.status == "Settled"
    assert gift.totals() == ("20.00", "0.00")
    assert sync_all_due(whether_due_or_not=True) == 0


def test_the_same_return_twice_takes_the_money_once_and_bounces_the_same_way(gift, giver, provider):
    back = giver.choose(gift.provider_url, "approve")
    first, second = giver.visit(back), giver.visit(back)
    assert first.headers["Location"] == second.headers["Location"] == f"{THANKS}?Id={gift.id}"
    assert provider.calls["capture"] == 1
    assert gift.version == "2"
    assert LedgerEntry.objects.count() == 1


def test_a_cancel_link_opened_after_the_money_was_taken_changes_nothing(gift, giver, provider):
    gift.pay("approve")
    assert gift.pay("cancel") == THANKS
    assert (gift.status, gift.totals()) == ("Settled", ("20.00", "0.00"))


def test_a_cancel_link_is_not_believed_when_the_provider_says_that_the_giver_approved(gift, giver):
    back = giver.choose(gift.provider_url, "approve").replace("/return/", "/cancel/")
    assert giver.visit(back).headers["Location"] == f"{THANKS}?Id={gift.id}"
    assert gift.status == "Settled"


def test_a_return_link_opened_without_approving_takes_nothing_and_leaves_the_gift_open(gift, giver, provider):
    token = SandboxCheckout.objects.get().checkout_id
    forged = f"/providers/paypal/return/{gift.id}?token={token}&status=paid&PayerID=X&amount=20.00"
    assert giver.visit(forged).headers["Location"] == f"{PITY}?Id={gift.id}"
    assert gift.status == "Submitted"
    assert provider.calls["capture"] == 0
    assert gift.pay("approve") == THANKS


def test_a_token_that_does_not_match_changes_nothing_and_asks_nobody(gift, giver, provider):
    token = SandboxCheckout.objects.get().checkout_id
    giver.choose(gift.provider_url, "approve")
    tampered = [token[:-1], token + "x", token.swapcase(), "", token[:-1] + "é", "0", token + "\x00"]
    for wrong in tampered:
        answer = giver.visit(f"/providers/paypal/return/{gift.id}?token={wrong}")
        assert answer.status == 400
        assert "text/html" in answer.headers["Content-Type"]
    for query in ("", "?PayerID=1", f"?token={token}&token={token}", f"?TOKEN={token}"):
        assert giver.visit(f"/providers/paypal/return/{gift.id}{query}").status == 400
        assert giver.visit(f"/providers/paypal/cancel/{gift.id}{query}").status == 400
    assert provider.calls["find"] == 0
    assert gift.status == "Submitted"


def test_the_token_of_another_gift_does_not_open_this_one(gift, shop, giver):
    other = shop.new_contribution(gift.goal_id)
    back = giver.choose(other.value("ProviderURL"), "approve")
    swapped = back.replace(other.value("Id"), gift.id)
    assert giver.visit(swapped).status == 400
    assert gift.status == "Submitted"


@pytest.mark.parametrize(
    "path",
    [
        "/providers/paypal/return/2222222222222222222222?token=x",
        "/providers/paypal/cancel/2222222222222222222222?token=x",
        "/providers/paypal/return/..%2f..%2fetc?token=x",
        "/providers/nobody/return/2222222222222222222222?token=x",
        "/thank-you",
        "/thank-you?Id=2222222222222222222222",
        "/cancelled?Id=%00",
        "/pay/2222222222222222222222",
        "/sandbox/checkout/2222222222222222222222",
    ],
)
def test_an_unknown_gift_is_a_plain_404_page(db, giver, path):
    answer = giver.visit(path)
    assert answer.status == 404
    assert "text/html" in answer.headers["Content-Type"]
    assert "Location" not in answer.headers


def test_a_gift_is_not_found_under_another_providers_path(gift, giver):
    back = giver.choose(gift.provider_url, "approve").replace("/paypal/", "/stripe/")
    assert giver.visit(back).status == 404


def test_a_link_scanner_that_only_looks_settles_nothing(gift, giver, provider):
    back = giver.choose(gift.provider_url, "approve")
    assert giver.client.head(back.removeprefix("http://give.example.test")).status_code == 404
    assert giver.client.post(back.removeprefix("http://give.example.test")).status_code == 405
    assert gift.status == "Submitted"
    assert provider.calls["find"] == 0


# --- The provider does not answer -----------------------------------------------------------------------------------


def test_a_provider_that_is_silent_when_asked_leaves_the_gift_pending(gift, provider):
    provider.drops_the_call("find")
    assert gift.pay("approve") == THANKS
    assert (gift.status, gift.reason) == ("Pending", "provider_unreachable")
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.reason) == ("Settled", None)


@pytest.mark.parametrize("trouble", ["drops_the_call", "drops_the_answer"])
def test_a_capture_without_an_answer_is_asked_about_again_under_the_same_request_id(gift, provider, trouble):
    getattr(provider, trouble)("capture")
    assert gift.pay("approve") == THANKS
    assert (gift.status, gift.reason) == ("Pending", "provider_unreachable")
    assert gift.totals() == ("0.00", "0.00")
    sync_all_due(whether_due_or_not=True)
    assert gift.status == "Settled"
    assert gift.totals() == ("20.00", "0.00")
    assert len(set(provider.request_ids["capture"])) == 1
    assert SandboxRequest.objects.filter(operation="capture").count() == 1


def test_an_unknown_outcome_is_never_taken_for_a_failure_however_long_the_silence(gift, provider):
    provider.drops_the_answer("capture")
    provider.drops_the_call("find", times=20)
    gift.pay("approve")
    for _ in range(19):
        sync_all_due(whether_due_or_not=True)
        assert gift.status == "Pending"
    provider._trouble.clear()
    sync_all_due(whether_due_or_not=True)
    assert gift.status == "Settled"


def test_a_cancel_that_cannot_be_checked_is_not_believed(gift, provider):
    provider.drops_the_call("find")
    assert gift.pay("cancel") == PITY
    assert gift.status == "Submitted"


def test_a_refused_capture_is_a_failure_with_its_reason(gift, provider):
    provider.refuses("capture", "instrument_declined")
    assert gift.pay("approve") == PITY
    assert (gift.status, gift.reason) == ("Failed", "instrument_declined")
    request = ProviderRequest.objects.get(operation="capture")
    assert (request.outcome, request.correlation_id) == ("refused", "debug-1")


def test_after_a_definite_no_a_second_try_in_the_same_checkout_is_a_new_request_and_settles(gift, provider):
    provider.refuses("capture")
    gift.pay("approve")
    assert gift.pay("approve") == THANKS
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
def test_an_approved_payment_that_does_not_match_is_never_captured(gift, provider, lie, reason):
    provider.lies("find", **lie)
    assert gift.pay("approve") == PITY
    assert (gift.status, gift.reason) == ("Failed", reason)
    assert provider.calls["capture"] == 0
    assert gift.totals() == ("0.00", "0.00")


def test_a_capture_over_another_amount_is_not_counted_and_waits_for_a_person(gift, provider):
    provider.lies("capture", amount_minor=1999)
    assert gift.pay("approve") == THANKS
    assert (gift.status, gift.reason) == ("Pending", "amount_mismatch")
    assert gift.totals() == ("0.00", "0.00")
    assert LedgerEntry.objects.count() == 0


@pytest.mark.parametrize(("state", "status"), [(PaymentState.VOIDED, "Canceled"), (PaymentState.DECLINED, "Failed")])
def test_what_the_provider_ended_is_over(gift, provider, state, status):
    provider.lies("find", state=state)
    gift.pay("approve")
    assert gift.status == status


# --- Money wins -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["cancel", "decline"])
def test_a_giver_who_changes_their_mind_in_the_same_checkout_has_given(gift, first):
    assert gift.pay(first) == PITY
    assert gift.pay("approve") == THANKS
    assert gift.status == "Settled"
    assert gift.totals() == ("20.00", "0.00")


def test_a_giver_who_approves_after_the_checkout_expired_has_given(gift, settings):
    settings.CHECKOUT_EXPIRY_HOURS = 0
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.reason) == ("Failed", "checkout_expired")
    assert gift.pay("approve") == THANKS
    assert gift.status == "Settled"


def test_what_the_client_deleted_stays_canceled_and_nothing_is_taken(gift, shop, giver, provider):
    assert shop.delete(f"/api/Contribution/{gift.id}").status == 204
    answer = giver.pay(gift.provider_url, "approve")
    assert answer.headers["Location"] == f"{PITY}?Id={gift.id}"
    contribution = Contribution.objects.get(public_id=gift.id)
    assert (contribution.status, contribution.status_reason) == ("Canceled", "client_deleted")
    assert provider.calls["capture"] == 0


# --- Nobody comes back ----------------------------------------------------------------------------------------------


def test_a_giver_who_approves_and_closes_the_browser_is_not_lost(gift, giver):
    giver.choose(gift.provider_url, "approve")
    sync_all_due(whether_due_or_not=True)
    assert gift.status == "Settled"


def test_a_giver_who_never_comes_back_is_given_up_after_the_expiry_and_not_before(gift, settings):
    contribution = Contribution.objects.get()
    almost = timezone.now() - timedelta(hours=settings.CHECKOUT_EXPIRY_HOURS) + timedelta(minutes=1)
    Contribution.objects.update(created_at=almost)
    sync_all_due(whether_due_or_not=True)
    assert gift.status == "Submitted"
    Contribution.objects.update(created_at=almost - timedelta(minutes=2))
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.reason) == ("Failed", "checkout_expired")
    contribution.refresh_from_db()
    assert contribution.due_at is None


def test_the_worker_asks_at_growing_intervals_and_only_about_what_is_due(gift, provider):
    waits = []
    for _ in range(18):
        due_at = Contribution.objects.get().due_at
        waits.append((due_at - timezone.now()).total_seconds())
        assert sync_all_due() == 0
        Contribution.objects.update(due_at=timezone.now())
        assert sync_all_due() == 1
    assert provider.calls["find"] == 18
    for wait, pace in zip(waits, [*leases.PACE_SECONDS, 86400, 86400], strict=True):
        assert 0.7 * pace < wait <= 1.2 * pace


def test_a_gift_that_has_moved_is_asked_about_soon_again(gift, provider):
    Contribution.objects.update(attempts=9)
    provider.drops_the_call("find")
    gift.pay("approve")
    assert gift.status == "Pending"
    wait = (Contribution.objects.get().due_at - timezone.now()).total_seconds()
    assert 0 < wait <= 6


def test_one_gift_that_goes_wrong_does_not_keep_the_others_waiting(gift, shop, giver, provider, caplog):
    other = Gift(shop, giver)
    for one in (gift, other):
        giver.choose(one.provider_url, "approve")
    provider.lies("find", no_such_field=1)  # a TypeError inside our own code
    assert sync_all_due(whether_due_or_not=True) == 2
    assert (gift.status, other.status) == ("Submitted", "Settled")
    assert "follow-up failed" in caplog.text
    sync_all_due(whether_due_or_not=True)
    assert gift.status == "Settled"


# --- Somebody else is at it, or died at it --------------------------------------------------------------------------


def test_while_one_finds_out_another_only_looks(gift, giver, provider):
    giver.choose(gift.provider_url, "approve")
    contribution = Contribution.objects.get()
    assert leases.take(contribution) is not None
    assert sync(contribution, cause=Cause.WORKER).status == "Submitted"
    assert provider.calls["find"] == 0


@pytest.mark.parametrize("after", [False, True], ids=["before the capture", "after the capture"])
def test_a_process_that_dies_at_the_capture_is_overtaken_when_its_lease_ends(gift, giver, provider, after, monkeypatch):
    back = giver.choose(gift.provider_url, "approve")
    provider.crashes("capture", after=after)
    monkeypatch.setattr(leases, "release", lambda *_, **__: None)  # the dead release nothing
    with pytest.raises(ProcessDied):
        giver.visit(back)
    monkeypatch.undo()
    # undo() took the troublesome provider away too; the simulator behind it has the same books
    assert gift.status == "Submitted"
    sync_all_due(whether_due_or_not=True)
    assert gift.status == "Submitted"
    Contribution.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    sync_all_due(whether_due_or_not=True)
    assert gift.status == "Settled"
    assert SandboxRequest.objects.filter(operation="capture").count() == 1
    assert ProviderRequest.objects.filter(operation="capture").count() == 1


def test_a_worker_that_slept_through_its_lease_writes_nothing(gift, giver, provider):
    """The zombie asks, sleeps, and wakes up after somebody else has settled the gift."""

    def somebody_else_settles():
        Contribution.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        sync(Contribution.objects.get(), cause=Cause.WORKER)

    back = giver.choose(gift.provider_url, "approve")
    provider.meanwhile("find", somebody_else_settles)
    assert giver.visit(back).headers["Location"] == f"{THANKS}?Id={gift.id}"
    assert gift.version == "2"
    assert LedgerEntry.objects.count() == 1
    assert gift.totals() == ("20.00", "0.00")


# --- Opening a checkout ---------------------------------------------------------------------------------------------


def test_nobody_sees_a_contribution_before_its_checkout_is_open(gift, shop, provider):
    seen = []
    provider.meanwhile(
        "open", lambda: seen.append(shop.get(f"/api/SavingGoal/{gift.goal_id}/Contributions").text.count("<Id>"))
    )
    shop.new_contribution(gift.goal_id)
    assert seen == [1]


def test_a_goal_deleted_while_a_checkout_is_opened_takes_no_gift(gift, shop, provider):
    provider.meanwhile("open", lambda: shop.delete(f"/api/SavingGoal/{gift.goal_id}"))
    answer = shop.post(
        f"/api/SavingGoal/{gift.goal_id}/Contributions",
        "<Contribution><Amount>1</Amount><Contributor>Eve</Contributor></Contribution>",
    )
    assert (answer.status, answer.value("code")) == (409, "goal_is_gone")
    assert set(Contribution.objects.values_list("status", flat=True)) == {"Canceled"}


@pytest.mark.parametrize("after", [False, True])
def test_a_process_that_dies_while_opening_leaves_nothing_that_stays_open(gift, shop, provider, after):
    provider.crashes("open", after=after)
    with pytest.raises(ProcessDied):
        shop.new_contribution(gift.goal_id)
    left = Contribution.objects.latest("pk")
    sync_all_due(whether_due_or_not=True)
    left.refresh_from_db()
    assert left.status == "Submitted", "whoever is opening it has a minute to do so"
    Contribution.objects.filter(pk=left.pk).update(created_at=timezone.now() - timedelta(minutes=2))
    sync_all_due(whether_due_or_not=True)
    left.refresh_from_db()
    assert (left.status, left.status_reason, left.due_at) == ("Failed", "checkout_not_opened", None)
