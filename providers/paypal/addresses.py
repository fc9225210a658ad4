"""Which addresses are PayPal's: where the API is, where a giver may be sent, where certificates may come from."""

import re
from urllib.parse import SplitResult, urlsplit

LIVE = "https://api-m.paypal.com"
SANDBOX = "https://api-m.sandbox.paypal.com"

LIVE_HOSTS = frozenset({"api.paypal.com", "api-m.paypal.com"})
SANDBOX_HOSTS = frozenset({"api.sandbox.paypal.com", "api-m.sandbox.paypal.com"})

_CERTIFICATE_PATH = re.compile(r"/v1/notifications/certs/[A-Za-z0-9_-]{1,200}")


def is_givers_page(url: str, base: str) -> bool:
    """Whether a giver may be sent there: https at PayPal's own, or the host of the API base (a test server, say)."""
    parts = _plain(url)
    if parts is None or parts.hostname is None:
        return False
    own = parts.hostname == "paypal.com" or parts.hostname.endswith(".paypal.com")
    return (own and parts.scheme == "https" and parts.netloc == parts.hostname) or _is_host_of(base, parts)


def is_certificate(url: str, base: str) -> bool:
    """Whether a webhook's certificate may be fetched there."""
    parts = _plain(url)
    if parts is None or parts.query or not _CERTIFICATE_PATH.fullmatch(parts.path):
        return False
    base_host = urlsplit(base).hostname
    own = LIVE_HOSTS if base_host in LIVE_HOSTS else SANDBOX_HOSTS if base_host in SANDBOX_HOSTS else LIVE_HOSTS | SANDBOX_HOSTS
    return (parts.scheme == "https" and parts.netloc in own) or _is_host_of(base, parts)


def _is_host_of(base: str, parts: SplitResult) -> bool:
    """The base's own host, on any port; over plain http only where the base itself is."""
    trusted = urlsplit(base)
    return parts.hostname == trusted.hostname and parts.scheme in {"https", trusted.scheme}


def _plain(url: str) -> SplitResult | None:
    """The address in parts; None where it holds anything that two readers could understand differently."""
    if not url.isascii() or len(url) > 2000 or any(character <= " " or character in '\\"<>\x7f' for character in url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not parts.hostname or parts.fragment or port == 0:
        return None
    return parts
