"""The proof of the books finds what is wrong with them, and nothing else."""

import io

import pytest
from django.core.management import call_command

from contributions.models import Contribution, LedgerEntry, StatusChange
from goals.models import SavingGoal
from partners.registration import register
from providers.base import PaymentState
from tests import migrated
from tests.contributions.conftest import Gift

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_can_be_forged")]


NOTHING_BACK = "0.00 taken back, 0.00 refunded, 0.00 asked for (USD)"


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


def test_a_total_that_is_off_by_a_cent_is_named(books, capsys):
    settled, held = books
    SavingGoal.objects.filter(public_id=settled.goal_id).update(collected_minor=2001)
    SavingGoal.objects.filter(public_id=held.goal_id).update(authorized_minor=0)
    with pytest.raises(SystemExit, match="1"):
        call_command("audit")
    told = capsys.readouterr()
    assert sorted(told.out.splitlines()) == sorted(
        [
            f"goal {settled.goal_id}: settled total is 20.01 USD, its ledger says 20.00",
            f"goal {held.goal_id}: authorized total is 0.00 USD, its ledger says 20.00",
        ]
    )
    assert told.err.splitlines() == [
        "2 faults in the books.",
        "Wrong totals of goals are put right by `manage.py rebuild_totals`.",
    ]


@pytest.mark.skipif(migrated.partitions() > 0, reason="where tables are spread their foreign keys refuse such a row")
def test_a_row_of_another_partner_is_named(books):
    settled, other = books[0], register("Another Shop").partner
    change = StatusChange.objects.filter(contribution__public_id=settled.id).earliest("pk")
    StatusChange.objects.filter(pk=change.pk).update(partner=other)
    assert audit() == (1, f"status change {change.pk}: it is partner {other.pk}'s, and its contribution is not\n")


@pytest.mark.parametrize(
    ("forge", "fault"),
    [
        (
            lambda entries: (entries.delete(), SavingGoal.objects.update(collected_minor=0)),
            "Settled with 0 captures, 0.00 USD of them in all",
        ),
        (lambda entries: entries.update(amount_minor=2001), "Settled with 1 captures, 20.01 USD of them in all"),
        (lambda entries: entries.update(amount_minor=1999), f"says 20.00 taken, {NOTHING_BACK}, its rows say 19.99 taken, "),
    ],
    ids=["no capture", "a capture over too much", "a capture over a part that nobody was told of"],
)
def test_a_settled_contribution_without_its_capture_is_named(books, forge, fault):
    settled, _ = books
    forge(LedgerEntry.objects.filter(contribution__public_id=settled.id))
    assert audit()[1].startswith(f"contribution {settled.id}: {fault}")


def test_a_part_that_is_all_that_was_taken_is_right(books):
    """Where the gift says so too."""
    settled, _ = books
    entries = LedgerEntry.objects.filter(contribution__public_id=settled.id)
    entries.update(amount_minor=1500, collected_delta_minor=1500)
    SavingGoal.objects.filter(public_id=settled.goal_id).update(collected_minor=1500)
    assert audit()[0] == 1
    Contribution.objects.filter(public_id=settled.id).update(settled_minor=1500)
    assert audit()[0] == 0


def test_a_capture_for_what_was_never_settled_is_named(books):
    settled, _ = books
    Contribution.objects.filter(public_id=settled.id).update(status="Canceled")
    assert audit()[0] == 1


# --- What a status says of the money has happened -----------------------------------------------------------------------


def says(gift, what):
    """The audit's only fault is this one."""
    return audit() == (1, f"contribution {gift.id}: {what}\n")


def money(status, *, held=0, kept=0, refunded=0, taken_back=0):
    """The fault of a contribution whose entries say something else than its status."""
    return (
        f"{status} over 20.00 USD, but its entries say {held:.2f} held, {kept:.2f} kept, {refunded:.2f} refunded, "
        f"{taken_back:.2f} taken back by the provider"
    )


def test_an_authorized_contribution_that_is_not_held_is_named(books):
    _, held = books
    LedgerEntry.objects.filter(contribution__public_id=held.id).update(authorized_delta_minor=0)
    SavingGoal.objects.filter(public_id=held.goal_id).update(authorized_minor=0)
    assert says(held, money("Authorized"))


@pytest.mark.parametrize("status", ["Submitted", "Pending", "Failed", "Canceled"])
def test_what_is_held_without_being_authorized_is_named(books, status):
    _, held = books
    Contribution.objects.filter(public_id=held.id).update(status=status)
    assert says(held, money(status, held=20))


@pytest.mark.parametrize("status", ["Refunded", "Reversed"])
def test_a_contribution_whose_money_never_went_back_is_named(books, status):
    settled, _ = books
    Contribution.objects.filter(public_id=settled.id).update(status=status)
    assert says(settled, money(status, kept=20))


@pytest.mark.parametrize("how", ["refunded", "taken_back"])
def test_a_settled_contribution_whose_money_went_back_is_named(books, provider, how):
    settled, _ = books
    if how == "refunded":
        assert settled.refund().status == 201
    else:
        provider.lies("find", state=PaymentState.REVERSED, lost_minor=2000)
        settled.report()
    assert audit()[0] == 0
    Contribution.objects.filter(public_id=settled.id).update(status="Settled")
    assert says(settled, money("Settled", **{how: 20}))
