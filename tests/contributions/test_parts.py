"""Parts of a payment, taken or taken back anywhere, are booked as those parts, in whatever order they are heard of."""

import itertools

import pytest
from django.core.management import call_command

from contributions.audit import faults_in_the_books
from contributions.causes import Cause
from contributions.models import Checkout, LedgerEntry, Refund
from contributions.sync import sync
from contributions.worker import sync_all_due
from providers.base import PaymentState, ProviderRefund, RefundState
from providers.sandbox.models import SandboxCheckout, SandboxRefund
from tests.contributions.conftest import Gift

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(provider, shop, giver):
    gift = Gift(shop, giver, CapturePolicy="Manual")
    gift.pay("approve")
    return gift


@pytest.fixture
def settled(gift):
    gift.pay("approve")
    return gift


def told(provider, gift, **of_the_payment):
    """The provider says this of the payment from now on, and somebody asks."""
    provider.lies("find", 3, **of_the_payment)
    sync(gift.row, cause=Cause.WEBHOOK)
    assert list(faults_in_the_books()) == []
    provider._trouble.pop("find", None)


def by_dashboard(amount_minor, number=1, state=RefundState.COMPLETED):
    return ProviderRefund(state, amount_minor, "", f"SIMR{number}")


def seen(gift):
    """Status, CurrentAmount, AuthorizedAmount, and the three sums of the gift."""
    answer = gift.shop.get(f"/api/Contribution/{gift.id}")
    sums = tuple(answer.value(name) for name in ("SettledAmount", "RefundedAmount", "ReversedAmount"))
    return answer.value("Status"), *gift.totals(), *sums


def kinds(gift):
    return list(LedgerEntry.objects.filter(contribution=gift.row).order_by("pk").values_list("kind", flat=True))


# --- Taken in part ----------------------------------------------------------------------------------------------------


def test_a_part_captured_in_the_dashboard_is_settled(provider, held):
    told(provider, held, state=PaymentState.CAPTURED, taken_minor=1500)
    assert seen(held) == ("Settled", "15.00", "0.00", "15.00", "0.00", None)
    assert held.refund("15.01").status == 409


def test_another_part_captured_later_is_added(provider, held):
    told(provider, held, state=PaymentState.CAPTURED, taken_minor=1500)
    told(provider, held, state=PaymentState.CAPTURED, taken_minor=2000)
    assert seen(held) == ("Settled", "20.00", "0.00", None, "0.00", None)
    assert kinds(held) == ["authorization", "capture", "further_capture"]


def test_a_part_that_is_given_back_is_refunded_whole(provider, held):
    SandboxCheckout.objects.update(state="captured")
    told(provider, held, taken_minor=1500)
    assert held.refund().value("Amount") == "15.00"
    assert seen(held) == ("Refunded", "0.00", "0.00", "15.00", "15.00", None)


@pytest.mark.parametrize(("taken", "policy"), [(1500, "Immediate"), (2001, "Manual"), (0, "Manual")])
def test_what_nobody_could_have_taken_is_not_counted(provider, shop, giver, taken, policy):
    """A part of what is taken at once, more than was asked for, or nothing, is for a person."""
    gift = Gift(shop, giver, CapturePolicy=policy)
    provider.lies("find", 2, state=PaymentState.CAPTURED, taken_minor=taken)
    sync(gift.row, cause=Cause.WEBHOOK)
    assert (gift.status, gift.reason, gift.totals()) == ("Pending", "amount_mismatch", ("0.00", "0.00"))


# --- Taken back in part -----------------------------------------------------------------------------------------------


def test_a_lost_part_shows_and_the_rest_counts(provider, settled):
    told(provider, settled, state=PaymentState.REVERSED, lost_minor=500)
    assert seen(settled) == ("Settled", "15.00", "0.00", None, "0.00", "5.00")
    assert settled.refund("15.01").status == 409
    assert settled.refund().value("Amount") == "15.00"
    assert seen(settled) == ("Reversed", "0.00", "0.00", None, "15.00", "5.00")


def test_parts_of_several_disputes_add_up_and_come_back(provider, settled):
    for lost_minor, status, current in ((500, "Settled", "15.00"), (2000, "Reversed", "0.00"), (1500, "Settled", "5.00")):
        told(provider, settled, state=PaymentState.REVERSED, lost_minor=lost_minor)
        assert seen(settled)[:2] == (status, current)
    told(provider, settled, state=PaymentState.CAPTURED, lost_minor=0)
    assert seen(settled) == ("Settled", "20.00", "0.00", None, "0.00", None)


EIGHT_BACK = {"refunds": (by_dashboard(800),)}
TWELVE_LOST = {"state": PaymentState.REVERSED, "lost_minor": 1200}


@pytest.mark.parametrize(
    "learnt",
    [
        pytest.param([EIGHT_BACK | TWELVE_LOST], id="both at once"),
        pytest.param([EIGHT_BACK, EIGHT_BACK | TWELVE_LOST], id="refund first"),
        pytest.param([TWELVE_LOST, EIGHT_BACK | TWELVE_LOST], id="dispute first"),
        pytest.param([{"state": PaymentState.REVERSED}, EIGHT_BACK | TWELVE_LOST], id="all was called lost"),
    ],
)
def test_the_order_of_learning_makes_no_difference(provider, settled, learnt):
    for answer in learnt:
        told(provider, settled, **answer)
    assert seen(settled) == ("Reversed", "0.00", "0.00", None, "8.00", "12.00")
    told(provider, settled, state=PaymentState.CAPTURED, lost_minor=0, **EIGHT_BACK)
    assert seen(settled) == ("Settled", "12.00", "0.00", None, "8.00", None)


