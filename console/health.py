"""/healthz: the process is up. /readyz: it can serve. Neither says anything about what is inside."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from console import readiness


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    reason = readiness.trouble()
    if reason:
        return HttpResponse(f"{reason}\n", content_type="text/plain", status=503)
    return HttpResponse("ready\n", content_type="text/plain")
