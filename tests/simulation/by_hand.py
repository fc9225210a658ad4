"""What partners do in the simulated world where no provider has a part: gifts in cash, and matchers."""

from collections.abc import Iterator
from random import Random
from typing import Any
from unittest import mock

from contributions import matchers, matching, opening, refunds
from contributions.models import Contribution
from goals import rules
from goals.models import Matcher, SavingGoal
from tests.simulation.goal_owners import magnitude_of
from tests.simulation.invariants import Promise
from tests.simulation.recent import LOCAL


class ByHand:
    """A mixin of the World, which gives it what is annotated here."""

    random: Random
    by_hand: Random | None
    promises: dict[str, Promise]
    _numbers: Iterator[int]
    _some: Any

    def _cash_accounts(self) -> dict[str, str]:
        """What a goal lists besides its provider."""
        return {"Offline": ""} if self.by_hand else {}

    def _client_notes_cash(self) -> str:
        goal = self._some(SavingGoal.objects.filter(deleted_at=None))
        if goal is None:
            return "no goal"
        account = next(one for one in rules.live_accounts(goal) if one.provider == "Offline")
        amount = self.random.choice([1, 300, 999, 2500]) * magnitude_of(goal.goal_minor)
        gift = opening.NewGift(amount_minor=amount, contributor="Giver", message=None, account=account)
        public_id = f"cash-{next(self._numbers)}"
        contribution = self._record(goal, gift, public_id)
        self.promises[public_id] = Promise(public_id)
        return f"{public_id} of {amount} to {goal.public_id}, {contribution.status}"

    def _record(self, goal: SavingGoal, gift: opening.NewGift, public_id: str) -> Contribution:
        """Half of them by a process that dies right after it: the matches are left to the worker, several at once."""
        if self.by_hand and self.by_hand.random() < 0.5:
            with mock.patch.object(matching, "follow", return_value=None):
                return opening.record_gift(goal, gift, public_id=public_id)
        return opening.record_gift(goal, gift, public_id=public_id)

    def _client_gives_cash_back(self) -> str:
        """Of a match nobody can."""
        rows = Contribution.objects.whole().filter(checkout__account__provider__in=LOCAL, status="Settled")
        contribution = self._some(rows)
        if contribution is None:
            return "no cash"
        amount = self.random.choice([None, None, 1, contribution.amount_minor // 3 or 1])
        refund = refunds.ask(contribution, amount_minor=amount, reason=None, public_id=f"back-{next(self._numbers)}")
        return f"{contribution}: {amount} {refund.status}"

    def _client_adds_matcher(self) -> str:
        goal = self._some(SavingGoal.objects.filter(deleted_at=None))
        if goal is None:
            return "no goal"
        most = self.random.choice([1, 700, 3000, 3000, 10**4, 10**6]) * magnitude_of(goal.goal_minor)
        wish = matchers.NewMatcher("Matcher", most, self.random.choice([1, 33, 50, 100, 100]))
        made = matchers.create(goal, wish, public_id=f"matcher-{next(self._numbers)}")
        return f"{made} of {wish.percent} % up to {most} for {goal.public_id}"

    def _client_ends_matcher(self) -> str:
        matcher = self._some(Matcher.objects.filter(deleted_at=None))
        if matcher is None:
            return "no matcher"
        matchers.delete(matcher)
        return str(matcher)