@pytest.mark.parametrize("parts", list(itertools.permutations([300, 500, 1200])))
def test_refunds_made_elsewhere_add_up_in_any_order(provider, settled, parts):
    made = tuple(by_dashboard(minor, number) for number, minor in enumerate(parts))
    for number in (1, 3, 2):
        told(provider, settled, refunds=made[:number])
    assert seen(settled) == ("Refunded", "0.00", "0.00", None, "20.00", None)
    assert sorted(Refund.objects.values_list("amount_minor", flat=True)) == [300, 500, 1200]


# --- Refunds whose truth comes late -------------------------------------------------------------------------------------


def given_back_unheard(amount_minor):
    """In the provider's dashboard; its report is lost."""
    checkout = SandboxCheckout.objects.get()
    SandboxRefund.objects.create(
        refund_id="SIMR1", checkout=checkout, request_id="dashboard", amount_minor=amount_minor, state="completed"
    )


def test_the_rest_is_refunded_where_a_part_went_back_unheard(provider, settled):
    given_back_unheard(500)
    answer = settled.refund()
    assert (answer.status, answer.value("Amount"), answer.value("Status")) == (201, "15.00", "Completed")
    assert seen(settled) == ("Refunded", "0.00", "0.00", None, "20.00", None)
    assert provider.calls["refund"] == 2
    assert len(set(provider.request_ids["refund"])) == 2, "another amount is another request"
    assert list(faults_in_the_books()) == []


def test_a_named_amount_that_does_not_fit_any_more_fails(provider, settled):
    given_back_unheard(500)
    answer = settled.refund("18.00")
    assert (answer.status, answer.value("Amount"), answer.value("Status")) == (201, "18.00", "Failed")
    assert seen(settled) == ("Settled", "15.00", "0.00", None, "5.00", None)
    assert settled.refund("15.00").value("Status") == "Completed"


def test_a_refused_refund_whose_payment_is_silent_waits(provider, settled):
    """The no may be about what we do not know yet: nothing is decided before the payment is asked about."""
    given_back_unheard(500)
    provider.drops_the_call("find")
    assert settled.refund().value("Status") == "Pending"
    sync_all_due(whether_due_or_not=True)
    assert seen(settled) == ("Refunded", "0.00", "0.00", None, "20.00", None)


def test_a_refund_that_failed_after_it_was_done(provider, settled, caplog):
    settled.refund()
    assert settled.status == "Refunded"
    ours = Refund.objects.get()
    failed = ProviderRefund(RefundState.FAILED, 2000, ours.public_id, ours.provider_reference)
    for _ in range(2):
        told(provider, settled, refunds=(failed,))
    assert seen(settled) == ("Settled", "20.00", "0.00", None, "0.00", None)
    assert (settled.reason, kinds(settled)) == ("refund_failed", ["capture", "refund", "refund_undone"])
    assert sum(record.levelname == "ERROR" for record in caplog.records) == 1
    with pytest.raises(SystemExit):
        call_command("attention")


def test_a_part_that_failed_after_it_was_done_says_so(provider, settled):
    """On the refund, on the contribution and in its event, as where everything had gone back."""
    settled.refund("5.00")
    ours = Refund.objects.get()
    told(provider, settled, refunds=(ProviderRefund(RefundState.FAILED, 500, ours.public_id, ours.provider_reference),))
    assert seen(settled) == ("Settled", "20.00", "0.00", None, "0.00", None)
    assert settled.reason == "refund_failed"
    assert settled.shop.get(f"/api/Contribution/{settled.id}/Refunds").value("StatusReason") == "refund_failed"
    event = settled.shop.get("/api/Events?format=json").json["Event"][-1]
    assert (event["Type"], event["Contribution"]["StatusReason"]) == ("contribution.refund_failed", "refund_failed")
    settled.refund("5.00")
    assert (settled.reason, settled.value("RefundedAmount")) == (None, "5.00"), "it went back after all"


def test_a_refund_that_was_made_after_it_was_refused(provider, settled):
    """We had taken it for refused, and the provider lists it as made: it counts."""
    provider.refuses("refund", "request_rejected")
    assert settled.refund("5.00").value("Status") == "Failed"
    made = ProviderRefund(RefundState.COMPLETED, 500, Refund.objects.get().public_id, "SIMR1")
    told(provider, settled, refunds=(made,))
    assert seen(settled) == ("Settled", "15.00", "0.00", None, "5.00", None)
    assert [one.status for one in Refund.objects.all()] == ["Completed"]


def test_a_sum_given_back_elsewhere_is_booked_as_a_refund(provider, settled):
    """By a provider that tells the sum alone, once nobody can be about to tell of the refund itself."""
    provider.lies("find", 2, given_back_minor=800)
    Checkout.objects.update(due_at=settled.row.created_at)
    sync_all_due()
    assert seen(settled) == ("Settled", "12.00", "0.00", None, "8.00", None)
