"""Money and counters beyond 32 bits: PostgreSQL cuts a number that is sent as one of 32 bits, and says nothing."""

import pytest

from contributions import captures, deletion, refunds
from contributions.audit import faults_in_the_books
from contributions.causes import Cause
from contributions.models import Contribution
from contributions.opening import NewGift, record_gift
from contributions.sync import sync
from contributions.worker import sync_all_due
from goals import rules
from goals.models import SavingGoal
from ids import new_id
from notifications.models import Event, EventSequence
from providers.sandbox.models import SandboxCheckout

pytestmark = pytest.mark.django_db

EDGES = [edge + step for edge in (2**31, 2**32) for step in (-1, 0, 1)]
"""In minor units: the last that fits, the first that does not, and the next one, with and without a sign."""

EVERY_EDGE = pytest.mark.parametrize("amount", EDGES)


@pytest.fixture
def give(partner, giver, provider):
    """give(amount, ...) makes a gift in IDR that its giver approves, to a goal of its own or to `to`, and asks about it."""

    def make(amount, policy="Immediate", to=None, goal_minor=10**12):
        goal = to or rules.create(
            partner,
            rules.GoalChange(
                {"name": "A house", "currency": "IDR", "goal_minor": goal_minor, "capture_policy": policy},
                {"PayPal": "anna@example.org"},
            ),
            public_id=new_id(),
        )
        wanted = NewGift(amount_minor=amount, contributor="Uncle Bob", message=None, account=goal.payment_accounts.get())
        gift = record_gift(SavingGoal.objects.get(pk=goal.pk), wanted, public_id=new_id())
        giver.choose(gift.pay_url, "approve")
        return sync(gift, cause=Cause.WEBHOOK).contribution

    return make


def books(gift):
    """(status, collected, authorized, refunded, reserved for refunds), once the audit has nothing to say."""
    assert list(faults_in_the_books()) == []
    now = Contribution.objects.select_related("goal").get(pk=gift.pk)
    return now.status, now.goal.collected_minor, now.goal.authorized_minor, now.refunded_minor, now.refunds_reserved_minor


def refund(gift, amount):
    return refunds.ask(gift, amount_minor=amount, reason=None, public_id=new_id()).status


@EVERY_EDGE
def test_a_large_gift_is_settled_and_refunded(give, provider, amount):
    gift = give(amount + 1)
    assert books(gift) == ("Settled", amount + 1, 0, 0, 0)
    assert refund(gift, 1) == "Completed"
    provider.refuses("refund", "refund_refused")
    assert refund(gift, amount) == "Failed"
    assert books(gift) == ("Settled", amount, 0, 1, 1)
    assert refund(gift, amount - 1) == "Completed"
    assert books(gift) == ("Settled", 1, 0, amount, amount)
    assert refund(gift, None) == "Completed"
    assert books(gift) == ("Refunded", 0, 0, amount + 1, amount + 1)


@EVERY_EDGE
def test_a_large_gift_is_held_then_captured_or_let_go(give, amount):
    gift = give(amount, "Manual")
    assert books(gift) == ("Authorized", 0, amount, 0, 0)
    captures.capture_now(gift)
    assert books(gift) == ("Settled", amount, 0, 0, 0)
    other = give(amount, "Manual", to=gift.goal)
    assert books(other) == ("Authorized", amount, amount, 0, 0)
    deletion.delete_contribution(other)
    assert books(other) == ("Canceled", amount, 0, 0, 0)


@EVERY_EDGE
def test_a_large_chargeback_takes_everything_until_it_is_won(give, amount):
    gift = give(amount)
    at_provider = SandboxCheckout.objects.filter(reference=gift.public_id)
    at_provider.update(state=SandboxCheckout.State.REVERSED)
    sync(gift, cause=Cause.WEBHOOK)
    assert books(gift) == ("Reversed", 0, 0, 0, 0)
    at_provider.update(state=SandboxCheckout.State.CAPTURED)
    sync(gift, cause=Cause.WEBHOOK)
    assert books(gift) == ("Settled", amount, 0, 0, 0)


@EVERY_EDGE
def test_a_goal_of_a_large_sum_is_reached_to_the_cent(give, amount):
    first = give(amount // 2, "OnGoalReached", goal_minor=amount)
    almost = give(amount - amount // 2 - 1, to=first.goal)
    captures.mark_what_is_due()
    sync_all_due(whether_due_or_not=True)
    assert books(almost) == ("Authorized", 0, amount - 1, 0, 0)
    last = give(1, to=first.goal)
    captures.mark_what_is_due()
    sync_all_due(whether_due_or_not=True)
    assert books(last) == ("Settled", amount, 0, 0, 0)


@pytest.mark.parametrize("count", [2**31 - 1, 2**31, 2**32 - 1, 2**32])
def test_counters_go_on_beyond_32_bits(give, partner, count):
    gift = give(100, "Manual")
    SavingGoal.objects.update(version=count, activity=count)
    Contribution.objects.update(version=count)
    EventSequence.objects.update(last_position=count)
    captures.capture_now(Contribution.objects.whole().get(pk=gift.pk))
    rules.edit(SavingGoal.objects.get(), rules.GoalChange({"name": "A larger house"}))
    goal, event = SavingGoal.objects.get(), Event.objects.latest("pk")
    assert (goal.version, goal.activity) == (count + 1, count + 1)
    assert (Contribution.objects.get().version, event.version, event.position) == (count + 1, count + 1, count + 1)
