"""Ask the provider what became of a payment, do what follows, and write it down.

`sync` is the one function behind the return page, the cancel page, webhooks, clients and the worker. None of them is
believed: each only makes us ask. It leases the checkout, asks, and then obeys decisions.decide until nothing more follows.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

import clock
import leases
from contributions import attention, pace, platform_fees, provider_requests, refunds, room, told_refunds
from contributions.causes import Cause
from contributions.decision_types import (
    BETWEEN_US_AND_PAYEES,
    LAPSE_MARGIN,
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
from contributions.entries import CAPTURES
from contributions.models import Checkout, Contribution
from contributions.snapshot import expires_at, snapshot
from contributions.status import AUTHORIZED, PENDING, Intent
from contributions.transitions import Evidence, advance
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


@dataclass(frozen=True)
class SyncResult:
    """What came of asking, for whoever asked."""

    contribution: Contribution
    """As it is now."""
    asked: bool
    """False: somebody else was at it, and this is what was known."""
    silent: bool = False
    may_have_been_paid: bool = False
    """The giver had approved, and the provider did not answer the order to take or hold the money."""
    payer_action_url: str = ""
    """Where the giver can make good a payment that was just declined."""
    waits_for_payer: str = ""
    """Why nothing is paid yet, where the provider has just said so: `open`, `approved`, or the reason of a decline."""


def sync(contribution: Contribution, *, cause: Cause, token: str = "") -> SyncResult:
    """Ask about the contribution's current checkout; see sync_checkout."""
    return sync_checkout(contribution.current_checkout, cause=cause, token=token)


