"""Ask the provider what became of a payment, do what follows, and write it down.

`sync` is the one function behind the return page, the cancel page, webhooks, clients and the worker. None of them is
believed: each only makes us ask. It leases the checkout, asks, and then obeys decisions.decide until nothing more follows.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from django.db import transaction

import clock
import leases
import prepared
from contributions import (
    attention,
    charges,
    matching,
    next_look,
    pace,
    platform_fees,
    provider_requests,
    refunds,
    room,
    told_refunds,
)
from contributions.causes import Cause
from contributions.decision_types import (
    BETWEEN_US_AND_PAYEES,
    Decision,
    Look,
    Move,
    NotOpened,
    Operation,
    Refusal,
    Silence,
    Told,
)
from contributions.decisions import decide
from contributions.evidence import evidence_of
from contributions.models import Checkout, Contribution, ProviderRequest
from contributions.snapshot import snapshot
from contributions.status import PENDING, Intent
from contributions.sync_result import SyncResult as SyncResult
from contributions.transitions import advance
from ownership import row_key
from providers import registry
from providers.base import (
    PayerActionRequired,
    Payment,
    PaymentRequest,
    Provider,
    ProviderRefused,
    ProviderUnavailable,
)

log = logging.getLogger(__name__)

MOST_STEPS = 8
"""Two orders, and the moves before and after them: more never follow from one answer."""


def sync(contribution: Contribution, *, cause: Cause, token: str = "", scenario: str = "") -> SyncResult:
    """Ask about the contribution's current checkout; see sync_checkout."""
    return sync_checkout(contribution.current_checkout, cause=cause, token=token, scenario=scenario)


def sync_checkout(checkout: Checkout, *, cause: Cause, token: str = "", scenario: str = "") -> SyncResult:
    """Ask the provider what became of the checkout, act on the answer, record it.

    Whoever holds the lease does it alone; anybody else gets what is known. Safe to repeat, to call late and from many
    places at once. An unknown outcome is recorded as such and asked about again. `token`: what the giver pays with where
    the provider is paid by token, if nothing is paid so far. `scenario`: what the simulator is to make of a charge.
    """
    leased = leases.take(checkout, also=("account", "contribution__goal__partner"))
    if leased is None:
        if cause is Cause.WEBHOOK:
            # Whoever is asking now may have been answered before this news: the worker asks once more.
            Checkout.objects.filter(**row_key(checkout)).update(due_at=clock.now())
        return SyncResult(_as_it_is(checkout), asked=False)
    asking = _Asking(leased, cause, token, scenario)
    try:
        asking.run()
    finally:
        asking.release()
    now, last = asking.contribution if asking.has_released else _as_it_is(checkout), asking.last
    if refunds.refund_what_is_owed(now, leased):
        now = _as_it_is(checkout)
    matching.follow(now)
    return SyncResult(
        now,
        asked=True,
        silent=last.silent,
        may_have_been_paid=last.may_have_been_paid,
        payer_action_url=last.payer_action_url,
        waits_for_payer=last.waits_for_payer,
    )


def _as_it_is(checkout: Checkout) -> Contribution:
    return Contribution.objects.whole().get(pk=checkout.contribution_id, partner_id=checkout.partner_id)


