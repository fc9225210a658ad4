"""The proof after a storm is only as good as what it finds: each test plants one fault in a small town's books."""

from datetime import timedelta

import pytest
from django.db.models import F

import clock
from contributions.models import Checkout, Contribution, LedgerEntry, ProviderRequest, Refund, StatusChange
from goals.models import PaymentAccount, SavingGoal
from providers.sandbox.models import SandboxCheckout, SandboxRefund, SandboxRequest
from tests.conftest import Giver, PartnerClient, contribution_xml, goal_xml
from tests.crashes.promises import LOST, STUCK, TWICE, WRONG, Fault
from tests.crashes.proof import faults
from tests.crashes.told import DONE, TheirGift, TheirGoal, TheirRefund, Told


class SmallTown:
    """A shop and its givers, with everything they were told: as tests/crashes/people.py, in process and in peace."""

    def __init__(self, shop: PartnerClient, giver: Giver) -> None:
        self.shop, self.giver, self.told = shop, giver, Told()

    def goal(self, policy: str) -> TheirGoal:
        goal = TheirGoal(f"goal-{policy}", policy, 25000)
        made = self.shop.post("/api/savings", goal_xml(ExternalItemId=goal.key, CapturePolicy=policy), Idempotency_Key=goal.key)
        goal.id = made.value("Id") or ""
        self.told.goals.append(goal)
        return goal

    def gift(self, goal: TheirGoal, outcome: str) -> TheirGift:
        """A gift of 20.00 USD whose giver presses that button and comes back; "none": who closes the window."""
        gift = TheirGift(f"gift-{len(self.told.gifts)}", goal.id, goal.policy, 2000, outcome=outcome)
        made = self.shop.post(
            f"/api/SavingGoal/{goal.id}/Contributions", contribution_xml(Contributor=gift.key), Idempotency_Key=gift.key
        )
        gift.id = made.value("Id") or ""
        if outcome != "none":
            gift.bounced_to = self.giver.pay(made.value("ProviderURL") or "", outcome).headers["Location"]
        self.told.gifts.append(gift)
        return gift

    def refund(self, gift: TheirGift) -> None:
        """A refund of 5.00 USD."""
        refund = TheirRefund(f"refund-of-{gift.key}", 500)
        body = f"<Refund><Amount>5.00</Amount><Reason>{refund.key}</Reason></Refund>"
        made = self.shop.post(f"/api/Contribution/{gift.id}/Refunds", body, Idempotency_Key=refund.key)
        refund.id, refund.acknowledged_minor = made.value("Id") or "", 500
        gift.refunds.append(refund)

    def found(self) -> list[Fault]:
        return list(faults(self.told))


@pytest.fixture
def town(shop, giver) -> SmallTown:
    """Settled and partly refunded, Settled, held, declined, cancelled, and one that was never paid."""
    town = SmallTown(shop, giver)
    at_once, by_hand = town.goal("Immediate"), town.goal("Manual")
    for outcome in ("approve", "approve", "decline", "cancel", "none"):
        town.gift(at_once, outcome)
    town.refund(town.told.gifts[0])
    town.gift(by_hand, "approve")
    return town


def taken(town: SmallTown) -> Contribution:
    """The gift that is Settled, and nothing more."""
    return Contribution.objects.whole().get(public_id=town.told.gifts[1].id)


def test_where_nothing_is_wrong_nothing_is_found(town):
    assert town.found() == []
    statuses = sorted(Contribution.objects.values_list("status", flat=True))
    assert statuses == ["Authorized", "Canceled", "Failed", "Settled", "Settled", "Submitted"]


@pytest.mark.usefixtures("books_can_be_forged")
@pytest.mark.parametrize("number", [0, 3, 5])
def test_an_acknowledged_gift_that_is_gone_is_found(town, number):
    gone = Contribution.objects.filter(public_id=town.told.gifts[number].id)
    for rows in (LedgerEntry, StatusChange, ProviderRequest, Refund):
        rows.objects.filter(contribution__in=gone).delete()
    gone.update(status="Submitted", checkout=None)
    Checkout.objects.filter(contribution__in=gone).delete()
    gone.delete()
    found = town.found()
    assert Fault(LOST, f"contribution {town.told.gifts[number].id} was acknowledged and is not there") in found