def sync_checkout(checkout: Checkout, *, cause: Cause, token: str = "") -> SyncResult:
    """Ask the provider what became of the checkout, act on the answer, record it.

    Whoever holds the lease does it alone; anybody else gets what is known. Safe to repeat, to call late and from many
    places at once. An unknown outcome is recorded as such and asked about again. `token`: what the giver pays with where
    the provider is paid by token, if nothing is paid so far.
    """
    leased = leases.take(checkout, also=("account", "contribution__goal__partner"))
    if leased is None:
        if cause is Cause.WEBHOOK:
            # Whoever is asking now may have been answered before this news: the worker asks once more.
            Checkout.objects.filter(**row_key(checkout)).update(due_at=clock.now())
        return SyncResult(_as_it_is(checkout), asked=False)
    asking = _Asking(leased, cause, token)
    try:
        asking.run()
    finally:
        asking.release()
    now, last = _as_it_is(checkout), asking.last
    if refunds.refund_what_is_owed(now, leased):
        now = _as_it_is(checkout)
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

    def __init__(self, checkout: Checkout, cause: Cause, token: str) -> None:
        self.checkout, self.cause, self.token = checkout, cause, token
        self.contribution = checkout.contribution
        if self.contribution.checkout_id == checkout.pk:
            self.contribution.checkout = checkout
        self.was_due_at, self.version = checkout.due_at, self.contribution.version
        self.last = Decision(look=Look.PACED)  # as when it breaks down: what was rolled back has not moved
        self.provider: Provider | None = registry.adapter(checkout.adapter) if checkout.adapter else None

    def run(self) -> None:
        """Ask, then decide and obey until nothing more follows."""
        known = snapshot(self.contribution, self.checkout, self.provider, self.token)
        told = self._ask(known.request)  # invariant: the-provider-is-asked-first
        now = clock.now()
        for _ in range(MOST_STEPS):
            decision = decide(known, told, self.cause, now)
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
                if isinstance(answer, Refusal) and answer.payer_can_act and decision.needs_room:
                    room.wait_for_payer(self.contribution)
                if answer is None:
                    return  # asking took so long that somebody else is at it now
                known, told, now = replace(known, ordered=decision.order), answer, clock.now()
            elif decision.move is not None:
                if not self._make(decision.move, decision, told):
                    return  # somebody else moved first: look again
                known = known.following(decision)
            else:
                self._write_down(decision)
                if isinstance(told, Payment):
                    self._tell_a_person(decision.for_a_person, known.refused)
                    if decision.refunds_told:
                        told_refunds.record_told(self.contribution, self.checkout, told, cause=self.cause)
                self.last = replace(decision, silent=isinstance(told, Silence))
                return
        raise RuntimeError(f"{self.contribution.public_id}: more than {MOST_STEPS} steps follow from one answer")

    def _ask(self, request: PaymentRequest) -> Told:
        if self.provider is None or not self.checkout.provider_checkout_id:
            return NotOpened()
        return self._answer_of(self.provider.find, request)

    def _give(self, request: PaymentRequest, decision: Decision) -> Told | None:
        """Store the order, give it, and return the answer; None where the lease was lost, or what it rests on has changed."""
        mine, order = self.contribution, Operation(decision.order or "")
        with transaction.atomic():
            rows = Contribution.objects.filter(**row_key(mine), version=mine.version, intent=mine.intent)
            unchanged = rows.select_for_update(no_key=True).exists()
            if not unchanged or not leases.renew(self.checkout):  # invariant: who-was-overtaken-orders-nothing
                return None
            stored = provider_requests.store(self.checkout, self._name_of(order, decision.amount_minor))
        if order in BETWEEN_US_AND_PAYEES:
            back_minor = platform_fees.fee_going_back(self.checkout, decision.amount_minor)
            request = replace(request, platform_fee_back_minor=back_minor)
            send = partial(provider_requests.send, amount_minor=decision.amount_minor)
            return self._answer_of(send, stored, getattr(self.provider, order), request)
        call = getattr(self.provider, order)
        arguments = (request, self.token) if order is Operation.PAY else (request,)
        return self._answer_of(provider_requests.send, stored, call, *arguments)

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

    def _name_of(self, order: Operation, amount_minor: int) -> str:
        """What the request is stored as: what would be another order must not replay this one, and the same one must."""
        if order in BETWEEN_US_AND_PAYEES:
            return provider_requests.name_between_us_and_payee(self.checkout, order, amount_minor)
        if order is Operation.AUTHORIZE:
            return provider_requests.name_of_hold(self.checkout)
        if order is Operation.RENEW:
            return f"renew:{self.checkout.hold_expires_at:%Y%m%d%H%M%S}"
        if order is Operation.PAY:  # nobody could find the token by this, and the same token is the same try
            return f"pay:{hashlib.sha256(self.token.encode()).hexdigest()[:32]}"  # invariant: another-card-is-another-order
        return order

    def _make(self, move: Move, decision: Decision, told: Told) -> bool:
        evidence = Evidence(self.checkout.number)
        if isinstance(told, Payment):
            evidence = Evidence(self.checkout.number, told.provider_reference, told.correlation_id)
            if move.entry is not None and move.entry.kind in CAPTURES:
                fee, net, ours = platform_fees.told_beyond_books(self.checkout, told)
                evidence = replace(evidence, fee_minor=fee, net_minor=net, platform_fee_minor=ours)
        released = {"intent": Intent.RELEASE, "intent_reason": decision.release} if decision.release else {}
        return advance(
            self.contribution,
            move.to,
            reason=move.reason,
            cause=self.cause,
            entry=move.entry,
            evidence=evidence,
            leased=self.checkout,
            leased_columns=self._learnt(decision),
            **released,
        )

    def _write_down(self, decision: Decision) -> None:
        """What was learnt without a move."""
        learnt = self._learnt(decision)
        if any(getattr(self.checkout, name) != value for name, value in learnt.items()):
            leases.held(self.checkout).update(**learnt)
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
        moved = self.contribution.version != self.version
        attempts = 0 if moved else self.checkout.attempts + 1
        due_at = self._due_at(attempts, moved=moved)
        if self.contribution.status == PENDING and attempts == pace.ATTEMPTS_BEFORE_A_PERSON:
            attention.arise("no_outcome", self.contribution)
        elif moved and self.checkout.attempts >= pace.ATTEMPTS_BEFORE_A_PERSON:
            attention.solve(self.contribution, "no_outcome")
        leases.release(self.checkout, was_due_at=self.was_due_at, due_at=due_at, attempts=attempts)

    def _due_at(self, attempts: int, *, moved: bool) -> datetime | None:
        look = self.last.look
        if look is Look.NEVER:
            return None
        if look is Look.WHEN_EXPIRED:
            return expires_at(self.contribution)
        if look is Look.DAILY:
            return clock.now() + timedelta(days=1)
        if look is Look.SLOW:
            if not moved and self.cause is not Cause.WORKER:
                return self.was_due_at  # days that are set do not move with who else asks
            changed_at = clock.now() if moved else self.contribution.status_changes.latest("version").at
            return pace.next_slow_look(changed_at, answered=not self.last.silent)
        hold_ends_at = Checkout.objects.values_list("hold_expires_at", flat=True).get(**row_key(self.checkout))
        due_at = pace.next_try_at(attempts)
        if self.contribution.status == AUTHORIZED and hold_ends_at and hold_ends_at - LAPSE_MARGIN > clock.now():
            return min(due_at, hold_ends_at - LAPSE_MARGIN)
        return due_at
