"""Settings of mail: off without a server, and what does not go together stops the start."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env, mail

pytestmark = pytest.mark.no_database

NAMES = ("EMAIL_HOST", "EMAIL_FROM", "EMAIL_PORT", "EMAIL_SECURITY", "EMAIL_USER", "EMAIL_PASSWORD")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Any:
    def with_settings(**values: str) -> tuple[bool, dict[str, Any]]:
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        settings: dict[str, Any] = {}
        return mail.read(settings), settings

    yield with_settings
    env.forget()


def test_mail_is_off_without_a_server(read):
    is_on, settings = read()
    assert (is_on, settings["EMAIL_HOST"]) == (False, "")


@pytest.mark.parametrize(
    ("security", "port", "tls", "ssl"), [("STARTTLS", 587, True, False), ("TLS", 465, False, True), ("NONE", 25, False, False)]
)
def test_the_port_goes_with_the_security(read, security, port, tls, ssl):
    is_on, settings = read(EMAIL_HOST="mail.example.org", EMAIL_FROM="a@example.org", EMAIL_SECURITY=security)
    assert is_on
    assert (settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"], settings["EMAIL_USE_SSL"]) == (port, tls, ssl)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"EMAIL_FROM": ""}, "EMAIL_FROM must be the address"),
        ({"EMAIL_FROM": "Gifts"}, "EMAIL_FROM must be the address"),
        ({"EMAIL_USER": "gifts"}, "EMAIL_USER and EMAIL_PASSWORD go together"),
        ({"EMAIL_USER": "gifts", "EMAIL_PASSWORD": "x" * 20, "EMAIL_SECURITY": "NONE"}, "would send EMAIL_PASSWORD in clear"),
        ({"EMAIL_SECURITY": "SSL"}, "EMAIL_SECURITY"),
    ],
)
def test_what_does_not_go_together_stops_the_start(read, values, sentence):
    with pytest.raises(ImproperlyConfigured, match=sentence):
        read(**{"EMAIL_HOST": "mail.example.org", "EMAIL_FROM": "a@example.org"} | values)
