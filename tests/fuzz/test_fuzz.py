"""Fuzzing in short, the same inputs each time; `python -m tests.fuzz.run` goes on for as long as it is told."""

import re
import zlib

import pytest
from django.core.signing import Signer

import money
from api import read_only, signed_requests
from notifications import addresses
from partners import redirects
from providers.amazon.notifications import Notifications
from providers.paypal import addresses as paypal
from providers.stripe import webhooks as stripe
from tests.fuzz.target import play
from tests.fuzz.targets import TARGETS
from xml_schemas import reader

EXAMPLES = 40
ENOUGH = 2000
"""Within so many inputs a planted mistake is found."""

MISTAKES = {
    "attributes are lost": ("xml", reader, "_attributes", lambda element, path: {}),
    "an escaped quote ends a string": ("json", read_only, "_STRING", re.compile(rb'"[^"]*+"')),
    "a sign, and digits of all the world": ("amounts", money, "_PLAIN_DECIMAL", re.compile(r"([+-]?\d+)(?:\.(\d+))?")),
    "what Python calls global": ("webhook-urls", addresses, "is_public", lambda address: address.is_global),
    "hosts that end like one of the list": (
        "redirect-urls", redirects, "_is_listed", lambda partner, host, port: host.endswith("shop.example"),
    ),
    "hosts that end like PayPal's": (
        "provider-urls", paypal, "is_within", lambda domain, parts: parts.scheme == "https" and parts.netloc.endswith(domain),
    ),
    "Stripe's signature is not looked at": ("stripe", stripe, "check_signature", lambda body, header, secrets: None),
    "PayPal's signature leaves the body out": ("paypal", zlib, "crc32", lambda body: 7),
    "Amazon's signature is not looked at": ("amazon", Notifications, "_prove", lambda self, message: None),
    "another request than the signed one": ("signed-requests", signed_requests, "_check_fits", lambda request, claims: None),
    "an old form": ("form-tokens", Signer, "unsign", lambda self, told: told.rpartition(":")[0]),
}  # fmt: skip


@pytest.fixture
def made(db, tmp_path):
    return lambda name: TARGETS[name](tmp_path)


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_comes_is_read_or_refused(made, name):
    kinds = play(made(name), examples=EXAMPLES, seed_number=1)
    assert kinds.total() >= EXAMPLES / 2
    assert len(kinds) > 1, "some is read, and some is refused"


@pytest.mark.full
@pytest.mark.parametrize("mistake", MISTAKES)
def test_fuzzing_finds_a_planted_mistake(made, monkeypatch, mistake):
    name, where, what, wrong = MISTAKES[mistake]
    monkeypatch.setattr(where, what, wrong)
    target = made(name)
    with pytest.raises((AssertionError, ExceptionGroup)):
        play(target, examples=ENOUGH, seed_number=1, shrink=False)
