"""What GET gave can be sent back with PUT: what is read-only in it does not count to the size of a body.

It is left out before the body is read, so that 50 gifts with long messages take no more memory than their bytes.
"""

import re

from web.negotiation import JSON, media_type_in
from web.problems import BodyTooLarge
from web.request_limits import LARGEST_BODY_BYTES
from xml_schemas.reader import DEEPEST, BodyFaults, Fault
from xml_schemas.skipping import without_elements

LARGEST_BODY_SENT_BACK = 8 * 1024 * 1024
"""A goal's 50 nested gifts with everything that each may hold, escaped at length, and indented."""

MOST_TOKENS_SKIPPED = 60_000
_TOKEN = re.compile(rb'["\[\]{}]')
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_VALUE = re.compile(rb"\s*:\s*([\[{])")


def without_read_only(body: bytes, content_type: str, root: str, names: frozenset[str]) -> bytes:
    """The body with nothing in its elements of these names. Raises BodyTooLarge where what is left is too large, BodyFaults."""
    is_json = media_type_in(content_type)[0] == JSON
    rest = without_members(body, root, names) if is_json else without_elements(body, names)
    if len(rest) > LARGEST_BODY_BYTES:
        raise BodyTooLarge(f"A body may have at most {LARGEST_BODY_BYTES} bytes, not counted what is read-only in it.")
    return rest


def without_members(body: bytes, root: str, names: frozenset[str]) -> bytes:
    """The JSON with null for the objects and arrays that these members of the record hold; its lines stay where they are.

    The record is the document, or the member of it that is called `root`. Raises BodyFaults.
    """
    kept: list[bytes] = []
    depth, tokens, copied = 0, 0, 0
    record_depth, skipped_from = 1, 0
    found = _TOKEN.search(body)
    while found is not None:
        at, end = found.span()
        tokens += 1
        if tokens > MOST_TOKENS_SKIPPED or depth > DEEPEST:
            raise _fault(
                f"The JSON has more than {MOST_TOKENS_SKIPPED} values, or is nested more than {DEEPEST} deep.", body, at
            )
        if found[0] == b'"':
            string = _STRING.match(body, at)
            if string is None:
                raise _fault("The JSON is not well-formed: a string is not closed.", body, at)
            end = string.end()
            value = _VALUE.match(body, end) if depth == record_depth and not skipped_from else None
            name = string[0][1:-1].decode("utf-8", "replace")
            if value is not None and name in names:
                skipped_from = value.start(1)
            elif value is not None and name == root and depth == 1:
                record_depth = 2
        elif found[0] in b"[{":
            depth += 1
        else:
            depth -= 1
            if skipped_from and depth == record_depth:
                kept += [body[copied:skipped_from], b"null", b"\n" * body.count(b"\n", skipped_from, end)]
                copied, skipped_from = end, 0
        found = _TOKEN.search(body, end)
    return b"".join([*kept, body[copied:]])


def _fault(detail: str, body: bytes, at: int) -> BodyFaults:
    return BodyFaults([Fault("/", detail, body.count(b"\n", 0, at) + 1)])
