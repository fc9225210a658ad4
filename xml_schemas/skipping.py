"""An XML body without what some elements hold, found in its bytes: nobody has to build what is not going to be read."""

import re

from xml_schemas.reader import DEEPEST, BodyFaults, Fault

MOST_TAGS_SKIPPED = 20_000
_TAG = re.compile(rb"""</(?P<end>[^\s<>/"']+)\s*>|<(?P<start>[^\s<>/!?"']+)(?:[^<>"']|"[^<"]*"|'[^<']*')*+>""")
_UNREAD = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"))
"""What may hold anything, markup too, and its end."""


def without_elements(body: bytes, names: frozenset[str]) -> bytes:
    """The body, but that the root's children of these names are empty; its lines stay where they are.

    For encodings in which markup is ASCII; a body in another comes back as it is. Raises BodyFaults.
    """
    if b"\0" in body[:4]:
        return body
    kept: list[bytes] = []
    open_tags: list[bytes] = []
    copied, skipped_from, tags = 0, 0, 0
    at = body.find(b"<")
    while at >= 0:
        end = _end_of_what_is_not_read(body, at)
        if not end:
            tag = _TAG.match(body, at)
            tags += 1
            if tag is None or len(open_tags) > DEEPEST or tags > MOST_TAGS_SKIPPED:
                raise _fault(body, at, tags)
            end = tag.end()
            if tag["end"]:
                if not open_tags or open_tags.pop() != tag["end"]:
                    raise _fault(body, at, tags)
                if skipped_from and len(open_tags) == 1:
                    kept += [body[copied:skipped_from], b"\n" * body.count(b"\n", skipped_from, at)]
                    copied, skipped_from = at, 0
            elif body[end - 2 : end] != b"/>":
                open_tags.append(tag["start"])
                if len(open_tags) == 2 and tag["start"].decode("latin-1") in names:
                    skipped_from = end
        at = body.find(b"<", end)
    return b"".join([*kept, body[copied:]])


def _end_of_what_is_not_read(body: bytes, at: int) -> int:
    """Where a comment, CDATA section or processing instruction ends that begins here; 0 where none does."""
    for begin, end in _UNREAD:
        if body.startswith(begin, at):
            found = body.find(end, at + len(begin))
            if found < 0:
                raise _fault(body, at, 0)
            return found + len(end)
    return 0


def _fault(body: bytes, at: int, tags: int) -> BodyFaults:
    line = body.count(b"\n", 0, at) + 1
    if tags > MOST_TAGS_SKIPPED:
        return BodyFaults([Fault("/", f"The document has more than {MOST_TAGS_SKIPPED} tags.", line)])
    return BodyFaults([Fault("/", "The XML is not well-formed, has a DOCTYPE, or is nested too deep here.", line)])
