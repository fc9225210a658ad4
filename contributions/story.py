"""The whole story of a gift, as data: what a command prints and a page can show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch

import clock
from contributions.attention import KINDS
from contributions.models import Attention, Checkout, Contribution, ProviderRequest, Refund
from contributions.running import WORKER_IS_LATE_AFTER, worker_seen_at
from contributions.status import PENDING, SUBMITTED
from contributions.story_causes import Facts, cause_of
from money import text_of
from notifications.models import Delivery, DeliveryAttempt
from notifications.outbox import events_about
from partners.models import NOBODY, AuditEntry

WORTH_TELLING = timedelta(seconds=10)
"""A question that is later than this is told as late: the worker looks every few seconds."""
MOST_ROWS = 200
"""Of each kind, the newest."""

Row = dict[str, Any]


@dataclass(frozen=True)
class NextQuestion:
    """Who asks the provider next, and when."""

    who: str
    at: datetime | None


@dataclass(frozen=True)
class Story:
    """A gift and all that is known of it. The rows of each kind in the order in which they came to be."""

    gift: Row
    cause: str
    """One sentence: why it is what it is."""
    next_question: NextQuestion
    checkouts: list[Row]
    history: list[Row]
    ledger: list[Row]
    refunds: list[Row]
    disputes: list[Row]
    requests: list[Row]
    events: list[Row]
    attention: list[Row]
    audit_log: list[Row]


def story_of(gift: Contribution) -> Story:
    """Everything that is kept of this gift; nobody is asked."""
    attention = list(Attention.objects.filter(partner_id=gift.partner_id, about=gift.public_id).order_by("pk"))
    noted = AuditEntry.objects.filter(partner_id__in=[gift.partner_id, NOBODY], about=gift.public_id)
    return Story(
        gift=_gift(gift),
        cause=_cause(gift, attention),
        next_question=_next_question(gift),
        checkouts=[_checkout(gift, one) for one in gift.checkouts.select_related("account").order_by("number")],
        history=[_change(one) for one in _last(gift.status_changes)],
        ledger=[_entry(one) for one in _last(gift.ledger_entries)],
        refunds=[_refund(gift, one) for one in _last(gift.refunds)],
        disputes=[{"id": one.provider_reference, "heard_at": one.heard_at} for one in _last(gift.disputes)],
        requests=[_request(one) for one in _last(gift.provider_requests)],
        events=_events(gift),
        attention=[_attention(one) for one in attention],
        audit_log=[_audit(one) for one in reversed(noted.order_by("-pk")[:MOST_ROWS])],
    )


def _last(rows: Any) -> list[Any]:
    return list(reversed(rows.order_by("-pk")[:MOST_ROWS]))


# --- Why, and what next -----------------------------------------------------------------------------------------------


def _cause(gift: Contribution, attention: Iterable[Attention]) -> str:
    checkout = gift.checkout
    of_checkout = gift.provider_requests.filter(checkout_number=checkout.number if checkout else 1)
    newest = of_checkout.order_by("-pk").first()
    unanswered = of_checkout.filter(outcome=ProviderRequest.Outcome.UNKNOWN, attempts__gt=0).order_by("-pk").first()
    is_refused = newest is not None and newest.outcome == ProviderRequest.Outcome.REFUSED
    return cause_of(
        Facts(
            status=gift.status,
            reason=gift.status_reason,
            intent=gift.intent,
            provider=gift.provider,
            stage=checkout.stage if checkout else "",
            capture_policy=checkout.capture_policy if checkout else "",
            unanswered=_operation(unanswered) if unanswered else "",
            refused=_operation(newest) if newest and is_refused else "",
            attention=next((KINDS[one.kind].what for one in attention if one.kind in KINDS), ""),
            refunds_pending=gift.refunds.filter(status=Refund.Status.PENDING).count(),
            is_late=gift.status in {SUBMITTED, PENDING} and _is_overdue(_due_at(gift)) and _no_worker(),
        )
    )


def _next_question(gift: Contribution) -> NextQuestion:
    due_at, checkout = _due_at(gift), gift.checkout
    if checkout is not None and checkout.is_leased():
        return NextQuestion("somebody asks at this moment", checkout.lease_until)
    if due_at is None:
        return NextQuestion("nobody: nothing is left to find out", None)
    if _no_worker():
        seen = worker_seen_at()
        last = f"it was last seen at {seen:%Y-%m-%d %H:%M:%S} UTC" if seen else "none was ever seen"
        to_do = "start `manage.py work`, or end the one that hangs"
        return NextQuestion(f"the worker, but none is at work ({last}): {to_do}", due_at)
    late = clock.now() - due_at
    told = f", who is {int(late.total_seconds())} seconds late" if late > WORTH_TELLING else ""
    return NextQuestion(f"the worker{told}", due_at)


def _due_at(gift: Contribution) -> datetime | None:
    """When the next question is due: about the gift or one of its refunds."""
    due = [one.due_at for one in (gift.checkout, *gift.refunds.filter(due_at__isnull=False)) if one and one.due_at]
    return min(due, default=None)


def _is_overdue(due_at: datetime | None) -> bool:
    return due_at is not None and due_at < clock.now() - WORKER_IS_LATE_AFTER


def _no_worker() -> bool:
    seen = worker_seen_at()
    return seen is None or seen < clock.now() - WORKER_IS_LATE_AFTER


# --- The rows ---------------------------------------------------------------------------------------------------------


def _gift(gift: Contribution) -> Row:
    goal = gift.goal
    sums = {"settled": gift.settled_minor or 0, "refunded": gift.refunded_minor, "reversed": gift.reversed_minor}
    return {
        "id": gift.public_id,
        "amount": text_of(gift.amount_minor, gift.currency),
        "currency": gift.currency,
        "contributor": gift.contributor,
        "reference": gift.reference,
        "partner": goal.partner.name,
        "mode": "test" if goal.partner.is_test else "live",
        "goal": goal.public_id,
        "goal_name": goal.name,
        "external_item_id": goal.external_item_id,
        "status": gift.status,
        "status_reason": gift.status_reason,
        "intent": gift.intent,
        "intent_reason": gift.intent_reason,
        "provider": gift.provider,
        "provider_reference": gift.provider_reference,
        **{name: text_of(minor, gift.currency) for name, minor in sums.items()},
        "created_at": gift.created_at,
        "settled_at": gift.settled_at,
        "deleted_at": gift.deleted_at,
        "version": gift.version,
        "pay_url": gift.pay_url,
    }


def _checkout(gift: Contribution, checkout: Checkout) -> Row:
    return {
        "number": checkout.number,
        "current": checkout.pk == gift.checkout_id,
        "provider": checkout.provider,
        "stage": checkout.stage,
        "checkout_id": checkout.provider_checkout_id,
        "payment_id": checkout.payment_reference,
        "created_at": checkout.created_at,
        "questions": checkout.attempts,
        "due_at": checkout.due_at,
        "leased_until": checkout.lease_until,
        "hold_expires_at": checkout.hold_expires_at,
    }


def _change(change: Any) -> Row:
    return {
        "at": change.at,
        "version": change.version,
        "from_status": change.from_status,
        "to_status": change.to_status,
        "reason": change.reason,
        "event": change.event,
    }


def _entry(entry: Any) -> Row:
    return {
        "at": entry.at,
        "kind": entry.kind,
        "amount": text_of(entry.amount_minor, entry.currency),
        "collected": text_of(entry.collected_delta_minor, entry.currency),
        "authorized": text_of(entry.authorized_delta_minor, entry.currency),
        "currency": entry.currency,
        "checkout": entry.checkout_number,
        "cause": entry.cause,
        "provider_reference": entry.provider_reference,
        "correlation_id": entry.correlation_id,
    }


def _refund(gift: Contribution, refund: Refund) -> Row:
    return {
        "id": refund.public_id,
        "amount": text_of(refund.amount_minor, gift.currency),
        "currency": gift.currency,
        "status": refund.status,
        "failure": refund.failure,
        "cause": refund.cause,
        "created_at": refund.created_at,
        "settled_at": refund.settled_at,
        "provider_reference": refund.provider_reference,
        "questions": refund.attempts,
        "due_at": refund.due_at,
    }


def _request(request: ProviderRequest) -> Row:
    return {
        "operation": _operation(request),
        "outcome": request.outcome,
        "tries": request.attempts,
        "created_at": request.created_at,
        "answered_at": request.answered_at,
        "request_id": request.request_id,
        "correlation_id": request.correlation_id,
        "checkout": request.checkout_number,
    }


def _operation(request: ProviderRequest) -> str:
    """Its first word: what follows names the token or the refund."""
    return str(request.operation.partition(":")[0])


def _events(gift: Contribution) -> list[Row]:
    deliveries = Delivery.objects.filter(partner_id=gift.partner_id).select_related("endpoint")
    events = _last(events_about(gift).prefetch_related(Prefetch("deliveries", deliveries)))
    last: dict[tuple[int, int | None], DeliveryAttempt] = {}
    tries = DeliveryAttempt.objects.filter(partner_id=gift.partner_id, event__in=events).order_by("pk")
    for attempt in tries:
        last[attempt.event_id, attempt.endpoint_id] = attempt
    return [
        {
            "id": event.public_id,
            "type": event.type,
            "at": event.at,
            "deliveries": [_delivery(one, last.get((event.pk, one.endpoint_id))) for one in event.deliveries.all()],
        }
        for event in events
    ]


def _delivery(delivery: Any, last: DeliveryAttempt | None) -> Row:
    told = {"answer": last.answer, "failure": last.failure, "last_tried_at": last.at} if last else {}
    return {
        "url": delivery.endpoint.url,
        "state": delivery.state,
        "tries": delivery.attempts,
        "due_at": delivery.due_at,
        **told,
    }


def _attention(row: Attention) -> Row:
    kind = KINDS.get(row.kind)
    told = {"what": kind.what, "to_do": kind.to_do} if kind else {}
    return {"number": row.pk, "kind": row.kind, "since": row.since, "detail": row.detail, **told}


def _audit(row: AuditEntry) -> Row:
    named = ("at", "actor_kind", "actor", "address", "request_id", "action", "before", "after")
    return {name: getattr(row, name) for name in named}
