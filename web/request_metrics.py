"""Counts each answered request, by its route: never by its address, which holds ids and whatever strangers send."""

import functools
import re

from django.http import HttpRequest

import metrics

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CONVERTER = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")
_GROUP = re.compile(r"\(\?P<([a-z_]+)>(?:\[[^]]*\][+*]?|[^()]*)\)")
_WAITS = re.compile(r"(?:^|&)wait=0*[1-9]", re.IGNORECASE)


def count(request: HttpRequest, status: int, seconds: float) -> None:
    """One request that was answered."""
    method = request.method if request.method in _METHODS else "other"
    route = route_of(request)
    metrics.REQUESTS.labels(method, route, status).inc()
    if not _WAITS.search(request.META.get("QUERY_STRING", "")):  # held on purpose: how long says nothing
        metrics.REQUEST_SECONDS.labels(method, route).observe(seconds)


def route_of(request: HttpRequest) -> str:
    """The route as a reader writes it, such as /api/Contribution/{contribution_id}; `none` where nothing fits."""
    match = request.resolver_match
    if match is None:
        return "/docs/" if request.path.startswith("/docs/") else "none"
    return written_out(match.route)


@functools.cache
def written_out(route: str) -> str:
    """A route of Django's, a pattern or a regular expression, with {name} where an id stands. There are as many as routes."""
    plain = _GROUP.sub(r"{\1}", _CONVERTER.sub(r"{\1}", route) if "(?P<" not in route else route)
    plain = plain.replace("(?:/.*)?", "").replace("\\", "").strip("^$").removesuffix("/?")
    return f"/{plain.lstrip('/')}"
