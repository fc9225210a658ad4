"""Spans where OpenTelemetry is there, and nothing where it is not."""

import subprocess
import sys

import pytest
from django.test import Client

import tracing
from providers.kit.calls import Caller
from providers.kit.transport import Answer
from tests.config.starting import ROOT, environment_with

pytestmark = pytest.mark.django_db

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture(scope="module")
def exporter():
    """Whatever ends, from here on: OpenTelemetry takes one provider in a process."""
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    trace.set_tracer_provider(provider)
    return kept


def test_a_request_goes_on_in_its_clients_trace(exporter):
    exporter.clear()
    Client().get("/healthz", headers={"traceparent": f"00-{TRACE}-{PARENT}-01", "Request-Id": "r-1"})
    [span] = exporter.get_finished_spans()
    assert (span.name, span.kind.name) == ("GET /healthz", "SERVER")
    assert f"{span.context.trace_id:032x}" == TRACE
    assert f"{span.parent.span_id:016x}" == PARENT
    assert span.attributes == {"whipround.request_id": "r-1", "http.route": "/healthz", "http.response.status_code": 200}


def test_a_trace_goes_on_to_the_provider(exporter, monkeypatch):
    exporter.clear()
    sent = []

    def send(method, url, *, headers, body=None):
        sent.append(headers)
        return Answer(200, {"PayPal-Debug-Id": "f00"}, b"{}")

    caller = Caller("paypal", "PayPal-Debug-Id")
    monkeypatch.setattr(caller.transport, "send", send)
    with tracing.span("round"):
        caller.send("capture", "GET", "https://api.example/x", headers=dict, body=None, repeatable=False)
    call, whole = exporter.get_finished_spans()
    assert (call.name, call.kind.name, whole.name) == ("paypal capture", "CLIENT", "round")
    assert call.parent.span_id == whole.context.span_id
    assert call.attributes["whipround.provider"] == "paypal"
    assert call.attributes["correlation_id"] == "f00"
    assert sent[0]["traceparent"].startswith(f"00-{call.context.trace_id:032x}-")


def test_our_request_id_goes_to_the_provider(monkeypatch):
    import log_context

    with log_context.bound(request_id="r-2"):
        assert tracing.outgoing_headers()["Request-Id"] == "r-2"
    assert "Request-Id" not in tracing.outgoing_headers()


@pytest.mark.no_database
def test_without_its_packages_nothing_is_missing():
    code = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "import django; django.setup(); import tracing\n"
        "assert not tracing.IS_THERE and tracing.outgoing_headers() == {}\n"
        "with tracing.span('x', about={'a': 1}) as span: span.set_attributes({'b': 2}); span.update_name('y')\n"
        "from django.test import Client; print(Client().get('/healthz').status_code)"
    )
    environment = environment_with(DJANGO_SETTINGS_MODULE="config.settings")
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "200", done.stderr
