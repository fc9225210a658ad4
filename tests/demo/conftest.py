"""The shop on a server of its own, as a browser reaches it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings as django_settings


@pytest.fixture(scope="session")
def _an_address_for_static_files() -> Iterator[None]:
    """Django's live server wants one, though there are no such files."""
    django_settings.STATIC_URL = "/static/"
    yield
    del django_settings.STATIC_URL


@pytest.fixture(scope="session")
def live_server(_an_address_for_static_files: None, live_server: Any) -> Any:
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
        thread.join()
        server.server_close()
