"""How the delivery of an event stands where a partner has several endpoints: the worst of them counts.

What became of it at an endpoint that was removed counts only while no endpoint that is there has it.
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet

from notifications.models import Delivery, Event, WebhookEndpoint

NOT_ASKED_FOR = "NotAskedFor"
"""Of an event that was never to be sent anywhere."""

WORST_FIRST = (Delivery.State.DUE, Delivery.State.GIVEN_UP, Delivery.State.DELIVERED)

STATES = (NOT_ASKED_FOR, *Delivery.State.values)


def state_in_all(deliveries: Iterable[Delivery]) -> str:
    """Of all deliveries of one event, their endpoints at hand."""
    every = list(deliveries)
    states = {one.state for one in every if one.endpoint.removed_at is None} or {one.state for one in every}
    return next((state.value for state in WORST_FIRST if state in states), NOT_ASKED_FOR)


def in_state(partner_id: int, state: str) -> QuerySet[Event]:
    """The partner's events whose delivery stands so at any endpoint.

    What is due and what was given up are few, and are found by their indexes, which begin with the endpoint.
    """
    events, every = Event.objects.filter(partner_id=partner_id), _of_the_event()
    if state == NOT_ASKED_FOR:
        return events.filter(~Exists(every))
    endpoints = dict(WebhookEndpoint.objects.filter(partner_id=partner_id).values_list("pk", "removed_at"))
    if state != Delivery.State.DELIVERED:
        some = Delivery.objects.filter(partner_id=partner_id, endpoint__in=list(endpoints), state=state)
        if state == Delivery.State.DUE:
            some = some.filter(due_at__isnull=False)
        events = events.filter(pk__in=some.values("event"))
    live = [pk for pk, removed_at in endpoints.items() if removed_at is None]
    at_live = every.filter(endpoint__in=live)
    if len(live) == len(endpoints):
        return events.filter(Exists(at_live.filter(state=state)))
    at_removed = every.exclude(endpoint__in=live)
    return events.filter(Exists(at_live.filter(state=state)) | (Exists(at_removed.filter(state=state)) & ~Exists(at_live)))


def _of_the_event() -> QuerySet[Delivery]:
    """A range of one event: of an equal one PostgreSQL would rather read all deliveries of everybody, to look it up there."""
    return Delivery.objects.filter(event__gte=OuterRef("pk"), event__lte=OuterRef("pk"), partner_id=OuterRef("partner_id"))
