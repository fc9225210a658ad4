"""/metrics, for Prometheus: what the processes have counted (metrics.py), and what the database knows (console/gauges.py)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

import ip_networks
import metrics as counted
import security_log
from console import counted_files
from console.gauges import DatabaseGauges
from web import problems

_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
"""What a proxy adds: whoever comes through one is a stranger, whatever network the proxy itself is in."""

_gauges = DatabaseGauges()


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """To whoever may not read them, as if there were nothing here."""
    if not may_read(request):
        security_log.tell("metrics_refused")
        return problems.not_found(request)
    return HttpResponse(as_text(), content_type=CONTENT_TYPE_LATEST)


def may_read(request: HttpRequest) -> bool:
    """Whether it brings METRICS_TOKEN, or comes directly from one of METRICS_NETWORKS."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    if any(name in request.META for name in _FORWARDED):
        return False
    return ip_networks.contain(settings.METRICS_NETWORKS, request.META.get("REMOTE_ADDR", ""))


def as_text() -> bytes:
    """All metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    if settings.PROMETHEUS_MULTIPROC_DIR:
        registry.register(counted_files.AllProcesses(settings.PROMETHEUS_MULTIPROC_DIR))
    else:
        for one in counted.COUNTED:
            registry.register(one)
    registry.register(_gauges)
    return generate_latest(registry)
