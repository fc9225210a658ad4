"""What Django does not do at the border to the WSGI server: how a query is read, and a header in several lines."""

from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIRequest


class Utf8Request(WSGIRequest):
    """A request whose query is UTF-8, whatever its Content-Type says of its body.

    Django would decode the query with the charset of the Content-Type, and where that is no text encoding (`zlib`) or
    nonsense (`charset*=nope''x`) it would crash before any code of ours has seen the request.
    web/negotiation.py reads the header itself.
    """

    def _set_content_type_params(self, meta: Mapping[str, Any]) -> None:
        self.content_type = str(meta.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
        self.content_params = {}


def one_line_each(headers: list[tuple[str, str]], name: str) -> list[tuple[str, str]]:
    """The headers, with a line for each member of the list `name`: Django's answers can hold a header once only."""
    lines: list[tuple[str, str]] = []
    for header, value in headers:
        lines += [(header, member) for member in value.split(", ")] if header == name else [(header, value)]
    return lines
