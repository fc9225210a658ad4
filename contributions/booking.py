"""An entry in the books, and the goal's totals with it: contributions/transitions.py alone books anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import prepared
from contributions import followers
from contributions.entries import Entry, Kind
from contributions.models import Contribution, LedgerEntry, Refund
from goals.models import SavingGoal

MARKED_APART: Mapping[str, str] = MappingProxyType({"Offline": "offline_minor", "Match": "matched_minor"})
"""Of which gifts a goal keeps a sum apart from all that it has collected, and in which column: no provider has their money."""


@dataclass(frozen=True)
class Evidence:
    """What stands beside an entry in the books: where it comes from."""

    checkout_number: int
    provider_reference: str = ""
    correlation_id: str = ""
    fee_minor: int | None = None
    net_minor: int | None = None
    platform_fee_minor: int | None = None
    refund: Refund | None = None
    moved_at: datetime | None = None
    """When the money moved, where that was long before it is entered."""


def enter(contribution: Contribution, entry: Entry | None, evidence: Evidence | None, cause: str, now: datetime) -> None:
    """In the books; the contribution's goal is then as it is there."""
    if entry:
        _book(contribution, entry, evidence or Evidence(contribution.current_checkout.number), cause, now)
    followers.tell_moved(contribution, entry, evidence.refund if evidence else None, now)
    # Late, so that a busy goal's row is locked for as short a time as can be.
    # invariant: totals-have-64-bits
    collected = prepared.Plus(entry.collected_delta_minor if entry else 0)
    by_hand = MARKED_APART.get(contribution.provider, "") if entry else ""  # invariant: what-no-provider-has-is-marked
    added = {
        "activity": prepared.Plus(1),
        "collected_minor": collected,
        "authorized_minor": prepared.Plus(entry.authorized_delta_minor if entry else 0),
        **({by_hand: collected} if by_hand else {}),
    }
    goal = prepared.update_one(SavingGoal, {"pk": contribution.goal_id, "partner_id": contribution.partner_id}, added)
    if goal is None:
        raise RuntimeError(f"the goal of {contribution.public_id} is not there")
    goal.partner = contribution.goal.partner
    contribution.goal = goal


def _book(contribution: Contribution, entry: Entry, evidence: Evidence, cause: str, now: datetime) -> None:
    booked = LedgerEntry(
        contribution=contribution,
        goal_id=contribution.goal_id,
        checkout_number=evidence.checkout_number,
        kind=entry.kind,
        currency=contribution.currency,
        amount_minor=entry.amount_minor,
        collected_delta_minor=entry.collected_delta_minor,
        authorized_delta_minor=entry.authorized_delta_minor,
        fee_minor=evidence.fee_minor,
        net_minor=evidence.net_minor,
        platform_fee_minor=evidence.platform_fee_minor,
        refund=evidence.refund,
        provider_reference=evidence.provider_reference,
        correlation_id=evidence.correlation_id,
        cause=cause,
        at=evidence.moved_at or now,
    )
    prepared.insert(booked)
    _date_refund(evidence.refund, entry, now)


def _date_refund(refund: Refund | None, entry: Entry, now: datetime) -> None:
    """A refund is settled when its entry says so, and is not where that was undone."""
    if refund is not None:
        refund.settled_at = now if entry.kind is Kind.REFUND else None
        refund.save(update_fields=["settled_at"])
