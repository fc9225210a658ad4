"""What partners, givers, the provider, the worker and time do in the simulated world: a method an action."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from contributions import captures, deletion, opening, refunds, reopening, returned_checkouts, room
from contributions.causes import Cause
from contributions.models import Checkout, Contribution
from contributions.status import OPEN, Status
from contributions.sync import sync, sync_checkout
from contributions.worker import sync_all_due
from goals import rules
from goals.models import SavingGoal
from pages.returns import may_still_change
from providers.base import PaymentState, ProviderRefused, ProviderUnavailable
from tests.simulation.goal_owners import GoalOwners, magnitude_of
from tests.simulation.invariants import Promise
from tests.simulation.side import TruePayment, Wrong


class People(GoalOwners):
    """The actions of the World, which gives them what is annotated here."""

    promises: dict[str, Promise]
    asked_to_capture: set[str]

    # --- what partners do -----------------------------------------------------------------------------------------

    def _contribute(self) -> str:
        goal = self._some(SavingGoal.objects.filter(deleted_at=None))
        if goal is None:
            return "no goal"
        amount = self.random.choice([300, 999, 1000, 2500]) * magnitude_of(goal.goal_minor)
        if self.random.random() < 0.03 * (max(self.provider.magnitudes[goal.currency]) == 10**8):
            amount = 10**12 - 1
        gift = opening.NewGift(amount_minor=amount, contributor="Giver", message=None, account=rules.live_accounts(goal)[0])
        public_id = f"gift-{next(self._numbers)}"
        contribution = opening.record_gift(goal, gift, public_id=public_id)
        self.promises[public_id] = Promise(public_id)
        told = f"{public_id} of {amount} to {goal.public_id}, {contribution.status}"
        if self.random.random() < 0.3:  # the others are in less of a hurry
            return told
        opened = self._opens(contribution)
        payment = self._begun_by(contribution) if self.provider.on_our_page else self._payment_of(public_id)
        return f"{told}, {opened}, {self._acts_at(payment)}"

    def _client_captures(self) -> str:
        contribution = self._contribution(status="Authorized")
        if contribution is None:
            return "nothing held"
        self.asked_to_capture.add(contribution.public_id)
        return f"{contribution}: {captures.capture_now(contribution).status}"

    def _client_refunds(self) -> str:
        contribution = self._contribution(status="Settled")
        if contribution is None:
            return "nothing settled"
        part = 100 * magnitude_of(contribution.amount_minor)
        amount = self.random.choice([None, None, 1, 1, part, part, contribution.amount_minor])
        refund = refunds.ask(contribution, amount_minor=amount, reason=None, public_id=f"back-{next(self._numbers)}")
        return f"{contribution}: {amount} {refund.status}"

    def _client_deletes(self) -> str:
        contribution = self._contribution(deleted_at=None)
        if contribution is None:
            return "nothing there"
        was = contribution.status
        deletion.delete_contribution(contribution)
        if was in {Status.PENDING, Status.SETTLED, Status.REVERSED}:
            raise Wrong(f"{contribution} was deleted while it was {was}: only a refund gives money back")
        self._promise_of(contribution).deleted_at_effect = self.provider.effects
        return str(contribution)

    def _client_deletes_goal(self) -> str:
        goal = self._some(SavingGoal.objects.filter(deleted_at=None))
        if goal is None:
            return "no goal"
        unpaid = [
            one
            for one in goal.contributions.select_related("checkout").filter(status__in=["Submitted", "Authorized"])
            if not one.current_checkout.is_leased()  # what is on its way may arrive, and goes back then
        ]
        deletion.delete_goal(goal)
        for contribution in unpaid:
            self._promise_of(contribution).deleted_at_effect = self.provider.effects
        return goal.public_id

    def _promise_of(self, contribution: Contribution) -> Promise:
        return self.promises.setdefault(contribution.public_id, Promise(contribution.public_id))

    # --- what givers, the provider, the worker and time do --------------------------------------------------------

    def _giver_opens(self) -> str:
        """The giver follows ProviderURL, perhaps not for the first time: as pages/pay.py answers."""
        contribution = self._contribution(status__in=["Submitted", "Failed", "Canceled"])
        return "nobody" if contribution is None else self._opens(contribution)

    def _opens(self, contribution: Contribution) -> str:
        if not reopening.may_be_paid(contribution):
            return f"{contribution}: nothing to open"
        if reopening.is_open(contribution):
            room.reserve_before_lapse(contribution)
            return f"{contribution}: nothing to open"
        try:
            contribution = reopening.open_checkout(contribution, self.provider.name)
        except (ProviderRefused, ProviderUnavailable) as error:
            return f"{contribution}: not opened, {type(error).__name__}"
        return f"{contribution}: {contribution.status}, checkout {contribution.current_checkout.number}"

    def _giver_acts(self) -> str:
        return self._acts_at(self._payment_begun_on_our_page() or self._payment())

    def _payment_of(self, public_id: str) -> TruePayment | None:
        """The last checkout of the gift that a giver could be at; none before they press a button on our page."""
        known = set(Checkout.objects.exclude(url="").values_list("provider_checkout_id", flat=True))
        own = [one for one in self.provider.payments.values() if one.reference == public_id and one.checkout_id in known]
        return own[-1] if own else None

    def _acts_at(self, payment: TruePayment | None) -> str:
        if payment is None:
            return "nobody"
        choice = self.random.choice([PaymentState.APPROVED] * 4 + [PaymentState.DECLINED])
        done = self.provider.giver_chooses(payment, choice)
        if done and self.random.random() < 0.03:
            self.provider.lets_approve_something_else(payment)
        told = f"{payment.reference} at {payment.checkout_id} {choice if done else 'too late'}"
        if self.random.random() < 0.6:  # most givers go where the provider sends them
            return f"{told}, {self._comes_back(Cause.RETURN, payment)}"
        return told

    def _giver_returns(self) -> str:
        return self._comes_back(Cause.RETURN)

    def _giver_cancels(self) -> str:
        return self._comes_back(Cause.CANCEL)

    def _comes_back(self, cause: Cause, payment: TruePayment | None = None) -> str:
        """As pages/returns.py answers: from the current checkout, or from one that another has replaced."""
        which = {"public_id": payment.reference} if payment else {}
        contribution = self._contribution(**which)
        if contribution is None:
            return "nobody"
        older = self._older_checkout(contribution, payment)
        if older is not None:
            return f"{contribution}: from an older checkout, {sync_checkout(older, cause=cause).contribution.status}"
        if not contribution.current_checkout.adapter:
            return f"{contribution}: not opened yet"
        if cause is Cause.RETURN and not self._is_brought_back(contribution):
            return f"{contribution}: with another checkout"
        if may_still_change(contribution):
            contribution = sync(contribution, cause=cause).contribution
        return f"{contribution}: {contribution.status} {contribution.status_reason}"

    def _older_checkout(self, contribution: Contribution, payment: TruePayment | None) -> Checkout | None:
        older = contribution.checkouts.exclude(pk=contribution.checkout_id)
        if payment is not None:
            return older.filter(provider_checkout_id=payment.checkout_id).first()
        found: Checkout | None = self._some(older) if self.random.random() < 0.3 else None
        return found

    def _payment_begun_on_our_page(self) -> TruePayment | None:
        """The giver presses the provider's button there, perhaps not for the first time."""
        if not self.provider.on_our_page or self.random.random() < 0.2:
            return None
        contribution = self._contribution(status__in=OPEN)
        return self._begun_by(contribution) if contribution else None

    def _begun_by(self, contribution: Contribution) -> TruePayment | None:
        """What comes of the button; None where it is not there."""
        contribution = Contribution.objects.whole().get(pk=contribution.pk)
        checkout = contribution.current_checkout
        if contribution.status not in OPEN or checkout.stage == "recorded" or checkout.permission_id is not None:
            return None
        self.provider.giver_presses_the_button(contribution)
        begun = [one for one in self.provider.payments.values() if one.reference == contribution.public_id]
        return begun[-1] if begun else None

    def _is_brought_back(self, contribution: Contribution) -> bool:
        """Whether the giver comes with the checkout of this contribution, as pages/returns.py finds out."""
        token = self.provider.brings_back(contribution)
        if not token or token == contribution.current_checkout.provider_checkout_id:
            return True
        try:
            return returned_checkouts.belongs(contribution, token, remember=may_still_change(contribution))
        except returned_checkouts.CannotTell:
            return False

    def _provider_reports(self) -> str:
        contribution = self._contribution()
        return "nothing" if contribution is None else self.provider.rings(contribution)

    def _worker(self) -> str:
        return f"{sync_all_due(whether_due_or_not=self.random.random() < 0.3)} followed up"

    def _provider_acts(self) -> str:
        payment = self._payment()
        if payment is None:
            return "nothing"
        besides = self.provider.deeds
        if besides and self.random.random() < 0.6:
            return self._something_besides(besides)
        deeds = {
            PaymentState.APPROVED: ["review", "by itself"],
            PaymentState.CAPTURED: ["dashboard", "chargeback"],
            PaymentState.REVERSED: ["won"],
        }
        deed = self.random.choice(["review", *deeds.get(payment.state, ["review"])])
        if deed == "review":
            self.provider.reviews_end(passed=self.random.random() < 0.7)
            return "reviews end"
        if deed == "by itself":
            return f"{payment.reference} taken by itself {self.provider.takes_it_by_itself(payment)}"
        if deed == "dashboard":
            part = 100 * magnitude_of(payment.amount_minor)
            return f"dashboard refund {self.provider.dashboard_refund(payment, self.random.choice([1, part]))}"
        if deed == "chargeback":
            return f"chargeback {self.provider.chargeback(payment)}"
        return f"dispute won {self.provider.dispute_is_won(payment)}"

    def _something_besides(self, deeds: Mapping[str, Callable[[TruePayment], bool]]) -> str:
        """To one of those to which it can happen."""
        for payment in filter(None, (self._payment() for _ in range(4))):
            for deed in self.random.sample(sorted(deeds), len(deeds)):
                if deeds[deed](payment):
                    return f"{payment.reference}: {deed}"
        return "nothing else"

    def _time(self) -> str:
        choices = [timedelta(seconds=10), timedelta(seconds=90), timedelta(hours=6), timedelta(days=4)]
        by = self.random.choice([*choices, timedelta(minutes=31), timedelta(minutes=31)] if self.overfunding else choices)
        if self.nesting:  # no process stands still in the middle of a call for longer than a provider knows its request id
            by = min(by, timedelta(hours=6))
        self.now += by
        self.provider.time_passes()
        return f"{by} pass"
