"""A change that does not go with the record (409, 412): told with the record as it is now, and what differs."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest

from api import conditions
from api.request_errors import StaleEntityTag, StaleRecord
from api.serializer import Document, with_attributes
from contributions.deletion import BeingSettled, CannotDelete
from contributions.matchers import StaleMatcher
from givers.people import StaleGiver
from goals.payees import PayeeInUse, StalePayee
from goals.rules import StaleVersion
from notifications.endpoints import StaleEndpoint
from partners.redirect_secrets import StaleRedirectSecret

STALE_NUMBERS = (StaleVersion, StalePayee, StaleEndpoint, StaleRedirectSecret, StaleGiver, StaleMatcher)

NOT_DELETED = (BeingSettled, CannotDelete, PayeeInUse)
"""Deletions that the record does not allow as it stands: told in their own words."""

Differing = Callable[[Any], Collection[str]]
"""The names of the elements that what the client sent would change in the record as it is now."""


@contextmanager
def told_with_the_record(
    called: str, find: Callable[[], Any], shown: Callable[[Any], tuple[Document, str]], request: HttpRequest
) -> Iterator[list[Differing]]:
    """Whatever is found stale within, or cannot be deleted, is told with the record.

    Append to what this gives how to find out what differs; of a request without elements nothing does. `find`: the record as
    it is now, or an error where it is gone. `shown`: its representation, and its ETag's text.
    Raises StaleRecord, and what `find` raises.
    """
    ways: list[Differing] = []
    try:
        yield ways
    except (StaleEntityTag, *STALE_NUMBERS, *NOT_DELETED) as found:
        now = find()
        document, tag = shown(now)
        version = document.content["RecordVersionNumber"]
        names = list(ways[0](now)) if ways else None
        what = f"The {called} is at version {version} now, as it stands in {document.root} here."
        detail = str(found) if isinstance(found, NOT_DELETED) else _detail(found, what, names)
        is_json = bool(request.wants_json)  # type: ignore[attr-defined]
        content = document.content if is_json else with_attributes(document.content)
        extra: dict[str, Any] = {"RecordVersionNumber": version, document.root: content, "Differs": names or []}
        etag = conditions.of_record(tag, as_json=is_json)
        raise StaleRecord(found, detail, headers={"ETag": etag}, **extra) from found


def _detail(stale: Exception, what: str, names: list[str] | None) -> str:
    by_tag = isinstance(stale, StaleEntityTag)
    redo = "with its ETag, which this answer has" if by_tag else "with its RecordVersionNumber"
    return f"{'If-Match names another state of it. ' if by_tag else ''}{what} {_sentence(names)}{redo}."


def _sentence(names: list[str] | None) -> str:
    if names is None:
        return "If you still want that, send this again "
    if not names:
        return "It has all that you sent already. If you want to change it all the same, send that "
    return f"What you sent would change {', '.join(names)}. If you still want that, send it again "
