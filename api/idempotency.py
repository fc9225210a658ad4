"""Same key, same request: the same answer. Nothing is made twice because an answer got lost."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

import clock
from api.authentication import partner_of
from api.errors import BadHeader, KeyInUse, KeyReused
from api.models import IdempotencyKey
from api.negotiation import body_of, prefers_json
from ids import new_id
from providers.sandbox import scenarios

KEPT_FOR = timedelta(hours=24)
LONGEST_REQUEST = timedelta(seconds=90)
"""After this a request that has not answered is taken to have died, and its key may be used to go on."""

KEPT_HEADERS = ("Content-Type", "Location", "ETag", "Link")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def answer_once(request: HttpRequest, make: Callable[[str], HttpResponse]) -> HttpResponse:
    """`make(record_id)`, or what it answered before under the same Idempotency-Key.

    Only a 2xx uses a key up; after a refusal, a provider's silence or a crash the client may try again, and a try
    that goes on after a crash gets the record id of the first. Raises BadHeader, KeyInUse, KeyReused.
    """
    name = request.headers.get("Idempotency-Key")
    if name is None:
        return make(new_id())
    if not _KEY.fullmatch(name):
        raise BadHeader("Idempotency-Key must be 1 to 255 visible ASCII characters.")
    row = _claim(request, name)
    if row.answer_status is not None:
        return _replay(row)
    try:
        response = make(row.record_id)
    except BaseException:
        row.delete()
        raise
    row.answer_status = response.status_code
    row.answer_headers = {header: response[header] for header in KEPT_HEADERS if header in response}
    row.answer_body = response.content
    row.running_until = None
    row.save()
    return response


def _claim(request: HttpRequest, name: str) -> IdempotencyKey:
    """The key's row, ours to answer; or one that has its answer already."""
    partner, now, fingerprint = partner_of(request), clock.now(), _fingerprint(request)
    partner.idempotency_keys.filter(created_at__lt=now - KEPT_FOR).delete()
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(
                partner=partner,
                key=name,
                fingerprint=fingerprint,
                record_id=new_id(),
                created_at=now,
                running_until=now + LONGEST_REQUEST,
            )
    except IntegrityError:
        row = IdempotencyKey.objects.filter(partner=partner, key=name).first()
    if row is None:
        raise KeyInUse("The first request with this Idempotency-Key has just ended without a result: send it again.")
    if row.fingerprint != fingerprint:
        raise KeyReused("This Idempotency-Key came with another request before: use a new key for a new request.")
    if row.answer_status is None:
        abandoned = IdempotencyKey.objects.filter(pk=row.pk, running_until=row.running_until, running_until__lt=now)
        if not abandoned.update(running_until=now + LONGEST_REQUEST):
            raise KeyInUse("The first request with this Idempotency-Key is still running: wait for its answer.")
        row.refresh_from_db()
    return row


def _replay(row: IdempotencyKey) -> HttpResponse:
    response = HttpResponse(bytes(row.answer_body), status=row.answer_status, headers=row.answer_headers)
    response["Idempotent-Replayed"] = "true"
    return response


def _fingerprint(request: HttpRequest) -> str:
    query = sorted((name.lower(), value) for name, values in request.GET.lists() for value in values)
    parts = [
        request.method,
        request.path.rstrip("/"),
        repr([pair for pair in query if pair[0] != "apikey"]),
        request.META.get("CONTENT_TYPE", ""),
        str(prefers_json(request)),
        request.headers.get(scenarios.HEADER, ""),
    ]
    return hashlib.sha256("\n".join(str(part) for part in parts).encode() + b"\n\n" + body_of(request)).hexdigest()
