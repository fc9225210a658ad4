"""Problem documents (RFC 9457), the pages that say the same to a person, and what can be wrong with a request itself.

What a door refuses for reasons of its own stands with that door: api/errors.py is the table of everything a client is told.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render

from partners.key_text import without_keys
from web import request_ids
from xml_schemas.writer import write_xml

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


class NoSuchPath(RequestError):
    """Nothing is served at this path."""


class VerbNotAllowed(RequestError):
    """The path lacks this verb."""


class NotAcceptable(RequestError):
    """The client accepts neither XML nor JSON."""


class BodyTooSlow(RequestError):
    """The body did not come within the time that it may take."""

    def __init__(self) -> None:
        super().__init__("The body took too long to come: send it again, faster.")


class TooBusy(RequestError):
    """This process has as many requests in hand as it can have."""

    def __init__(self) -> None:
        super().__init__(FALLBACK_SENTENCES[503], headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


class HttpsNeeded(RequestError):
    """The request came in the clear, and its key with it."""


class BodyTooLarge(RequestError):
    """The body is over the limit."""


class AddressTooLong(RequestError):
    """The path and the query are over the limit."""


class HeadersTooLarge(RequestError):
    """A header, or all of them together, are over the limit."""


class TooManyRequests(RequestError):
    """More requests of a key or an address than it may make."""


class HttpVersionNotSpoken(RequestError):
    """The request came in another version of HTTP than 1.0 or 1.1."""


class UnsupportedMedia(RequestError):
    """The body is neither XML nor JSON."""


@dataclass(frozen=True)
class Row:
    """How one kind of error is told to a client: status, code and title."""

    status: int
    code: str
    title: str

    @property
    def page(self) -> str:
        """Where the code is explained: a problem's `type`."""
        return f"{settings.PUBLIC_BASE_URL}/docs/errors/{self.code}/"


REQUEST_ERRORS: dict[type[BaseException], Row] = {
    BadArgument: Row(400, "invalid_argument", "A query argument cannot be used"),
    BadHeader: Row(400, "invalid_header", "A header cannot be used"),
    UnreadablePostError: Row(400, "unreadable_body", "The body broke off"),
    HttpsNeeded: Row(403, "https_needed", "The API is served over https only"),
    NoSuchPath: Row(404, "no_such_path", "There is nothing at this path"),
    VerbNotAllowed: Row(405, "verb_not_allowed", "The path does not have this verb"),
    NotAcceptable: Row(406, "not_acceptable", "Only XML and JSON can be sent"),
    BodyTooSlow: Row(408, "body_too_slow", "The body took too long"),
    BodyTooLarge: Row(413, "body_too_large", "The body is too large"),
    AddressTooLong: Row(414, "address_too_long", "The address is too long"),
    UnsupportedMedia: Row(415, "unsupported_media_type", "Only XML and JSON can be read"),
    TooManyRequests: Row(429, "too_many_requests", "Too many requests"),
    HeadersTooLarge: Row(431, "headers_too_large", "The headers are too large"),
    OperationalError: Row(503, "busy", "The service is busy"),
    InterfaceError: Row(503, "busy", "The service is busy"),
    TooBusy: Row(503, "busy", "The service is busy"),
    HttpVersionNotSpoken: Row(505, "http_version_not_spoken", "Only HTTP/1.1 is spoken"),
}

INTERNAL = Row(500, "internal_error", "Something went wrong on our side")
BAD_REQUEST = Row(400, "bad_request", "The request cannot be used")
FORBIDDEN = Row(403, "forbidden", "This is not allowed")

FALLBACK_SENTENCES = {
    400: "The request broke off before its body was complete: send it again.",
    500: "Something went wrong on our side and has been written to our log. Nothing half-done is left behind.",
    503: "The service is busy at this moment: try again.",
}
"""What is told of an error whose own sentence is for our log only."""


def problem(
    request: HttpRequest, row: Row, detail: str, *, extra: dict[str, Any] | None = None, headers: dict[str, str] | None = None
) -> HttpResponse:
    """An RFC 9457 document in the format that the client asked for, XML where it asked for none we have."""
    content = {"type": row.page, "title": row.title, "status": row.status, "detail": detail, "code": row.code}
    content |= {"request_id": request_ids.id_of(request), **(extra or {})}
    if getattr(request, "wants_json", False):
        document, media = json.dumps(content, ensure_ascii=False), "application/problem+json"
    else:
        # RFC 9457, appendix B: an array's items are elements named i
        content = {name: {"i": value} if isinstance(value, list) else value for name, value in content.items()}
        document = write_xml("problem", content, namespace=PROBLEM_NAMESPACE).decode()
        media = "application/problem+xml; charset=utf-8"
    body = without_keys(document).encode()
    response = HttpResponse(body, status=row.status, content_type=media, headers=headers)
    response["Content-Length"] = str(len(body))
    return response


# --- What Django itself finds wrong: handler400 to handler500 of config/urls.py -------------------------------------


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _document_or_page(request, BAD_REQUEST, "The Host header or the request line is not one we serve.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    base = settings.PUBLIC_BASE_URL
    detail = (
        f"Nothing is served at this path. The guide is at {base}/docs/, and {base}/docs/paths/ lists the paths that there are."
    )
    return _document_or_page(request, REQUEST_ERRORS[NoSuchPath], detail)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _document_or_page(request, FORBIDDEN, "This is not allowed.")


def crashed(request: HttpRequest) -> HttpResponse:
    return _document_or_page(request, INTERNAL, FALLBACK_SENTENCES[500])


def busy(request: HttpRequest) -> HttpResponse:
    """A page that could not reach the database in time: try again, nothing is lost."""
    response = _document_or_page(request, REQUEST_ERRORS[OperationalError], FALLBACK_SENTENCES[503])
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def refuse(request: HttpRequest, error: RequestError) -> HttpResponse:
    """What is wrong with a request, told before any door has seen it."""
    response = _document_or_page(request, REQUEST_ERRORS[type(error)], str(error), error.extra)
    for name, value in error.headers.items():
        response[name] = value
    return response


def refuse_form(request: HttpRequest) -> HttpResponse:
    """A form that nobody can read: broken off, or with headers that do not fit it."""
    return _document_or_page(request, BAD_REQUEST, "The form came in a way that cannot be read: go back and send it again.")


def _document_or_page(request: HttpRequest, row: Row, detail: str, extra: dict[str, Any] | None = None) -> HttpResponse:
    if is_api(request):
        return problem(request, row, detail, extra=extra)
    told = {"title": row.title, "detail": detail, "request_id": request_ids.id_of(request)}
    return render(request, "giver/problem.html", told, status=row.status)


def is_api(request: HttpRequest) -> bool:
    """Whether a program is at the other end: everything under /api/ answers with problem documents."""
    return request.path == "/api" or request.path.startswith("/api/")
