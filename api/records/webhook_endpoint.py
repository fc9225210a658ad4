"""A WebhookEndpoint: its elements, as they are read and as they are written."""

from dataclasses import dataclass
from typing import Any

from api.records import rules
from api.records.reading import XML_BLANKS, Element, Members, Unfit, check_root, items_of, unknown, written
from contributions.content import utc_text
from notifications import addresses
from notifications.models import WebhookEndpoint
from pledges.event_types import EVENT_TYPES
from xml_schemas.reader import BodyFaults, Fault, Node


def _webhook_url(text: str) -> str:
    try:
        addresses.read(text)
    except addresses.BadAddress as error:
        raise Unfit(without_subject(error)) from None
    return rules.address_without_card_number(text)


def without_subject(error: addresses.BadAddress) -> str:
    """What is wrong with an address, to go on after the element's name."""
    return str(error).removeprefix("the webhook URL ")


@dataclass(frozen=True)
class View:
    """An endpoint to be written; its secret only when it was made this moment."""

    endpoint: WebhookEndpoint
    secret: str | None = None


ELEMENTS = (
    Element("Id", lambda v: v.endpoint.public_id, read_apart=True),
    Element("URL", lambda v: v.endpoint.url, "url", _webhook_url),
    Element("EventTypes", lambda v: {"EventType": v.endpoint.event_types.split()}, read_apart=True),
    Element("Format", lambda v: v.endpoint.format, "message_format", rules.one_of(*WebhookEndpoint.Format.values)),
    Element("State", lambda v: _state(v.endpoint)),
    Element("Secret", lambda v: v.secret or None),
    Element("RecordVersionNumber", lambda v: v.endpoint.version, "version", rules.version, number=True),
    Element("Date", lambda v: utc_text(v.endpoint.created_at)),
)
"""In the order in which they are written."""
REQUIRED = ("URL",)
"""What a body must hold."""


# --- Written ----------------------------------------------------------------------------------------------------------


def content(endpoint: WebhookEndpoint, secret: str | None = None) -> dict[str, Any]:
    """A WebhookEndpoint."""
    return written(ELEMENTS, View(endpoint, secret))


def tag(endpoint: WebhookEndpoint) -> str:
    """What the ETag of an endpoint says of it, in any format; without the secret, which the next GET does not give."""
    return str(endpoint.version) + (".failing" if endpoint.failing_since else "")


def _state(endpoint: WebhookEndpoint) -> str:
    return "Off" if endpoint.off_since else "Failing" if endpoint.failing_since else "On"


# --- Read -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EndpointWish:
    """What a WebhookEndpoint body asks for; no event types: all of them."""

    url: str
    event_types: tuple[str, ...]
    message_format: str = WebhookEndpoint.Format.JSON
    version: int | None = None


def read(node: Node, stored: WebhookEndpoint | None = None) -> EndpointWish:
    """What a WebhookEndpoint body asks for; `stored` is what it is to replace. Raises BodyFaults."""
    faults: list[Fault] = []
    check_root(node, "WebhookEndpoint")
    members = Members(node, ELEMENTS, faults)
    members.require(*REQUIRED)
    values = members.read_all()
    event_types = _event_types(members, faults)
    given_id = members.read("Id", str) if stored else None
    if stored and given_id is not None and given_id != stored.public_id:
        members.fault(members.by_name["Id"], "Id must be the one of this endpoint, or be left out.")
    if faults:
        raise BodyFaults(faults)
    return EndpointWish(event_types=event_types, **values)


def _event_types(members: Members, faults: list[Fault]) -> tuple[str, ...]:
    if "EventTypes" not in members:
        return ()
    wanted: dict[str, None] = {}
    for node in items_of(members.by_name["EventTypes"], "EventType", faults):
        if node.children or node.attributes or node.is_of_wrong_type:
            members.fault(node, unknown(node, "EventTypes", ("EventType",)))
        elif node.text.strip(XML_BLANKS) not in EVENT_TYPES:
            members.fault(node, f"EventType must be one of {', '.join(EVENT_TYPES)}.")
        else:
            wanted[node.text.strip(XML_BLANKS)] = None
    return tuple(wanted)
