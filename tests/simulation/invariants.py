"""What must hold in the simulated world: at every moment at which nobody is in the middle of something, and at rest."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db.models import Sum

from contributions.causes import Cause
from contributions.models import Attention, Contribution, LedgerEntry, Refund
from contributions.status import MOVES, OPEN, Intent, Status
from goals.models import SavingGoal
from providers.base import PaymentState, RefundState
from tests.simulation import ends, match_invariants, shares
from tests.simulation.books import Books
from tests.simulation.event_invariants import EventInvariants
from tests.simulation.goal_invariants import GoalInvariants
from tests.simulation.goal_owners import GoalAmount
from tests.simulation.limits import Limits
from tests.simulation.side import TruePayment, TrueRefund, Wrong

A_ROUND = timedelta(hours=31)
"""Within so much time, at rest, the worker has had every contribution in its hands."""


@dataclass
class Promise:
    """A write that a client was told is done. Deletions by the provider's `effects`, counted at that moment."""

    public_id: str
    deleted_at_effect: int | None = None


class Watched(ends.Watched, Protocol):
    """What is looked at: the world."""

    promises: dict[str, Promise]
    asked_to_capture: set[str]
    goal_amounts: list[GoalAmount]
    now: datetime

    def waits_for_a_person(self, contribution: Contribution) -> bool: ...


