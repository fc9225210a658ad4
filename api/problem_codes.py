"""/problems: what each `code` of a problem document means; a problem's `type` points here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from api import errors


def problem_codes(request: HttpRequest) -> HttpResponse:
    rows = sorted(errors.every_row(), key=lambda row: (row.status, row.code))
    return render(request, "api/problems.html", {"rows": rows})
