"""The shop on a server of its own, as a browser reaches it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.servers.basehttp import WSGIRequestHandler

from tests.eventually import join


@pytest.fixture(scope="session")
def _a_better_live_server() -> Iterator[None]:
    """It wants an address for static files, though there are none, and lets every answer wait 40 ms for its second half."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(django_settings, "STATIC_URL", "/static/")
        patch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)
        yield


@pytest.fixture(scope="session")
def live_server(_a_better_live_server: None, live_server: Any) -> Any:
    return live_server


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """The address of a server that serves the shop and the API that it asks."""
    settings.PUBLIC_BASE_URL = live_server.url
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
    address: str = live_server.url
    return address


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a small server that answers as `handler` says, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        join(thread)
        server.server_close()


class SomethingElse(BaseHTTPRequestHandler):
    """A server that is no Whipround: a partner's own page, or a stranger at our address."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Elsewhere</title><body>Welcome!")

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *args: object) -> None:
        pass
