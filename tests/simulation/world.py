"""A seeded world of partners, givers, a provider, a worker and crashes, over the real domain code.

One history is a number of steps. In each, somebody does something; while a call to the provider is on its way somebody
else may do something too; and the process may die at any statement and at any call. After every step the invariants
are checked. At the end the trouble stops, time passes, the worker does its rounds, and our books must equal the
provider's. The same seed gives the same history, to the letter.
"""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from unittest import mock

import shortuuid
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

import clock
from contributions import captures, deletion, opening, pace, refunds, reopening, returned_checkouts
from contributions.audit import faults_in_the_books
from contributions.causes import Cause
from contributions.models import Checkout, Contribution, LedgerEntry, Refund
from contributions.status import MOVES, OPEN, Intent, Status
from contributions.sync import sync, sync_checkout
from contributions.worker import sync_all_due
from goals import rules
from goals.models import SavingGoal
from pages.returns import may_still_change
from partners.models import Partner
from providers.base import AmountRefused, PaymentState, ProviderRefused, ProviderUnavailable, RefundState
from tests.simulation.books import Books
from tests.simulation.provider import TruthfulProvider
from tests.simulation.side import ProviderSide, TruePayment, TrueRefund, Wrong

REFUSALS = (
    opening.CheckoutRefused,
    opening.GoalIsGone,
    reopening.NotOnOffer,
    reopening.BeingOpened,
    rules.GoalHasEnded,
    rules.StaleVersion,
    captures.CannotCapture,
    refunds.CannotRefund,
    refunds.RefundTooLarge,
    deletion.CannotDelete,
    deletion.BeingSettled,
    AmountRefused,
)
"""What a client or a giver may be told without anything being wrong."""


class ProcessDied(BaseException):
    """Outside Exception, as SIGKILL is: nothing in the product sees it."""


class Undo(Exception):
    """Ends a history: its database is thrown away."""


@dataclass
class Promise:
    """A write that a client was told is done. Deletions by the provider's `effects`, counted at that moment."""

    public_id: str
    deleted_at_effect: int | None = None


