"""The proxy between the two tiers: what it carries out, what it refuses, and what never comes back."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from providers.base import KeysRefused, ProviderUnavailable
from providers.kit import proxied, transport
from providers.kit.provider_proxy import ProviderProxy, Refused, UsedNonces
from providers.kit.proxied import ProxiedTransport, ProxyTrouble
from providers.kit.proxy_wire import ANSWER, MOST_MESSAGE_BYTES, REQUEST, packed, signature
from providers.kit.transport import Answer, Failure, NoAnswer, public_trust
from providers.paypal.client import PayPalClient
from providers.paypal.proxied import PayPalAccount
from providers.stripe.client import StripeClient
from providers.stripe.proxied import StripeAccount
from tests.eventually import join
from tests.providers.paypal.conftest import paypal as paypal  # a fixture
from tests.providers.through_proxy import KEYS, Proxies

pytestmark = pytest.mark.no_database

SECRET = "sk_live_" + "canary" * 5
MARKED = {"Authorization": "Bearer sk_live_in-the-proxy"}


class _Echo(BaseHTTPRequestHandler):
    """A provider that says whatever it was told, secrets too, in its header as well."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))  # type: ignore[attr-defined]
        said = json.dumps({"headers": dict(self.headers)}).encode()
        self.send_response(418)
        for name, value in (("Request-Id", "req_1"), ("Retry-After", "7"), ("X-Echo", self.headers["Authorization"])):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST = _answer  # noqa: N815 - as http.server calls them

    def log_message(self, *arguments: object) -> None:
        """Tests need no access log."""


class _Provider(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    seen: list[tuple[str, str, dict[str, str], bytes]]


@pytest.fixture
def provider() -> Iterator[_Provider]:
    server = _Provider(("127.0.0.1", 0), _Echo)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    join(thread)
    server.server_close()


@pytest.fixture
def base(provider):
    return f"http://127.0.0.1:{provider.server_port}"


@pytest.fixture
def proxies() -> Iterator[Proxies]:
    with Proxies() as proxies:
        yield proxies


def first_tier(proxies, base, *, account="stripe live", keys=KEYS):
    url = proxies.with_account(StripeAccount(base, SECRET))
    return ProxiedTransport(account, url, keys, partial(public_trust, ""))


def asked(base, **changes):
    """A message of the tier with the database."""
    told = {"account": "stripe live", "method": "POST", "url": f"{base}/v1/refunds", "headers": MARKED, "has_body": True}
    return told | {"at": 1000.0, "nonce": "n1", "seconds": 5.0} | changes


def put(proxy, message, *, signed=None, key=KEYS[0], path="/send", method="POST"):
    """The proxy's status and body."""
    import io

    statuses = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(message)),
        "wsgi.input": io.BytesIO(message),
        "HTTP_WHIPROUND_SIGNATURE": signature(REQUEST, message, key) if signed is None else signed,
    }
    body = b"".join(proxy(environ, lambda status, _: statuses.append(status)))
    return int(statuses[0][:3]), body


@pytest.fixture
def proxy(base):
    return ProviderProxy([StripeAccount(base, SECRET)], KEYS, partial(public_trust, ""), now=lambda: 1000.0)


def test_the_secret_goes_out_and_does_not_come_back(proxies, provider, base):
    """The provider sees the request as it was meant; its status, headers and body come back, whatever is secret aside."""
    tier = first_tier(proxies, base)
    answer = tier.send("POST", f"{base}/v1/refunds?a=b", headers={**MARKED, "Idempotency-Key": "k"}, body=b"amount=1")
    [(method, path, headers, body)] = provider.seen
    assert (method, path, body) == ("POST", "/v1/refunds?a=b", b"amount=1")
    assert (headers["Authorization"], headers["Idempotency-Key"]) == (f"Bearer {SECRET}", "k")
    assert "Whipround-Signature" not in headers
    assert (answer.status, answer.headers["request-id"], answer.headers["RETRY-AFTER"]) == (418, "req_1", "7")
    assert answer.headers["X-Echo"] == "Bearer [hidden]"
    assert json.loads(answer.body)["headers"]["Authorization"] == "Bearer [hidden]"
    assert proxies.answers
    assert not any(SECRET.encode() in answer for answer in proxies.answers)


