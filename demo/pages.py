"""What the shop's pages share: words for when the service does not answer, and where they lead."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from whipround import Problem, WhiproundError

from demo.shop import WrongService

SHOP = "./"
"""Relative, as all addresses within the shop: they hold under whatever path a proxy puts the service."""

View = Callable[[HttpRequest], HttpResponse]


def in_plain_words(view: View) -> View:
    """Where the service does not answer, or not as it should, the page says so, and what to do about it."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except WhiproundError as error:
            sent_a_form = request.method == "POST"
            context = {
                "sent_a_form": sent_a_form,
                "again": SHOP if sent_a_form else _as_it_is(request),
                "address": settings.PUBLIC_BASE_URL,
                "seen_at": f"{request.scheme}://{request.get_host()}",
                "no_answer": not isinstance(error, Problem),
                "wrong_service": isinstance(error, WrongService),
                "detail": " ".join(error.sentences) if isinstance(error, Problem) else str(error),
            }
            return render(request, "demo/closed.html", context, status=502)

    return wrapped


def see_other(address: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": address})


def leads_to_a_provider(page: HttpResponse) -> HttpResponse:
    """The answer to one of its forms leads on to the provider, and a browser holds a form's redirects to form-action too."""
    page.allow_form_redirects = True  # type: ignore[attr-defined]
    return page


def status_of(problem: Problem) -> int:
    """What the page with a form that was refused is answered with."""
    return problem.status if problem.status < 500 else 502


def _as_it_is(request: HttpRequest) -> str:
    """The address of this page, from this page."""
    return request.get_full_path().rpartition("/demo/")[2] or SHOP
