"""Requests to the whole service, and tokens that claim to have signed one: never a crash, and never for whom it is not."""

import base64
import hashlib
import hmac
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.test import RequestFactory
from hypothesis import strategies as st

import clock
from api import signed_requests
from api.request_errors import SignedRequestRefused
from contributions.models import Contribution
from pages import form_token
from tests.api.signing import Signer, signer_of
from tests.conftest import PartnerClient, register
from tests.fuzz.mangling import mangled, mangled_text
from tests.fuzz.target import Target, told_in_a_line
from tests.in_one_transaction import in_the_transaction_of_the_test
from web import as_wsgi, rate_limits
from web.count_file import CountFile

HOST = "give.example.test"

# --- Signed requests ---------------------------------------------------------------------------------------------------------

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("\ud800")
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)
deep = st.integers(1, 1400).map(lambda levels: b'{"alg": "HS256", "kid": "a", "x": ' + b"[" * levels + b"]" * levels + b"}")


def _segment(told: bytes) -> str:
    return base64.urlsafe_b64encode(told).rstrip(b"=").decode()


def _json(told: object) -> bytes:
    return json.dumps(told).encode()


class _Tokens:
    """Tokens for GET /api/savings?limit=2 by a partner with both kinds of keys, and such as are none."""

    path = "/api/savings?limit=2"

    def __init__(self) -> None:
        partner = register("Fuzzed Tokens").partner
        self.signers = [signer_of(partner, algorithm) for algorithm in ("HS256", "EdDSA")]
        self.genuine = [signer.token("GET", self.path) for signer in self.signers]
        self.request = RequestFactory(SERVER_NAME=HOST).get(self.path)

    def inputs(self) -> st.SearchStrategy[tuple[str, bool]]:
        """(token, whether our own secret has signed it)."""
        kids = st.sampled_from([signer.kid for signer in self.signers])
        names = st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "jku", "x5u", "zip", "cty"])
        algorithms = st.sampled_from(["HS256", "EdDSA", "none", "None", "HS512", "RS256", ""]) | values
        heads = st.builds(
            lambda more, kid, algorithm: _json(more | {"kid": kid, "alg": algorithm}),
            st.dictionaries(names, values, max_size=3), kids | values, algorithms,
        )  # fmt: skip
        now = int(clock.now().timestamp())
        fitting = {
            "method": "GET", "uri": self.path, "body_sha256": hashlib.sha256(b"").hexdigest(),
            "iat": now, "exp": now + 60, "jti": "j",
        }  # fmt: skip
        claims = st.dictionaries(st.sampled_from([*fitting, "aud", "nbf", "crit"]), values, max_size=3).map(
            lambda one: _json(fitting | one)
        )
        payloads = claims | values.map(_json) | mangled(_json(fitting)) | deep
        segments = st.tuples(heads | deep | mangled(_json({"alg": "HS256", "kid": "a"})), payloads, st.binary(max_size=70))
        unsigned = segments.map(lambda three: (".".join(map(_segment, three)), False))
        texts = st.sampled_from(self.genuine).flatmap(lambda token: mangled_text(token, 3)) | st.text(max_size=30)
        return unsigned | texts.map(lambda token: (token, False)) | payloads.map(lambda told: (self._signed(told), True))

    def _signed(self, payload: bytes) -> str:
        """What a partner could make by its own secret."""
        hs256: Signer = self.signers[0]
        text = f"{_segment(_json({'alg': 'HS256', 'kid': hs256.kid}))}.{_segment(payload)}"
        return f"{text}.{_segment(hmac.new(hs256.secret.encode(), text.encode(), hashlib.sha256).digest())}"

    def check(self, sent: tuple[str, bool]) -> str:
        token, is_ours = sent
        if not signed_requests.LOOKS_LIKE_ONE.fullmatch(token) or len(token) > 2000:
            return "no token"
        try:
            signed, fits = signed_requests.verify(self.request, token), True
        except SignedRequestRefused as refused:
            told_in_a_line(refused, ends=".")
            signed, fits = None, False
        if not fits:
            assert is_ours or _parts(token) in map(_parts, self.genuine), "a stranger is told that a signature is right"
            return "signed, but does not fit"
        if signed is None:
            return "nobody's"
        if not is_ours:
            assert _parts(token) in map(_parts, self.genuine)
            return "genuine"
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        assert (claims["method"], claims["uri"]) == ("GET", self.path)
        assert 0 < claims["exp"] - claims["iat"] <= signed_requests.LONGEST_LIFE_SECONDS
        assert 1 <= len(signed.jti) <= 128
        return "fits"


