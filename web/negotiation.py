"""What the client sends and what it wants back: media types, sizes, query arguments."""

import codecs
from email.message import Message
from functools import lru_cache
from typing import Any

import mimeparse
from django.http import HttpRequest, UnreadablePostError

from web.problems import BadArgument, BodyTooLarge, UnsupportedMedia
from web.request_limits import LARGEST_BODY_BYTES
from xml_schemas.characters import first_illegal
from xml_schemas.reader import ENCODINGS, is_readable
from xml_schemas.repairs import Repair

XML, JSON = "application/xml", "application/json"
TEXT_XML, CSV = "text/xml", "text/csv"
FORM = "application/x-www-form-urlencoded"
"""What `curl -d` says of any body."""

ALWAYS_KNOWN = {"apikey": "ApiKey", "format": "format"}
VALIDATE_ONLY = "ValidateOnly"
MAKES_OR_CHANGES = frozenset({"POST", "PUT", "PATCH"})

OLD_TYPE_ASKED = Repair("text/xml is the old name of application/xml", "the answer has the old one", "accept application/xml")
OLD_TYPE_SENT = Repair(
    "text/xml is the old name of application/xml", "the body was read as that", "send Content-Type: application/xml"
)


def wanted_media(request: HttpRequest, by_headers: str | None) -> str | None:
    """What `format` names, else what the headers want. Never raises."""
    if (named := _format_named(request)) is not None:
        return {"json": JSON, "xml": XML}.get(named)
    return by_headers


def wanted_by_headers(request: HttpRequest) -> str | None:
    """XML, JSON, TEXT_XML for a client that takes nothing better, None where it wants none of them. Never raises.

    All that can be known of an address that is too long to look for `format` in.
    """
    accept = _accepted(request)
    if accept == "*/*" and request.method in MAKES_OR_CHANGES and _type_of(request) == JSON:
        return JSON  # curl and most libraries send */* where nobody has said anything
    return _best_of(accept)


@lru_cache(maxsize=256)
def _best_of(accept: str) -> str | None:
    try:
        best = mimeparse.best_match([TEXT_XML, JSON, XML], accept)  # of equals the last one wins
    except mimeparse.MimeTypeParseException:
        return None
    return best or None


def wants_csv(request: HttpRequest) -> bool:
    """Whether a path that has CSV beside the other formats is asked for that. Never raises."""
    if (named := _format_named(request)) is not None:
        return named == "csv"
    try:
        return bool(mimeparse.best_match([CSV, TEXT_XML, JSON, XML], _accepted(request)) == CSV)
    except mimeparse.MimeTypeParseException:
        return False


def _format_named(request: HttpRequest) -> str | None:
    """What the argument `format` says; None where there is none."""
    named = [value for name, values in request.GET.lists() if name.lower() == "format" for value in values]
    return named[0].strip().lower() if named else None


def _accepted(request: HttpRequest) -> str:
    accept: str = request.META.get("HTTP_ACCEPT", "").strip().lower()
    return accept or "*/*"


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


def validates_only(request: HttpRequest) -> bool:
    """Whether a request that could make or change something is only to be looked at. Raises BadArgument."""
    value = arguments(request, (VALIDATE_ONLY,)).get(VALIDATE_ONLY, "0").strip().lower()
    if value not in {"1", "true", "0", "false"}:
        raise BadArgument(f"{VALIDATE_ONLY} must be 1, or be left out.")
    return value in {"1", "true"}


def check_media(request: HttpRequest) -> None:
    """Whether a body like this is read at all; its bytes are not looked at. Raises UnsupportedMedia."""
    check_encoding(request)
    if not _says_nothing_of_it(request):
        media_type_in(request.META["CONTENT_TYPE"])


def announces_a_body(request: HttpRequest) -> bool:
    """Whether there is one, so far as the headers say."""
    return request.META.get("CONTENT_LENGTH") not in {None, "", "0"} or "HTTP_TRANSFER_ENCODING" in request.META


