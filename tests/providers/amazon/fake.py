"""An Amazon Pay of our own, over real HTTP: stateful, strict about signatures, and able to go wrong in many ways.

with FakeAmazon() as amazon:
    ...                                  # the service talks to amazon.base_url
    session = amazon.press_button(button)     # the giver, on our pay page
    amazon.approve(session.id)                # ... and on Amazon's
    amazon.next("complete", "do_then_drop")
"""

import base64
import hashlib
import json
import re
import uuid
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit, urlunsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256

import clock
from tests.planted_secrets import watch_for
from tests.providers.amazon import sns
from tests.providers.amazon.answers import OPERATES
from tests.providers.amazon.books import Books, FakeSession, Refusal
from tests.providers.amazon.faults import CONTENT, FAULTS
from tests.providers.amazon.line import OPERATIONS, Handler
from tests.providers.fake_server import FakeServer
from tests.providers.line import Call, Reply
from tests.providers.paypal.faults import BEFORE

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE_KEY = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
watch_for("x", PRIVATE_KEY.splitlines()[5])
API = set(OPERATES)
WITH_KEY = {"capture", "refund", "create_charge"}
"""Operations that want an idempotency key."""

ALGORITHM = "AMZN-PAY-RSASSA-PSS-V2"
STATUS_AND_REASON = re.compile(r"\d{3} \w+")
SCRIPT = (Path(__file__).parent / "checkout.js").read_text()