def _parts(token: str) -> list[bytes]:
    """What its letters stand for: the last letter of a segment has bits that mean nothing."""
    return [base64.urlsafe_b64decode(part + "==") for part in token.split(".")]


def form_tokens() -> Target:
    gift = Contribution(public_id="8kGq2vJ7nWcXhT4mRzLpYd", version=3)
    genuine, older = form_token.token_of(gift), form_token.token_of(Contribution(public_id=gift.public_id, version=2))

    def check(told: str) -> str:
        if not form_token.is_token_of(gift, told):
            return "refused"
        assert told == genuine
        return "genuine"

    sendable = mangled_text(genuine) | mangled_text(older, 1) | st.text()
    return Target(sendable.map(lambda told: told.replace("\ud800", "\ufffd")), check)  # as a form is read


# --- Whole requests ----------------------------------------------------------------------------------------------------------

VERBS = st.sampled_from(["GET", "GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"])
MEDIA = [
    "application/xml",
    "application/json",
    "text/html",
    "*/*",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/xml; charset=utf-7",
]
HEADERS = {
    "HTTP_ACCEPT": MEDIA,
    "HTTP_CONTENT_LENGTH": ["1", "-1"],
    "HTTP_ACCEPT_LANGUAGE": ["pl, en;q=0.5", "*"],
    "HTTP_IF_MATCH": ['"1.0"', "*", 'W/"1"'],
    "HTTP_IF_NONE_MATCH": ['"1.0", W/"2"', "*"],
    "HTTP_IF_MODIFIED_SINCE": ["Fri, 27 Nov 2026 00:00:00 GMT"],
    "HTTP_IDEMPOTENCY_KEY": ["k-1", '"k-2"'],
    "HTTP_REQUEST_ID": ["r-1"],
    "HTTP_TRACEPARENT": ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
    "HTTP_X_FORWARDED_FOR": ["198.41.0.4, 10.0.0.1", "[::1]:80"],
    "HTTP_X_FORWARDED_PROTO": ["https"],
    "HTTP_X_HTTP_METHOD_OVERRIDE": ["DELETE"],
    "HTTP_COOKIE": ["sessionid=x; a=b"],
    "HTTP_RANGE": ["bytes=0-10"],
    "HTTP_ORIGIN": ["https://elsewhere.example"],
    "HTTP_HOST": [HOST, "elsewhere.example"],
    "CONTENT_TYPE": MEDIA,
}


PATHS = (
    "/", "/api/savings", "/api/savings/schema/", "/api/SavingGoal/{goal}", "/api/SavingGoal/{goal}/Contributions", "/nowhere/",
    "/api/Contribution/{gift}", "/api/Contribution/{gift}/Refunds", "/api/Contribution/{gift}/History", "/api/Events",
    "/metrics",
    "/api/WebhookEndpoints", "/api/PaymentAccounts", "/api/Rehearsal", "/api/schema/openapi.json", "/docs/errors/not_found/",
    "/pay/{gift}", "/providers/sandbox/webhook", "/providers/paypal/return/{gift}", "/providers/stripe/cancel/x",
    "/console/login",
    "/healthz", "/readyz", "/api/Contributions.csv", "/api/schema/contributions.xsd", "/sandbox/checkout/{gift}",
)  # fmt: skip
QUERIES = (
    "limit=2&offset=1",
    "Id=x&Token=y",
    "format=json",
    "after=1",
    "ApiKey=wr_x",
    "Status=Settled&Name=a",
    "fields=Id",
    "token=x",
)
BODIES = (b"<SavingGoal><Name>x</Name></SavingGoal>", b'{"Name": "x"}', b"token=a&outcome=pay&payment=c", b"--x\r\n\r\n--x--")
PARTS = ("verb", "path", "query", "body", "headers", "authorization")


