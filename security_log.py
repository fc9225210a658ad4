"""What an operator's security people want to hear of: a table of events, and one function that tells them.

It is told on the logger `security`, which has a channel of its own where SECURITY_LOG is set (config/cef.py), and stands in
the ordinary log otherwise. No secret is told: keys by their first characters, persons not at all.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import log_context
import metrics

log = logging.getLogger("security")

WARN_FROM = 4
"""The severity from which the ordinary log tells it at level warning."""


@dataclass(frozen=True)
class Event:
    """A kind of event: its number never changes once it is published; `severity` is 0 to 10, as CEF has it."""

    name: str
    number: int
    severity: int
    title: str


def _table(*events: Event) -> Mapping[str, Event]:
    return MappingProxyType({event.name: event for event in events})


EVENTS = _table(
    Event("key_refused", 100, 5, "API key missing, unknown, revoked or expired"),
    Event("test_key_refused", 101, 3, "Test key where there are no tests"),
    Event("foreign_record", 102, 6, "Record of another partner asked for"),
    Event("scope_refused", 103, 5, "Key lacks the scope for the request"),
    Event("network_refused", 104, 6, "Request from a network that the partner does not allow"),
    Event("limit_refused", 105, 4, "Too many requests"),
    Event("signed_request_refused", 106, 7, "Signature of a request does not hold"),
    Event("replay_refused", 107, 7, "Signed request was sent before"),
    Event("pin_refused", 108, 5, "PIN of a giver wrong or locked"),
    Event("claim_refused", 109, 5, "Claim code of a gift certificate that is none"),
    Event("host_refused", 200, 4, "Host header or request line that is not served"),
    Event("request_refused", 201, 4, "Request beyond what anybody needs"),
    Event("url_refused", 202, 6, "Address that nothing may be sent to"),
    Event("metrics_refused", 203, 4, "Metrics asked for by somebody who may not have them"),
    Event("webhook_refused", 300, 6, "Webhook whose signature does not hold"),
    Event("payment_token_refused", 301, 5, "Payment token that is none"),
    Event("too_many_cards", 302, 7, "Too many cards tried for one gift"),
    Event("key_changed", 400, 5, "API key made, changed or revoked"),
    Event("credentials_changed", 401, 7, "Who is paid was changed"),
    Event("addresses_changed", 402, 5, "Webhook endpoint, redirect host or their secrets changed"),
    Event("partner_changed", 403, 5, "Settings of a partner changed"),
    Event("operator_command", 500, 3, "Command of an operator"),
    Event("operator_login", 501, 3, "Operator logged in to the console"),
    Event("operator_login_refused", 502, 7, "Login to the console refused"),
    Event("operator_action", 503, 5, "Action of an operator in the console"),
    Event("forged_form_refused", 504, 7, "Form of the console without its token"),
)
"""By name; tests/console/test_every_security_event.py has a request or a command that tells each."""

_asked_by: ContextVar[Mapping[str, Any]] = ContextVar("asked_by", default=MappingProxyType({}))


class asked_by:  # noqa: N801 - see log_context.bound
    """Whatever is told in this block is told with where it came from: `address`, `method`, `path`."""

    __slots__ = ("_before", "_fields")
    _before: Token[Mapping[str, Any]]

    def __init__(self, **fields: Any) -> None:
        self._fields = fields

    def __enter__(self) -> None:
        self._before = _asked_by.set(self._fields)

    def __exit__(self, *error: object) -> None:
        _asked_by.reset(self._before)


_told_elsewhere: ContextVar[bool] = ContextVar("told_elsewhere", default=False)


@contextmanager
def told_elsewhere() -> Iterator[None]:
    """Nothing is told in this block: an operator's command without a channel for it, whose deeds the audit log has."""
    before = _told_elsewhere.set(True)
    try:
        yield
    finally:
        _told_elsewhere.reset(before)


def tell(event: str, **fields: Any) -> None:
    """Tell of one event, named in EVENTS. `fields` are text or numbers, named as config/cef.py knows them."""
    kind = EVENTS[event]
    metrics.SECURITY_EVENTS.labels(event).inc()
    if _told_elsewhere.get():
        return
    level = logging.WARNING if kind.severity >= WARN_FROM else logging.INFO
    told = {**_asked_by.get(), **{name: value for name, value in fields.items() if value not in (None, "")}}
    request_id = {"request_id": log_context.request_id()} if log_context.request_id() else {}
    log.log(level, kind.name, extra={"security_event": kind, **request_id, **told})
