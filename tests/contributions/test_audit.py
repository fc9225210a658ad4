"""The proof of the books finds what is wrong with them, and nothing else."""

import io

import pytest
from django.core.management import call_command

from contributions.causes import Cause
from contributions.models import Contribution, LedgerEntry
from contributions.sync import sync
from goals.models import SavingGoal
from providers.base import PaymentState
from tests.contributions.conftest import Gift

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_can_be_forged")]


def audit():
    """(exit status, what was printed)"""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("audit", stdout=out, stderr=err)
    except SystemExit as stopped:
        return stopped.code, out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def books(provider, shop, giver):
    """Two goals: one with a gift settled and one held, one with a cancelled gift."""
    settled, held, cancelled = Gift(shop, giver), Gift(shop, giver, CapturePolicy="Manual"), Gift(shop, giver)
    settled.pay("approve")
    held.pay("approve")
    cancelled.pay("cancel")
    return settled, held


def test_right_books_are_called_right(books):
    assert audit() == (0, "The books are right.\n")


def test_no_books_at_all_are_right(db):
    assert audit() == (0, "The books are right.\n")


def test_a_settled_total_that_is_off_by_a_cent_is_named(books):
    settled, _ = books
    SavingGoal.objects.filter(public_id=settled.goal_id).update(collected_minor=2001)
    assert audit() == (1, f"goal {settled.goal_id}: settled total is 20.01 USD, its ledger says 20.00\n")


def test_faults_are_counted_and_the_way_out_is_named(books):
    settled, _ = books
    SavingGoal.objects.filter(public_id=settled.goal_id).update(collected_minor=2001)
    err = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("audit", stdout=io.StringIO(), stderr=err)
    assert err.getvalue().splitlines() == [
        "1 faults in the books.",
        "Wrong totals of goals are put right by `manage.py rebuild_totals`.",
    ]


def test_an_authorized_total_that_is_off_is_named(books):
    _, held = books
    SavingGoal.objects.filter(public_id=held.goal_id).update(authorized_minor=0)
    assert audit() == (1, f"goal {held.goal_id}: authorized total is 0.00 USD, its ledger says 20.00\n")


def test_a_settled_contribution_without_its_capture_is_named(books):
    settled, _ = books
    LedgerEntry.objects.filter(contribution__public_id=settled.id).delete()
    SavingGoal.objects.filter(public_id=settled.goal_id).update(collected_minor=0)
    status, printed = audit()
    assert (status, printed) == (
        1,
        f"contribution {settled.id}: Settled with 0 captures, 0 of them over its own amount\n",
    )


def test_a_capture_for_what_was_never_settled_is_named(books):
    settled, _ = books
    Contribution.objects.filter(public_id=settled.id).update(status="Canceled")
    assert audit()[0] == 1


def test_a_capture_over_another_amount_is_named(books):
    settled, _ = books
    LedgerEntry.objects.filter(contribution__public_id=settled.id).update(amount_minor=1999)
    assert audit() == (1, f"contribution {settled.id}: Settled with 1 captures, 0 of them over its own amount\n")


# --- What a status says of the money has happened -----------------------------------------------------------------------


def says(contribution_id, what):
    """The audit's only fault is this one."""
    return audit() == (1, f"contribution {contribution_id}: {what}\n")


def test_an_authorized_contribution_that_is_not_held_is_named(books):
    _, held = books
    LedgerEntry.objects.filter(contribution__public_id=held.id).update(authorized_delta_minor=0)
    SavingGoal.objects.filter(public_id=held.goal_id).update(authorized_minor=0)
    assert says(
        held.id,
        "Authorized over 20.00 USD, but its entries say 0.00 held, 0.00 kept, 0.00 refunded, 0.00 taken back by the provider",
    )


@pytest.mark.parametrize("status", ["Submitted", "Pending", "Failed", "Canceled"])
def test_what_is_held_without_being_authorized_is_named(books, status):
    """What is held for a contribution that is not authorized is named."""
    _, held = books
    Contribution.objects.filter(public_id=held.id).update(status=status)
    assert says(
        held.id,
        f"{status} over 20.00 USD, but its entries say 20.00 held, 0.00 kept, 0.00 refunded, 0.00 taken back by the provider",
    )


@pytest.mark.parametrize("status", ["Refunded", "Reversed"])
def test_a_contribution_whose_money_never_went_back_is_named(books, status):
    settled, _ = books
    Contribution.objects.filter(public_id=settled.id).update(status=status)
    assert says(
        settled.id,
        f"{status} over 20.00 USD, but its entries say 0.00 held, 20.00 kept, 0.00 refunded, 0.00 taken back by the provider",
    )


def test_a_settled_contribution_that_was_refunded_whole_is_named(books):
    settled, _ = books
    assert settled.shop.post(f"/api/Contribution/{settled.id}/Refunds", "<Refund/>").status == 201
    assert audit()[0] == 0
    Contribution.objects.filter(public_id=settled.id).update(status="Settled")
    assert says(
        settled.id,
        "Settled over 20.00 USD, but its entries say 0.00 held, 0.00 kept, 20.00 refunded, 0.00 taken back by the provider",
    )


def test_a_settled_contribution_that_was_charged_back_is_named(books, provider):
    settled, _ = books
    provider.lies("find", state=PaymentState.REVERSED)
    sync(Contribution.objects.get(public_id=settled.id), cause=Cause.WEBHOOK)
    assert (settled.status, audit()[0]) == ("Reversed", 0)
    Contribution.objects.filter(public_id=settled.id).update(status="Settled")
    assert says(
        settled.id,
        "Settled over 20.00 USD, but its entries say 0.00 held, 0.00 kept, 0.00 refunded, 20.00 taken back by the provider",
    )