class _Service:
    """Everything that there is, by its addresses; a partner with a goal and a gift, so that many of them lead to something."""

    def __init__(self, counts: CountFile) -> None:
        self._counts = counts
        self._key = register("Fuzzed Requests").api_key
        shop = PartnerClient(self._key)
        goal = shop.new_goal()
        gift = shop.new_contribution(goal).value("Id")
        self._paths = [path.format(goal=goal, gift=gift) for path in PATHS]

    def inputs(self) -> st.SearchStrategy[dict[str, Any]]:
        """Requests as a partner's program sends them, but for one part or two, which are odd."""
        text = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=20)
        headers = {name: st.sampled_from(known).flatmap(mangled_text) | text for name, known in HEADERS.items()}
        right: dict[str, st.SearchStrategy[Any]] = {
            "verb": st.sampled_from(["GET", "GET", "POST"]), "path": st.sampled_from(self._paths), "query": st.just(""),
            "body": st.just(b""), "headers": st.just({}), "authorization": st.just(f"Bearer {self._key}"),
        }  # fmt: skip
        odd: dict[str, st.SearchStrategy[Any]] = {
            "verb": VERBS,
            "path": st.sampled_from(self._paths).flatmap(mangled_text) | st.text(max_size=20),
            "query": st.sampled_from(QUERIES).flatmap(mangled_text),
            "body": st.sampled_from(BODIES).flatmap(mangled),
            "headers": st.fixed_dictionaries({}, optional=headers),
            "authorization": st.sampled_from(["", f"ApiKey {self._key}", "Basic YTpi"]) | mangled_text("Bearer wr_test_x"),
        }
        parts = st.lists(st.sampled_from(PARTS), min_size=1, max_size=3)
        return parts.flatmap(lambda some: st.fixed_dictionaries(right | {part: odd[part] for part in some}))

    def check(self, sent: dict[str, Any]) -> str:
        self._counts.reset()
        status, headers, content = self._answer(sent)
        assert status < 500, (status, content[:500])
        assert b"Traceback" not in content
        assert self._key.encode() not in content
        assert urlsplit(headers.get("location", "")).netloc in {"", HOST}, headers
        assert not any(character in value for value in headers.values() for character in "\r\n\0"), headers
        if "json" in headers["content-type"] and content:
            json.loads(content)
        return f"{status // 100}xx"

    def _answer(self, sent: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        """Of the WSGI application, as the server asks it."""
        environ = RequestFactory(SERVER_NAME=HOST)._base_environ(
            REQUEST_METHOD=sent["verb"] or "GET",
            PATH_INFO="/" + _on_the_wire(sent["path"]).lstrip("/").partition("?")[0],
            QUERY_STRING="" if "wait=" in sent["query"] else _on_the_wire(sent["query"]).partition("#")[0],
            CONTENT_LENGTH=str(len(sent["body"])),
            CONTENT_TYPE="application/xml",
            HTTP_AUTHORIZATION=_on_the_wire(sent["authorization"]),
            **{"wsgi.input": io.BytesIO(sent["body"])},
        )
        environ |= {name: _on_the_wire(value) for name, value in sent["headers"].items()}
        answer = as_wsgi.ask(in_the_transaction_of_the_test, environ)
        content, rest = answer.first, answer.rest
        while rest is not None and not rest.is_over:
            content += rest.next()
        return (
            answer.status,
            {"content-type": ""} | {name.decode(): value.decode("latin-1") for name, value in answer.headers},
            content,
        )


def _on_the_wire(text: str) -> str:
    """As a server hands a header on: the bytes as Latin-1, and no line ends."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1").replace("\r", "").replace("\n", "")


def signed_requests_target() -> Target:
    tokens = _Tokens()
    return Target(tokens.inputs(), tokens.check)


def requests_target(folder: Path) -> Target:
    """Requests are counted in the folder, and forgotten with each."""
    counts = CountFile(str(folder / "counts"))
    rate_limits.use(counts)
    service = _Service(counts)
    return Target(service.inputs(), service.check)
