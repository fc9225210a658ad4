"""What is looked at beside gifts: what waits for a person, how the service is, partners and keys, the audit log."""

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from console.audit_lines import audit_line
from console.key_state import state_of
from console.models import Operator
from console.site.doors import for_operators, page
from console.story_lines import moment, printable
from console.vital_checks import look
from contributions.attention import KINDS
from contributions.models import Attention
from lookups import one_or_none
from notifications.outbox import endpoints_of
from partners import keys
from partners.models import ApiKey, AuditEntry, Partner
from partners.registration import told
from providers import registry

MOST_ROWS = 100
"""Of the audit log on one page, and of what waits for a person."""


@for_operators
@require_safe
def attention(request: HttpRequest, operator: Operator) -> HttpResponse:
    rows = [
        {"row": row, "kind": KINDS[row.kind], "since": moment(row.since), "detail": printable(row.detail)}
        for row in Attention.objects.order_by("pk")[:MOST_ROWS]
    ]
    return page(request, "attention", {"rows": rows, "number": Attention.objects.count()}, operator=operator)


@for_operators
@require_safe
def status(request: HttpRequest, operator: Operator) -> HttpResponse:
    return page(request, "status", {"findings": list(look())}, operator=operator)


@for_operators
@require_safe
def partners(request: HttpRequest, operator: Operator) -> HttpResponse:
    live_keys = Count("api_keys", filter=Q(api_keys__revoked_at=None))
    every = Partner.objects.annotate(live_keys=live_keys).order_by("name", "is_test")
    return page(request, "partners", {"partners": every}, operator=operator)


@for_operators
@require_safe
def partner(request: HttpRequest, operator: Operator, number: str) -> HttpResponse:
    """Its settings, endpoints and keys; no secret is among them."""
    found = one_or_none(Partner.objects.filter(pk=number))
    if found is None:
        raise Http404
    off = found.providers_off.split()
    context = {
        "partner": found,
        "says": told(found),
        "providers": [{"name": name, "is_on": name not in off} for name in registry.PROVIDER_NAMES],
        "endpoints": endpoints_of(found.pk),
        "keys": [_key(key) for key in keys.listed(found)],
    }
    return page(request, "partner", context, operator=operator)


@for_operators
@require_safe
def audit_log(request: HttpRequest, operator: Operator) -> HttpResponse:
    """The newest rows first: all, or those about one record, of one action or one actor."""
    asked = {name: request.GET.get(name, "").strip()[:255] for name in ("about", "action", "actor")}
    before = request.GET.get("before", "")
    rows = AuditEntry.objects.select_related("partner").order_by("-pk")
    for name, text in asked.items():
        if text and "\0" not in text:
            rows = rows.filter(**{f"{name}__startswith": text.rstrip("…")})
    if before.isascii() and before.isdecimal() and len(before) <= 18:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: MOST_ROWS + 1])
    context = {
        "lines": [printable(audit_line(row)) for row in found[:MOST_ROWS]],
        "asked": asked,
        "older": found[MOST_ROWS - 1].pk if len(found) > MOST_ROWS else None,
    }
    return page(request, "audit_log", context, operator=operator)


def _key(key: ApiKey) -> dict[str, object]:
    return {
        "number": key.pk,
        "prefix": str(key),
        "name": printable(key.name),
        "state": state_of(key),
        "is_live": key.revoked_at is None,
        "scopes": key.scopes,
        "kind": f"signs requests ({key.algorithm})" if key.algorithm else "plain",
        "last_used": moment(key.last_used_at),
    }
