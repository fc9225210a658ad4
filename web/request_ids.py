"""The id of a request: the client's own where it sent a sensible one, so that both sides can name it."""

import re

from django.http import HttpRequest

from ids import new_id

_SENSIBLE = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def id_of(request: HttpRequest) -> str:
    """The same for as long as the request lasts."""
    known: str | None = getattr(request, "request_id", None)
    if known is None:
        sent = request.headers.get("Request-Id", "")
        known = sent if _SENSIBLE.fullmatch(sent) else new_id()
        request.request_id = known  # type: ignore[attr-defined]
    return known
