"""How the delivery of an event stands where a partner has several endpoints: the worst of them counts.

What became of it at an endpoint that was removed counts only while no endpoint that is there has it.
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from notifications.models import Delivery, Event

NOT_ASKED_FOR = "NotAskedFor"
"""Of an event that was never to be sent anywhere."""

WORST_FIRST = (Delivery.State.DUE, Delivery.State.GIVEN_UP, Delivery.State.DELIVERED)

STATES = (NOT_ASKED_FOR, *Delivery.State.values)


def state_in_all(deliveries: Iterable[Delivery]) -> str:
    """Of all deliveries of one event, their endpoints at hand."""
    every = list(deliveries)
    states = {one.state for one in every if one.endpoint.removed_at is None} or {one.state for one in every}
    return next((state.value for state in WORST_FIRST if state in states), NOT_ASKED_FOR)


def in_state(events: QuerySet[Event], state: str) -> QuerySet[Event]:
    """The events whose delivery stands so at any endpoint."""
    every = Delivery.objects.filter(event=OuterRef("pk"), partner=OuterRef("partner_id"))
    if state == NOT_ASKED_FOR:
        return events.filter(~Exists(every))
    live, removed = every.filter(endpoint__removed_at=None), every.exclude(endpoint__removed_at=None)
    return events.filter(Q(Exists(live.filter(state=state))) | (Q(Exists(removed.filter(state=state))) & ~Q(Exists(live))))
