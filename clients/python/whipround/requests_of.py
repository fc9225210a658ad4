"""What the rooms of the client share: records out of answers, and lists page by page."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from whipround.connection import Answer, Connection
from whipround.errors import UnexpectedAnswer
from whipround.reading import Record

R = TypeVar("R", bound=Record)


class Requests:
    """The base of the client's rooms."""

    connection: Connection

    @staticmethod
    def _one(record: type[R], answer: Answer) -> R:
        return record.read(answer.document, answer.etag)

    def _act(self, record: type[R], *path: str, idempotency_key: str | None = None, body: Mapping[str, Any] | None = None) -> R:
        return self._one(record, self.connection.call("POST", *path, body=body, idempotency_key=idempotency_key))

    def _pages(self, record: type[R], *path: str, query: Mapping[str, str | None], limit: int) -> Iterator[R]:
        arguments = {name: value for name, value in query.items() if value is not None} | {"limit": str(limit)}
        while True:
            document = self.connection.call("GET", *path, query=arguments).document
            if not isinstance(document, dict) or not isinstance(document.get(record.__name__), list):
                raise UnexpectedAnswer(f"the answer holds no list of {record.__name__}")
            yield from (record.read(one) for one in document[record.__name__])
            if not document.get("Next"):
                return
            # Its arguments only: the key goes nowhere but to the address that it is for.
            arguments = dict(parse_qsl(urlsplit(document["Next"]).query, keep_blank_values=True))

    def _validate(self, *path: str, body: Mapping[str, Any]) -> list[str]:
        notices: list[str] = []
        before, self.connection.on_notice = self.connection.on_notice, notices.append
        try:
            self.connection.call("POST", *path, query={"ValidateOnly": "1"}, body=body)
        finally:
            self.connection.on_notice = before
        return notices


def given(arguments: Mapping[str, Any], *, but: str) -> dict[str, Any]:
    """The arguments of a method that were given, without itself and the ones that `but` names."""
    return {name: value for name, value in arguments.items() if value is not None and name not in {"self", *but.split()}}
