"""THE table: what goes wrong -> status, code, title. And the problem documents (RFC 9457) made from it."""

import json
import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render

from contributions.captures import CannotCapture
from contributions.deletion import BeingSettled, CannotDelete
from contributions.opening import CheckoutRefused, GoalIsGone
from contributions.refunds import CannotRefund, RefundTooLarge
from contributions.transitions import IllegalMove
from goals.rules import CurrencyIsFixed, GoalHasEnded, GoalIsFull, StaleVersion
from notifications.endpoints import NoEndpoint, StaleEndpoint
from partners.key_text import without_keys
from providers.base import AmountRefused, ProviderNotOffered
from xml_schemas.characters import printable
from xml_schemas.reader import MOST_FAULTS_TOLD, BodyFaults, Fault
from xml_schemas.writer import write_xml

log = logging.getLogger(__name__)

PROBLEM_NAMESPACE = "urn:ietf:rfc:7807"
RETRY_AFTER_SECONDS = 5


class RequestError(Exception):
    """Something about the request itself. `headers` go with the answer, `extra` into the problem document."""

    def __init__(self, detail: str, *, headers: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.headers = headers or {}
        self.extra = extra


class BadArgument(RequestError):
    """A query argument that the path does not know, or a value that it cannot have."""


class BadHeader(RequestError):
    """A header that cannot be used as it is."""


class NoValidKey(RequestError):
    """The API key is missing, unknown, revoked or expired."""


class NotYours(RequestError):
    """The record belongs to another partner."""


class NoSuchRecord(RequestError):
    """There never was such a record, or it is deleted."""


class NoSuchPath(RequestError):
    """Nothing is served at this path."""


class VerbNotAllowed(RequestError):
    """The path lacks this verb."""


class NotAcceptable(RequestError):
    """The client accepts neither XML nor JSON."""


class KeyInUse(RequestError):
    """The first request with this Idempotency-Key is still running."""


class StaleEntityTag(RequestError):
    """If-Match does not name the version that there is."""


class BodyTooLarge(RequestError):
    """The body is over the limit."""


class AddressTooLong(RequestError):
    """The path and the query are over the limit."""


class HeadersTooLarge(RequestError):
    """A header, or all of them together, are over the limit."""


class HttpVersionNotSpoken(RequestError):
    """The request came in another version of HTTP than 1.0 or 1.1."""


class UnsupportedMedia(RequestError):
    """The body is neither XML nor JSON."""


class KeyReused(RequestError):
    """The Idempotency-Key came with another request before."""


class VersionNotNamed(RequestError):
    """A change must say which version it changes."""


@dataclass(frozen=True)
class Row:
    """How one kind of error is told to a client."""

    status: int
    code: str
    title: str


TABLE: dict[type[BaseException], Row] = {
    BodyFaults: Row(400, "invalid_body", "The body cannot be used"),
    BadArgument: Row(400, "invalid_argument", "A query argument cannot be used"),
    BadHeader: Row(400, "invalid_header", "A header cannot be used"),
    UnreadablePostError: Row(400, "unreadable_body", "The body broke off"),
    ProviderNotOffered: Row(400, "provider_not_offered", "The payment provider is not offered"),
    AmountRefused: Row(400, "amount_refused", "The payment provider cannot carry this amount"),
    NoValidKey: Row(401, "no_valid_key", "No valid API key"),
    NotYours: Row(403, "not_yours", "The record belongs to another partner"),
    NoSuchRecord: Row(404, "no_such_record", "There is no such record"),
    NoSuchPath: Row(404, "no_such_path", "There is nothing at this path"),
    VerbNotAllowed: Row(405, "verb_not_allowed", "The path does not have this verb"),
    NotAcceptable: Row(406, "not_acceptable", "Only XML and JSON can be sent"),
    StaleVersion: Row(409, "stale_version", "The record has changed since it was read"),
    CurrencyIsFixed: Row(409, "currency_is_fixed", "The currency cannot change any more"),
    GoalHasEnded: Row(409, "goal_has_ended", "The goal takes no contributions any more"),
    GoalIsFull: Row(409, "goal_is_full", "The goal cannot hold so much"),
    GoalIsGone: Row(409, "goal_is_gone", "The goal has changed at this moment"),
    CannotCapture: Row(409, "cannot_capture", "The contribution cannot be captured"),
    CannotRefund: Row(409, "cannot_refund", "The contribution cannot be refunded"),
    RefundTooLarge: Row(409, "refund_too_large", "There is not so much left to give back"),
    CannotDelete: Row(409, "cannot_delete", "The contribution cannot be deleted"),
    BeingSettled: Row(409, "being_settled", "The contribution is changing at this moment"),
    NoEndpoint: Row(409, "no_webhook_endpoint", "There is no webhook endpoint to send to"),
    StaleEndpoint: Row(409, "stale_webhook_endpoint", "The webhook endpoint has changed since it was read"),
    KeyInUse: Row(409, "idempotency_key_in_use", "The first request with this key is still running"),
    StaleEntityTag: Row(412, "stale_entity_tag", "If-Match does not fit the record"),
    BodyTooLarge: Row(413, "body_too_large", "The body is too large"),
    AddressTooLong: Row(414, "address_too_long", "The address is too long"),
    UnsupportedMedia: Row(415, "unsupported_media_type", "Only XML and JSON can be read"),
    KeyReused: Row(422, "idempotency_key_reused", "The key came with another request before"),
    VersionNotNamed: Row(428, "version_not_named", "The request does not say which version it changes"),
    HeadersTooLarge: Row(431, "headers_too_large", "The headers are too large"),
    IllegalMove: Row(500, "internal_error", "Something went wrong on our side"),
    CheckoutRefused: Row(502, "checkout_refused", "The payment provider opened no checkout"),
    OperationalError: Row(503, "busy", "The service is busy"),
    InterfaceError: Row(503, "busy", "The service is busy"),
    HttpVersionNotSpoken: Row(505, "http_version_not_spoken", "Only HTTP/1.1 is spoken"),
}

INTERNAL = Row(500, "internal_error", "Something went wrong on our side")
BAD_REQUEST = Row(400, "bad_request", "The request cannot be used")
FORBIDDEN = Row(403, "forbidden", "This is not allowed")


def every_row() -> set[Row]:
    """Whatever a problem document can say of itself; /problems has a line for each."""
    return {*TABLE.values(), INTERNAL, BAD_REQUEST, FORBIDDEN}


_OWN_WORDS: tuple[type[BaseException], ...] = (
    RequestError, BodyFaults, AmountRefused, ProviderNotOffered, StaleVersion, CurrencyIsFixed, GoalHasEnded, GoalIsFull,
    GoalIsGone, CannotCapture, CannotRefund, RefundTooLarge, CannotDelete, BeingSettled, CheckoutRefused,
    NoEndpoint, StaleEndpoint,
)  # fmt: skip
"""Errors whose own sentence is fit for a client; of any other only the title is told."""


def respond(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The problem document for an error; whatever the table does not know is logged and told as 500."""
    row = row_for(error)
    if row.status >= 500 and not isinstance(error, HttpVersionNotSpoken):
        log.error("request failed", exc_info=error, extra={"path": request.path, "code": row.code, "status": row.status})
    extra: dict[str, Any] = dict(getattr(error, "extra", {}))
    headers: dict[str, str] = dict(getattr(error, "headers", {}))
    detail = str(error) if isinstance(error, _OWN_WORDS) else _FALLBACK_SENTENCES.get(row.status, row.title + ".")
    if isinstance(error, BodyFaults):
        detail = _number_of(error.faults)
        extra["errors"] = [
            {
                "path": printable(fault.path),
                **({"line": fault.line} if fault.line else {}),
                "detail": printable(fault.detail, 500),
            }
            for fault in error.faults[:MOST_FAULTS_TOLD]
        ]
    if isinstance(error, StaleVersion):
        extra["RecordVersionNumber"] = error.current_version
    if isinstance(error, CheckoutRefused):
        extra["Id"] = error.contribution.public_id
    if row.status == 503:
        headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
    return problem(request, row, detail, extra=extra, headers=headers)


def _number_of(faults: list[Fault]) -> str:
    if len(faults) == 1:
        return "There is one fault in the body."
    more = len(faults) - MOST_FAULTS_TOLD
    also = f" Here are the first {MOST_FAULTS_TOLD}, and {more} more are not shown." if more > 0 else ""
    return f"There are {len(faults)} faults in the body.{also}"


_FALLBACK_SENTENCES = {
    400: "The request broke off before its body was complete: send it again.",
    500: "Something went wrong on our side and has been written to our log. Nothing half-done is left behind.",
    503: "The service is busy at this moment: try again.",
}


def row_for(error: BaseException) -> Row:
    """The table's row for an error, by its class or the nearest one it descends from."""
    for kind in type(error).__mro__:
        if kind in TABLE:
            return TABLE[kind]
    return INTERNAL


def problem(
    request: HttpRequest,
    row: Row,
    detail: str,
    *,
    extra: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """An RFC 9457 document in the format that the client asked for, XML where it asked for none we have."""
    content = {
        "type": f"{settings.PUBLIC_BASE_URL}/problems#{row.code}",
        "title": row.title,
        "status": row.status,
        "detail": detail,
        "code": row.code,
        **(extra or {}),
    }
    if getattr(request, "wants_json", False):
        document, media = json.dumps(content, ensure_ascii=False), "application/problem+json"
    else:
        if "errors" in content:  # RFC 9457, appendix B: an array's items are elements named i
            content["errors"] = {"i": content["errors"]}
        document = write_xml("problem", content, namespace=PROBLEM_NAMESPACE).decode()
        media = "application/problem+xml; charset=utf-8"
    body = without_keys(document).encode()
    response = HttpResponse(body, status=row.status, content_type=media, headers=headers)
    response["Content-Length"] = str(len(body))
    return response


def refuse(request: HttpRequest, error: RequestError) -> HttpResponse:
    """As `respond`, anywhere: a page of ours where a person may be at the other end."""
    return respond(request, error) if is_api(request) else _plain(request, row_for(error), str(error))


# --- What Django itself finds wrong: handler400 to handler500 of config/urls.py -------------------------------------


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _plain(request, BAD_REQUEST, "The Host header or the request line is not one we serve.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _plain(
        request, TABLE[NoSuchPath], "Nothing is served at this path; docs/partners.md lists the paths that there are."
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _plain(request, FORBIDDEN, "This is not allowed.")


def crashed(request: HttpRequest) -> HttpResponse:
    return _plain(request, INTERNAL, _FALLBACK_SENTENCES[500])


def busy(request: HttpRequest) -> HttpResponse:
    """A page that could not reach the database in time: try again, nothing is lost."""
    response = _plain(request, TABLE[OperationalError], _FALLBACK_SENTENCES[503])
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _plain(request: HttpRequest, row: Row, detail: str) -> HttpResponse:
    if is_api(request):
        return problem(request, row, detail)
    return render(request, "giver/problem.html", {"title": row.title, "detail": detail}, status=row.status)


def is_api(request: HttpRequest) -> bool:
    """Whether a program is at the other end: everything under /api/ answers with problem documents."""
    return request.path == "/api" or request.path.startswith("/api/")


def problems_page(request: HttpRequest) -> HttpResponse:
    """/problems: what each `code` of a problem document means; a problem's `type` points here."""
    rows = sorted(every_row(), key=lambda row: (row.status, row.code))
    return render(request, "giver/problems.html", {"rows": rows})