class Invariants:
    """Checked after every step. Raises Wrong where one does not hold."""

    def __init__(self, world: Watched) -> None:
        self.world = world
        self.events = EventInvariants()
        self.goals = GoalInvariants(world.goal_amounts)
        self.limits = Limits(world.goal_amounts)
        self.seen_changes = 0
        self.was_taken: set[int] = set()
        """Checkouts in which money was taken while they were current."""

    def check(self) -> None:
        """What must hold at every moment at which nobody is in the middle of something."""
        books = Books()
        self._check_totals(books)
        self._check_history(books)
        self.events.check(books)
        self.goals.check(books)
        match_invariants.check(books)
        for promise in self.world.promises.values():
            if promise.public_id not in books.by_public_id:
                raise Wrong(f"{promise.public_id} was acknowledged and is gone")
        truth = list(self.world.provider.payments.values())
        self.limits.check(books, truth)
        for payment in truth:
            self._check_payment(books, books.by_public_id[payment.reference], payment)
        for refund in books.refunds:
            refunded = books.contributions[refund.contribution_id]
            if not books.local_name(refunded):
                self._check_refund(books, refund, self._refunds_at(refunded.public_id))
        for payment in truth:
            self._check_refunds_made(books, books.by_public_id[payment.reference], payment)

    def _refunds_at(self, reference: str) -> list[TrueRefund]:
        return [refund for one in self.world.provider.payments.values() if one.reference == reference for refund in one.refunds]

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
        """At most one first capture in each checkout, and never more than the amount; the current one's fit the status."""
        entries, current = books.entries_of(one), books.checkouts[one.checkout_id].number
        for number in {entry.checkout_number for entry in entries}:
            here = [entry for entry in entries if entry.checkout_number == number]
            first = [entry.amount_minor for entry in here if entry.kind == "capture"]
            if len(first) > 1 or sum_of(here, "capture", "further_capture") > (one.amount_minor if first else 0):
                raise Wrong(f"{one.public_id} is {one.status} with captures of {first} in checkout {number}")
        own = [entry for entry in entries if entry.checkout_number == current]
        captured = any(entry.kind == "capture" for entry in own)
        taken = one.status in {"Settled", "Refunded", "Reversed"}
        if taken and not captured:
            raise Wrong(f"{one.public_id} is {one.status} without a capture")
        if captured and not taken and (one.status != "Canceled" or one.intent != "release"):
            raise Wrong(f"{one.public_id} is {one.status} and captured")
        says = (one.settled_minor or 0, one.refunded_minor, one.reversed_minor)
        proven = (
            sum_of(own, "capture", "further_capture"),
            sum_of(own, "refund") - sum_of(own, "refund_undone"),
            sum_of(own, "reversal") - sum_of(own, "reversal_won"),
        )
        if says != proven:
            raise Wrong(f"{one.public_id} says {says} settled, refunded and reversed, its entries say {proven}")
        if taken and one.status not in statuses_after(*proven, reserved=one.refunds_reserved_minor):
            raise Wrong(f"{one.public_id} is {one.status} after {proven}, with {one.refunds_reserved_minor} reserved")

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
        if captured_here and (payment.currency, payment.payee) != (one.currency, self.world.provider.payee):
            raise Wrong(f"{one.public_id} is settled and was paid to {payment.payee} in {payment.currency}")
        here = [entry for entry in books.entries_of(one) if entry.checkout_number == number]
        if sum_of(here, "capture", "further_capture") > payment.taken:
            raise Wrong(f"{one.public_id} is in the books over more than was taken")
        shares.check_captures(one, here, payment)
        if sum_of(here, "reversal") and not payment.chargebacks:
            raise Wrong(f"{one.public_id} was taken back, and the provider has not done that")
        if payment.by_itself or payment.by_the_giver:
            return
        if payment.captures and checkout and checkout.id != one.checkout_id and checkout.id not in self.was_taken:
            raise Wrong(f"{one.public_id} was taken in a checkout that another one had replaced")
        self.was_taken |= {checkout.id} if payment.captures and checkout else set()
        promise = self.world.promises.get(one.public_id)
        deleted_at = promise.deleted_at_effect if promise else None
        if deleted_at is not None and payment.captured_at_effect is not None and payment.captured_at_effect > deleted_at:
            raise Wrong(f"{one.public_id} was captured after its deletion had been acknowledged")
        if (
            payment.captures
            and checkout
            and checkout.capture_policy == "Manual"
            and one.public_id not in self.world.asked_to_capture
        ):
            raise Wrong(f"{one.public_id} was captured though nobody asked for it")

    def _check_refund(self, books: Books, refund: Any, made: list[TrueRefund]) -> None:
        real = next((one for one in made if refund.public_id == one.reference), None)
        real = real or next((one for one in made if refund.provider_reference == one.number), None)
        if real is None and refund.status == "Completed" and not refund.provider_reference:  # booked by the provider's sum
            by_hand = sum(
                one.amount_minor for one in made if not one.reference and (one.was_done or one.state is RefundState.COMPLETED)
            )
            if refund.amount_minor > by_hand:
                raise Wrong(f"refund {refund.public_id} is more than was given back by hand")
            return
        if refund.status == "Completed" and (real is None or not (real.state is RefundState.COMPLETED or real.was_done)):
            raise Wrong(f"refund {refund.public_id} is in the books and was never made")
        shares.check_refund(refund, books.entries_of(books.contributions[refund.contribution_id]), real)
        if refund.status == "Failed" and real is not None and real.state is not RefundState.FAILED:
            raise Wrong(f"refund {refund.public_id} is called failed and was made")

    def _check_refunds_made(self, books: Books, one: Any, payment: TruePayment) -> None:
        made = [refund for refund in payment.refunds if refund.state is not RefundState.FAILED]
        named = [refund.reference for refund in made if refund.reference]
        if payment.going_back > payment.taken or len(named) != len(set(named)):
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
                ends.check_end(self.world, books, change)
            latest[change.contribution_id] = change
        self.seen_changes = max((change.id for change in books.changes), default=0)
        for one in books.contributions.values():
            last = latest.get(one.id)
            if last is None or (last.version, last.to_status) != (one.version, one.status):
                raise Wrong(f"{one.public_id} is not what its history says")

    def check_rest(self) -> None:
        pending = Contribution.objects.whole().filter(status=Status.PENDING)
        undecided = {one.goal_id for one in pending if self.world.waits_for_a_person(one)}
        at_the_provider: dict[str, list[TruePayment]] = {}
        for payment in self.world.provider.payments.values():
            at_the_provider.setdefault(payment.reference, []).append(payment)
        for reference, payments in at_the_provider.items():
            contribution = Contribution.objects.whole().get(public_id=reference)
            if all(payment.amount_minor == contribution.amount_minor for payment in payments):
                self._check_gift_at_rest(contribution, payments, undecided)
            # Otherwise it is not counted, whatever it is: it waits for a person.
        if Refund.objects.filter(status=Refund.Status.PENDING).exists():
            raise Wrong("a refund is stuck")
        match_invariants.check_rest(Books())
        self.events.check_rest(Books())
        self.goals.check_rest(Books(), self.world.now - A_ROUND, undecided)

    def _check_gift_at_rest(self, contribution: Contribution, payments: list[TruePayment], undecided: Set[int]) -> None:
        """`undecided`: as in GoalInvariants.check_rest."""
        if contribution.status in OPEN and not self.world.waits_for_a_person(contribution):
            raise Wrong(f"{contribution} is stuck: {contribution.status} {contribution.status_reason}")
        if contribution.status == Status.AUTHORIZED and all(one.state is not PaymentState.AUTHORIZED for one in payments):
            raise Wrong(f"{contribution} is called held, and nothing of it is")
        booked = LedgerEntry.objects.filter(contribution=contribution).aggregate(sum=Sum("collected_delta_minor"))
        kept = sum(payment.kept for payment in payments)
        if (booked["sum"] or 0) != kept:
            raise Wrong(f"{contribution}: our books say {booked['sum'] or 0}, the provider's {kept}")
        current = contribution.current_checkout
        for payment in payments:
            is_current = payment.checkout_id == current.provider_checkout_id
            if not is_current and payment.kept and not contribution.checkouts.filter(provider_checkout_id=payment.checkout_id):
                continue  # nobody has ever named it to us
            kept = payment.kept and not self._a_person_knows(contribution, payment)
            if not is_current and (kept or payment.state is PaymentState.AUTHORIZED):
                raise Wrong(f"{contribution}: {payment.kept} kept, {payment.state} in the older checkout {payment.checkout_id}")
            if is_current:
                self._check_current_at_rest(contribution, payment, undecided)

    def _check_current_at_rest(self, contribution: Contribution, payment: TruePayment, undecided: Set[int]) -> None:
        held, released = contribution.status == Status.AUTHORIZED, contribution.intent == Intent.RELEASE
        if held != (payment.state is PaymentState.AUTHORIZED):
            raise Wrong(f"{contribution} is {contribution.status} here and {payment.state} there")
        if held and contribution.intent != Intent.COLLECT:
            raise Wrong(f"{contribution} is to be {contribution.intent}d and is still held")
        policy = contribution.current_checkout.capture_policy
        if held and policy == "OnGoalReached" and self._is_reached(contribution.goal):
            raise Wrong(f"{contribution} is still held though its goal is reached")
        ended_at = None if contribution.goal_id in undecided else contribution.goal.ends_at
        if held and policy == "OnGoalReached" and ended_at and ended_at < self.world.now - A_ROUND:
            raise Wrong(f"{contribution} is still held though its goal has ended")
        shares.check_payee_at_rest(contribution, payment)
        if released and payment.kept and not self._a_person_knows(contribution, payment):
            raise Wrong(f"{contribution} is not wanted, and {payment.kept} of it was not given back")

    @staticmethod
    def _a_person_knows(contribution: Contribution, payment: TruePayment) -> bool:
        """That the provider lets nobody give it back."""
        told = Attention.objects.filter(kind="money_cannot_go_back", about=contribution.public_id)
        return payment.refuses_refunds and told.exists()

    @staticmethod
    def _is_reached(goal: SavingGoal) -> bool:
        return goal.starting_minor + goal.collected_minor + goal.authorized_minor >= goal.goal_minor


def sum_of(entries: Iterable[Any], *kinds: str) -> int:
    """Of the amounts of the entries of these kinds."""
    return sum(entry.amount_minor for entry in entries if entry.kind in kinds)


def statuses_after(captured: int, refunded: int, lost: int, *, reserved: int) -> set[str]:
    """What a contribution may be called whose money was taken. While refunds are on their way nothing is moved yet."""
    if lost and captured == reserved + lost:
        return {"Reversed"} if reserved == refunded else {"Reversed", "Settled"}
    return {"Refunded"} if captured == refunded else {"Settled"}
