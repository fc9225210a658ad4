"""A short history of one cell of the decision table, in which nothing is left to chance: words.py says what happens in it.

The world is the simulated one, with the same invariants after every step and the same rest in the end.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from contributions import goal_events, opening, refunds, reopening, returned_checkouts, room
from contributions.causes import Cause
from contributions.decision_cases import IN_PART, REFUSES
from contributions.decision_types import Operation
from contributions.models import Checkout, Contribution
from contributions.status import AUTHORIZED, Intent
from contributions.sync import sync, sync_checkout
from contributions.worker import sync_all_due
from goals import rules
from goals.models import SavingGoal
from providers.base import Capability, PaymentState
from tests.simulation.cells import OLDER, TAKEN, Cell
from tests.simulation.invariants import Promise
from tests.simulation.outside import OwnPayment
from tests.simulation.scripted import Fault, ScriptedProvider
from tests.simulation.side import Wrong
from tests.simulation.sides import Side
from tests.simulation.trouble import REFUSALS, ProcessDied
from tests.simulation.world import World

TOKEN_PAID = frozenset({Capability.CLOSES_CHECKOUTS, Capability.PAID_ON_OUR_PAGE, Capability.PAID_BY_TOKEN})
AMOUNT_MINOR = 300_000_000_000
"""Twelve digits, and more than 32 bits hold."""
HELD_FIRST = {REFUSES[Operation.AUTHORIZE], REFUSES[Operation.RENEW], *IN_PART.values()}


class Told(World):
    """A history that goes as its script says: a goal, a gift, and everything that has to happen to it."""

    amount_minor = AMOUNT_MINOR
    policy = "Immediate"
    gift, gifts_wanted = "gift", 10

    def __init__(self, side: Side, *script: Callable[[Any], None], overfunding: str = "Allowed") -> None:
        super().__init__(1, side)
        self.limit = overfunding
        self.script = script
        self.uncalled: set[str] = set()
        """Calls that the script has something come of, and that were not made until its end."""

    def _live(self, steps: int) -> None:
        self.does(self.creates_the_goal)
        for part in self.script:
            part(self)
        self.does(self.somebody_asks)
        self.uncalled = self.calls_left()

    def calls_left(self) -> set[str]:
        """That the script has something come of, and that were not made; nothing comes of them any more."""
        return set()

    def does(self, *deeds: Callable[[], Any]) -> None:
        """One step after another."""
        for deed in deeds:
            self.step += 1
            try:
                self._say(f"{self.step}. {getattr(deed, '__name__', 'deed').strip('_')}: {deed()}")
            except REFUSALS as refusal:
                self._say(f"{self.step}. refused, {type(refusal).__name__}")
            self.invariants.check()

    # --- what there is ----------------------------------------------------------------------------------------------

    @property
    def contribution(self) -> Contribution:
        return Contribution.objects.whole().get(public_id=self.gift)

    @property
    def checkout(self) -> Checkout:
        """The one that the history is about."""
        return self.contribution.current_checkout

    @property
    def payment(self) -> Any:
        return self.provider.payments[self.checkout.provider_checkout_id]

    # --- what people do ---------------------------------------------------------------------------------------------

    def creates_the_goal(self) -> None:
        values = {
            "external_item_id": "item",
            "name": "Goal",
            "currency": "USD",
            "goal_minor": self.amount_minor * self.gifts_wanted,
            "capture_policy": self.policy,
            "overfunding": self.limit,
            "ends_at": self.now + timedelta(days=7) if self.policy == "OnGoalReached" else None,
        }
        accounts = {self.provider.name: self.provider.payee}
        self._remember_amount(rules.create(self._partner, rules.GoalChange(values, accounts), public_id="goal"))

    def edits_the_goal(self, goal_minor: int) -> None:
        self._say(f"   the goal is edited to {goal_minor}")
        self._remember_amount(goal_events.edit(SavingGoal.objects.get(), rules.GoalChange({"goal_minor": goal_minor})))

    def gives(self, public_id: str = "gift") -> None:
        goal = SavingGoal.objects.get()
        account = rules.live_accounts(goal)[0]
        self.promises[public_id] = Promise(public_id)
        gift = opening.NewGift(amount_minor=self.amount_minor, contributor="Giver", message=None, account=account)
        try:
            opening.record_gift(goal, gift, public_id=public_id)
        except (room.GoalIsFull, room.GoalIsReserved):
            del self.promises[public_id]
            raise

    def comes_back(self) -> str:
        return sync(self.contribution, cause=Cause.RETURN).contribution.status

    def cancels(self) -> str:
        return sync(self.contribution, cause=Cause.CANCEL).contribution.status

    def says_no(self) -> None:
        reopening.give_up(self.contribution)

    def refunds(self) -> None:
        refunds.ask(self.contribution, amount_minor=None, reason=None, public_id="back")

    def refunds_so_much(self, minor: int, public_id: str = "back") -> None:
        refunds.ask(self.contribution, amount_minor=minor, reason=None, public_id=public_id)

    def dies_at(self, statements: int, deed: Callable[[], Any]) -> None:
        """Do it, in a process that dies at its n-th statement, if it comes so far."""
        self.dead, self.dies_in = False, statements
        with suppress(ProcessDied):
            deed()
        self.dead, self.dies_in = False, None
        self.invariants.check()

    def somebody_asks(self) -> str:
        return sync_checkout(self.checkout, cause=Cause.WEBHOOK).contribution.status

    def worker_comes(self) -> str:
        return f"{sync_all_due()} followed up"

    def time_passes(self, **by: int) -> None:
        self._say(f"   {timedelta(**by)} pass")
        self.now += timedelta(**by)
        self.provider.time_passes()

    def expects(self, what: str, holds: bool) -> None:
        """For what follows from no books: raises Wrong where it does not hold."""
        if not holds:
            raise Wrong(what)


class Directed(Told):
    """The history of one cell, at the simulated provider."""

    provider: ScriptedProvider

    def __init__(
        self,
        cell: Cell,
        *script: Callable[["Directed"], None],
        policy: str = "",
        gifts_wanted: int = 10,
        overfunding: str = "Allowed",
    ) -> None:
        super().__init__(ScriptedProvider, *script, overfunding=overfunding)
        self.cell, self.gifts_wanted = cell, gifts_wanted
        held = cell.intent == Intent.CAPTURE or cell.status == AUTHORIZED or cell.says in HELD_FIRST
        held = held or (cell.intent == Intent.RELEASE and cell.status in TAKEN)
        self.policy = policy or ("Manual" if held else "Immediate")
        self.provider.takes_a_part_only = cell.says == IN_PART[PaymentState.CAPTURED]
        if cell.says == REFUSES[Operation.PAY]:
            self.provider.capabilities = TOKEN_PAID
        elif cell.says == REFUSES[Operation.CLOSE]:
            self.provider.capabilities = frozenset({Capability.CLOSES_CHECKOUTS})

    def calls_left(self) -> set[str]:
        left, self.provider.next = set(self.provider.next), {}
        return left

    @property
    def checkout(self) -> Checkout:
        """The one that the cell is about."""
        older = self.cell.status == OLDER
        return self.contribution.checkouts.earliest("number") if older else self.contribution.current_checkout

    @property
    def payment(self) -> OwnPayment:
        return self.provider.payments[self.checkout.provider_checkout_id]

    @property
    def anothers(self) -> OwnPayment:
        """The payment of whoever has given besides."""
        return next(one for one in self.provider.payments.values() if one.reference == "another")

    def another_gives(self) -> None:
        self.gives("another")

    def names_the_others_checkout(self) -> bool:
        """As that in which they have paid."""
        return returned_checkouts.belongs(self.contribution, self.anothers.checkout_id, remember=True)

    def another_comes_back(self) -> str:
        return sync(Contribution.objects.whole().get(public_id="another"), cause=Cause.RETURN).contribution.status

    def somebody_asks(self) -> str:
        token = "card" if self.cell.says == REFUSES[Operation.PAY] else ""
        return sync_checkout(self.checkout, cause=Cause.WEBHOOK, token=token).contribution.status

    def next_call(self, operation: str, fault: Fault) -> None:
        """What comes of it."""
        self._say(f"   what comes of the next {operation}: {fault.__name__.replace('_', ' ')}")
        self.provider.next[operation] = fault

    def is_at_the_provider(self, state: PaymentState) -> None:
        """What is true there from now on; nobody has told us."""
        self._say(f"   the payment is {state} at the provider's")
        self.provider.make(self.payment, state)

    def is_disputed_in_part(self) -> None:
        self._say("   a quarter of it is taken back in a dispute")
        self.provider.disputed_in_part(self.payment, AMOUNT_MINOR // 4)

    def refund_is_undone(self) -> None:
        self._say("   the refund has failed after all")
        self.provider.undoes_a_refund(self.payment)

    def is_taken_in_part(self, minor: int) -> None:
        self._say(f"   {minor} of it are taken in the dashboard")
        self.provider.taken_in_part(self.payment, minor)

    def is_given_back_in_the_dashboard(self, minor: int) -> None:
        self._say(f"   {minor} of it are given back in the dashboard")
        self.provider.dashboard_refund(self.payment, minor)
