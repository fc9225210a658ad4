"""Where mails to givers go out: a server for SMTP. Without EMAIL_HOST there is no mail at all."""

from collections.abc import MutableMapping
from email.utils import parseaddr
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config import env

TIMEOUT_SECONDS = 20
SECURITY = ("STARTTLS", "TLS", "NONE")
PORTS = {"STARTTLS": 587, "TLS": 465, "NONE": 25}


def read(settings: MutableMapping[str, Any]) -> bool:
    """Put Django's settings for mail into `settings`; returns whether there is any. Raises ImproperlyConfigured."""
    host, user, password = (env.text(name) for name in ("EMAIL_HOST", "EMAIL_USER", "EMAIL_PASSWORD"))
    sender, security = env.text("EMAIL_FROM"), env.word("EMAIL_SECURITY", "STARTTLS", SECURITY)
    port = env.number("EMAIL_PORT", PORTS[security], most=65535, least=1)
    if host:
        _check(host, sender, user, password, security)
    settings.update(
        {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": host,
            "EMAIL_PORT": port,
            "EMAIL_HOST_USER": user,
            "EMAIL_HOST_PASSWORD": password,
            "EMAIL_USE_TLS": security == "STARTTLS",
            "EMAIL_USE_SSL": security == "TLS",
            "EMAIL_TIMEOUT": TIMEOUT_SECONDS,
            "DEFAULT_FROM_EMAIL": sender,
        }
    )
    return bool(host)


def _check(host: str, sender: str, user: str, password: str, security: str) -> None:
    if "@" not in parseaddr(sender)[1]:
        raise ImproperlyConfigured("EMAIL_FROM must be the address that mails come from, since EMAIL_HOST is set")
    if bool(user) != bool(password):
        raise ImproperlyConfigured("EMAIL_USER and EMAIL_PASSWORD go together: set both, or neither")
    if password and security == "NONE" and host not in {"localhost", "127.0.0.1", "::1"}:
        raise ImproperlyConfigured("EMAIL_SECURITY=NONE would send EMAIL_PASSWORD in clear: use STARTTLS or TLS")
