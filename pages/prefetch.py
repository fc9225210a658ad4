"""A browser that fetches a link before anybody has clicked it: nobody is there, so nothing is asked and nothing changes.

`Sec-Purpose: prefetch;prerender` is what browsers send today (https://wicg.github.io/nav-speculation/prefetch.html, and
https://html.spec.whatwg.org/multipage/speculative-loading.html); `Purpose`, `X-Purpose` and `X-Moz` are what they sent before.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
AHEAD_OF_ITS_TIME = ("prefetch", "prerender", "preview")


def is_prefetch(request: HttpRequest) -> bool:
    """Whether the request says that nobody has asked for the page yet."""
    told = [request.headers.get(name, "").lower() for name in HEADERS]
    return any(word in value for value in told for word in AHEAD_OF_ITS_TIME)


def nobody_is_there_yet(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """503 for a prefetch, which makes the browser ask again once somebody clicks; else the view."""

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if is_prefetch(request):
            return HttpResponse(status=503, headers={"Cache-Control": "no-store"})
        return view(request, *arguments, **named)

    return guarded
