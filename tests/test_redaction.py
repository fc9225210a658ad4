"""Whatever is or looks like a secret, or a person's address or card, is blotted out of a line; what is none is left alone."""

import json
import logging

import pytest

import redaction
from config.log_lines import JsonLines

pytestmark = pytest.mark.no_database

PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nabc=\n-----END PRIVATE KEY-----"
PLANTED = {
    "our key": ("wr_live_abcdefghijklmnopqrstuvwxyz", "abcdefghijkl"),
    "Stripe's key": ("used sk_test_51Habcdefghijk now", "51Habcdefghijk"),
    "a restricted one": ("rk_live_zzzzyyyyxxxx", "zzzzyyyy"),
    "a webhook secret": ("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "C2FVsBQ"),
    "a redirect secret": ("rsec_abcdefghijklmnop", "abcdefgh"),
    "a request secret": ("rqsec_abcdefghijklmnop", "abcdefgh"),
    "a private key": (f"cannot read {PEM} at all", "MIIEvQIB"),
    "half a private key": (PEM[:50], "MIIEvQIB"),
    "a Bearer token": ("Authorization: Bearer abcDEF123.456-789", "abcDEF123"),
    "a Basic login": ("authorization: basic dXNlcjpwYXNzd29yZA==", "dXNlcjpw"),
    "a JWT": ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "eyJzdWIi"),
    "PayPal's token": ("A21AAFEpH4PsADK7qSS7pSRsgzfENtu-Q1ysgEDVDESseMHBYXVJYE8ovjj68elI", "FEpH4PsA"),
    "a key in a query": ("/api/savings?ApiKey=hunter2hunter2&x=1", "hunter2"),
    "a password in a query": ("password=hunter2 and more", "hunter2"),
    "a login in an address": ("postgres://whipround:hunter2@db.example/give", "hunter2"),
    "an e-mail address": ("to Anna.Smith+x@mail.example.org, she", "Anna.Smith"),
    "a row of PostgreSQL's": ('violates "x"\nDETAIL:  Failing row contains (1, Anna Smith, \\x41).', "Anna Smith"),
    "a card number": ("card 4111 1111 1111 1111", "1111 1111"),
    "a card number without blanks": ("pan:5555555555554444.", "5555555555"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "secret"), PLANTED.values(), ids=PLANTED)
def test_what_may_not_be_in_a_log_is_blotted_out(text, secret):
    for value in (text, {"deep": [text]}, ValueError(text), (text,)):
        record = logging.getLogger("x").makeRecord("x", 20, "f", 1, "said %s", (text,), None, extra={"error": value})
        line = JsonLines().format(record)
        assert secret not in line
        assert "***" in json.loads(line)["event"]
        assert "***" in json.dumps(json.loads(line)["error"])


def test_secrets_of_the_settings_are_blotted_out(settings):
    settings.SECRET_KEY, settings.CREDENTIALS_KEYS = "plain words as a key", ["older words 1", "older words 2"]
    settings.PAYPAL_CLIENT_SECRET, settings.METRICS_TOKEN = "EOHNhs9wq2", "monitoring-and-more"
    redaction._known_secrets.cache_clear()
    try:
        for secret in ("plain words as a key", "older words 1", "older words 2", "EOHNhs9wq2", "monitoring-and-more"):
            assert redaction.without_secrets(f"a {secret} b") == "a *** b"
    finally:
        redaction._known_secrets.cache_clear()


@pytest.mark.parametrize("field", ["Authorization", "contributor", "email", "token", "credentials", "body"])
def test_fields_that_hold_persons_and_secrets_are_never_written(field):
    assert redaction.cleaned({field: "Anna"}) == {field: "***"}


@pytest.mark.parametrize(
    "text",
    [
        "contribution moved", "/api/Contribution/8kGq2vJ7nWcXhT4mRzLpYd/Refunds", "2026-11-27T12:21:29.902+00:00",
        "1795782089864",
        "4111111111111112", "arn:aws:sns:eu-west-1:123456789012:topic", "https://give.example.org/pay/x?token",
        "3.14159265358979",
        "pk_live_abcdefgh", "no such token", "5.00 EUR", "capture-8kGq2vJ7nWcXhT4mRzLpYd", "a@b",
    ],
)  # fmt: skip
def test_what_is_no_secret_is_left_alone(text):
    assert redaction.without_secrets(text) == text
