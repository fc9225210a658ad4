"""What every log line of a piece of work says beside its own: which request it belongs to, or which round of the worker.

The values are this thread's (or task's) own: a thread that is started anew begins without any.
"""

import secrets
from collections.abc import Mapping
from contextvars import ContextVar, Token
from types import MappingProxyType
from typing import Any

_NONE: Mapping[str, Any] = MappingProxyType({})
_bound: ContextVar[Mapping[str, Any]] = ContextVar("log_context", default=_NONE)


class bound:  # noqa: N801 - read as a verb, and a class because every request enters one: a generator takes thrice the time
    """Whatever is logged in this block bears these fields, unless a line has one of the same name itself."""

    __slots__ = ("_before", "_fields")
    _before: Token[Mapping[str, Any]]

    def __init__(self, **fields: Any) -> None:
        self._fields = fields

    def __enter__(self) -> None:
        self._before = _bound.set({**_bound.get(), **self._fields})

    def __exit__(self, *error: object) -> None:
        _bound.reset(self._before)


def new_request_id() -> str:
    """128 random bits in 32 hexadecimal digits, as long as a trace's id."""
    return secrets.token_hex(16)


def fields() -> Mapping[str, Any]:
    """What is bound now."""
    return _bound.get()


def request_id() -> str:
    """The id of the request or the piece of work that this is part of; empty where there is none."""
    known: str = _bound.get().get("request_id", "")
    return known
