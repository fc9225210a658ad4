"""Lists as CSV files (RFC 4180): all that match, streamed in pieces, so that memory does not grow with the list.

Each piece is a query of its own that goes on after the last row of the one before: between two of them there is neither a
transaction nor a cursor, however slowly the client reads. A row is as it was when its piece was read.

Where a piece cannot be read the status was sent long ago, and not every server breaks the connection off then: a last line
says that the file is not whole, in words that nobody's sum survives.
"""

import csv
import io
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any
from unicodedata import category

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse

from web.negotiation import CSV

log = logging.getLogger(__name__)

ROWS_AT_ONCE = 500
INCOMPLETE = "INCOMPLETE: ask again"
FORMULA_CHARACTERS = tuple("=+-@\t\r\n＝＋－＠")
"""With which a cell begins that a spreadsheet would take for a formula, or would show as another cell's beginning."""

NUMBERS = frozenset(
    {"Amount", "RefundedAmount", "SettledAmount", "ReversedAmount", "Fee", "Net", "PlatformFee", "RecordVersionNumber"}
)
"""Columns that hold nothing but our own numbers: one that is below zero stays a number."""


def answer(
    request: HttpRequest,
    name: str,
    columns: Sequence[str],
    pieces: Iterator[Sequence[Any]],
    content: Callable[[Any], dict[str, Any]],
) -> StreamingHttpResponse:
    """The file. The first piece is read at once, so that a database that does not answer is told as usual; HEAD reads none."""
    if request.method != "HEAD":
        pieces = chain([next(pieces)], pieces)
    lines = _lines(columns, pieces, content)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingHttpResponse(lines, content_type=f"{CSV}; charset=utf-8; header=present", headers=headers)


def pieces_of(found: QuerySet[Any], *, dated_by: str = "") -> Iterator[list[Any]]:
    """All rows, newest first by this column, else by their making; at least one piece, perhaps an empty one."""
    order = [f"-{dated_by}", "-pk"] if dated_by else ["-pk"]
    rest = found.order_by(*order)
    piece = list(rest[:ROWS_AT_ONCE])
    yield piece
    while len(piece) == ROWS_AT_ONCE:
        piece = list(rest.filter(_after(piece[-1], dated_by))[:ROWS_AT_ONCE])
        yield piece


def _after(last: Model, dated_by: str) -> Q:
    if not dated_by:
        return Q(pk__lt=last.pk)
    moment = getattr(last, dated_by)
    # The first condition says nothing new, but is one that an index is entered by.
    return Q(**{f"{dated_by}__lte": moment}) & (Q(**{f"{dated_by}__lt": moment}) | Q(pk__lt=last.pk))


def _lines(
    columns: Sequence[str], pieces: Iterable[Sequence[Any]], content: Callable[[Any], dict[str, Any]]
) -> Iterator[bytes]:
    yield _written([columns])
    try:
        for piece in pieces:
            if piece:
                yield _written(_cells(columns, content(row)) for row in piece)
            for row in piece:  # a gift and its checkout know each other: they would wait for the garbage collector
                row._state.fields_cache.clear()
    except Exception:
        log.exception("file broke off")
        yield _written([[INCOMPLETE] * len(columns)])
        raise


def _written(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cells(columns: Sequence[str], content: dict[str, Any]) -> list[str]:
    return [_cell(name, content.get(name)) for name in columns]


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):  # Metadata
        return json.dumps({item["Name"]: item["Value"] for item in value["Item"]}, ensure_ascii=False)
    return str(value) if name in NUMBERS else defused(str(value))


def defused(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula."""
    seen = "".join(one for one in text if category(one) != "Cf").lstrip()  # without marks of direction and the like
    return f"'{text}" if text.startswith(FORMULA_CHARACTERS) or seen.startswith(FORMULA_CHARACTERS) else text
