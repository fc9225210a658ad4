"""The outbox: an event is written in the transaction of the change that it tells of, or neither is.

Its position among the partner's events comes from a row that the transaction keeps locked until it commits. So the
positions of committed events have no gaps, and nobody who has read up to one can have missed an earlier one.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

import prepared
from ids import new_id
from notifications.models import Delivery, Event, WebhookEndpoint
from prepared_models import every_where

_NEXT_POSITION = """
INSERT INTO notifications_eventsequence (partner_id, last_position) VALUES (%s, 1)
ON CONFLICT (partner_id) DO UPDATE SET last_position = notifications_eventsequence.last_position + 1
RETURNING last_position
"""

_SHAPE = re.compile(r"evt_[0-9]{12}_[2-9A-HJ-NP-Za-km-z]{22}")


def announce(
    partner_id: int,
    event_type: str,
    content: Mapping[str, Any],
    *,
    about: str = "",
    version: int = 0,
    at: datetime,
    to: Sequence[WebhookEndpoint] | None = None,
) -> Event:
    """Write the event, to be told to the partner where it listens. To be called inside the transaction of the change,
    as its last statement: from here to the commit no other event of this partner can be written.

    `to` sends it to these endpoints, whatever types they want; else it goes to the `listeners` as they are now.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event is written in the transaction of what it tells of")
    to = listeners(partner_id, event_type) if to is None else to
    text = json.dumps(content, ensure_ascii=False)
    position = _next_position(partner_id)
    event = Event(
        public_id=f"evt_{position:012d}_{new_id()}",
        partner_id=partner_id,
        position=position,
        type=event_type,
        about=about,
        version=version,
        content=text,
        at=at,
    )
    prepared.insert(event)
    if to:
        Delivery.objects.bulk_create([Delivery(event=event, endpoint=one, due_at=at) for one in to])
    return event


def listeners(partner_id: int, event_type: str) -> list[WebhookEndpoint]:
    """Where the partner wants to hear of such an event."""
    return [one for one in every_where(_endpoints, {"partner_id": partner_id}) if one.wants(event_type)]


def endpoints_of(partner_id: int) -> QuerySet[WebhookEndpoint]:
    """Where the partner listens, the oldest first."""
    return _endpoints().filter(partner_id=partner_id)


def _endpoints() -> QuerySet[WebhookEndpoint]:
    return WebhookEndpoint.objects.filter(removed_at=None).order_by("pk")


def event_ids_about(record: Any) -> dict[int, str]:
    """The Ids of the events that tell of this record, by its version that each tells of."""
    return dict(events_about(record).values_list("version", "public_id"))


def events_about(record: Any) -> QuerySet[Event]:
    """The events that tell of this contribution or goal. SQLite takes their index only where its condition is said too."""
    return Event.objects.filter(partner_id=record.partner_id, about=record.public_id).exclude(about="")


def is_event_id(text: str) -> bool:
    """Whether announce() could have made it; what fails here never reaches the database."""
    return _SHAPE.fullmatch(text) is not None


def _next_position(partner_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_POSITION, [partner_id])
        (position,) = cursor.fetchone()
    return int(position)
