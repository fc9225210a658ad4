"""The doorkeeper: headers that every answer carries, one access line a request, and errors Django would tell in HTML."""

import base64
import hashlib
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException
from django.http.response import HttpResponseBase

import log_context
import security_log
import tracing
from web import problems, proxies, request_ids, request_limits, request_metrics
from web.made_anew import HOLD
from web.negotiation import JSON, body_of, wanted_by_headers, wanted_media
from web.problems import BodyTooLarge, RequestError

log = logging.getLogger("access")

STYLE = (settings.BASE_DIR / "web" / "templates" / "giver" / "style.css").read_text()
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
LONGEST_PATH_LOGGED = 300
ANSWER_ANY_HOST = frozenset({"/healthz", "/readyz", "/metrics"})
"""A load balancer asks by address, and no link is made of its Host header there."""

_PAGE_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'"


_UNREADABLE = (BadRequest, MultiPartParserError, SuspiciousOperation, UnreadablePostError)
"""What Django raises over a form: no boundary, no UTF-8, too many fields, files or bytes, broken off."""


class Doorkeeper:
    """Wraps every request, under /api/ and elsewhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = {"address": proxies.address_of(request), "method": request.method, "path": request.path}
        with log_context.bound(request_id=request_ids.id_of(request)), security_log.asked_by(**asked):
            with tracing.span(str(request.method), caller=_trace_of(request)) as span:
                response = self._answer(request)
                route = request_metrics.route_of(request)
                span.update_name(f"{request.method} {route}")
                span.set_attributes({"http.route": route, "http.response.status_code": response.status_code})
            return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        request.wants_json = False  # type: ignore[attr-defined]
        _leave_out_the_base_path(request)
        try:
            request_limits.check_accept(request.META)
            by_headers = wanted_by_headers(request)
            request.wants_json = by_headers == JSON  # type: ignore[attr-defined]
            request_limits.check_address(request.META)
            request.wanted_media = wanted = wanted_media(request, by_headers)  # type: ignore[attr-defined]
            request.wants_json = wanted == JSON if wanted else None  # type: ignore[attr-defined]
            request_limits.check_the_rest(request.META)
            if request.path_info not in ANSWER_ANY_HOST:
                proxies.check_https(request)
                request.get_host()
            response: HttpResponseBase = self.get_response(request)
        except SuspiciousOperation:  # a Host header that is not ours, more query arguments than anybody needs
            response = problems.bad_request(request)
            security_log.tell("host_refused", detail=request.META.get("HTTP_HOST", "")[:200])
        except RequestError as error:  # the views answer theirs themselves: this one is of request_limits
            security_log.tell("request_refused", reason=type(error).__name__)
            response = problems.refuse(request, error)
        _read_what_is_left(request)
        _add_headers(request, response)
        if request.method == "HEAD":
            _leave_out_the_body(response)
        seconds = time.perf_counter() - started
        request_metrics.count(request, response.status_code, seconds)
        log.info(
            "request",
            extra={
                "method": request.method,
                "path": request.path[:LONGEST_PATH_LOGGED],  # without its query, which may hold a key or a token
                "status": response.status_code,
                "seconds": round(seconds, 4),
            },
        )
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page that met a busy database says so; everything else is Django's 500, which is ours too."""
        if isinstance(exception, _UNREADABLE):
            log.info("body of a form not read", extra={"path": request.path, "error": str(exception)[:200]})
            return problems.refuse_form(request)
        if isinstance(exception, OperationalError | InterfaceError):
            log.error("database did not answer", exc_info=exception, extra={"path": request.path})
            return problems.busy(request)
        log.error("request failed", exc_info=exception, extra={"path": request.path})
        return None


def _trace_of(request: HttpRequest) -> dict[str, str]:
    """The headers by which the client's trace goes on here (W3C Trace Context)."""
    named = {"traceparent": "HTTP_TRACEPARENT", "tracestate": "HTTP_TRACESTATE"}
    return {name: request.META[key] for name, key in named.items() if key in request.META}


def _leave_out_the_body(response: HttpResponseBase) -> None:
    """For HEAD. A streamed file is not even begun, so nobody knows how long it would be."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = []
    elif isinstance(response, HttpResponse):
        if response.status_code != 304:  # whose length would be that of the body that the client has
            response.setdefault("Content-Length", str(len(response.content)))
        response.content = b""


def _leave_out_the_base_path(request: HttpRequest) -> None:
    """Whether a proxy strips the path of PUBLIC_BASE_URL or hands it on: the service's own paths begin at its root."""
    base = urlsplit(settings.PUBLIC_BASE_URL).path
    if base and f"{request.path_info}/".startswith(f"{base}/"):
        request.path_info = request.path = request.path_info[len(base) :] or "/"


def _read_what_is_left(request: HttpRequest) -> None:
    """The body of a request that was refused unread: answered earlier, the connection would end under whoever sends it."""
    if request.META.get("HTTP_EXPECT", "").lower() == "100-continue":
        return  # it asks before it sends, and has its answer now
    if HOLD in request.META or not request_limits.speaks_http_1(request.META):
        return  # the front door has taken what it wants
    # More than anybody reads, broken off, or read as a form already: then there is nothing to wait for.
    with suppress(BodyTooLarge, UnreadablePostError, RawPostDataException):
        body_of(request)


def _add_headers(request: HttpRequest, response: HttpResponseBase) -> None:
    if response.status_code in {204, 304}:  # no body, so no type of one: Django would call it HTML
        del response["Content-Type"]
    response[request_ids.HEADER] = request_ids.id_of(request)  # also where an earlier answer is repeated
    response.setdefault("X-Content-Type-Options", "nosniff")
    response.setdefault("Cache-Control", "no-store")
    response.setdefault("Referrer-Policy", "no-referrer")
    response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if settings.IS_HTTPS:
        response.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if problems.is_api(request):
        response.setdefault("Vary", "Accept")
    if response.get("Content-Type", "").startswith("text/html"):
        targets = "http: https:" if getattr(response, "allow_form_redirects", False) else "'self'"
        response.setdefault("Content-Security-Policy", f"{_PAGE_POLICY}; form-action {targets}")
        response.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.setdefault("X-Frame-Options", "DENY")  # for browsers that do not know frame-ancestors
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), usb=()")
    else:
        response.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
