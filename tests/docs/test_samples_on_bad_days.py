"""The samples that follow the feed, on a bad day: no room to wait, 503, half an answer, none in time, a restart."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest
from django.db import connection

from tests.conftest import Giver, PartnerClient, register
from tests.docs.test_samples import FOLLOW, INTERPRETERS, run, sample

SHORTER = {
    "python": [("timeout=60", "timeout=1"), ('"5"', '"1"'), ("else 5", "else 1")],
    "javascript": [("timeout(60000)", "timeout(1000)"), ('"5"', '"1"'), (": 5;", ": 1;")],
    "php": [("'timeout' => 60", "'timeout' => 1"), ("? 5 : 0", "? 1 : 0")],
    "ruby": [("read_timeout: 60", "read_timeout: 1"), ('"5"', '"1"'), (": 5)", ": 1)")],
}
"""What makes the sample's own waits short enough for a test; what the service asks for is waited for as it is."""

PAUSE_SECONDS = {"full": 2, "busy": 1, "broken": 1, "silent": 1, "restarting": 1}
"""How long the sample has to wait after each, at least."""


@dataclass
class Service:
    """A port of this machine at which a day's `troubles` come one after the other, and then the service itself answers."""

    key: str
    troubles: list[str]
    asked_at: list[tuple[str, float]] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None
    port: int = 0

    def start(self):
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                trouble = service.troubles.pop(0) if service.troubles else "well"
                service.asked_at.append((trouble, time.monotonic()))
                with suppress(OSError):
                    service.answer(self, trouble)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads, self.port = True, self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def restart(self):
        self.stop()
        time.sleep(1.5)
        self.start()

    def answer(self, request, trouble):
        if trouble == "busy":
            self.send(request, 503, b"<html>no backend</html>", {"Retry-After": "1", "Content-Type": "text/html"})
        elif trouble == "broken":
            self.send(request, 200, b'{"Event": [{"Id"', {"Content-Type": "application/json"}, length=9999)
        elif trouble == "silent":
            time.sleep(2)
        elif trouble == "restarting":
            threading.Thread(target=self.restart, daemon=True).start()
        else:
            after = request.path if trouble == "well" else request.path + "&after=latest"
            told = PartnerClient(self.key).get(after, Accept=request.headers["Accept"])
            connection.close()
            names = {"Content-Type", "Retry-After"} & set(told.headers)
            self.send(request, told.status, told.body, {name: told.headers[name] for name in names})

    @staticmethod
    def send(request, status, body, headers, length=None):
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(length or len(body)))
        request.end_headers()
        request.wfile.write(body)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", INTERPRETERS)
def test_a_sample_waits_and_survives_a_bad_day(language, settings):
    """P10: it sleeps as long as it is asked to, and goes on after whatever mends itself."""
    settings.WAITING_REQUESTS = 0  # every place is taken: whoever would wait is told to come back later
    new = register("Patient Shop")
    client = PartnerClient(new.api_key)
    Giver().pay(client.new_contribution(client.new_goal()).value("ProviderURL"))
    ids = [event["Id"] for event in client.get("/api/Events", Accept="application/json").json["Event"]]
    service = Service(new.api_key, list(PAUSE_SECONDS))
    service.start()
    program = sample(language, "feed.md")
    for right, shorter in SHORTER[language]:
        assert right in program
        program = program.replace(right, shorter)
    try:
        seen = run(language, program + FOLLOW[language], [f"http://127.0.0.1:{service.port}", new.api_key, None, ids[-1]])
    finally:
        service.stop()
    assert seen == ids
    assert [trouble for trouble, _ in service.asked_at] == [*PAUSE_SECONDS, "well"]
    for (trouble, asked_at), (_, again_at) in pairwise(service.asked_at):
        assert again_at - asked_at >= PAUSE_SECONDS[trouble], trouble


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", INTERPRETERS)
def test_a_sample_does_not_go_on_where_waiting_mends_nothing(language):
    service = Service("wr_" + "A" * 43, [])
    service.start()
    program = sample(language, "feed.md") + FOLLOW[language]
    try:
        with pytest.raises(AssertionError, match="401"):
            run(language, program, [f"http://127.0.0.1:{service.port}", service.key, None, ""])
    finally:
        service.stop()
    assert len(service.asked_at) == 1
