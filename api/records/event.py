"""An Event and its deliveries. Both are only written; the Event by notifications/messages.py, since webhooks carry it too."""

from collections.abc import Sequence
from typing import Any

from api.records.reading import Element, written
from contributions.content import utc_text
from notifications.messages import event_content
from notifications.models import DeliveryAttempt, Event

content = event_content

DELIVERY_ELEMENTS = (
    Element("Number", lambda attempt: attempt.number),
    Element("Date", lambda attempt: utc_text(attempt.at)),
    Element("URL", lambda attempt: attempt.url),
    Element("Seconds", lambda attempt: f"{attempt.seconds:.3f}"),
    Element("StatusCode", lambda attempt: attempt.answer),
    Element("Failure", lambda attempt: attempt.failure or None),
)


def deliveries_content(event: Event, shown: Sequence[DeliveryAttempt]) -> dict[str, Any]:
    """How the delivery of an event stands, and its tries."""
    return {
        "State": event.delivery,
        **({"NextTry": utc_text(event.due_at)} if event.due_at else {}),
        "Delivery": [written(DELIVERY_ELEMENTS, one) for one in shown],
    }
