"""ETag, If-Match and If-None-Match (RFC 9110): what a client has, and what it means to change."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpRequest

from api.request_errors import StaleEntityTag, VersionNotNamed


def of_record(tag: str, *, as_json: bool) -> str:
    """The ETag of a record's representation in one of the two formats."""
    return f'"{tag}{"j" if as_json else "x"}"'


def of_bytes(body: bytes) -> str:
    """The ETag of what has no version of its own: a list, a file."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def client_has(request: HttpRequest, tag: str) -> bool:
    """Whether If-None-Match says that the client has this representation already."""
    if request.method not in {"GET", "HEAD"}:
        return False
    known = [part.strip().removeprefix("W/") for part in request.META.get("HTTP_IF_NONE_MATCH", "").split(",")]
    return tag in known or known == ["*"]


def check_if_match(request: HttpRequest, tag: str) -> bool:
    """Whether If-Match names the record as it is, in either format; False where there is none to say so.

    `*` names no version. A weak tag never matches (RFC 9110, 13.1.1). Raises StaleEntityTag.
    """
    header = request.headers.get("If-Match", "").strip()
    if header in {"", "*"}:
        return False
    if not {of_record(tag, as_json=True), of_record(tag, as_json=False)} & {part.strip() for part in header.split(",")}:
        raise StaleEntityTag
    return True


@contextmanager
def one_that_moves_meanwhile(stale: type[Exception], *, by_tag: bool) -> Iterator[None]:
    """What was found stale only when it was to be written is told as If-Match would have told it, where there was one.

    Raises StaleEntityTag.
    """
    try:
        yield
    except stale:
        if by_tag:
            raise StaleEntityTag from None
        raise


def check_version(request: HttpRequest, tag: str, what: str, current: int, given: int | None, stale: type[Exception]) -> bool:
    """A change must say which version it changes, in the body (`given`) or in If-Match, and that has to be the current one.

    Returns whether If-Match said so. Raises StaleEntityTag, VersionNotNamed, and `stale` where the body names another.
    """
    by_tag = check_if_match(request, tag)
    if given is None and not by_tag:
        raise VersionNotNamed(
            "Name the version that you change: RecordVersionNumber in the body, or its ETag in If-Match. "
            f"The {what} is at version {current}.",
            RecordVersionNumber=current,
        )
    if given is not None and given != current:
        raise stale
    return by_tag
