"""What we sign ourselves, and what partners' programs check: a genuine message with anything changed is refused."""

import json
import time

from hypothesis import strategies as st
from whipround.errors import UnexpectedAnswer, VerificationFailed
from whipround.verification import verify_bounce, verify_webhook

from notifications import signatures
from partners import redirect_secrets
from providers.kit import proxy_wire
from providers.sandbox.webhooks import is_signed, sign_webhook
from tests.fuzz.mangling import mangled, mangled_text
from tests.fuzz.signed import Sent, deliveries
from tests.fuzz.target import Target


def sandbox() -> Target:
    body = json.dumps({"id": "e1", "checkout_id": "8kGq2vJ7nWcXhT4mRzLpYd"}).encode()
    signature = sign_webhook(body)

    def check(sent: tuple[bytes, str]) -> str:
        if not is_signed(*sent):
            return "refused"
        assert sent == (body, signature)
        return "genuine"

    return Target(st.tuples(st.just(body) | mangled(body), mangled_text(signature) | st.text()), check)


def provider_proxy() -> Target:
    told, keys = (
        {"account": "paypal", "method": "GET", "url": "https://api-m.paypal.com/", "nonce": "n", "at": 1},
        ["one", "two"],
    )
    message = proxy_wire.packed(told, b"a body\n")
    signature = proxy_wire.signature(proxy_wire.REQUEST, message, "two")
    as_answer = proxy_wire.signature(proxy_wire.ANSWER, message, "two")

    def check(sent: tuple[bytes, str]) -> str:
        try:
            read = proxy_wire.unpacked(proxy_wire.REQUEST, *sent, keys)
        except proxy_wire.BadMessage:
            return "refused"
        assert sent == (message, signature)
        assert read == (told, b"a body\n", "two")
        return "genuine"

    signed = mangled_text(signature).map(lambda text: text.encode("latin-1", "replace").decode("latin-1"))
    return Target(st.tuples(st.just(message) | mangled(message), signed | st.just(as_answer)), check)


def our_webhooks() -> Target:
    body, now, secret = (
        b'{"type": "contribution.settled", "timestamp": "2026-11-21T00:00:00Z"}',
        int(time.time()),
        signatures.new_secret(),
    )
    genuine = signatures.headers([signatures.new_secret(), secret], message_id="m1", timestamp=now, body=body)

    def check(sent: Sent) -> str:
        try:
            event = verify_webhook(secret, sent[1], sent[0], now=now)
        except VerificationFailed:
            return "refused"
        except UnexpectedAnswer:
            raise AssertionError("something else than what was sent is genuine") from None
        assert sent[0] == body
        assert (event.id, sent[1]["webhook-timestamp"]) == ("m1", str(now))
        return "genuine"

    frameworks = {name: st.just(value) | mangled_text(value) for name, value in genuine.items()}
    odd = st.tuples(st.just(body), st.fixed_dictionaries(frameworks))
    return Target(deliveries(body, genuine) | odd, check)


def our_redirects() -> Target:
    now, secret, gift = int(time.time()), redirect_secrets.new_secret(), "8kGq2vJ7nWcXhT4mRzLpYd"
    signature = redirect_secrets.signature(secret, gift, "Settled", now)
    genuine = f"Id={gift}&Status=Settled&Time={now}&Signature={signature}"

    def check(query: str) -> str:
        try:
            bounce = verify_bounce(secret, query, now=now)
        except VerificationFailed:
            return "refused"
        assert (bounce.contribution_id, bounce.status, bounce.time) == (gift, "Settled", now)
        return "genuine"

    return Target(mangled_text(genuine, 3) | mangled_text(f"https://shop.example/thanks?{genuine}"), check)
