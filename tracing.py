"""Traces by OpenTelemetry, where its packages are installed, and nothing where they are not.

Only its API is used here: spans go where its SDK is told to send them, which `opentelemetry-instrument` sets up from the
OTEL_... variables (docs/operators.md). A trace goes on from request to provider by W3C's `traceparent`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Protocol

import log_context

try:
    from opentelemetry import propagate, trace
except ImportError:
    IS_THERE = False
else:
    IS_THERE = True

REQUEST_ID_HEADER = "Request-Id"


class Span(Protocol):
    """What of a span is used here."""

    def set_attributes(self, attributes: Any) -> None:
        """Say more of it: names and text or numbers."""

    def update_name(self, name: str) -> None:
        """Call it otherwise."""


class _NoSpan:
    def set_attributes(self, attributes: Any) -> None:
        pass

    def update_name(self, name: str) -> None:
        pass


_NO_SPAN = _NoSpan()


@contextmanager
def span(
    name: str,
    *,
    is_call: bool = False,
    caller: Mapping[str, str] | None = None,
    about: Mapping[str, str | int | float] = MappingProxyType({}),
) -> Iterator[Span]:
    """A span round the block, part of the one that is open. An error that leaves the block is noted in it.

    `is_call`: of a call to somebody else. `caller`: the headers of a request that came in, whose trace goes on here.
    """
    if not IS_THERE or isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        yield _NO_SPAN  # nobody listens: its SDK was not set up
        return
    kind = trace.SpanKind.CLIENT if is_call else trace.SpanKind.INTERNAL if caller is None else trace.SpanKind.SERVER
    known = {f"whipround.{key}": value for key, value in about.items()}
    if request_id := log_context.request_id():
        known["whipround.request_id"] = request_id
    context = propagate.extract(caller) if caller is not None else None
    with trace.get_tracer("whipround").start_as_current_span(name, context, kind, known) as opened:
        yield opened


def outgoing_headers() -> dict[str, str]:
    """What goes with a call to a provider, so that whoever stands between, or its support, finds both sides: our Request-Id,
    and the trace where there is one. No provider reads them; Amazon's signature leaves them out."""
    request_id = log_context.request_id()
    headers = {REQUEST_ID_HEADER: request_id} if request_id else {}
    if IS_THERE:
        propagate.inject(headers)
    return headers