class World:
    """One history from one seed, at one provider's. `log` says what happened, a line an event."""

    def __init__(
        self, seed: int, side: Callable[[Random, Callable[[str, str], None]], ProviderSide] = TruthfulProvider
    ) -> None:
        self.random = Random(seed)
        self.provider = side(Random(seed + 1), self._at_a_call)
        self.now = datetime(2030, 1, 1, tzinfo=UTC)
        self.log: list[str] = []
        self.promises: dict[str, Promise] = {}
        self.asked_to_capture: set[str] = set()
        self.dead = False
        self.dies_in: int | None = None
        self.nesting = 0
        self.others_acted = False
        self.step = 0
        self.seen_changes = 0
        self.was_taken: set[int] = set()
        """Checkouts in which money was taken while they were current."""
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
                self.partner = Partner.objects.create(name="Partner")
                self._create_goal()
                for self.step in range(1, steps + 1):
                    self._one_step()
                    self.check()
                self._come_to_rest()
                raise Undo
        except Undo:
            return self.log
        except Wrong as wrong:
            raise Wrong(f"step {self.step}: {wrong}\n" + "\n".join(self.log[-12:])) from None
        except DatabaseError as error:  # an error outside any transaction of the product's spoils this one of ours
            raise Wrong(f"step {self.step}: {type(error).__name__}: {error}") from error

    @contextmanager
    def _laws_of_nature(self) -> Iterator[None]:
        """Our own clock, ids, jitter, provider, and death at any statement; everything back afterwards."""
        numbers, jitter = Random(self.random.random()), Random(self.random.random())
        letters = shortuuid.get_alphabet()
        clock.use(lambda: self.now)
        with (
            mock.patch.object(shortuuid, "uuid", side_effect=lambda: "".join(numbers.choices(letters, k=22))),
            mock.patch.object(pace, "random", jitter),
            self.provider.laws(self._sleep),
            connection.execute_wrapper(self._at_a_statement),
        ):
            try:
                yield
            finally:
                clock.use(None)

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def _one_step(self) -> None:
        action, self.others_acted = self._choose(), False
        self.dead, self.dies_in = False, self.random.randint(1, 30) if self.random.random() < self.deadliness else None
        try:
            self._say(f"{self.step}. {action.__name__.strip('_')}: {action()}")
        except ProcessDied as death:
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
            self._provider_acts: 10,
            self._time: 8,
        }

    # --- trouble --------------------------------------------------------------------------------------------------

    def _at_a_statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Every SQL statement of the product goes through here: a named point before and after each."""
        name = " ".join(sql.replace('"', "").split()[:3])
        housekeeping = sql.startswith(("SAVEPOINT", "ROLLBACK"))
        if self.dead and not housekeeping:
            raise ProcessDied("again")
        if self.dies_in is None or housekeeping or self.nesting:
            return execute(sql, params, many, context)
        self.dies_in -= 1
        # A commit is the release of a savepoint here. Before it is the same as after the statement before it.
        if self.dies_in == 0 and not sql.startswith("RELEASE"):
            self._die(f"before {name}")
        result = execute(sql, params, many, context)
        if self.dies_in is not None and self.dies_in < 0:
            self._die(f"after {name}")
        return result

    def _die(self, where: str) -> None:
        self.dead, self.dies_in = True, None
        raise ProcessDied(where)

    def _at_a_call(self, when: str, operation: str) -> None:
        """Every call to the provider goes through here, before and after."""
        if len(connection.savepoint_ids) != self.savepoints:
            raise Wrong(f"a transaction is open across {operation}")
        if self.dead:
            raise ProcessDied("again")
        if self.provider.calm or self.nesting:
            return
        if self.dies_in is not None and self.random.random() < 0.2:
            self._die(f"{when} {operation}")
        if self.random.random() < 0.25:
            self._meanwhile()

    def _meanwhile(self) -> None:
        """Another process acts while a call is on its way."""
        action, self.nesting, self.others_acted = self._choose(), 1, True
        try:
            self._say(f"   meanwhile {action.__name__.strip('_')}: {action()}")
        except REFUSALS as refusal:
            self._say(f"   meanwhile {action.__name__.strip('_')}: refused, {type(refusal).__name__}")
        finally:
            self.nesting = 0

    def _say(self, line: str) -> None:
        self.log.append(line)

    # --- what partners do -----------------------------------------------------------------------------------------

    def _create_goal(self) -> str:
        policy = self.random.choice(["Immediate", "Immediate", "Manual", "OnGoalReached"])
        ends_at = self.now + timedelta(days=self.random.randint(1, 60)) if self.random.random() < 0.4 else None
        values = {
            "external_item_id": "item",
            "name": "Goal",
            "currency": self.random.choice(self.provider.currencies),
            "goal_minor": self.random.choice([1000, 5000]),
            "capture_policy": policy,
            "ends_at": ends_at,
        }
        public_id = f"goal-{next(self._numbers)}"
        rules.create(self._partner, rules.GoalChange(values, {self.provider.name: self.provider.payee}), public_id=public_id)
        return f"{public_id} {policy}"

    @property
    def _partner(self) -> Partner:
        if self.partner is None:
            raise Wrong("the world has not begun")
        return self.partner

    def _contribute(self) -> str:
        goal = self._some(SavingGoal.objects.filter(deleted_at=None))
        if goal is None:
            return "no goal"
        amount = self.random.choice([300, 999, 1000, 2500])
        gift = opening.NewGift(amount, "Giver", None, rules.live_accounts(goal)[0])
        public_id = f"gift-{next(self._numbers)}"
        contribution = opening.record_gift(goal, gift, public_id=public_id)
        self.promises[public_id] = Promise(public_id)
        return f"{public_id} of {amount} to {goal.public_id}, {contribution.status}"

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
        amount = self.random.choice([None, 1, 1, 100, 100, contribution.amount_minor])
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

    def _client_edits_goal(self) -> str:
        goal = self._some(SavingGoal.objects.filter(deleted_at=None))
        if goal is None:
            return "no goal"
        edited = rules.edit(goal, rules.GoalChange({"goal_minor": self.random.choice([1, 1000, 100000])}))
        return f"{edited.public_id} to {edited.goal_minor}"

    def _promise_of(self, contribution: Contribution) -> Promise:
        return self.promises.setdefault(contribution.public_id, Promise(contribution.public_id))

    # --- what givers, the provider, the worker and time do --------------------------------------------------------

    def _giver_opens(self) -> str:
        """The giver follows ProviderURL, perhaps not for the first time: as pages/pay.py answers."""
        contribution = self._contribution(status__in=["Submitted", "Failed", "Canceled"])
        if contribution is None:
            return "nobody"
        if not reopening.may_be_paid(contribution) or reopening.is_open(contribution):
            return f"{contribution}: nothing to open"
        try:
            contribution = reopening.open_checkout(contribution, self.provider.name)
        except (ProviderRefused, ProviderUnavailable) as error:
            return f"{contribution}: not opened, {type(error).__name__}"
        return f"{contribution}: {contribution.status}, checkout {contribution.current_checkout.number}"

    def _giver_acts(self) -> str:
        payment = self._payment_begun_on_our_page() or self._payment()
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
        if contribution is None or contribution.current_checkout.stage == "recorded":
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
            return f"dashboard refund {self.provider.dashboard_refund(payment, self.random.choice([1, 100]))}"
        if deed == "chargeback":
            return f"chargeback {self.provider.chargeback(payment)}"
        return f"dispute won {self.provider.dispute_is_won(payment)}"

    def _time(self) -> str:
        by = self.random.choice([timedelta(seconds=10), timedelta(seconds=90), timedelta(hours=6), timedelta(days=4)])
        self.now += by
        self.provider.time_passes()
        return f"{by} pass"

    def _some(self, rows: Any) -> Any:
        """One of them, most often a recent one: what happens twice to one thing is what goes wrong."""
        found = list(rows.order_by("-pk")[: self.random.choice([1, 2, 2, 10])])
        return self.random.choice(found) if found else None

    def _contribution(self, **which: Any) -> Contribution | None:
        found: Contribution | None = self._some(Contribution.objects.whole().filter(**which))
        return found

    def _payment(self) -> TruePayment | None:
        """One that a giver could have been sent to: nobody knows the address of a checkout we never learned about."""
        known = set(Checkout.objects.exclude(url="").values_list("contribution__public_id", "provider_checkout_id"))
        on_our_page = {reference for reference, checkout_id in known if not checkout_id or self.provider.on_our_page}
        reachable = [
            payment
            for payment in self.provider.payments.values()
            if (payment.reference, payment.checkout_id) in known or payment.reference in on_our_page
        ]
        recent = reachable[-self.random.choice([1, 2, 2, 10]) :]
        return self.random.choice(recent) if recent else None

    # --- invariants -----------------------------------------------------------------------------------------------

    def check(self) -> None:
        """What must hold at every moment at which nobody is in the middle of something."""
        books = Books()
        self._check_totals(books)
        self._check_history(books)
        self._check_events(books)
        for promise in self.promises.values():
            if promise.public_id not in books.by_public_id:
                raise Wrong(f"{promise.public_id} was acknowledged and is gone")
        truth = list(self.provider.payments.values())
        for payment in truth:
            self._check_payment(books, books.by_public_id[payment.reference], payment)
        for refund in books.refunds:
            self._check_refund(refund, self._refunds_at(books.contributions[refund.contribution_id].public_id))
        for payment in truth:
            self._check_refunds_made(books, books.by_public_id[payment.reference], payment)

    def _refunds_at(self, reference: str) -> list[TrueRefund]:
        return [refund for one in self.provider.payments.values() if one.reference == reference for refund in one.refunds]

    def _check_totals(self, books: Books) -> None:
        for goal in books.goals:
            entries = [entry for entry in books.entries if entry.goal_id == goal.id]
            collected = sum(entry.collected_delta_minor for entry in entries)
            authorized = sum(entry.authorized_delta_minor for entry in entries)
            if (collected, authorized) != (goal.collected_minor, goal.authorized_minor):
                raise Wrong(f"{goal.public_id} says {goal.collected_minor, goal.authorized_minor}, not {collected, authorized}")
            own = [one for one in books.contributions.values() if one.goal_id == goal.id]
            if authorized != sum(one.amount_minor for one in own if one.status == "Authorized"):
                raise Wrong(f"{goal.public_id} says that {authorized} are held, which its contributions do not")
        for one in books.contributions.values():
            self._check_captures(books, one)

    def _check_captures(self, books: Books, one: Any) -> None:
        """At most one capture in each checkout, over the whole amount; that of the current one fits the status."""
        entries, current = books.entries_of(one), books.checkouts[one.checkout_id].number
        for number in {entry.checkout_number for entry in entries}:
            captured = [entry.amount_minor for entry in entries if (entry.kind, entry.checkout_number) == ("capture", number)]
            if captured not in ([], [one.amount_minor]):
                raise Wrong(f"{one.public_id} is {one.status} with captures of {captured} in checkout {number}")
        own = [entry for entry in entries if entry.checkout_number == current]
        captured = any(entry.kind == "capture" for entry in own)
        taken = one.status in {"Settled", "Refunded", "Reversed"}
        if taken and not captured:
            raise Wrong(f"{one.public_id} is {one.status} without a capture")
        if captured and not taken and (one.status != "Canceled" or one.intent != "release"):
            raise Wrong(f"{one.public_id} is {one.status} and captured")
        given_back = sum(entry.amount_minor for entry in own if entry.kind == "refund")
        if given_back != one.refunded_minor:
            raise Wrong(f"{one.public_id} says {one.refunded_minor} refunded, its entries say {given_back}")

    def _check_payment(self, books: Books, one: Any, payment: TruePayment) -> None:
        checkout = books.checkout_at(one, payment.checkout_id)
        number = checkout.number if checkout else None
        captured_here = any((entry.kind, entry.checkout_number) == ("capture", number) for entry in books.entries_of(one))
        if payment.captures > 1:
            raise Wrong(f"{one.public_id} was captured {payment.captures} times")
        if captured_here and not payment.captures:
            raise Wrong(f"{one.public_id} is in the books as captured, and is not")
        if captured_here and payment.amount_minor != one.amount_minor:
            raise Wrong(f"{one.public_id} is settled over another amount than was taken")
        if captured_here and (payment.currency, payment.payee) != (one.currency, self.provider.payee):
            raise Wrong(f"{one.public_id} is settled and was paid to {payment.payee} in {payment.currency}")
        reversals = sum(change.to_status == "Reversed" != change.from_status for change in books.changes_of(one))
        if reversals > payment.chargebacks:
            raise Wrong(f"{one.public_id} was taken back more often than the provider did")
        if payment.by_itself or payment.by_the_giver:
            return
        if payment.captures and checkout and checkout.id != one.checkout_id and checkout.id not in self.was_taken:
            raise Wrong(f"{one.public_id} was taken in a checkout that another one had replaced")
        self.was_taken |= {checkout.id} if payment.captures and checkout else set()
        promise = self.promises.get(one.public_id)
        deleted_at = promise.deleted_at_effect if promise else None
        if deleted_at is not None and payment.captured_at_effect is not None and payment.captured_at_effect > deleted_at:
            raise Wrong(f"{one.public_id} was captured after its deletion had been acknowledged")
        if payment.captures and checkout and checkout.capture_policy == "Manual" and one.public_id not in self.asked_to_capture:
            raise Wrong(f"{one.public_id} was captured though nobody asked for it")

    def _check_refund(self, refund: Any, made: list[TrueRefund]) -> None:
        real = next((one for one in made if refund.public_id == one.reference), None)
        real = real or next((one for one in made if refund.provider_reference == one.number), None)
        if refund.status == "Completed" and (real is None or real.state is not RefundState.COMPLETED):
            raise Wrong(f"refund {refund.public_id} is in the books and was never made")
        if refund.status == "Failed" and real is not None and real.state is not RefundState.FAILED:
            raise Wrong(f"refund {refund.public_id} is called failed and was made")

    def _check_refunds_made(self, books: Books, one: Any, payment: TruePayment) -> None:
        made = [refund for refund in payment.refunds if refund.state is not RefundState.FAILED]
        named = [refund.reference for refund in made if refund.reference]
        if payment.going_back > payment.amount_minor or len(named) != len(set(named)):
            raise Wrong("more was given back than was taken, or one refund was made twice")
        ours = [refund for refund in books.refunds if refund.contribution_id == one.id and refund.cause != Cause.PROVIDER]
        if sum(not refund.by_hand for refund in made) > len(ours):
            raise Wrong(f"{one.public_id}: more refunds were made than anybody has asked for")

    def _check_history(self, books: Books) -> None:
        latest: dict[int, Any] = {}
        for change in books.changes:
            name, before = books.contributions[change.contribution_id].public_id, latest.get(change.contribution_id)
            if change.version != (before.version + 1 if before else 1):
                raise Wrong(f"{name} has a gap in its versions at {change.version}")
            if before is not None and change.from_status != before.to_status:
                raise Wrong(f"{name} went from {change.from_status}, where it was not")
            moved = before is not None and change.from_status != change.to_status
            if moved and (change.from_status, change.to_status) not in MOVES:
                raise Wrong(f"{name} made the illegal move from {change.from_status} to {change.to_status}")
            if moved and change.id > self.seen_changes:
                self._check_end(books, books.contributions[change.contribution_id], change)
            latest[change.contribution_id] = change
        self.seen_changes = max((change.id for change in books.changes), default=0)
        for one in books.contributions.values():
            last = latest.get(one.id)
            if last is None or (last.version, last.to_status) != (one.version, one.status):
                raise Wrong(f"{one.public_id} is not what its history says")

    def _check_events(self, books: Books) -> None:
        """The partner is told of each move, once, as it was, in the order in which they were made; and of nothing else."""
        moves = {
            (books.contributions[change.contribution_id].public_id, change.version): change
            for change in books.changes
            if change.from_status and change.event
        }
        told = [(event.about, event.version) for event in books.events]
        if sorted(told) != sorted(moves):
            raise Wrong(f"the partner is told of {sorted(told)}, and what happened is {sorted(moves)}")
        if [event.position for event in books.events] != list(range(1, len(told) + 1)):
            raise Wrong("the positions of the events have a gap")
        if told != sorted(told, key=lambda one: moves[one].id):
            raise Wrong("the events are in another order than the moves")
        for event in books.events:
            shown, move = json.loads(event.content), moves[event.about, event.version]
            if (event.type, shown["Status"], shown["RecordVersionNumber"]) != (move.event, move.to_status, move.version):
                raise Wrong(f"event {event.position} tells of {event.type} and shows {shown['Status']}")

    def _check_end(self, books: Books, one: Any, change: Any) -> None:
        """Nothing is called failed or canceled at a moment at which it is taken, being thought about, or approved."""
        checkout = books.checkouts[one.checkout_id]
        payment = self.provider.payments.get(checkout.provider_checkout_id)
        if change.to_status not in {"Failed", "Canceled"} or payment is None or payment.by_itself:
            return
        if one.status != change.to_status:
            return  # it has been found out since
        unasked = self.others_acted or one.deleted_at is not None or change.reason == "goal_deleted"
        if payment.by_the_giver and unasked:
            return  # nobody could have known
        wrong = {PaymentState.CAPTURED, PaymentState.PENDING}
        if change.reason == "giver_cancelled":  # and may have approved after all, in the same step
            wrong = {PaymentState.CAPTURED} if self.others_acted else {*wrong, PaymentState.APPROVED}
        if payment.state in wrong:
            raise Wrong(f"{one.public_id} was called {change.to_status} while it is {payment.state}")

    # --- the end ----------------------------------------------------------------------------------------------------

    def _come_to_rest(self) -> None:
        """No more trouble: time passes and the worker does its rounds. Then everything is found out."""
        self.provider.calm = True
        for _ in range(6):
            self.provider.reviews_end(passed=True)
            self.now += timedelta(hours=30)
            self.provider.time_passes()
            sync_all_due(whether_due_or_not=True)
            self.provider.reports_what_is_unheard()
            for checkout in Checkout.objects.exclude(provider_checkout_id="").select_related("contribution"):
                if checkout.contribution.status not in OPEN and checkout.contribution.status != Status.AUTHORIZED:
                    sync_checkout(checkout, cause=Cause.WEBHOOK)
        self.check()
        for fault in faults_in_the_books():
            raise Wrong(f"the audit finds what nothing else does: {fault}")
        self._check_rest()

    def _check_rest(self) -> None:
        at_the_provider: dict[str, list[TruePayment]] = {}
        for payment in self.provider.payments.values():
            at_the_provider.setdefault(payment.reference, []).append(payment)
        for reference, payments in at_the_provider.items():
            contribution = Contribution.objects.whole().get(public_id=reference)
            if all(payment.amount_minor == contribution.amount_minor for payment in payments):
                self._check_gift_at_rest(contribution, payments)
            # Otherwise it is not counted, whatever it is: it waits for a person.
        if Refund.objects.filter(status=Refund.Status.PENDING).exists():
            raise Wrong("a refund is stuck")

    def _check_gift_at_rest(self, contribution: Contribution, payments: list[TruePayment]) -> None:
        if contribution.status in OPEN:
            raise Wrong(f"{contribution} is stuck: {contribution.status} {contribution.status_reason}")
        booked = LedgerEntry.objects.filter(contribution=contribution).aggregate(sum=Sum("collected_delta_minor"))
        kept = sum(payment.kept for payment in payments)
        if (booked["sum"] or 0) != kept:
            raise Wrong(f"{contribution}: our books say {booked['sum'] or 0}, the provider's {kept}")
        current = contribution.current_checkout
        for payment in payments:
            is_current = payment.checkout_id == current.provider_checkout_id
            if not is_current and payment.kept and not contribution.checkouts.filter(provider_checkout_id=payment.checkout_id):
                continue  # nobody has ever named it to us
            if not is_current and (payment.kept or payment.state is PaymentState.AUTHORIZED):
                raise Wrong(f"{contribution}: {payment.kept} kept, {payment.state} in the older checkout {payment.checkout_id}")
            if is_current:
                self._check_current_at_rest(contribution, payment)

    def _check_current_at_rest(self, contribution: Contribution, payment: TruePayment) -> None:
        held, released = contribution.status == Status.AUTHORIZED, contribution.intent == Intent.RELEASE
        if held != (payment.state is PaymentState.AUTHORIZED):
            raise Wrong(f"{contribution} is {contribution.status} here and {payment.state} there")
        if held and contribution.intent != Intent.COLLECT:
            raise Wrong(f"{contribution} is to be {contribution.intent}d and is still held")
        policy = contribution.current_checkout.capture_policy
        if held and policy == "OnGoalReached" and self._is_reached(contribution.goal):
            raise Wrong(f"{contribution} is still held though its goal is reached")
        if released and payment.state is PaymentState.CAPTURED and payment.kept:
            raise Wrong(f"{contribution} is not wanted, and {payment.kept} of it was not given back")

    @staticmethod
    def _is_reached(goal: SavingGoal) -> bool:
        return goal.starting_minor + goal.collected_minor + goal.authorized_minor >= goal.goal_minor
