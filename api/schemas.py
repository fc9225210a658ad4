"""/api/schema/: the XSD and the DTD, as they are."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from api import conditions, errors
from web import negotiation, problems
from xml_schemas.files import DTD, XSD

MEDIA = {"xsd": "application/xml; charset=utf-8", "dtd": "application/xml-dtd; charset=utf-8"}


def schema(request: HttpRequest, kind: str) -> HttpResponse:
    """GET only, without a key."""
    return answer_file(request, (XSD if kind == "xsd" else DTD).read_bytes, MEDIA[kind])


def answer_file(request: HttpRequest, read: Callable[[], bytes], content_type: str) -> HttpResponse:
    """The bytes that `read` gives; 304 where the client has them."""
    try:
        if request.method not in {"GET", "HEAD"}:
            raise problems.VerbNotAllowed("This path has GET, HEAD.", headers={"Allow": "GET, HEAD"})
        negotiation.arguments(request)
    except problems.RequestError as error:
        return errors.respond(request, error)
    body = read()
    headers = {"ETag": conditions.of_bytes(body)}
    if conditions.client_has(request, headers["ETag"]):
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(body, content_type=content_type, headers=headers)