class FakeAmazon(sns.Topic, FakeServer):
    """The whole of it."""

    handler = Handler
    operations = frozenset(OPERATIONS)
    faults = frozenset(FAULTS)
    content = CONTENT
    refusal = Refusal

    key, private_key = KEY, PRIVATE_KEY
    """The merchant's; the latter in PEM."""
    public_key_id = "SANDBOX-AEXAMPLEPUBLICKEYID"
    merchant_id = "A2EXAMPLEMERCH"
    store_id = "amzn1.application-oa2-client.d9da4374abb24732a174be549d99eb7a"
    topic = "arn:aws:sns:us-east-1:291180941288:A2EXAMPLEMERCHA3EXAMPLE"

    def __init__(self, *, tls: bool = False, listens: bool = True) -> None:
        """`tls`: over https, with a certificate of its own that nobody vouches for."""
        super().__init__(listens=listens)
        self.books = Books(lambda: self.now, self._announce, "Sandbox")
        self.sessions, self.charges, self.refunds = self.books.sessions, self.books.charges, self.books.refunds
        self.names_the_session_on_cancel = False
        self.confirmed: list[str] = []
        self._kept: dict[str, tuple[bytes, Any]] = {}
        self._news: list[tuple[str, str, str]] = []
        self._certificates: dict[str, str] = {}
        if tls:
            self._server.socket = sns.server_context(clock.now()).wrap_socket(self._server.socket, server_side=True)
            self.base_url = self.base_url.replace("http:", "https:")

    @property
    def script_url(self) -> str:
        return f"{self.base_url}/checkout.js"

    # --- the giver ----------------------------------------------------------------------------------------------------

    def press_button(self, button: dict[str, Any]) -> FakeSession:
        """The giver presses Amazon's button, which carries what our page gave it. Raises Refusal."""
        config = button["createCheckoutSessionConfig"]
        return self._start(config["payloadJSON"], config["signature"], config["algorithm"], button["publicKeyId"])

    def _start(self, payload: str, signature: str, algorithm: str, public_key_id: str) -> FakeSession:
        if public_key_id != self.public_key_id or algorithm != ALGORITHM or not self._is_signed(payload, signature):
            raise Refusal(400, "InvalidSignatureError", "Unable to verify signature.")
        told = json.loads(payload)
        for where in ("checkoutResultReturnUrl", "checkoutCancelUrl"):
            if urlsplit(told["webCheckoutDetails"][where]).scheme not in ("http", "https"):
                self.violations.append(f"{where} is no address")
        if told["storeId"] != self.store_id:
            raise Refusal(400, "InvalidParameterValue", "storeId")
        with self._lock:
            return self.books.begin(told)

    def sign_in(self, session_id: str) -> None:
        self.books.session(session_id).signed_in = True

    def approve(self, session_id: str, pays_with: str = "card") -> str:
        """The giver agrees to pay; the address that the browser is sent to. Raises ValueError where it is too late."""
        with self._lock:
            session = self.books.session(session_id)
            if session.state != "Open":
                raise ValueError(f"the session is {session.state}")
            session.signed_in = session.approved = True
            session.pays_with = pays_with
            return _with_query(session.details["checkoutResultReturnUrl"], amazonCheckoutSessionId=session.id)

    def decline(self, session_id: str) -> str:
        """No card of the giver's will do, and the giver gives up: Amazon ends the session."""
        with self._lock:
            session = self.books.session(session_id)
            session.signed_in, session.state, session.reason = True, "Canceled", "Declined"
            return _with_query(session.details["checkoutResultReturnUrl"], amazonCheckoutSessionId=session.id)

    def give_up(self, session_id: str) -> str:
        """The giver goes back without paying; the address that the browser is sent to."""
        session = self.books.session(session_id)
        told = {"amazonCheckoutSessionId": session.id} if self.names_the_session_on_cancel else {}
        return _with_query(session.details["checkoutCancelUrl"], **told)

    def cancel_by_buyer(self, session_id: str) -> str:
        """The giver cancels on the last page: the session is over, and the result is where the browser is sent."""
        session = self.books.session(session_id)
        session.state, session.reason = "Canceled", "BuyerCanceled"
        return _with_query(session.details["checkoutResultReturnUrl"], amazonCheckoutSessionId=session.id)

    def can_go_wrong_by(self, fault: str) -> bool:
        """By a status and a reasonCode as well."""
        return fault in FAULTS or bool(STATUS_AND_REASON.fullmatch(fault))

    # --- answering ----------------------------------------------------------------------------------------------------

    def new_debug_id(self) -> str:
        return str(uuid.uuid4())

    def headers_of(self, call: Call) -> dict[str, str]:
        return {"x-amz-pay-request-id": call.debug_id} if call.operation in API else {}

    def refused(self, call: Call, no: Refusal) -> Reply:
        return Reply(no.status, {"reasonCode": no.reason_code, "message": no.message})

    def do(self, call: Call) -> Reply:
        if call.fault in BEFORE or STATUS_AND_REASON.fullmatch(call.fault):
            return self._fail_before(call)
        if call.operation not in API:
            return getattr(self, f"_answer_{call.operation}", self._elsewhere)(call)
        self._check_signature(call)
        key = call.headers.get("x-amz-pay-idempotency-key", "")
        if not key:
            if call.operation in WITH_KEY:
                raise Refusal(400, "MissingHeader", "x-amz-pay-idempotency-key")
            return OPERATES[call.operation](self, call, None)
        if not re.fullmatch(r"[A-Za-z0-9]{1,32}", key):
            raise Refusal(400, "InvalidHeaderValue", "x-amz-pay-idempotency-key")
        return self._obey_once(call, key)

    def _obey_once(self, call: Call, key: str) -> Reply:
        """The same order again is told what has become of the first one."""
        asked = f"{call.method} {call.path} ".encode() + call.body
        before, told = self._kept.get(key, (asked, None))
        if before != asked:
            raise Refusal(400, "DuplicateIdempotencyKey")
        call.replayed = told is not None
        reply = OPERATES[call.operation](self, call, told)
        self._kept.setdefault(key, (asked, reply.value))
        return reply

    def _fail_before(self, call: Call) -> Reply:
        if answer := self.answer_of_somebody_else(call.fault):
            return answer
        if call.fault == "rate_limited":
            return Reply(429, {"reasonCode": "TooManyRequests", "message": ""}, headers={"Retry-After": self.retry_after})
        known = {
            "error_500": (500, "InternalServerError"),
            "error_503": (503, "ServiceUnavailable"),
            "unauthorized": (401, "InvalidRequestSignature"),
            "forbidden": (403, "UnauthorizedAccess"),
        }
        status, _, reason_code = call.fault.partition(" ")
        raise Refusal(*known.get(call.fault, (int(status) if status.isdigit() else 0, reason_code)))

    # --- signatures: written from Amazon's description, apart from the service's own ------------------------------------

    def _check_signature(self, call: Call) -> None:
        found = re.fullmatch(
            rf"{ALGORITHM} PublicKeyId=(\S+), SignedHeaders=([a-z0-9;-]+), Signature=([A-Za-z0-9+/=]+)",
            call.headers.get("authorization", ""),
        )
        if not found or found[1] != self.public_key_id:
            raise Refusal(401, "InvalidRequestSignature", "The authorization header cannot be read.")
        names = found[2].split(";")
        needed = {"accept", "content-type", "x-amz-pay-date", "x-amz-pay-host", "x-amz-pay-region"}
        needed |= {"x-amz-pay-idempotency-key"} & set(call.headers)
        if not needed <= set(names) or names != sorted(names):
            raise Refusal(400, "MissingHeader", "not everything is signed that has to be")
        query = sorted(parse_qsl(call.query, keep_blank_values=True))
        canonical = [call.method, quote(call.path), "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in query)]
        canonical += [f"{name}:{call.headers.get(name, '')}" for name in names]
        canonical += ["", ";".join(names), hashlib.sha256(call.body).hexdigest()]
        if not self._is_signed("\n".join(canonical), found[3]):
            raise Refusal(401, "InvalidRequestSignature", "The signature does not match.")
        at = re.sub(r"[-:]", "", call.headers["x-amz-pay-date"])
        if abs((self.now - datetime.strptime(at, "%Y%m%dT%H%M%S%z")).total_seconds()) > 900 and not self._ahead:
            raise Refusal(401, "InvalidRequestSignature", "The date is too old.")

    def _is_signed(self, text: str, signature: str) -> bool:
        to_sign = f"{ALGORITHM}\n{hashlib.sha256(text.encode()).hexdigest()}".encode()
        try:
            self.key.public_key().verify(base64.b64decode(signature), to_sign, PSS(MGF1(SHA256()), 32), SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True

    # --- the script, the pages -----------------------------------------------------------------------------------

    def _answer_script(self, call: Call) -> Reply:
        return Reply(200, SCRIPT, "text/javascript")

    def _answer_start(self, call: Call) -> Reply:
        told = dict(parse_qsl(call.body.decode(), keep_blank_values=True))
        if told.get("merchantId") != self.merchant_id:
            raise Refusal(400, "InvalidParameterValue", "merchantId")
        session = self._start(told["payloadJSON"], told["signature"], told["algorithm"], told["publicKeyId"])
        return Reply(302, "", "text/html", {"Location": f"{self.base_url}/checkout?session={session.id}"})

    def _answer_page(self, call: Call) -> Reply:
        session = self.books.session(parse_qs(call.query)["session"][0])
        buttons = "".join(f'<button name="choice" value="{name}">{name}</button>' for name in ("approve", "decline", "cancel"))
        price = session.price
        content = (
            f"<!doctype html><meta charset=utf-8><title>Amazon that is not one</title>"
            f"<p>{escape(price['amount'])} {escape(price['currencyCode'])}</p>"
            f'<form method="post" action="/checkout?session={session.id}">{buttons}</form>'
        )
        return Reply(200, content, "text/html; charset=utf-8")

    def _answer_choice(self, call: Call) -> Reply:
        session_id, told = parse_qs(call.query)["session"][0], dict(parse_qsl(call.body.decode()))
        ways = {"approve": self.approve, "decline": self.decline, "cancel": self.give_up}
        return Reply(302, "", "text/html", {"Location": ways[told["choice"]](session_id)})


def _with_query(address: str, **arguments: str) -> str:
    """The address with arguments added to those that it has."""
    parts = urlsplit(address)
    query = "&".join(filter(None, [parts.query, urlencode(arguments)]))
    return urlunsplit(parts._replace(query=query))
