"""A seeded world of partners, givers, a provider, a worker and crashes, over the real domain code.

One history is a number of steps. In each, somebody does something; while a call to the provider is on its way somebody
else may do something too; and the process may die at any statement and at any call. After every step the invariants
are checked. At the end the trouble stops, time passes, the worker does its rounds, and our books must equal the
provider's. The same seed gives the same history, to the letter.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from unittest import mock

import shortuuid
from django.conf import settings
from django.db import DatabaseError, connection, transaction

import clock
import leases
from contributions import pace
from contributions.audit import faults_in_the_books
from contributions.causes import Cause
from contributions.models import Checkout, Contribution
from contributions.status import OPEN, Status
from contributions.sync import sync_checkout
from contributions.worker import sync_all_due
from partners.models import Partner
from providers.base import PaymentState
from tests.simulation.by_hand import ByHand
from tests.simulation.goal_owners import GoalAmount
from tests.simulation.invariants import Invariants, Promise
from tests.simulation.people import People
from tests.simulation.provider import TruthfulProvider
from tests.simulation.side import ProviderSide, Wrong
from tests.simulation.trouble import REFUSALS, ProcessDied, Trouble

OVER = {PaymentState.CAPTURED, PaymentState.REVERSED, PaymentState.DECLINED, PaymentState.VOIDED, PaymentState.LAPSED}
"""Time alone changes nothing about such a payment."""


class Undo(Exception):
    """Ends a history: its database is thrown away."""


class World(Trouble, ByHand, People):
    """One history from one seed, at one provider's. `log` says what happened, a line an event."""

    rounds_of_rest = 6
    """Each of 30 hours, at the end."""

    def __init__(
        self, seed: int, side: Callable[[Random, Callable[[str, str], None]], ProviderSide] = TruthfulProvider
    ) -> None:
        self.random = Random(seed)
        self.overfunding = Random(seed + 2) if seed % 4 == 2 else None
        """Where gifts are limited, in a quarter of the histories: which goals limit them, and how."""
        self.by_hand = Random(seed + 3) if seed % 8 == 0 else None
        """Where gifts come in cash and are matched, in an eighth of the histories: which goals limit them."""
        self.provider = side(Random(seed + 1), self._at_a_call)
        self.now = datetime(2030, 1, 1, tzinfo=UTC)
        self.log: list[str] = []
        self.promises: dict[str, Promise] = {}
        self.asked_to_capture: set[str] = set()
        self.dead = False
        self.dies_in: int | None = None
        self.nesting = 0
        self.others_acted = False
        self.truth_at_change: dict[tuple[int, int], dict[str, dict[str, PaymentState]]] = {}
        self.goal_amounts: list[GoalAmount] = []
        self.step = 0
        self.invariants = Invariants(self)
        self.partner: Partner | None = None
        self._numbers = itertools.count(1)
        self.weights = {action: weight * self.random.choice([0.4, 1, 1, 3]) for action, weight in self._actions().items()}
        """Every history has a temper of its own: in some there is much deleting, in others much goes wrong."""
        self.deadliness = self.random.choice([0.05, 0.2, 0.4])

    # --- running --------------------------------------------------------------------------------------------------

    def run(self, steps: int = 30) -> list[str]:
        """Live through the history and return its log. Raises Wrong where an invariant does not hold."""
        try:
            with self._laws_of_nature(), transaction.atomic():
                self.savepoints = len(connection.savepoint_ids)
                self.partner = Partner.objects.create(name="Partner", is_test=not settings.PROVIDERS_WITH_KEYS)
                self._live(steps)
                self._come_to_rest()
                raise Undo
        except Undo:
            return self.log
        except Wrong as wrong:
            raise Wrong(f"step {self.step}: {wrong}\n" + "\n".join(self.log[-12:])) from None
        except RuntimeError as error:
            raise Wrong(f"step {self.step}: {error}") from error
        except DatabaseError as error:  # an error outside any transaction of the product's spoils this one of ours
            raise Wrong(f"step {self.step}: {type(error).__name__}: {error}") from error

    def _live(self, steps: int) -> None:
        """All that happens before the trouble stops."""
        self._create_goal()
        if self.by_hand:
            self._one_step(self._client_adds_matcher)
        for _ in range(self.provider.gifts_at_first):
            self._one_step(self._contribute)
            self.invariants.check()
        for self.step in range(1, steps + 1):
            self._one_step()
            self.invariants.check()

    @contextmanager
    def _laws_of_nature(self) -> Iterator[None]:
        """Our own clock, ids, jitter, provider, and death at any statement; everything back afterwards."""
        numbers, jitter = Random(self.random.random()), Random(self.random.random())
        letters = shortuuid.get_alphabet()
        clock.use(lambda: self.now)
        with (
            mock.patch.object(shortuuid, "uuid", side_effect=lambda: "".join(numbers.choices(letters, k=22))),
            mock.patch.object(pace, "random", jitter),
            mock.patch.object(leases, "random", jitter),
            self.provider.laws(self._sleep),
            connection.execute_wrapper(self._at_a_statement),
        ):
            try:
                yield
            finally:
                clock.use(None)

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def _one_step(self, action: Callable[[], str] | None = None) -> None:
        action, self.others_acted = action or self._choose(), False
        self.dead, self.dies_in = False, self.random.randint(1, 30) if self.random.random() < self.deadliness else None
        try:
            self._say(f"{self.step}. {action.__name__.strip('_')}: {action()}")
        except ProcessDied as death:
            # Where a DELETE dies that was in no transaction of the product's, Django marks the world's own as one that failed.
            connection.set_rollback(False)
            self._say(f"{self.step}. {action.__name__.strip('_')}: died {death}")
        except REFUSALS as refusal:
            self._say(f"{self.step}. {action.__name__.strip('_')}: refused, {type(refusal).__name__}")
        except Wrong:
            raise
        except Exception as error:
            raise Wrong(f"{action.__name__} raised {type(error).__name__}: {error}") from error
        finally:
            self.dead, self.dies_in = False, None

    def _choose(self) -> Callable[[], str]:
        if self.dead and self.random.random() < 0.3:
            # The lease of the dead runs out, and before anybody has asked the client wants something.
            self.now += timedelta(seconds=90)
            self.provider.time_passes()
            return self.random.choice([self._client_deletes, self._client_deletes, self._client_refunds, self._client_captures])
        return self.random.choices(list(self.weights), list(self.weights.values()))[0]

    def _actions(self) -> dict[Callable[[], str], int]:
        return {
            self._create_goal: 1,
            self._contribute: 7,
            self._giver_opens: 8,
            self._giver_acts: 16,
            self._giver_returns: 14,
            self._giver_cancels: 4,
            self._provider_reports: 8,
            self._worker: 8,
            self._client_captures: 7,
            self._client_refunds: 12,
            self._client_deletes: 5,
            self._client_deletes_goal: 2,
            self._client_edits_goal: 1,
            self._provider_acts: 16,
            self._time: 8,
            **({self._payee_changes: 3} if self.provider.restricts_payees else {}),
            **({self._client_closes_or_reopens: 2} if self.overfunding else {}),
            **(self._actions_by_hand() if self.by_hand else {}),
        }

    def _actions_by_hand(self) -> dict[Callable[[], str], int]:
        return {
            self._client_notes_cash: 24,
            self._client_gives_cash_back: 14,
            self._client_adds_matcher: 8,
            self._client_ends_matcher: 2,
            self._client_closes_or_reopens: 1,
        }

    def _say(self, line: str) -> None:
        self.log.append(line)

    # --- the end ----------------------------------------------------------------------------------------------------

    def _come_to_rest(self) -> None:
        """No more trouble: time passes and the worker does its rounds. Then everything is found out."""
        self.provider.calm = True
        if self.provider.restricts_payees:
            self.provider.restricts(restricted=False)
        unchanged: Counter[tuple[Any, ...]] = Counter()
        for _ in range(self.rounds_of_rest):
            self.provider.reviews_end(passed=True)
            self.now += timedelta(hours=30)
            self.provider.time_passes()
            sync_all_due(whether_due_or_not=True)
            self.provider.reports_what_is_unheard()
            for checkout in Checkout.objects.exclude(provider_checkout_id="").select_related("contribution"):
                if checkout.contribution.status not in OPEN and checkout.contribution.status != Status.AUTHORIZED:
                    self._looks_again(checkout, unchanged)
        sync_all_due(whether_due_or_not=True)  # what was decided in the last round is done, such as to let a hold go
        self.invariants.check()
        for fault in faults_in_the_books():
            raise Wrong(f"the audit finds what nothing else does: {fault}")
        self.invariants.check_rest()
        self.check_payees_at_rest()

    def waits_for_a_person(self, contribution: Contribution) -> bool:
        """Nobody can find out by asking what has become of it."""
        return False

    def _looks_again(self, checkout: Checkout, looks: Counter[tuple[Any, ...]]) -> None:
        """Ask about it, but for what is over here and there and was asked about twice as it is: `looks` counts."""
        payment = self.provider.payments.get(checkout.provider_checkout_id)
        if payment is not None and payment.state in OVER:
            as_it_is = (checkout.pk, checkout.contribution.version, checkout.contribution.intent, repr(payment))
            looks[as_it_is] += 1
            if looks[as_it_is] > 2:
                return
        sync_checkout(checkout, cause=Cause.WEBHOOK)
