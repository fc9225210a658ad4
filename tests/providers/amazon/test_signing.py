"""Signatures as Amazon publishes them."""

import base64
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256

from providers.amazon.signing import Signer, canonical_request, string_to_sign
from tests.conftest import SHARED
from tests.providers.amazon.fake import KEY, PRIVATE_KEY

pytestmark = pytest.mark.no_database

PUBLISHED = SHARED / "specs" / "amazon" / "amazon_string_to_sign_vectors.json"
VECTORS = json.loads(PUBLISHED.read_text()) if PUBLISHED.is_file() else []
HEADERS = {
    "accept": "application/json",
    "content-type": "application/json",
    "x-amz-pay-date": "20180524T223710Z",
    "x-amz-pay-host": "pay-api.amazon.eu",
    "x-amz-pay-region": "EU",
}


@pytest.mark.skipif(not VECTORS, reason="Amazon's published vectors are not at hand")
def test_all_of_amazons_published_vectors_come_out_as_published():
    assert len(VECTORS) == 34
    for vector in VECTORS:
        canonical = canonical_request(
            vector["method"], vector["uri"], vector["parameters"], HEADERS, vector["payload"].encode()
        )
        assert canonical == vector["canonicalRequest"], vector["name"]
        algorithm = vector["stringToSign"].partition("\n")[0]
        assert string_to_sign(canonical, algorithm) == vector["stringToSign"], vector["name"]


def test_a_request_of_which_nothing_is_published():
    canonical = canonical_request(
        "POST", "https://pay-api.amazon.com/v2/refunds?b=2&a=1", {"b": "2", "a": "1"}, {"X": " y "}, b"{}"
    )
    assert canonical == (
        "POST\n/v2/refunds\na=1&b=2\nx:y\n\nx\n44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    )


def test_a_signature_is_pss_with_a_salt_of_32_bytes():
    signature = base64.b64decode(Signer("SANDBOX-X", PRIVATE_KEY, region="NA").sign("text"))
    signed = string_to_sign("text").encode()
    KEY.public_key().verify(signature, signed, PSS(MGF1(SHA256()), 32), SHA256())
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(signature, signed, PSS(MGF1(SHA256()), 20), SHA256())


def test_a_request_carries_everything_that_is_signed():
    signer = Signer("SANDBOX-X", PRIVATE_KEY, region="EU")
    headers = signer.headers("POST", "https://pay-api.amazon.eu/v2/refunds", b"{}", idempotency_key="k" * 32)
    assert headers["x-amz-pay-host"] == "pay-api.amazon.eu"
    assert headers["x-amz-pay-region"] == "eu"
    assert headers["authorization"].startswith(
        "AMZN-PAY-RSASSA-PSS-V2 PublicKeyId=SANDBOX-X, SignedHeaders=accept;content-type;x-amz-pay-date;"
        "x-amz-pay-host;x-amz-pay-idempotency-key;x-amz-pay-region, Signature="
    )


def test_without_a_key_nothing_can_be_signed():
    signer = Signer("", "", region="NA")
    assert not signer.can_sign
    with pytest.raises(ValueError, match="no key"):
        signer.sign("text")
