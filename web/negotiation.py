"""What the client sends and what it wants back: media types, sizes, query arguments."""

from email.message import Message

import mimeparse
from django.http import HttpRequest, UnreadablePostError

from web.problems import BadArgument, BodyTooLarge, UnsupportedMedia
from web.request_limits import LARGEST_BODY_BYTES
from xml_schemas.characters import first_illegal
from xml_schemas.reader import ENCODINGS, is_readable

XML, JSON = "application/xml", "application/json"
ALWAYS_KNOWN = {"apikey": "ApiKey", "format": "format"}


def prefers_json(request: HttpRequest) -> bool | None:
    """True for JSON, False for XML, None where the client wants neither. Never raises."""
    wanted = [value for name, values in request.GET.lists() if name.lower() == "format" for value in values]
    if wanted:
        return {"json": True, "xml": False}.get(wanted[0].strip().lower())
    accept = request.META.get("HTTP_ACCEPT", "").strip().lower() or "*/*"
    try:
        best = mimeparse.best_match([JSON, XML], accept)  # of equals the last one wins
    except mimeparse.MimeTypeParseException:
        return None
    return {JSON: True, XML: False}.get(best)


def arguments(request: HttpRequest, known: tuple[str, ...] = ()) -> dict[str, str]:
    """The query arguments by the names in `known`, whatever case they came in. Raises BadArgument."""
    names = ALWAYS_KNOWN | {name.lower(): name for name in known}
    found: dict[str, str] = {}
    for given, values in request.GET.lists():
        name = names.get(given.lower())
        if name is None:
            raise BadArgument(f"This path does not know the argument {given[:50]!r}; it knows {', '.join(names.values())}.")
        if len(values) > 1 or name in found:
            raise BadArgument(f"The argument {name} is given twice: give it once.")
        if first_illegal(values[0]) is not None:
            raise BadArgument(f"The argument {name} holds the character {first_illegal(values[0])}, which no value can have.")
        found[name] = values[0]
    return found


def check_media(request: HttpRequest) -> None:
    """Whether a body like this is read at all; its bytes are not looked at. Raises UnsupportedMedia."""
    if request.headers.get("Content-Encoding", "").strip().lower() not in {"", "identity"}:
        raise UnsupportedMedia("Send the body as it is, without a Content-Encoding.", headers={"Accept-Encoding": "identity"})
    media_type_in(request.META.get("CONTENT_TYPE", ""))


def media_type_in(content_type: str) -> tuple[str, str | None]:
    """(XML or JSON, charset or None) as a Content-Type says. Raises UnsupportedMedia."""
    header = Message()
    header["Content-Type"] = content_type or "application/octet-stream"
    media = header.get_content_type()
    if media not in {XML, JSON}:
        raise UnsupportedMedia(f"Send the body as Content-Type: {XML} or {JSON}.")
    charset = header.get_param("charset")
    name = str(charset).strip().lower() if charset is not None else None
    if name is not None and not (is_readable(name) if media == XML else name in {"utf-8", "utf8"}):
        raise UnsupportedMedia(
            f"The charset must be one of {', '.join(ENCODINGS)}." if media == XML else "JSON is read as UTF-8 only."
        )
    return media, name


def body_of(request: HttpRequest) -> bytes:
    """The whole body, also where it came in chunks; it can be asked for twice. Raises BodyTooLarge, UnreadablePostError."""
    if not hasattr(request, "whole_body"):
        request.whole_body = _read_body(request)  # type: ignore[attr-defined]
    body: bytes = request.whole_body  # type: ignore[attr-defined]
    return body


def _read_body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or ""
    if length:
        announced = int(length.lstrip("0")[:9] or 0) if length.isascii() and length.isdigit() else LARGEST_BODY_BYTES + 1
        if announced > LARGEST_BODY_BYTES:
            raise _too_large()
        if len(request.body) < announced:
            raise UnreadablePostError("the connection ended before the body did")
        return request.body
    if "chunked" not in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        return b""
    body: bytes = request.META["wsgi.input"].read(LARGEST_BODY_BYTES + 1)
    if len(body) > LARGEST_BODY_BYTES:
        raise _too_large()
    return body


def _too_large() -> BodyTooLarge:
    return BodyTooLarge(f"A body may have at most {LARGEST_BODY_BYTES} bytes.")
