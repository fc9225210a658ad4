"""Standard Webhooks 1.0, by its own published vectors and by rotation."""

import base64
import re

import pytest

from notifications import signatures


@pytest.mark.parametrize("prefix", ["whsec_", ""], ids=["a secret", "without its prefix"])
def test_the_published_vector(prefix):
    secret, message_id = f"{prefix}MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    signed = signatures.sign(secret, message_id=message_id, timestamp=1614265330, body=b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_three_headers_and_a_signature_for_each_secret():
    new, old = "whsec_" + base64.b64encode(b"n" * 32).decode(), "whsec_" + base64.b64encode(b"o" * 32).decode()
    told = signatures.headers([new, old], message_id="evt_1", timestamp=1614265330, body=b"{}")
    assert list(told) == ["webhook-id", "webhook-timestamp", "webhook-signature"]
    assert (told["webhook-id"], told["webhook-timestamp"]) == ("evt_1", "1614265330")
    by_new, by_old = told["webhook-signature"].split(" ")
    assert by_new == signatures.sign(new, message_id="evt_1", timestamp=1614265330, body=b"{}")
    assert by_old == signatures.sign(old, message_id="evt_1", timestamp=1614265330, body=b"{}")


def test_a_new_secret_has_256_bits_and_the_libraries_form():
    secret = signatures.new_secret()
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    assert secret != signatures.new_secret()
