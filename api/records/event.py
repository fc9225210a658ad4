"""An Event and its deliveries. Both are only written; the Event by notifications/messages.py, since webhooks carry it too."""

from collections.abc import Sequence
from typing import Any

from api.records.reading import Element, written
from contributions.content import utc_text
from notifications.deliveries import state_in_all
from notifications.messages import event_content
from notifications.models import Delivery, DeliveryAttempt

content = event_content

DELIVERY_ELEMENTS = (
    Element("Number", lambda attempt: attempt.number),
    Element("Date", lambda attempt: utc_text(attempt.at)),
    Element("URL", lambda attempt: attempt.url),
    Element("Seconds", lambda attempt: f"{attempt.seconds:.3f}"),
    Element("StatusCode", lambda attempt: attempt.answer),
    Element("Failure", lambda attempt: attempt.failure or None),
    Element("WebhookEndpointId", lambda attempt: attempt.endpoint.public_id if attempt.endpoint else None),
)

RECIPIENT_ELEMENTS = (
    Element("WebhookEndpointId", lambda delivery: delivery.endpoint.public_id),
    Element("URL", lambda delivery: delivery.endpoint.url or None),
    Element("State", lambda delivery: delivery.state),
    Element("NextTry", lambda delivery: utc_text(delivery.due_at) if delivery.due_at else None),
)


def deliveries_content(deliveries: Sequence[Delivery], shown: Sequence[DeliveryAttempt]) -> dict[str, Any]:
    """How the delivery of an event stands: in all, its tries, and at each endpoint."""
    next_try = min((one.due_at for one in deliveries if one.due_at), default=None)
    return {
        "State": state_in_all(deliveries),
        **({"NextTry": utc_text(next_try)} if next_try else {}),
        "Delivery": [written(DELIVERY_ELEMENTS, one) for one in shown],
        "Recipient": [written(RECIPIENT_ELEMENTS, one) for one in deliveries],
    }
