"""What fuzzing has found, and is mended: inputs that brought a crash where a refusal was due."""

import base64
import json
import time

import pytest
from whipround.errors import VerificationFailed
from whipround.verification import verify_bounce, verify_webhook

from notifications import signatures
from partners import keys, redirect_secrets
from providers.kit import urls
from providers.paypal import addresses as paypal
from tests.api.signing import send, signer_of

HALF_A_CHARACTER = "\ud800"
"""Which JSON can name, and UTF-8 cannot say."""

HEADS = {
    "an algorithm that is a list": {"alg": ["HS256"], "kid": "a"},
    "an algorithm that is an object": {"alg": {}, "kid": "a"},
    "a name with half a character": {"alg": "HS256", "kid": HALF_A_CHARACTER},
}


def segment(text):
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@pytest.mark.django_db
@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_strangers_token_with_an_odd_header_is_401(head):
    answer = send("GET", "/api/savings", f"{segment(json.dumps(head))}.{segment('{}')}.AAAA")
    assert (answer.status, answer.value("code")) == (401, "no_valid_key")


@pytest.mark.parametrize("claim", ["uri", "body_sha256"])
def test_half_a_character_in_a_claim_is_401(shop, claim):
    signer = signer_of(keys.partner_of(shop.key), "HS256")
    answer = signer.call("GET", "/api/savings", **{claim: f"/{HALF_A_CHARACTER}"})
    assert (answer.status, answer.value("code")) == (401, "signed_request_refused")


@pytest.mark.no_database
@pytest.mark.parametrize("name", ["webhook-id", "webhook-signature"])
def test_a_byte_that_is_no_utf_8_in_a_webhooks_header(name):
    """Some frameworks hand it on as half a character (surrogateescape): the Python client refuses it like any forgery."""
    body, secret, now = b"{}", signatures.new_secret(), int(time.time())
    headers = signatures.headers([secret], message_id="m", timestamp=now, body=body)
    with pytest.raises(VerificationFailed):
        verify_webhook(secret, headers | {name: headers[name] + "\udcff"}, body)


@pytest.mark.no_database
@pytest.mark.parametrize("name", ["Id", "Status", "Signature"])
def test_half_a_character_in_a_givers_address(name):
    secret, now = redirect_secrets.new_secret(), int(time.time())
    told = {
        "Id": "g",
        "Status": "Settled",
        "Time": str(now),
        "Signature": redirect_secrets.signature(secret, "g", "Settled", now),
    }
    told[name] += HALF_A_CHARACTER
    with pytest.raises(VerificationFailed):
        verify_bounce(secret, "&".join(f"{key}={value}" for key, value in told.items()))


@pytest.mark.no_database
@pytest.mark.parametrize(
    "host", ["%00www.paypal.com", "%www.paypal.com", "elsewhere.example%2F.paypal.com", "www%2epaypal.com"]
)
def test_a_host_with_an_escape_in_it_is_no_providers_page(host):
    """A browser decodes it, other programs do not, or refuse it."""
    assert not paypal.is_givers_page(f"https://{host}/checkoutnow?token=5O1", paypal.LIVE)
    with pytest.raises(urls.BadURL):
        urls.read(f"https://{host}/")


@pytest.mark.no_database
def test_a_givers_address_whose_host_is_none():
    """Frameworks put it together from the Host header, which may be anything: what counts is the query."""
    secret, now = redirect_secrets.new_secret(), int(time.time())
    signed = f"Id=g&Status=Settled&Time={now}&Signature={redirect_secrets.signature(secret, 'g', 'Settled', now)}"
    assert verify_bounce(secret, f"https://[/thanks?{signed}#there").contribution_id == "g"
    with pytest.raises(VerificationFailed):
        verify_bounce(secret, f"https://[/thanks?{signed}x")
