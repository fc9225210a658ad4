"""Lenient in, strict out: what a client is told of how its request was read, and how it says that it wants no repairs.

A Notice is a sentence without commas, one header line each; where a proxy joins them they are a list of RFC 9110, 5.6.1.
"""

import re
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse

from web.problems import BadArgument, UnsupportedMedia
from xml_schemas.reader import BodyFaults, Fault, Node
from xml_schemas.repairs import Repair, Sent

HEADER = "Notice"
STRICT, LENIENT = "strict", "lenient"

_HANDLING = re.compile(r'handling\s*=\s*"?([a-z]+)"?\s*(?:;.*)?', re.IGNORECASE)


def begin(request: HttpRequest) -> None:
    """Before anything is read: nothing has been repaired yet."""
    request.handling = handling = _handling(request)  # type: ignore[attr-defined]
    request.sent = Sent(is_strict=handling == STRICT)  # type: ignore[attr-defined]


def sent_of(request: HttpRequest) -> Sent:
    """What was found out about the request's body and arguments."""
    sent: Sent = request.sent  # type: ignore[attr-defined]
    return sent


def repair_type(request: HttpRequest, repair: Repair) -> None:
    """A body that is read as of another type than its header says. Raises UnsupportedMedia where that is not wanted."""
    sent = sent_of(request)
    if sent.is_strict:
        raise UnsupportedMedia(repair.fault)
    sent.tell(repair)


def repair_argument(request: HttpRequest, repair: Repair) -> None:
    """A query argument that is read otherwise than it came. Raises BadArgument where that is not wanted."""
    sent = sent_of(request)
    if sent.is_strict:
        raise BadArgument(repair.fault)
    sent.tell(repair)


def say(request: HttpRequest, sentence: str) -> None:
    """Tell what came of the request, where nothing had to be repaired: ASCII, without commas."""
    sent_of(request).said.append(sentence)


def take(request: HttpRequest, node: Node) -> None:
    """Go on with what the reader has found out about the body. Raises BodyFaults where nothing is to be repaired."""
    before = sent_of(request)
    if before.is_strict and node.sent.repairs:
        raise BodyFaults([Fault("/", repair.fault) for repair in node.sent.repairs])
    node.sent.is_strict = before.is_strict
    node.sent.repairs[:0] = before.repairs
    node.sent.said[:0] = before.said
    request.sent = node.sent  # type: ignore[attr-defined]


def told(request: HttpRequest) -> list[str]:
    """The sentences."""
    return [*(repair.notice for repair in sent_of(request).repairs), *sent_of(request).said]


def tell(request: HttpRequest, response: HttpResponse) -> None:
    """Put the notices on the answer, and that `Prefer: handling` was heard. An answer given again has its own already.

    A refusal has no notices: nothing was made of what was read, so they would say what is not so.
    """
    if not hasattr(request, "sent") or "Idempotent-Replayed" in response:
        return  # refused before anything was looked at, or answered before
    if response.status_code < 400 and (sentences := told(request)):
        response[HEADER] = ", ".join(sentences)
    handling: str | None = request.handling  # type: ignore[attr-defined]
    if handling:
        response["Preference-Applied"] = f"handling={handling}"


def _handling(request: HttpRequest) -> str | None:
    """What RFC 7240 calls the handling preference: of several the first counts, and what we do not know is as if left out."""
    given = next(_handlings(request.META.get("HTTP_PREFER", "")), None)
    return given if given in {STRICT, LENIENT} else None


def _handlings(header: str) -> Iterator[str]:
    for preference in header.split(","):
        if found := _HANDLING.fullmatch(preference.strip()):
            yield found[1].lower()
