"""What is held: for as long as the provider says so, taken only where it is, and never forgotten because of a refusal."""

from datetime import timedelta

import pytest
from django.core.management import call_command

import clock
from contributions import captures, goal_events
from contributions.causes import Cause
from contributions.models import Attention, Checkout, Contribution, ProviderRequest
from contributions.sync import sync
from contributions.worker import sync_all_due
from goals.models import SavingGoal
from providers.base import PaymentState
from providers.sandbox.models import SandboxCheckout
from tests.contributions.conftest import Gift
from tests.contributions.test_captures import another_gift, later  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(provider, shop, giver):
    gift = Gift(shop, giver, CapturePolicy="Manual")
    gift.pay("approve")
    return gift


@pytest.fixture
def waiting(provider, shop, giver):
    """A gift of 20.00 to a goal of 100.00 that takes nothing before it is reached."""
    gift = Gift(shop, giver, CapturePolicy="OnGoalReached", GoalAmount="100.00", EndDate="2031-01-01")
    gift.pay("approve")
    return gift


def errors(caplog):
    return [record.message for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("reason", ["not_permitted", "payee_cannot_receive", "instrument_declined", "request_rejected"])
def test_a_refused_capture_leaves_the_money_held(held, provider, reason, caplog, capsys, later):  # noqa: F811
    """A person is told once; it is asked for daily, and works once the reason is gone."""
    for _ in range(2):
        provider.refuses("capture", reason)
        assert held.capture().value("Status") == "Authorized"
    assert (held.totals(), errors(caplog)) == (("0.00", "20.00"), ["held money cannot be taken"])
    with pytest.raises(SystemExit):
        call_command("attention")
    assert reason in capsys.readouterr().out
    asked = provider.calls["capture"]
    sync_all_due()
    assert provider.calls["capture"] == asked, "not before tomorrow"
    later(days=1, minutes=1)
    sync_all_due()
    assert (held.status, held.totals(), Attention.objects.count()) == ("Settled", ("20.00", "0.00"), 0)


def test_a_refused_capture_shows_that_the_hold_has_ended(held, provider):
    """The refusal makes us look: what the provider says of the payment then decides."""
    provider.refuses("capture", "cannot_capture")
    provider.afterwards("find", lambda: SandboxCheckout.objects.update(state="voided"))
    assert held.capture().value("code") == "cannot_capture"
    assert (held.status, held.totals(), Attention.objects.count()) == ("Canceled", ("0.00", "0.00"), 0)


def test_a_hold_lost_before_the_giver_agrees_again_is_over(held):
    """The bank said no to the capture, and whoever heard that died; the giver has agreed once more in the same checkout.

    The old order is asked about first, under its own id: only where even that leads to no hold is what the books call held
    over. The new approval is held by an order of its own then, and taken, as was wanted.
    """
    SandboxCheckout.objects.update(state="approved")
    sync(held.row, cause=Cause.WORKER)
    assert (held.status, held.reason, held.totals()) == ("Canceled", "authorization_lapsed", ("0.00", "0.00"))
    sync(held.row, cause=Cause.RETURN)
    assert (held.status, held.totals()) == ("Authorized", ("0.00", "20.00"))
    asked = ProviderRequest.objects.filter(operation__startswith="authorize").order_by("pk")
    assert list(asked.values_list("operation", "attempts", "outcome")) == [
        ("authorize", 2, "answered"),
        ("authorize:1", 1, "answered"),
    ]
    assert held.capture().value("Status") == "Settled"


def test_nothing_is_taken_on_the_strength_of_a_lost_hold(waiting, provider, later):  # noqa: F811
    """20.00 were let go in the dashboard, unheard; with 80.00 more the goal only seems to be reached."""
    SandboxCheckout.objects.update(state="voided")
    later(hours=1)
    other = another_gift(waiting, "80.00")
    sync_all_due()
    assert (waiting.status, Contribution.objects.get(public_id=other).status) == ("Canceled", "Authorized")
    assert waiting.totals() == ("0.00", "80.00")
    another_gift(waiting, "20.00")
    sync_all_due()
    assert Contribution.objects.get(public_id=other).status == "Settled"


def test_old_holds_are_seen_and_taken_in_one_round(waiting, provider, later):  # noqa: F811
    later(hours=1)
    another_gift(waiting, "80.00")
    sync_all_due()
    assert (waiting.status, waiting.totals()) == ("Settled", ("100.00", "0.00"))


@pytest.mark.parametrize(("outcome", "status"), [("review_passed", "Settled"), ("review_denied", "Canceled")])
def test_held_money_waits_for_what_is_pending(waiting, provider, later, outcome, status):  # noqa: F811
    """EndDate passes while 80.00 have no outcome yet: decided when they have one."""
    made = waiting.shop.new_contribution(waiting.goal_id, Amount="80.00")
    waiting.giver.pay(made.value("ProviderURL"), "pending")
    pending = Checkout.objects.get(contribution__public_id=made.value("Id"))
    SandboxCheckout.objects.filter(checkout_id=pending.provider_checkout_id).update(scenario=outcome)
    SavingGoal.objects.update(ends_at=clock.now() - timedelta(minutes=1))
    Checkout.objects.filter(pk=pending.pk).update(due_at=clock.now() + timedelta(hours=1))
    sync_all_due()
    assert (waiting.status, pending.contribution.status) == ("Authorized", "Pending")
    later(hours=2)
    for _ in range(2):
        sync_all_due()
    assert waiting.status == status


@pytest.fixture
def no_longer_vouched_for(provider, monkeypatch):
    """The provider vouches for what it holds for three days, and for three more after a renewal."""
    renewed = []
    find, renew = provider.inner.find, provider.inner.renew

    def vouched(payment):
        until = clock.now() + timedelta(days=3) if renewed else clock.now() - timedelta(days=17)
        return payment.__class__(**{**payment.__dict__, "honored_until": until})

    def renewing(request, *, request_id):
        payment = renew(request, request_id=request_id)
        renewed.append(request_id)
        return vouched(payment)

    monkeypatch.setattr(provider.inner, "find", lambda request: vouched(find(request)))
    monkeypatch.setattr(provider.inner, "renew", renewing)
    return renewed


def test_an_old_hold_is_renewed_before_it_is_taken(held, provider, no_longer_vouched_for):
    assert held.capture().value("Status") == "Settled"
    assert (provider.calls["renew"], provider.calls["capture"]) == (1, 1)


def test_where_it_cannot_be_renewed_it_is_taken_as_it_is(held, provider, no_longer_vouched_for):
    provider.refuses("renew", "cannot_renew")
    assert held.capture().value("Status") == "Settled"
    assert (provider.calls["renew"], provider.calls["capture"]) == (1, 1)


def test_a_mismatch_is_told_once_however_often_it_is_asked(gift, provider, caplog):
    provider.lies("find", 9, state=PaymentState.CAPTURED, amount_minor=1999)
    for _ in range(7):
        sync(gift.row, cause=Cause.WORKER)
    assert errors(caplog) == ["payment does not match"]
    assert list(Attention.objects.values_list("kind", "about")) == [("amount_mismatch", gift.id)]
    provider._trouble.clear()
    sync(gift.row, cause=Cause.WORKER)
    assert Attention.objects.count() == 0
    assert Checkout.objects.get().for_a_person == ""


def test_what_waits_for_a_person_holds_back_no_end(waiting, provider):
    """A gift that does not match never counts, so at EndDate what others gave is let go, and the partner is told."""
    other = waiting.shop.new_contribution(waiting.goal_id, Amount="80.00").value("Id")
    provider.lies("find", 1, state=PaymentState.CAPTURED, amount_minor=7999)
    other = sync(Contribution.objects.whole().get(public_id=other), cause=Cause.WORKER).contribution
    assert (other.status, other.status_reason) == ("Pending", "amount_mismatch")
    SavingGoal.objects.update(ends_at=clock.now() - timedelta(days=1))
    assert (captures.mark_what_is_due(), goal_events.tell_what_has_ended()) == (1, 1)
    assert sync(waiting.row, cause=Cause.WORKER).contribution.status_reason == "goal_not_reached"


def test_what_has_no_outcome_for_weeks_is_told_to_a_person(gift, provider, caplog):
    """A gift whose provider is silent after the approval: asked about on and on, told once, solved by an answer."""
    provider.drops_the_answer("capture")
    gift.pay("approve")
    provider.drops_the_call("find", 40)
    for _ in range(35):
        sync_all_due(whether_due_or_not=True)
    assert (gift.status, errors(caplog)) == ("Pending", ["a payment has no outcome"])
    provider._trouble.clear()
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, Attention.objects.count()) == ("Settled", 0)
