"""Which codes of api/errors.py an operation can answer with, and the problem document that tells of one."""

from typing import Any

from api import errors
from api.openapi.operations import Operation
from api.openapi.parameters import answer_header
from api.openapi.routes import Route
from partners import scopes
from web.problems import PROBLEM_NAMESPACE, Row

Schema = dict[str, Any]

EVERYWHERE = (
    "invalid_argument",
    "bad_request",
    "https_needed",
    "body_too_slow",
    "address_too_long",
    "headers_too_large",
    "too_many_requests",
    "internal_error",
    "busy",
)
WITH_A_KEY = (
    "no_valid_key",
    "test_key_refused",
    "signature_needed",
    "signed_request_refused",
    "network_not_allowed",
    "scope_missing",
    "not_acceptable",
)
OF_ONE_RECORD = ("not_yours", "no_such_record")
WITH_A_BODY = ("invalid_body", "card_number", "unreadable_body", "body_too_large", "unsupported_media_type")
"""Also where there must be none."""

OF_VERBS = {
    "POST": ("invalid_header", "idempotency_key_in_use", "idempotency_key_reused"),
    "PUT": ("stale_entity_tag", "version_not_named"),
    "PATCH": ("stale_entity_tag", "version_not_named"),
    "DELETE": ("stale_entity_tag",),
}

OF_NO_OPERATION = {
    "verb_not_allowed": "a verb that is not described",
    "forbidden": "Django's own refusal, which no path under /api/ gives",
    "http_version_not_spoken": "told before there is a request",
}
"""Codes that no operation answers with, and when they are told instead."""

RECORDS = (
    "SavingGoal",
    "Contribution",
    "Matcher",
    "PaymentAccount",
    "WebhookEndpoint",
    "RedirectSecret",
    "Giver",
    "Permission",
    "GiftCertificate",
    "Pledge",
)
"""What a change that does not go with the record is told with (api/stale.py)."""

_HEADERS = {401: "WWW-Authenticate", 409: "ETag", 412: "ETag", 415: "Accept-Encoding"}
_HEADERS |= dict.fromkeys((423, 429, 503), "Retry-After")
_ALWAYS_THERE = {401, 423, 429, 503}


def codes_of(route: Route, verb: str, operation: Operation) -> set[str]:
    """Everything that this verb of this path can be refused with."""
    codes = {*EVERYWHERE, *operation.refusals}
    if route.needs_a_key:
        codes |= {*WITH_A_KEY, *OF_VERBS.get(verb, ())} | ({*OF_ONE_RECORD} if route.parameters else set())
    if verb in {"POST", "PUT", "PATCH"}:
        codes |= {*WITH_A_BODY}
    return codes


def answers(codes: set[str]) -> dict[str, Schema]:
    """The responses for these codes, by status."""
    by_status: dict[int, list[Row]] = {}
    for row in sorted(errors.every_row(), key=lambda row: (row.status, row.code)):
        if row.code in codes:
            by_status.setdefault(row.status, []).append(row)
    return {str(status): _answer(status, rows) for status, rows in by_status.items()}


def _answer(status: int, rows: list[Row]) -> Schema:
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    header = _HEADERS.get(status)
    return {
        "description": "\n".join(f"- `{row.code}`: {row.title}." for row in rows),
        **({"headers": {header: answer_header(header, required=status in _ALWAYS_THERE)}} if header else {}),
        "content": {"application/problem+json": reference, "application/problem+xml": reference},
        "x-codes": [row.code for row in rows],
    }


def problem_schema() -> Schema:
    """What web/problems.py writes, with what api/errors.py adds; more members may come."""
    return {
        "type": "object",
        "description": "A problem document (RFC 9457).",
        "properties": _of_every_problem() | _of_some_problems(),
        "required": ["type", "title", "status", "detail", "code", "request_id"],
        "xml": {"name": "problem", "namespace": PROBLEM_NAMESPACE},
    }


_TEXT: Schema = {"type": "string"}


def _of_every_problem() -> Schema:
    return {
        "type": _TEXT | {"format": "uri", "description": "The page that explains the code."},
        "title": _TEXT | {"description": "What is wrong, alike each time."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The status of the answer."},
        "detail": _TEXT | {"description": "What is wrong this time."},
        "code": _TEXT
        | {"pattern": "^[a-z][a-z0-9_]*$", "description": "For programs. Each answer lists those that it can have."},
        "request_id": _TEXT
        | {
            "pattern": "^[A-Za-z0-9._:-]{1,128}$",
            "description": "The answer's Request-Id: the operator finds the request in the log by it. In an answer that is "
            "repeated for an Idempotency-Key, that of the first one.",
        },
    }


_NOW = "The record as it is now, which the change does not go with."


def _of_some_problems() -> Schema:
    return {
        "errors": {
            "type": "array",
            "items": _fault(),
            "xml": {"wrapped": True},
            "description": "The faults of a body, one each.",
        },
        "RecordVersionNumber": {"type": "integer", "minimum": 1, "description": "The version that there is now."},
        **{name: {"$ref": f"#/components/schemas/{name}", "description": _NOW} for name in RECORDS},
        "Differs": {
            "type": "array",
            "items": _TEXT | {"xml": {"name": "i"}},
            "xml": {"wrapped": True},
            "description": "The elements that the request would change in the record as it is now; none where it holds none.",
        },
        "RemainingAmount": {
            "$ref": "#/components/schemas/MoneyAmount",
            "description": "What the goal has room for, where a gift is too large for it.",
        },
        "ReservedUntil": {
            "$ref": "#/components/schemas/Moment",
            "description": "When open checkouts let go of what they have reserved, where that is known.",
        },
        "Balance": {
            "$ref": "#/components/schemas/MoneyTotal",
            "description": "What the giver has on certificates in the goal's currency, where a gift is too large for it.",
        },
        "Id": _TEXT | {"description": "The record that was made all the same, or that stands in the way."},
        "StatusReason": _TEXT | {"description": "Why the provider refused, as a short code."},
        "Scope": _TEXT | {"enum": list(scopes.ALL), "description": "What the key would have to be allowed."},
        "violated-policies": {
            "type": "array",
            "items": _TEXT | {"xml": {"name": "i"}},
            "xml": {"wrapped": True},
            "description": "The limits that the request went over, by their names in the field RateLimit-Policy.",
        },
        "TriesLeft": {"type": "integer", "minimum": 0, "description": "How many wrong PINs there may be before it is locked."},
        "StateReason": _TEXT | {"description": "Why the provider refused, as a short code."},
    }


def _fault() -> Schema:
    return {
        "type": "object",
        "description": "One fault of the body.",
        "properties": {
            "path": _TEXT | {"description": "Where it is."},
            "line": {"type": "integer", "minimum": 1, "description": "Its line, where that is known."},
            "detail": _TEXT | {"description": "What would be right."},
        },
        "required": ["path", "detail"],
        "xml": {"name": "i"},
    }
