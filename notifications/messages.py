"""An event as it is told: to a webhook, and in the feed."""

import json
from typing import Any

from notifications.models import Event, WebhookEndpoint
from xml_schemas.writer import write_xml

TEST_TYPE = "webhook.test"

MEDIA = {WebhookEndpoint.Format.JSON: "application/json", WebhookEndpoint.Format.XML: "application/xml; charset=utf-8"}

_RECORDS = {"goal": "SavingGoal", "permission": "Permission", "giftcertificate": "GiftCertificate", "pledge": "Pledge"}
"""What the record is called that an event shows, by how its type begins."""


def event_content(event: Event) -> dict[str, Any]:
    """An Event, its elements in the order of the schema; the contribution or the goal as it was at that moment."""
    shown = json.loads(event.content)
    name = _RECORDS.get(event.type.partition(".")[0], "Contribution")
    return {
        "Id": event.public_id,
        "Type": event.type,
        "Date": event.at.isoformat().replace("+00:00", "Z"),
        **({name: shown} if shown else {}),
    }


def body_for(event: Event, format_wanted: str) -> bytes:
    """What is POSTed: the JSON of Standard Webhooks, or the Event element of the feed."""
    if format_wanted == WebhookEndpoint.Format.XML:
        return write_xml("Event", event_content(event))
    told = {
        "type": event.type,
        "timestamp": event.at.isoformat().replace("+00:00", "Z"),
        "data": json.loads(event.content),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
