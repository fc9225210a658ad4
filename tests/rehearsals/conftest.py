"""A partner's site with a webhook and two pages: one that does everything right, until it is told to do otherwise."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from notifications import endpoints, signatures
from partners.models import Partner
from tests.conftest import PartnerClient, register
from tests.eventually import join


@dataclass
class Site:
    """What the partner has built. `believes`: it verifies nothing. `pause`: before each answer to a webhook, in seconds."""

    partner: Partner
    client: PartnerClient
    port: int = 0
    secret: str = ""
    believes: bool = False
    answers_page: int = 200
    answers_webhook: int = 200
    pause: float = 0
    seen: list[str] = field(default_factory=list)
    """The ids of the webhooks that it took, in their order."""
    visited: list[str] = field(default_factory=list)
    """The paths that a giver came to."""

    @property
    def thanks(self) -> str:
        return f"http://127.0.0.1:{self.port}/thanks"

    @property
    def pity(self) -> str:
        return f"http://127.0.0.1:{self.port}/pity"

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """The status that it answers a webhook with."""
        told_at = int(headers["webhook-timestamp"])
        rightly = signatures.headers([self.secret], message_id=headers["webhook-id"], timestamp=told_at, body=body)
        genuine = rightly["webhook-signature"] == headers["webhook-signature"] and abs(time.time() - told_at) <= 300
        if not genuine and not self.believes:
            return 401
        self.seen.append(headers["webhook-id"])
        return self.answers_webhook


@pytest.fixture
def site(db: None, settings: Any) -> Iterator[Site]:
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    new = register("Rehearsing Shop")
    site = Site(new.partner, PartnerClient(new.api_key))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(site.pause)
            self._answer(site.take(body, {name.lower(): value for name, value in self.headers.items()}))

        def do_GET(self) -> None:
            site.visited.append(self.path)
            self._answer(site.answers_page)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "https://shop.example/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    site.port = server.server_address[1]
    _, site.secret = endpoints.create(new.partner, f"http://127.0.0.1:{site.port}/hooks")
    yield site
    server.shutdown()
    server.server_close()
    join(thread)