def test_a_mark_in_the_settings_leads_through_the_proxy(proxies, provider, base, settings):
    """As the adapters are made: an order that is not repeated goes out once."""
    settings.PROVIDER_PROXY_URL, settings.PROVIDER_PROXY_KEYS = proxies.with_account(StripeAccount(base, SECRET)), list(KEYS)
    with pytest.raises(ProviderUnavailable, match="418"):
        StripeClient(base, "sk_live_in-the-proxy").call("refund", "POST", "/v1/refunds", [("amount", "1")])
    [(method, path, headers, body)] = provider.seen
    assert (method, path, headers["Authorization"], body) == ("POST", "/v1/refunds", f"Bearer {SECRET}", b"amount=1")


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://127.0.0.1:1/v1/refunds"},
        {"url": "BASE.evil.example/v1/refunds"},
        {"url": "BASE@evil.example/"},
        {"url": "BASE"},
        {"account": "stripe test"},
        {"account": "paypal x"},
        {"method": "TRACE"},
        {"method": "CONNECT"},
        {"headers": {}},
        {"headers": {"Authorization": "Bearer sk_live_of_somebody_else"}},
        {"headers": {"Authorization": 1}},
        {"headers": []},
        {"at": 939.0},
        {"at": 1061.0},
        {"at": "1000"},
        {"at": float("nan")},
        {"seconds": float("inf")},
        {"nonce": ""},
        {"nonce": None},
    ],
    ids=str,
)
def test_what_is_none_of_its_business_is_not_sent(changes, proxy, provider, base):
    told = asked(base, **changes)
    told["url"] = told["url"].replace("BASE", base)
    status, body = put(proxy, packed(told, b"amount=1"))
    assert (status, provider.seen) == (403, [])
    assert SECRET.encode() not in body


def test_whatever_is_changed_on_the_way_is_refused(proxy, provider, base):
    """One byte anywhere, a key that is not shared, a signature of an answer, none: nothing is sent."""
    message = packed(asked(base), b"amount=1")
    good = signature(REQUEST, message, KEYS[0])
    for at in range(0, len(message), 7):
        changed = message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]
        assert put(proxy, changed, signed=good)[0] == 403
    for signed in ("", "x", "é", good[:-1], good.upper(), signature(ANSWER, message, KEYS[0])):
        assert put(proxy, message, signed=signed)[0] == 403
    assert put(proxy, message, key="k" * 40)[0] == 403
    assert provider.seen == []
    assert put(proxy, message, signed=good)[0] == 200


def test_a_request_is_carried_out_once(proxy, provider, base):
    message = packed(asked(base), b"amount=1")
    assert [put(proxy, message)[0] for _ in range(3)] == [200, 403, 403]
    assert len(provider.seen) == 1
    assert put(proxy, packed(asked(base, nonce="n2"), b"amount=1"))[0] == 200


def test_used_nonces_have_an_end_and_none_is_forgotten_early():
    now = 1000.0
    nonces = UsedNonces(lambda: now, most=3)
    for number in range(3):
        nonces.use(f"n{number}", now)
    with pytest.raises(Refused, match="too many"):
        nonces.use("n3", now)
    with pytest.raises(Refused, match="before"):
        nonces.use("n0", now)
    now += 121
    for number in range(3):
        nonces.use(f"n{number}", now)


def test_what_was_signed_before_the_proxy_began_is_old():
    """It may have been used already: nobody remembers that."""
    with pytest.raises(Refused, match="before the proxy began"):
        UsedNonces(lambda: 1000.0).use("n", 990.0)


def test_a_message_that_is_too_long_is_not_read(proxy, provider):
    assert put(proxy, b"x" * (MOST_MESSAGE_BYTES + 1))[0] == 413
    assert put(proxy, b"", method="GET")[0] == 403
    assert put(proxy, b"", path="/elsewhere")[0] == 404
    assert put(proxy, b"", path="/healthz", method="GET") == (200, b"ok\n")