class _Asking:
    """One checkout, from the lease to its release."""

    def __init__(self, checkout: Checkout, cause: Cause, token: str, scenario: str) -> None:
        self.checkout, self.cause, self.token, self.scenario = checkout, cause, token, scenario
        self.contribution = checkout.contribution
        if self.contribution.checkout_id == checkout.pk:
            self.contribution.checkout = checkout
        self.before, self.version = next_look.Before(cause, checkout.due_at, checkout.attempts), self.contribution.version
        self.last = Decision(look=Look.PACED)  # as when it breaks down: what was rolled back has not moved
        self.answered: tuple[ProviderRequest, Payment] | None = None
        """An answer that is not stored yet: that is done with what follows from it."""
        self.has_released = False
        self.provider: Provider | None = registry.adapter(checkout.adapter) if checkout.adapter else None

    def run(self) -> None:
        """Ask, then decide and obey until nothing more follows."""
        known = snapshot(self.contribution, self.checkout, self.provider, self.token, self.scenario)
        told = self._ask(known.request)  # invariant: the-provider-is-asked-first
        now = clock.now()
        for _ in range(MOST_STEPS):
            decision = decide(known, told, self.cause, now)
            if decision.move is None:
                self._store_answer()
            if decision.forget_checkout:
                self._forget_checkout()
                told = NotOpened()
            elif decision.look_again and isinstance(told, Refusal):
                known, told = replace(known, refused=told.reason), self._ask(known.request)
            elif decision.needs_room and not room.is_kept_for(self.contribution, self.checkout):
                known = replace(known, goal_is_full=True)
            elif decision.order is not None:
                if decision.payment_reference:  # renewed: the provider may call it by another name from now on
                    self._write_down(decision)
                    known = replace(known, request=replace(known.request, payment_reference=decision.payment_reference))
                answer = self._give(known.request, decision)
                if decision.needs_room and charges.leaves_it_to_the_payer(answer, decision.order):
                    room.wait_for_payer(self.contribution)
                if answer is None:
                    return  # asking took so long that somebody else is at it now
                known, told, now = replace(known, ordered=decision.order), answer, clock.now()
            elif decision.move is not None:
                known = known.following(decision)
                then = decide(known, told, self.cause, now)
                if not self._make(decision.move, decision, told, then):
                    return  # somebody else moved first: look again
                if self.has_released:
                    return
            else:
                self._leave_it_at(decision, told, known.refused)
                return
        raise RuntimeError(f"{self.contribution.public_id}: more than {MOST_STEPS} steps follow from one answer")

    def _leave_it_at(self, decision: Decision, told: Told, refused: str) -> None:
        """Nothing more follows for now."""
        self._write_down(decision)
        if isinstance(told, Payment):
            self._tell_a_person(decision.for_a_person, refused)
            if decision.refunds_told:
                told_refunds.record_told(self.contribution, self.checkout, told, cause=self.cause)
        self.last = replace(decision, silent=isinstance(told, Silence))

    def _ask(self, request: PaymentRequest) -> Told:
        if self.provider is None or not self.checkout.provider_checkout_id:
            return NotOpened()
        return self._answer_of(self.provider.find, request)

    def _give(self, request: PaymentRequest, decision: Decision) -> Told | None:
        """Store the order, give it, and return the answer; None where the lease was lost, or what it rests on has changed."""
        mine, order = self.contribution, Operation(decision.order or "")
        with transaction.atomic():
            unchanged = prepared.lock(Contribution, row_key(mine) | {"version": mine.version, "intent": mine.intent})
            if unchanged is None or not leases.renew(self.checkout):  # invariant: who-was-overtaken-orders-nothing
                return None
            if order is Operation.CHARGE and not charges.may_be_asked_for(self.checkout):
                return None
            name = provider_requests.name_of(order, self.checkout, decision.amount_minor, self.token)
            stored = provider_requests.store(self.checkout, name)
        if order in BETWEEN_US_AND_PAYEES:
            back_minor = platform_fees.fee_going_back(self.checkout, decision.amount_minor)
            request = replace(request, platform_fee_back_minor=back_minor)
            call = partial(getattr(self.provider, order), amount_minor=decision.amount_minor)
            answer = self._answer_of(provider_requests.ask, stored, call, request)
        elif order is Operation.CHARGE:
            return self._answer_of(charges.make, self.checkout, stored, self.provider, request)
        else:
            arguments = (request, self.token) if order is Operation.PAY else (request,)
            answer = self._answer_of(provider_requests.ask, stored, getattr(self.provider, order), *arguments)
        self.answered = (stored, answer) if isinstance(answer, Payment) else None
        return answer

    def _answer_of(self, call: Callable[..., Payment], *arguments: Any) -> Told:
        about = {"contribution": self.contribution.public_id, "cause": self.cause}
        try:
            payment = call(*arguments)
        except ProviderUnavailable as error:
            log.warning("provider did not answer", extra={**about, "error": str(error)})
            return Silence(str(error))
        except PayerActionRequired as refusal:
            return Refusal(refusal.reason, payer_can_act=True, payer_action_url=refusal.url)
        except ProviderRefused as refusal:
            log.warning("provider refused", extra={**about, "reason": refusal.reason})
            return Refusal(refusal.reason)
        return payment

    def _make(self, move: Move, decision: Decision, told: Told, then: Decision) -> bool:
        """The move, with what `then` follows where that is the end: the lease is given back by the same UPDATE."""
        released = {"intent": Intent.RELEASE, "intent_reason": decision.release} if decision.release else {}
        learnt, last = self._learnt(decision), None
        if next_look.is_all(then, told, self.checkout):
            last = replace(then, silent=isinstance(told, Silence))
            hold_ends_at = then.hold_expires_at or decision.hold_expires_at or self.checkout.hold_expires_at
            due = next_look.due(self.before, last, self.contribution, status=move.to, hold_ends_at=hold_ends_at, moved=True)
            learnt |= self._learnt(then) | leases.given_back(**due)
        moved = advance(
            self.contribution,
            move.to,
            reason=move.reason,
            cause=self.cause,
            entry=move.entry,
            evidence=evidence_of(move, self.checkout, told),
            leased=self.checkout,
            leased_columns=learnt,
            besides=partial(self._close_request, learnt["stage"]),
            **released,
        )
        if not moved:
            self._store_answer()
        elif last is not None:
            self.last, self.has_released = last, True
        self.answered = None
        return moved

    def _store_answer(self) -> None:
        self._close_request()
        self.answered = None

    def _close_request(self, stage: object = None) -> None:
        """`stage`: the checkout's, where it is written in the same transaction."""
        if self.answered is not None:
            provider_requests.close(*self.answered)
        charges.follow(self.checkout, stage)

    def _write_down(self, decision: Decision) -> None:
        """What was learnt without a move."""
        learnt = self._learnt(decision)
        if any(getattr(self.checkout, name) != value for name, value in learnt.items()):
            charges.write_down(self.checkout, learnt)
            vars(self.checkout).update(learnt)
        if decision.release:
            wanted = Contribution.objects.filter(**row_key(self.contribution)).exclude(intent=Intent.RELEASE)
            if wanted.update(intent=Intent.RELEASE, intent_reason=decision.release):
                Checkout.objects.filter(**row_key(self.checkout)).update(due_at=clock.now())

    def _learnt(self, decision: Decision) -> dict[str, object]:
        learnt: dict[str, object] = {"stage": decision.stage}
        if decision.payment_reference:
            learnt["payment_reference"] = decision.payment_reference
        if decision.hold_expires_at is not None:
            learnt["hold_expires_at"] = decision.hold_expires_at
        if decision.seen_held:
            learnt["seen_held_at"] = clock.now()
        return learnt

    def _forget_checkout(self) -> None:
        log.warning("checkout was somebody else's", extra={"contribution": self.contribution.public_id})
        leases.held(self.checkout).update(provider_checkout_id="", payment_reference="")

    def _tell_a_person(self, kind: str, detail: str) -> None:
        """Once when it arises; and that it is solved, once the provider says something else."""
        before = self.checkout.for_a_person
        if kind == before:
            return
        leases.held(self.checkout).update(for_a_person=kind)
        if before:
            attention.solve(self.contribution, before)
        if kind:
            attention.arise(kind, self.contribution, detail=detail)

    def release(self) -> None:
        """Give the lease back, and say when to ask again."""
        if self.has_released:
            return
        self._store_answer()
        moved = self.contribution.version != self.version
        hold_ends_at = self.checkout.hold_expires_at
        due = next_look.due(
            self.before, self.last, self.contribution, status=self.contribution.status, hold_ends_at=hold_ends_at, moved=moved
        )
        if self.contribution.status == PENDING and due["attempts"] == pace.ATTEMPTS_BEFORE_A_PERSON:
            attention.arise("no_outcome", self.contribution)
        elif moved and self.before.attempts >= pace.ATTEMPTS_BEFORE_A_PERSON:
            attention.solve(self.contribution, "no_outcome")
        leases.release(self.checkout, **due)
