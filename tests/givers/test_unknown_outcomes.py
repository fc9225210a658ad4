"""A gift under a permission whose outcome is unknown, or that many ask for at once.

Every fault between the record and the answer: never two payments, never more than the limit, and room is given back once.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from contributions.causes import Cause
from contributions.models import Checkout, ProviderRequest
from contributions.sync import sync
from contributions.worker import sync_all_due
from givers import permissions
from givers.models import Permission
from providers.sandbox.models import SandboxCheckout, SandboxPermission
from tests.givers.charged import charged, the_gift, used
from tests.troublesome_provider import ProcessDied

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("limits_hold")]


# --- Unknown --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["drops_the_call", "drops_the_answer"])
def test_silence_is_unknown_and_asked_again(ann, trouble, later, fault):
    """Under the same request id; nothing else is opened meanwhile, and /pay/{id} says so."""
    ann.permission()
    getattr(trouble, fault)("charge", 3)
    made = ann.post_gift()
    assert (made.status, made.value("Status"), made.value("StatusReason")) == (201, "Pending", "provider_unreachable")
    assert used() == 2000
    page = ann.browser.visit(made.value("ProviderURL"))
    assert (page.status, trouble.calls["open"]) == (200, 0)
    assert ann.shop.delete(f"/api/Contribution/{made.value('Id')}").status == 409
    for minutes in (1, 3, 10, 30):
        later(minutes=minutes)
        sync_all_due()
    assert (the_gift().status, used(), charged().count()) == ("Settled", 2000, 1)
    assert len(set(trouble.request_ids["charge"])) == 1
    assert the_gift().checkouts.count() == 1


def test_made_and_then_not_told_how_it_stands(ann, trouble, later):
    ann.permission()
    trouble.drops_the_call("find")
    assert ann.post_gift().value("Status") == "Pending"
    later(minutes=1)
    sync_all_due()
    assert (the_gift().status, trouble.calls["charge"]) == ("Settled", 1)


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("then", ["the client", "the worker", "the giver"])
def test_who_dies_over_it_leaves_a_gift_that_is_paid_once(ann, trouble, later, after, then):
    ann.permission()
    trouble.crashes("charge", after=after)
    with pytest.raises(ProcessDied):
        ann.post_gift(Idempotency_Key="gift-1")
    assert the_gift().status == "Submitted"
    later(minutes=3)
    if then == "the client":
        assert ann.post_gift(Idempotency_Key="gift-1").value("Status") == "Settled"
    elif then == "the giver":
        assert ann.browser.visit(the_gift().pay_url).status == 200
    else:
        sync_all_due()
    assert (the_gift().status, used(), charged().count()) == ("Settled", 2000, 1)
    assert (len(set(trouble.request_ids["charge"])), trouble.calls["open"]) == (1, 0)


def _dies_before_the_order_is_stored(ann, monkeypatch):
    def dies(*told, **how):
        raise ProcessDied

    with monkeypatch.context() as patch:
        patch.setattr("contributions.giving.sync", dies)
        with pytest.raises(ProcessDied):
            ann.post_gift()


def test_a_process_that_dies_before_the_order_is_stored(ann, monkeypatch, later):
    """The gift is recorded, and its room is taken: the worker has it paid."""
    ann.permission()
    _dies_before_the_order_is_stored(ann, monkeypatch)
    assert (used(), ProviderRequest.objects.filter(operation="charge").count()) == (2000, 0)
    later(minutes=1)
    sync_all_due()
    assert (the_gift().status, used()) == ("Settled", 2000)


def test_revoked_before_the_order_was_stored(ann, monkeypatch, later):
    """Then it is not paid under it, and its room is given back; the giver can pay it."""
    permission = ann.permission()
    _dies_before_the_order_is_stored(ann, monkeypatch)
    permissions.revoke(permission, "giver_revoked")
    later(minutes=1)
    sync_all_due()
    assert (the_gift().status, used(), charged().count()) == ("Submitted", 0, 0)
    ann.browser.pay(the_gift().pay_url)
    assert the_gift().status == "Settled"


@pytest.mark.parametrize("arrived", [False, True])
def test_revoked_while_the_outcome_is_unknown(ann, trouble, later, arrived):
    """The token is not used again before the provider has confirmed that it takes it no more; then it only repeats itself."""
    permission = ann.permission()
    (trouble.drops_the_answer if arrived else trouble.drops_the_call)("charge")
    assert ann.post_gift().value("Status") == "Pending"
    trouble.drops_the_call("revoke", 2)
    permissions.revoke(Permission.objects.select_related("giver__partner").get(), "giver_revoked")
    before = trouble.calls["charge"]
    sync(the_gift(), cause=Cause.WORKER)
    assert trouble.calls["charge"] == before, "the provider may still take it"
    for minutes in (10, 30, 90):
        later(minutes=minutes)
        sync_all_due(whether_due_or_not=True)
    permission.refresh_from_db()
    assert permission.told_at is not None
    if arrived:
        assert (the_gift().status, used(), charged().count()) == ("Settled", 2000, 1)
    else:
        assert (the_gift().status, used()) == ("Failed", 0)
        assert not charged().filter(state="captured").exists()


def test_a_goal_deleted_while_the_outcome_is_unknown(ann, trouble, later):
    """What was taken is given back; its room is not, since it was taken."""
    ann.permission()
    trouble.drops_the_answer("charge")
    assert ann.post_gift().value("Status") == "Pending"
    assert ann.shop.delete(f"/api/SavingGoal/{ann.goal_id}").status == 204
    for minutes in (1, 5, 30):
        later(minutes=minutes)
        sync_all_due(whether_due_or_not=True)
    gift = the_gift()
    assert (gift.refunded_minor, gift.settled_minor) == (2000, 2000)
    assert SandboxCheckout.objects.get().refunds.get().amount_minor == 2000


# --- At once --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_16_gifts_at_once_never_exceed_the_total(ann, room_for_everybody):
    """5 of 20.00 fit into 100.00; the others are paid as usual."""
    ann.permission()
    start = threading.Barrier(16)

    def give(number):
        start.wait(timeout=60)
        try:
            return ann.post_gift(Idempotency_Key=f"gift-{number}").value("Status")
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(give, range(16)))
    assert sorted(statuses) == ["Settled"] * 5 + ["Submitted"] * 11
    assert (used(), charged().filter(state="captured").count()) == (10000, 5)


def test_room_is_given_back_once_however_many_look(ann, later):
    ann.permission()
    ann.post_gift(Sandbox_Scenario="review_denied")
    later(minutes=1)
    for cause in (Cause.WORKER, Cause.CLIENT, Cause.RETURN):
        sync(the_gift(), cause=cause)
    assert (used(), Checkout.objects.get().permission_minor) == (0, None)


def test_a_revocation_at_the_provider_is_no_second_payment(ann, later):
    """Revoked there while a gift is Pending here: the review goes on, and is asked about as ever."""
    ann.permission()
    ann.post_gift(Sandbox_Scenario="review_passed")
    SandboxPermission.objects.update(state="revoked")
    later(hours=30)
    sync_all_due()
    assert (the_gift().status, Permission.objects.get().state) == ("Settled", "Revoked")