@pytest.mark.parametrize("what", ["another key", "another nonce", "changed", "an error page"])
def test_an_answer_that_is_not_the_proxys_is_not_believed(what, proxies, base, monkeypatch):
    """Whoever stands between the tiers could make a payment out of nothing otherwise."""
    tier, carry = first_tier(proxies, base), transport.Transport.send

    def send(self, method, url, **how):
        answer = carry(self, method, url, **how)
        if not url.endswith("/send"):
            return answer
        if what == "another key":
            forged = packed({"nonce": "x", "status": 200, "headers": {}}, b"{}")
            return replace(answer, body=forged, headers={proxied.SIGNATURE_HEADER: signature(ANSWER, forged, "k" * 40)})
        if what == "another nonce":
            forged = packed({"nonce": "x", "status": 200, "headers": {}}, b"{}")
            return replace(answer, body=forged, headers={proxied.SIGNATURE_HEADER: signature(ANSWER, forged, KEYS[0])})
        return replace(answer, body=answer.body + b" ") if what == "changed" else Answer(502, {}, b"<h1>Bad Gateway</h1>")

    monkeypatch.setattr(transport.Transport, "send", send)
    with pytest.raises(ProxyTrouble):
        tier.send("POST", f"{base}/v1/refunds", headers=MARKED, body=b"")


def test_a_new_shared_key_goes_round_without_a_gap(proxies, base):
    """The new one stands first in one tier and behind the old one in the other."""
    new = "n" * 40
    proxy = proxies.with_account(StripeAccount(base, SECRET))
    for keys in ((KEYS[0], new), KEYS):
        tier = ProxiedTransport("stripe live", proxy, keys, partial(public_trust, ""))
        assert tier.send("GET", f"{base}/v1/account", headers=MARKED).status == 418
    with pytest.raises(ProxyTrouble, match="PROVIDER_PROXY_KEYS"):
        ProxiedTransport("stripe live", proxy, (new,), partial(public_trust, "")).send("GET", base + "/", headers=MARKED)


def test_the_providers_trouble_is_told_as_it_is(proxies):
    """A provider that does not listen is another matter than a proxy that does not."""
    with pytest.raises(NoAnswer) as silent:
        first_tier(proxies, "http://127.0.0.1:1").send("GET", "http://127.0.0.1:1/v1", headers=MARKED)
    assert not isinstance(silent.value, ProxyTrouble)
    assert silent.value.failure == Failure.CONNECTION
    nobody = ProxiedTransport("stripe live", "http://127.0.0.1:1", KEYS, partial(public_trust, ""))
    with pytest.raises(ProxyTrouble):
        nobody.send("GET", "http://127.0.0.1:1/v1", headers=MARKED)


def test_paypals_token_stays_in_the_proxy(paypal, proxies):
    """The other tier has what only the proxy can make a token of; a proxy with another secret cannot."""
    client = PayPalClient(paypal.base_url, paypal.client_id, "in-the-proxy")
    account = PayPalAccount(paypal.base_url, paypal.client_id, paypal.client_secret)
    url = proxies.with_account(account)
    client.caller.way_out = ProxiedTransport(account.name, url, KEYS, partial(public_trust, ""))
    path = f"/v1/notifications/webhooks/{paypal.webhook_id}"
    assert client.call("get webhook", "GET", path).status == 200
    [token] = paypal._tokens
    answers = b"".join(proxies.answers)
    for secret in (token, paypal.client_secret, account._keys.removeprefix("Basic ")):
        assert secret.encode() not in answers
    assert client._token.startswith("gAAAA")
    assert [call.headers["authorization"] for call in paypal.calls_of("get_webhook")] == [f"Bearer {token}"]
    other = PayPalAccount(paypal.base_url, paypal.client_id, "another")
    assert other.with_secret(paypal.base_url + path, f"Bearer {client._token}") == "Bearer no-token-of-ours"


@pytest.mark.parametrize(("status", "body"), [(200, b'["TOKEN"]'), (200, b'{"access_token": "TOKEN'), (502, b"TOKEN")])
def test_no_odd_answer_lets_a_token_through(status, body):
    account = PayPalAccount("https://api-m.paypal.com", "id", "the-secret")
    url = "https://api-m.paypal.com/v1/oauth2/token"
    got = account.without_secret(url, Answer(status, {}, body), sent=account._keys)
    assert (got.status, got.body) == (status, b"{}")


def test_keys_that_paypal_refuses_are_told_as_without_a_proxy(paypal, proxies):
    client = PayPalClient(paypal.base_url, paypal.client_id, "in-the-proxy")
    account = PayPalAccount(paypal.base_url, paypal.client_id, "not-the-secret")
    client.caller.way_out = ProxiedTransport(account.name, proxies.with_account(account), KEYS, partial(public_trust, ""))
    with pytest.raises(KeysRefused):
        client.check_keys()
    assert issubclass(KeysRefused, ProviderUnavailable)