def test_whatever_else_was_acknowledged_and_is_gone_is_found(town):
    """A goal, a deletion, a refund; and what the people found wrong themselves."""
    lost, held, refunded = town.goal("OnGoalReached"), town.told.gifts[5], town.told.gifts[0]
    PaymentAccount.objects.filter(goal__public_id=lost.id).delete()
    SavingGoal.objects.filter(public_id=lost.id).delete()
    assert town.found() == [Fault(LOST, f"goal {lost.id} was acknowledged and is not there")]
    Refund.objects.update(reason="somebody else's")
    (refund,) = refunded.refunds
    gone = Fault(LOST, f"refund {refund.id} of {refunded.id} was acknowledged and is not there as it was")
    assert town.found()[1:] == [gone]
    held.deletion = DONE
    assert Fault(LOST, f"contribution {held.id}: the client's word on its deletion is 'done', ours another") in town.found()
    town.told.faults.append("the giver approved and was sent to the CancelURL")
    assert town.found()[0] == Fault(WRONG, "the giver approved and was sent to the CancelURL")


def test_money_that_was_captured_twice_is_found(town):
    checkout = SandboxCheckout.objects.get(checkout_id=taken(town).checkout.provider_checkout_id)
    SandboxRequest.objects.create(request_id="again", checkout=checkout, operation="capture", state_after="captured")
    assert town.found() == [Fault(TWICE, f"checkout {checkout.checkout_id} was captured 2 times")]


def test_a_second_capture_order_that_was_refused_is_found(town):
    """An order to capture again that only the provider stopped is found."""
    ProviderRequest.objects.create(
        contribution=taken(town), operation="capture", request_id="again", outcome="refused", created_at=clock.now()
    )
    (fault,) = town.found()
    assert fault.kind == TWICE
    assert taken(town).public_id in fault.what


def test_a_gift_that_was_paid_in_two_checkouts_is_found(town):
    again = SandboxCheckout.objects.get(checkout_id=taken(town).checkout.provider_checkout_id)
    again.pk, again.checkout_id, again.opened_by_request = None, "another", "open-another"
    again.save(force_insert=True)
    assert Fault(TWICE, f"contribution {taken(town).public_id} was paid in 2 checkouts") in town.found()


def test_money_that_was_given_back_twice_is_found(town):
    again = SandboxRefund.objects.get()
    again.pk, again.refund_id, again.request_id = None, "another", "refund-another"
    again.save(force_insert=True)
    found = town.found()
    assert Fault(LOST, f"contribution {town.told.gifts[0].id}: 500 refunded, 1000 there") in found


def test_a_checkout_that_stays_leased_is_found(town):
    Checkout.objects.filter(current_of=taken(town)).update(lease_until=clock.now() + timedelta(hours=1))
    assert town.found() == [Fault(STUCK, f"Checkout {taken(town).public_id}/1 is leased by somebody who is dead")]


@pytest.mark.parametrize("state", ["captured", "authorized", "in_review"])
def test_money_in_an_older_checkout_is_found(town, state):
    declined = town.told.gifts[2]
    assert town.giver.visit(f"/pay/{declined.id}").status == 303
    old = Checkout.objects.get(contribution__public_id=declined.id, number=1)
    SandboxCheckout.objects.filter(checkout_id=old.provider_checkout_id).update(state=state)
    assert Fault(WRONG, f"contribution {declined.id}: an older checkout of it is {state}") in town.found()


def test_a_gift_that_is_stuck_is_found(town):
    """Pending for ever, or approved and never taken."""
    Contribution.objects.filter(pk=taken(town).pk).update(status="Pending")
    assert Fault(STUCK, f"contribution {taken(town).public_id} is Pending for ever") in town.found()
    never_paid = town.told.gifts[4]
    SandboxCheckout.objects.filter(reference=never_paid.id).update(state="approved")
    assert Fault(STUCK, f"contribution {never_paid.id}: the giver approved, and nothing was taken") in town.found()


@pytest.mark.parametrize(
    ("column", "here", "there"), [("collected_minor", (3501, 0), (3500, 0)), ("authorized_minor", (3500, 1), (3500, 0))]
)
def test_a_total_that_is_off_by_a_cent_is_found(town, column, here, there):
    goal_id = town.told.goals[0].id
    SavingGoal.objects.filter(public_id=goal_id).update(**{column: F(column) + 1})
    what = f"goal {goal_id}: (collected, held) is {here} here and {there} at the provider's"
    assert town.found() == [Fault(WRONG, what)]
