"""What partners do with goals in the simulated world, and what is remembered of that."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db.models import Max

from contributions import goal_events
from contributions.models import LedgerEntry
from goals import rules
from goals.models import SavingGoal
from partners.models import Partner
from tests.simulation.payees import Payees
from tests.simulation.recent import Recent
from tests.simulation.side import ProviderSide, Wrong


@dataclass(frozen=True)
class GoalAmount:
    """What a client has made of a goal's GoalAmount."""

    goal: str
    goal_minor: int
    after_entry: int
    """The last ledger entry that was there already."""


class GoalOwners(Recent, Payees):
    """A mixin of the World, which gives it what is annotated here."""

    random: Random
    overfunding: Random | None
    by_hand: Random | None
    provider: ProviderSide
    now: datetime
    partner: Partner | None
    goal_amounts: list[GoalAmount]
    """As goals were made and edited, but by whoever died of it."""
    _numbers: Iterator[int]
    dies_in: int | None
    _cash_accounts: Callable[[], dict[str, str]]

    def _create_goal(self) -> str:
        policy = self.random.choice(["Immediate", "Immediate", "Manual", "OnGoalReached"])
        ends_at = self.now + timedelta(days=self.random.randint(1, 60)) if self.random.random() < 0.4 else None
        currency = self.random.choice(list(self.provider.magnitudes))
        values = {
            "external_item_id": "item",
            "name": "Goal",
            "currency": currency,
            "goal_minor": self.random.choice([1000, 5000]) * self.random.choice(self.provider.magnitudes[currency]),
            "capture_policy": policy,
            "ends_at": ends_at,
            "overfunding": self._limits(),
        }
        public_id = f"goal-{next(self._numbers)}"
        paid = {self.provider.name: self._paid_to(), **self._cash_accounts()}
        goal = rules.create(self._partner, rules.GoalChange(values, paid), public_id=public_id)
        self._remember_amount(goal)
        return f"{public_id} {policy} {values['overfunding']}"

    def _limits(self) -> str:
        if self.by_hand:
            return self.by_hand.choice(["Allowed", "Allowed", "Allowed", "LastGift", "Never"])
        return self.overfunding.choice(["Allowed", "LastGift", "Never", "Never"]) if self.overfunding else "Allowed"

    @property
    def _partner(self) -> Partner:
        if self.partner is None:
            raise Wrong("the world has not begun")
        return self.partner

    def _client_edits_goal(self) -> str:
        goal = self._some(SavingGoal.objects.filter(deleted_at=None))
        if goal is None:
            return "no goal"
        magnitude = magnitude_of(goal.goal_minor)
        edited = goal_events.edit(goal, rules.GoalChange({"goal_minor": self.random.choice([1, 1000, 100000]) * magnitude}))
        self._remember_amount(edited)
        return f"{edited.public_id} to {edited.goal_minor}"

    def _remember_amount(self, goal: SavingGoal) -> None:
        self.goal_amounts.append(GoalAmount(goal.public_id, goal.goal_minor, self._last_entry()))

    def _last_entry(self) -> int:
        """The ledger's, so far. Nobody dies of this question."""
        dies_in, self.dies_in = self.dies_in, None
        try:
            return LedgerEntry.objects.aggregate(last=Max("pk"))["last"] or 0
        finally:
            self.dies_in = dies_in

    def _client_closes_or_reopens(self) -> str:
        goal = self._some(SavingGoal.objects.filter(deleted_at=None))
        if goal is None:
            return "no goal"
        changed = goal_events.close(goal) if goal.closed_at is None else goal_events.reopen(goal)
        return f"{goal.public_id}: closed {changed.closed_at}"


def magnitude_of(minor: int) -> int:
    """How much larger it is than small change, in powers of ten."""
    return int(10 ** max(len(str(minor)) - 4, 0))
