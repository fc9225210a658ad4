"""/problems: what each `code` of a problem document means.

A problem's `type` points into the guide, docs/errors/CODE/; where that was not built (web/docs_site.py), it leads on to here.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from api import errors
from web.problems import not_found


@require_safe
def problem_codes(request: HttpRequest) -> HttpResponse:
    rows = sorted(errors.every_row(), key=lambda row: (row.status, row.code))
    return render(request, "api/problems.html", {"rows": rows})


@require_safe
def page_of_code(request: HttpRequest, code: str) -> HttpResponse:
    """Asked only where the guide was not built."""
    if code not in {row.code for row in errors.every_row()}:
        return not_found(request)
    return HttpResponseRedirect(f"{settings.PUBLIC_BASE_URL}/problems#{code}")
