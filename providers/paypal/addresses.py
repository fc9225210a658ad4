"""Which addresses are PayPal's: where the API is, where a giver may be sent, where certificates may come from."""

import re
from urllib.parse import urlsplit

from providers.kit.urls import is_host_of, is_within, link

LIVE = "https://api-m.paypal.com"
SANDBOX = "https://api-m.sandbox.paypal.com"

LIVE_HOSTS = frozenset({"api.paypal.com", "api-m.paypal.com"})
SANDBOX_HOSTS = frozenset({"api.sandbox.paypal.com", "api-m.sandbox.paypal.com"})

_CERTIFICATE_PATH = re.compile(r"/v1/notifications/certs/[A-Za-z0-9_-]{1,200}")


def is_givers_page(url: str, base: str) -> bool:
    """Whether a giver may be sent there: https at PayPal's own, or the host of the API base (a test server, say)."""
    parts = link(url)
    return parts is not None and (is_within("paypal.com", parts) or is_host_of(base, parts))


def is_certificate(url: str, base: str) -> bool:
    """Whether a webhook's certificate may be fetched there."""
    parts = link(url)
    if parts is None or parts.query or not _CERTIFICATE_PATH.fullmatch(parts.path):
        return False
    base_host = urlsplit(base).hostname
    own = LIVE_HOSTS if base_host in LIVE_HOSTS else SANDBOX_HOSTS if base_host in SANDBOX_HOSTS else LIVE_HOSTS | SANDBOX_HOSTS
    return (parts.scheme == "https" and parts.netloc in own) or is_host_of(base, parts)
