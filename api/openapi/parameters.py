"""What stands in a path, a query and a header: its sentence and what it may be."""

from typing import Any

from api.idempotency import KEPT_FOR
from api.paging import DEFAULT_PAGE, LARGEST_PAGE
from api.records import rules
from contributions.models import Refund
from contributions.status import Status
from goals.state import State
from notifications.deliveries import STATES
from pledges.states import PledgeState
from providers import scenario_header
from providers.registry import NAMES_OF_GIFTS
from web.negotiation import VALIDATE_ONLY
from web.waiting import LONGEST_SECONDS

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}

_WHEN = "A day in UTC, which counts whole, or a moment with its offset."

ARGUMENTS: dict[str, tuple[str, Schema]] = {
    "limit": ("How many on a page.", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": DEFAULT_PAGE}),
    "after": ("The Id of the last one that you have: follow Next as it is. Of events also `latest`: from now on.", _TEXT),
    "Id": ("Only the goal with this Id.", _TEXT),
    "ExternalItemId": ("Only goals with this ExternalItemId, or gifts to them.", _TEXT),
    "ExternalId": ("Only the giver with this ExternalId.", _TEXT | {"minLength": 1, "maxLength": rules.LONGEST_NAME}),
    "State": ("Only goals in this State.", _TEXT | {"enum": list(State)}),
    "GiverId": ("Only the pledges of this giver, or the certificates that this giver has claimed.", _TEXT),
    "Status": ("Only what has this Status.", _TEXT | {"enum": list(Status)}),
    "Reference": ("Only the gifts with this Reference.", _TEXT | {"minLength": 1, "maxLength": rules.LONGEST_NAME}),
    "ProviderName": ("Only what is paid at this provider.", _TEXT | {"enum": list(NAMES_OF_GIFTS)}),
    "From": (f"Only what was made then or later. {_WHEN}", _TEXT),
    "To": (f"Only what was made by then. {_WHEN}", _TEXT),
    "SettledFrom": (f"Only where money moved then or later. {_WHEN}", _TEXT),
    "SettledTo": (f"Only where money had moved by then. {_WHEN}", _TEXT),
    "Delivery": ("Only events whose delivery stands so at any endpoint.", _TEXT | {"enum": list(STATES)}),
    "WebhookEndpointId": ("The one endpoint to send to.", _TEXT),
    "wait": (
        "How many seconds to hold the request while there is nothing new; of a single record with If-None-Match.",
        {"type": "integer", "minimum": 0, "maximum": LONGEST_SECONDS},
    ),
    VALIDATE_ONLY: ("1: tell the faults or the notices, and store nothing.", _TEXT | {"enum": ["1", "true", "0", "false"]}),
}
"""Query arguments, whose names are read without regard to case. ApiKey is a security scheme."""

PATH: dict[str, str] = {
    "goal_id": "The Id of a goal of yours.",
    "contribution_id": "The Id of a contribution to a goal of yours.",
    "account_id": "The Id of a payment account of yours.",
    "matcher_id": "The Id of a matcher of yours.",
    "giver_id": "The Id of a giver of yours.",
    "certificate_id": "The Id of a gift certificate of yours.",
    "permission_id": "The Id of a permission of one of your givers.",
    "pledge_id": "The Id of a pledge of one of your givers.",
    "event_id": "The Id of an event of yours.",
    "endpoint_id": "The Id of a webhook endpoint of yours.",
    "rehearsal_id": "The Id of a rehearsal of yours.",
    "kind": "Which of the two.",
}

HEADERS: dict[str, tuple[str, Schema]] = {
    "Idempotency-Key": (
        f"Of your own making. The same request with the same key is answered alike, and made once, for "
        f"{KEPT_FOR.total_seconds() / 3600:.0f} hours.",
        _TEXT | {"pattern": r"^[\x21-\x7e]{1,255}$"},
    ),
    "If-Match": ("The ETag that you have: change the record only if it still has that.", _TEXT),
    "If-None-Match": ("The ETag that you have: 304 while there is nothing new.", _TEXT),
    "Prefer": ("`handling=strict` refuses what would be repaired and told in a Notice.", _TEXT),
    scenario_header.NAME: (
        "With a test key: what the simulated provider plays.",
        _TEXT | {"enum": list(scenario_header.VALUES)},
    ),
}

ANSWER_HEADERS: dict[str, tuple[str, Schema]] = {
    "ETag": ("Stands for the whole representation.", _TEXT),
    "Location": ("The address of what was made.", _TEXT | {"format": "uri"}),
    "Content-Disposition": ("A name for the file, of CSV.", _TEXT),
    "Link": ("The next page, with rel=next, where there is one.", _TEXT),
    "Notice": ("What was repaired on the way in, a sentence each.", _TEXT),
    "Preference-Applied": ("The handling that Prefer has asked for.", _TEXT),
    "Idempotent-Replayed": ("true: the answer that was given before under this Idempotency-Key.", _TEXT),
    "Retry-After": ("Seconds until it is worth asking again.", {"type": "integer", "minimum": 0}),
    "WWW-Authenticate": ("How a key is sent.", _TEXT),
    "Accept-Encoding": ("identity: a body is read as it is.", _TEXT),
}


def argument(name: str, answer: str) -> Schema:
    """A query argument of a path that answers with this element."""
    about, schema = ARGUMENTS[name]
    if (name, answer) == ("Status", "Refunds"):
        schema = _TEXT | {"enum": Refund.Status.values}
    if (name, answer) == ("State", "Pledges"):
        about, schema = "Only pledges in this State.", _TEXT | {"enum": list(PledgeState)}
    return {"name": name, "in": "query", "description": about, "schema": schema}


def format_argument(*, csv: bool) -> Schema:
    """The one that every path with records has."""
    about, words = "The format of the answer, whatever Accept says.", ["json", "xml", *(["csv"] if csv else [])]
    return {"name": "format", "in": "query", "description": about, "schema": _TEXT | {"enum": words}}


def header(name: str) -> Schema:
    """A header of a request."""
    about, schema = HEADERS[name]
    return {"name": name, "in": "header", "description": about, "schema": schema}


def in_path(name: str, choices: list[str]) -> Schema:
    """A part of the path."""
    schema: Schema = _TEXT | ({"enum": choices} if choices else {"minLength": 1})
    return {"name": name, "in": "path", "required": True, "description": PATH[name], "schema": schema}


def answer_header(name: str, *, required: bool = False) -> Schema:
    """A header of an answer."""
    about, schema = ANSWER_HEADERS[name]
    return {"description": about, "schema": schema} | ({"required": True} if required else {})