def check_encoding(request: HttpRequest) -> None:
    """Raises UnsupportedMedia."""
    if request.headers.get("Content-Encoding", "").strip().lower() not in {"", "identity"}:
        raise UnsupportedMedia("Send the body as it is, without a Content-Encoding.", headers={"Accept-Encoding": "identity"})


def type_of_body(request: HttpRequest, body: bytes) -> tuple[str, Repair | None]:
    """The Content-Type by which the body is to be read, and what had to be repaired about it. Raises UnsupportedMedia."""
    content_type = request.META.get("CONTENT_TYPE", "").strip()
    if not _says_nothing_of_it(request):
        return content_type, OLD_TYPE_SENT if _type_of(request) == TEXT_XML else None
    if not _begins_like_xml(body):
        raise UnsupportedMedia(_SEND_AS)
    reason = f"The Content-Type is {FORM}" if content_type else "There is no Content-Type"
    return XML + content_type[len(FORM) :], Repair(reason, "the body was read as XML", f"send Content-Type: {XML}")


def media_type_in(content_type: str) -> tuple[str, str | None]:
    """(XML or JSON, charset or None) as a Content-Type says. Raises UnsupportedMedia."""
    header = Message()
    header["Content-Type"] = content_type or "application/octet-stream"
    media = header.get_content_type()
    if media != JSON and not _is_xml(media):
        raise UnsupportedMedia(_SEND_AS)
    media = JSON if media == JSON else XML
    charset = header.get_param("charset")
    name = str(charset).strip().lower() if charset is not None else None
    if name is not None and not (is_readable(name) if media == XML else name in {"utf-8", "utf8"}):
        raise UnsupportedMedia(
            f"The charset must be one of {', '.join(ENCODINGS)}." if media == XML else "JSON is read as UTF-8 only."
        )
    return media, name


_SEND_AS = f"Send the body as Content-Type: {XML} or {JSON}."


def _is_xml(media: str) -> bool:
    """By RFC 7303: text/xml says the same as application/xml, and +xml that it is XML whatever else it is."""
    return media in {XML, TEXT_XML} or media.endswith("+xml")


def _type_of(request: HttpRequest) -> str:
    """The media type alone, in lower case; empty where there is none."""
    content_type: str = request.META.get("CONTENT_TYPE", "")
    return content_type.partition(";")[0].strip().lower()


def _says_nothing_of_it(request: HttpRequest) -> bool:
    """Whether the Content-Type tells nothing of the body: there is none, or it is what `curl -d` always sends."""
    return not request.META.get("CONTENT_TYPE", "").strip() or _type_of(request) == FORM


def _begins_like_xml(body: bytes) -> bool:
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        body = body.removeprefix(mark)
    return body.lstrip(b" \t\r\n").removeprefix(b"\0").startswith(b"<")


def body_of(request: HttpRequest, most: int = LARGEST_BODY_BYTES) -> bytes:
    """The whole body, also where it came in chunks; it can be asked for twice. Raises BodyTooLarge, UnreadablePostError."""
    if not hasattr(request, "whole_body"):
        request.whole_body = _read_body(request, most)  # type: ignore[attr-defined]
    body: bytes = request.whole_body  # type: ignore[attr-defined]
    return body


def _read_body(request: HttpRequest, most: int) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or ""
    if length:
        announced = int(length.lstrip("0")[:9] or 0) if length.isascii() and length.isdigit() else most + 1
        if announced > most:
            raise _too_large(most)
        body = request.body if announced <= LARGEST_BODY_BYTES else _read_all(request, announced)
        if len(body) < announced:
            raise UnreadablePostError("the connection ended before the body did")
        return body
    if "chunked" not in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        return b""
    body = _read_all(request.META["wsgi.input"], most + 1)
    if len(body) > most:
        raise _too_large(most)
    return body


def _read_all(stream: Any, size: int) -> bytes:
    """So many bytes, or all that there are; one read() may give fewer."""
    pieces: list[bytes] = []
    while size > 0 and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(f"A body may have at most {most} bytes.")
