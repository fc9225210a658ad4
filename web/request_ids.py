"""The id of a request: the client's own where it sent a sensible one, so that both sides can name it."""

import re

from django.http import HttpRequest

import redaction
from log_context import new_request_id
from web import made_anew

HEADER = "Request-Id"
_SENSIBLE = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def id_of(request: HttpRequest) -> str:
    """The same for as long as the request lasts."""
    known: str | None = getattr(request, "request_id", None)
    if known is None:
        sent = request.META.get("HTTP_REQUEST_ID", "")
        known = sent if is_sensible(sent) else made_anew.once(request, "request_id", new_request_id)
        request.request_id = known  # type: ignore[attr-defined]
    return known


def is_sensible(text: str) -> bool:
    """Whether it can stand in a header and in every log line: short, of harmless letters, and no key or card number."""
    return bool(_SENSIBLE.fullmatch(text)) and redaction.without_secrets(text) == text
