"""`--through-proxy`: every call of a PayPal or Stripe adapter goes through a provider proxy, over a real socket.

The adapters are what they are in the tier with the database: a mark stands where the secret was. Each client has a proxy of
its own, as it has an account of its own; all of them are served at one port, by paths.
"""

import itertools
import threading
from collections.abc import Iterator
from functools import partial
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from providers.kit.provider_proxy import ProviderProxy
from providers.kit.proxied import ProxiedTransport
from providers.kit.proxy_accounts import Account
from providers.kit.proxy_wire import IN_THE_PROXY
from providers.kit.transport import public_trust
from providers.paypal.client import PayPalClient
from providers.paypal.proxied import PayPalAccount
from providers.stripe.client import StripeClient
from providers.stripe.proxied import StripeAccount
from tests.eventually import join

KEYS = ("the-key-that-both-tiers-share-in-tests",)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--through-proxy", action="store_true", help="PayPal and Stripe are called through the provider proxy")


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


class _Quiet(WSGIRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        """Tests need no access log."""


class Proxies:
    """A context manager: serves proxies, each with one account, and keeps what they answered."""

    def __init__(self) -> None:
        self._proxies: dict[str, ProviderProxy] = {}
        self._numbers = itertools.count(1)
        self.answers: list[bytes] = []
        """The bodies of what went back to the tier with the database."""
        self._server = make_server("127.0.0.1", 0, self, server_class=_Server, handler_class=_Quiet)

    def __enter__(self) -> "Proxies":
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._server.shutdown()
        join(self._thread)
        self._server.server_close()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        number, _, path = environ["PATH_INFO"].lstrip("/").partition("/")
        answer = self._proxies[number](environ | {"PATH_INFO": f"/{path}"}, start_response)
        self.answers += answer
        return answer

    def with_account(self, account: Account, trust_roots_file: str = "") -> str:
        """The address of a proxy for this account alone."""
        number = str(next(self._numbers))
        self._proxies[number] = ProviderProxy([account], KEYS, partial(public_trust, trust_roots_file))
        return f"http://127.0.0.1:{self._server.server_port}/{number}"


def _goes_through(client: Any, account: Account, proxies: Proxies, trust_roots_file: str) -> None:
    url = proxies.with_account(account, trust_roots_file)
    client.caller.way_out = ProxiedTransport(account.name, url, KEYS, partial(public_trust, ""))


def reroute(patch: pytest.MonkeyPatch, proxies: Proxies) -> None:
    """Clients that are made from now on hold a mark, and their secret is in a proxy."""
    paypal, stripe = PayPalClient.__init__, StripeClient.__init__

    def of_paypal(self: Any, base: str, client_id: str, client_secret: str, *, trust_roots_file: str = "") -> None:
        paypal(self, base, client_id, client_secret and IN_THE_PROXY, trust_roots_file=trust_roots_file)
        if client_secret:
            _goes_through(self, PayPalAccount(base, client_id, client_secret), proxies, trust_roots_file)

    def of_stripe(self: Any, base: str, secret_key: str, *, trust_roots_file: str = "") -> None:
        mark = ("sk_live_" if secret_key.startswith("sk_live_") else "sk_test_") + IN_THE_PROXY
        stripe(self, base, secret_key and mark, trust_roots_file=trust_roots_file)
        if secret_key:
            _goes_through(self, StripeAccount(base, secret_key), proxies, trust_roots_file)

    patch.setattr(PayPalClient, "__init__", of_paypal)
    patch.setattr(StripeClient, "__init__", of_stripe)


@pytest.fixture(scope="session", autouse=True)
def _through_the_proxy(request: pytest.FixtureRequest) -> Iterator[None]:
    if not request.config.getoption("--through-proxy"):
        yield
        return
    with Proxies() as proxies, pytest.MonkeyPatch.context() as patch:
        reroute(patch, proxies)
        yield
