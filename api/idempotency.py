"""Same key, same request: the same answer. Nothing is made twice because an answer got lost."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

import card_numbers
import clock
import prepared
from api.authentication import partner_of
from api.errors import row_for
from api.models import IdempotencyKey
from api.request_errors import KeyInUse, KeyReused, NoSuchRecord
from lookups import one_or_none
from ownership import row_key
from partners.tags import new_id_of
from providers import scenario_header
from web.negotiation import VALIDATE_ONLY, announces_a_body, body_of, check_media, validates_only
from web.places import PlaceWanted
from web.problems import BadHeader

KEPT_FOR = timedelta(hours=24)
"""So long a key stands for its first request; after it, it is as a new one, whether its row is still there or not."""

LONGEST_REQUEST = timedelta(seconds=90)
"""After this a request that has not answered is taken to have died, and its key may be used to go on."""

KEPT_HEADERS = ("Content-Type", "Location", "ETag", "Link", "Notice", "Preference-Applied")
_OF_FEW_DIGITS = (b"Pin", b"Verify")
"""Elements whose values are soon guessed from a digest of the rest: whoever reads the table must not be able to try them."""
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def answer_once(request: HttpRequest, make: Callable[[str], HttpResponse]) -> HttpResponse:
    """`make(record_id)`, or what it answered before under the same Idempotency-Key.

    Only a 2xx uses a key up. After a refusal of ours the key is as new; after a provider's, or a crash, ours or the
    process's, it stands for the same request, and the next try goes on with the record id of the first, so that whatever
    the first had made is not made again. Raises BadHeader, KeyInUse, KeyReused.
    """
    name = _named(request)
    if name is None:
        return make(new_id_of(partner_of(request).pk))
    row, is_new = _claim(request, name)
    request.is_repeated = not is_new  # type: ignore[attr-defined]
    if row.answer_status is not None:
        return _replay(row)
    still_ours = IdempotencyKey.objects.filter(**row_key(row), answer_status=None, running_until=row.running_until)
    try:
        response = make(row.record_id)
    except Exception as error:
        if row_for(error).status < 500:  # nothing was made
            still_ours.delete()
        else:
            still_ours.update(running_until=clock.now())
        raise
    except PlaceWanted:  # nothing was done: made anew, it goes on
        still_ours.update(running_until=clock.now())
        raise
    still_ours.update(
        answer_status=response.status_code,
        answer_headers={header: response[header] for header in KEPT_HEADERS if header in response},
        answer_body=getattr(response, "kept_content", response.content),  # what is shown once is not kept
        running_until=None,
    )
    return response


def is_repeated(request: HttpRequest) -> bool:
    """For `make`: whether an earlier try under the same key may have made the record already."""
    repeated: bool = getattr(request, "is_repeated", False)
    return repeated


def also_where_it_is_gone(request: HttpRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """`answer()`; of a POST whose path names a record that is gone since, what answer_once() answered the same request before.

    Raises as `answer` and is_answered() do.
    """
    try:
        return answer()
    except NoSuchRecord:
        may_be_repeated = request.method == "POST" and not validates_only(request)
        row = _answered(request) if may_be_repeated else None
        if row is None:
            raise
        return _replay(row)


def is_answered(request: HttpRequest) -> bool:
    """Whether answer_once() would give the answer that it gave before; nothing is stored, and no key is used up.

    Raises BadHeader, KeyInUse, KeyReused.
    """
    return _answered(request) is not None


def _answered(request: HttpRequest) -> IdempotencyKey | None:
    name, now = _named(request), clock.now()
    if name is None:
        return None
    row = one_or_none(partner_of(request).idempotency_keys.filter(key=name, created_at__gte=now - KEPT_FOR))
    if row is None:
        return None
    _check_same(row, _fingerprint(request))
    if row.answer_status is None and row.running_until is not None and row.running_until > now:
        raise _still_running()
    return row if row.answer_status is not None else None


def _named(request: HttpRequest) -> str | None:
    """The Idempotency-Key; None where there is none. Raises BadHeader, UnsupportedMedia."""
    name: str | None = request.headers.get("Idempotency-Key")
    if name is None:
        return None
    if not _KEY.fullmatch(name):
        raise BadHeader("Idempotency-Key must be 1 to 255 visible ASCII characters.")
    if card_numbers.is_one_in_an_id(name):
        raise BadHeader(
            "Idempotency-Key must not be a card number, and this looks like one: join something to it, such as order-."
        )
    if announces_a_body(request):
        check_media(request)  # before the body is read to know it again
    return name


def _check_same(row: IdempotencyKey, fingerprint: str) -> None:
    """Raises KeyReused."""
    if row.fingerprint != fingerprint:
        raise KeyReused("This Idempotency-Key came with another request before: use a new key for a new request.")


def _still_running() -> KeyInUse:
    return KeyInUse("The first request with this Idempotency-Key is still running: wait for its answer.")


def _claim(request: HttpRequest, name: str) -> tuple[IdempotencyKey, bool]:
    """The key's row, ours to answer, or one that has its answer already; and whether it is new. Raises KeyInUse, KeyReused.

    Rows of keys that are never used again are left to the daily purge (contributions/retention.py).
    """
    partner, now = partner_of(request), clock.now()
    ours = {
        "fingerprint": _fingerprint(request),
        "record_id": new_id_of(partner.pk),
        "created_at": now,
        "running_until": now + LONGEST_REQUEST,
    }
    new = IdempotencyKey(partner=partner, key=name, **ours)
    if prepared.insert_if_absent(new):
        return new, True
    row = one_or_none(IdempotencyKey.objects.filter(partner=partner, key=name))
    if row is None:
        raise KeyInUse("The first request with this Idempotency-Key has just ended without a result: send it again.")
    is_over = row.created_at < now - KEPT_FOR and (row.running_until is None or row.running_until <= now)
    if is_over:
        return _take_over(row, ours | {"answer_status": None, "answer_headers": {}, "answer_body": b""}), False
    _check_same(row, str(ours["fingerprint"]))
    if row.answer_status is None:
        if row.running_until is None or row.running_until > now:
            raise _still_running()
        return _take_over(row, {"running_until": ours["running_until"]}), False
    return row, False


def _take_over(row: IdempotencyKey, ours: dict[str, Any]) -> IdempotencyKey:
    """The row with these columns, unless somebody else was first. Raises KeyInUse."""
    as_it_was = IdempotencyKey.objects.filter(**row_key(row), created_at=row.created_at, running_until=row.running_until)
    if not as_it_was.update(**ours):
        raise _still_running()
    for column, value in ours.items():
        setattr(row, column, value)
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
        repr([pair for pair in query if pair[0] not in {"apikey", VALIDATE_ONLY.lower()}]),
        request.META.get("CONTENT_TYPE", ""),
        str(request.wants_json),  # type: ignore[attr-defined]
        request.headers.get(scenario_header.NAME, ""),
    ]
    body = body_of(request)
    whole = "\n".join(str(part) for part in parts).encode() + b"\n\n" + body
    if any(name in body for name in _OF_FEW_DIGITS):
        return salted_hmac("api.idempotency", whole, algorithm="sha256").hexdigest()
    return hashlib.sha256(whole).hexdigest()
